"""What an attacker would try at the door of a hub: hosts, cookies, caches, nul characters, roles gone by."""

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connections
from django.db.utils import ConnectionHandler
from django.urls import reverse
from django.utils import timezone

from hubs import health
from hubs.models import StaffRole
from hubs.scope import open_hub


@pytest.fixture
def as_owner(db):
    """What `default` would be if DATABASE_URL named the owner of the tables."""
    handler = ConnectionHandler({"default": connections["owner"].settings_dict})
    yield handler["default"]
    handler["default"].close()


@pytest.mark.feature("HU2")
def test_a_process_refuses_to_serve_as_the_owner_of_the_tables(as_owner):
    for _ in range(2):
        with pytest.raises(ImproperlyConfigured, match="sees every hub"), as_owner.cursor():
            pass

    assert as_owner.connection is None


@pytest.mark.feature("HU2")
def test_readyz_says_no_to_the_owner_of_the_tables(as_owner, client, monkeypatch):
    monkeypatch.setattr(health, "connection", as_owner)

    response = client.get("/readyz", headers={"host": "anything.example"})

    assert (response.status_code, response.content) == (503, b"role\n")


def test_readyz_says_yes_to_the_application(client, db):
    assert client.get("/readyz", headers={"host": "anything.example"}).status_code == 200


@pytest.mark.parametrize("host", ["nord.localhost", "NORD.localhost", "nord.localhost.", "nord.localhost:8000"])
def test_a_host_is_read_whatever_its_port_capitals_or_final_dot(nord, client, host):
    response = client.get("/", headers={"host": host})

    assert response.status_code == 200
    assert response.context["hub"] == nord.hub


@pytest.mark.parametrize(
    "host", ["[::1]", "[::1]:8000", "127.0.0.1", "nord", "nord.localhost.evil.example", ".localhost"]
)
def test_a_host_of_no_hub_shows_none(nord, client, host):
    response = client.get("/", headers={"host": host, "x-forwarded-host": "nord.localhost"})

    assert response.status_code in (400, 404)
    assert b"nord" not in response.content


def test_pages_of_someone_signed_in_are_kept_by_no_cache(nord, sign_in):
    client = sign_in(nord, "coordinator")

    for path in ("/mon-espace/", "/gestion/", "/gestion/structures/?export=csv", "/nulle-part/", "/"):
        response = client.get(path)
        assert response["Cache-Control"] == "private, no-store", path
        assert "Host" in response["Vary"], path


def test_the_stylesheet_of_the_hub_may_be_kept(nord, sign_in):
    response = sign_in(nord, "coordinator").get(nord.hub.stylesheet_url)

    assert "public" in response["Cache-Control"]


@pytest.mark.parametrize(
    ("path", "status"), [("/annuaire/?q=%00", 400), ("/annuaire/?%00=1", 400), ("/gestion/structures/%00/", 404)]
)
def test_the_nul_character_is_refused(nord, sign_in, path, status):
    assert sign_in(nord, "coordinator").get(path).status_code == status


def test_a_nul_in_the_session_cookie_is_refused(nord, client):
    client.cookies["coursive"] = "a" * 20 + "\0"

    assert client.get("/mon-espace/", headers={"host": "nord.localhost"}).status_code == 400


def test_a_session_opens_nothing_in_another_hub(nord, sud, sign_in):
    client = sign_in(nord, "coordinator")

    assert client.get("/gestion/").status_code == 200
    response = client.get("/gestion/", headers={"host": "sud.localhost"})
    assert response.status_code == 302
    assert response["Location"].startswith(reverse("account_login"))


def test_an_account_turned_off_is_signed_out(nord, sign_in):
    client = sign_in(nord, "coordinator")
    nord.coordinator.user.is_active = False
    nord.coordinator.user.save()

    assert client.get("/gestion/").status_code == 302


def test_a_role_that_has_ended_opens_nothing(nord, sign_in):
    client = sign_in(nord, "coordinator")
    with open_hub(nord.hub):
        StaffRole.objects.filter(user=nord.coordinator.user).update(ends_on=timezone.localdate())

    assert client.get("/gestion/").status_code == 403
