import secrets
import socket
import time

import pytest
from allauth.account.internal.flows.login import _AUTHENTICATION_METHODS_USER_SESSION_KEY as RECORDS_OF
from allauth.account.internal.flows.login import AUTHENTICATION_METHODS_SESSION_KEY as RECORDS
from allauth.account.internal.userkit import user_id_to_str
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.cache import cache
from django.db import connections
from django.http import HttpRequest
from django.utils import timezone

from coursive.celery import app as celery
from hubs import limits
from hubs.scope import open_hub
from parties import guests
from parties.models import Invitation, Person
from tests.cast import Cast, cast_of
from tests.client import CheckingClient

# Nudges go nowhere: a test calls the task that it wants to see work.
celery.conf.broker_url = "memory://"


@pytest.fixture(autouse=True)
def quick_passwords(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def own_counters(settings):
    """What the limiter counts in Valkey, and what allauth keeps in memory, is of the test alone."""
    settings.SECRET_KEY = secrets.token_hex()  # names the counters
    cache.clear()


@pytest.fixture
def no_valkey(settings, monkeypatch):
    """Nobody on its port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        settings.REDIS_URL = f"redis://127.0.0.1:{free.getsockname()[1]}/0"
    monkeypatch.setattr(limits, "_silent_until", 0.0)


@pytest.fixture(scope="session")
def django_db_setup(request, django_test_environment, django_db_blocker, worker_id):
    """Each worker's database is made and migrated by the owner; tests read and write it as the application."""
    kept = request.config.getoption("reuse_db")
    fresh = request.config.getoption("create_db")
    owner, application = connections["owner"], connections["default"]
    with django_db_blocker.unblock():
        name = owner.settings_dict["NAME"]
        owner.settings_dict["TEST"]["NAME"] = f"test_{name}_{worker_id}"
        owner.creation.create_test_db(verbosity=0, autoclobber=True, keepdb=kept and not fresh)
        application.close()
        application.settings_dict["NAME"] = owner.settings_dict["NAME"]
    yield
    if kept:
        return
    with django_db_blocker.unblock():
        application.close()
        owner.creation.destroy_test_db(name, verbosity=0)


@pytest.fixture
def committed(django_db_setup, django_db_blocker):
    """A database whose transactions really commit, for races and workers; emptied afterwards."""
    with django_db_blocker.unblock():
        yield
        connections["default"].close()
        with connections["owner"].cursor() as cursor:
            cursor.execute(
                "SELECT string_agg(quote_ident(tablename), ', ') FROM pg_tables WHERE schemaname = 'public' "
                "AND tablename NOT IN ('django_migrations', 'django_content_type', 'auth_permission')"
            )
            cursor.execute(f"TRUNCATE {cursor.fetchone()[0]} RESTART IDENTITY CASCADE")
        connections["owner"].close()


@pytest.fixture
def nord(db) -> Cast:
    """The hub of the test, not opened."""
    return cast_of("nord")


@pytest.fixture
def sud(db) -> Cast:
    """The other hub of the instance."""
    return cast_of("sud")


@pytest.fixture
def hub(nord):
    """The hub « nord », open for the whole test."""
    with open_hub(nord.hub):
        yield nord.hub


def come_in(client: CheckingClient, invitation: Invitation) -> None:
    """Give the browser what a guest's link leaves in it."""
    request = HttpRequest()
    request.session = client.session
    request.user = AnonymousUser()
    guests.let_in(request, invitation, timezone.now())
    request.session.save()
    client.cookies[settings.SESSION_COOKIE_NAME] = request.session.session_key


@pytest.fixture
def sign_in():
    """`sign_in(cast, "coordinator")` is a browser just signed in to that hub as that person; without a name, a visitor's."""

    def signed_in(cast: Cast, name: str | None = None) -> CheckingClient:
        client = CheckingClient(headers={"host": f"{cast.hub.slug}.localhost"})
        if name is not None:
            person: Person = getattr(cast, name)
            with open_hub(cast.hub):
                if person.user is None:
                    come_in(client, cast.guest_invitation)
                else:
                    client.force_login(person.user)
                    session = client.session
                    record = {"method": "password", "at": time.time()}
                    session.update({RECORDS: [record], RECORDS_OF: user_id_to_str(person.user)})
                    session.save()
        return client

    return signed_in
