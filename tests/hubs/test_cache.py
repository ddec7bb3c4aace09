import socket
import time

import pytest
from django.core.cache import caches


@pytest.fixture
def no_valkey(settings):
    """The cache of production, with nobody on its port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"redis://127.0.0.1:{free.getsockname()[1]}/0"
    settings.CACHES = {"default": {"BACKEND": "hubs.cache.SteadyCache", "LOCATION": address}}
    caches["default"].clear()


def test_the_process_counts_for_itself_when_valkey_is_away(no_valkey):
    cache = caches["default"]

    assert cache.add("key", 1)
    assert not cache.add("key", 2)
    assert cache.incr("key") == 2
    cache.set("other", "x", 60)
    assert cache.get_many(["key", "other"]) == {"key": 2, "other": "x"}
    assert cache.delete("key")
    assert cache.get("key", "gone") == "gone"


def test_signing_in_goes_on_and_stays_limited_when_valkey_is_away(nord, client, no_valkey):
    wrong = {"login": nord.coordinator.user.email, "password": "raté"}
    host = {"host": "nord.localhost"}
    start = time.monotonic()

    statuses = [client.post("/compte/connexion/", wrong, headers=host).status_code for _ in range(7)]
    right = {**wrong, "password": "motdepasse-solide"}
    refused = client.post("/compte/connexion/", right, headers=host)

    assert 500 not in statuses
    assert refused.status_code != 302
    assert time.monotonic() - start < 10
