"""One limiter: what it counts, whom it lets pass when many come at once, and what it does without Valkey."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.core.cache import cache
from django.db import connection, transaction
from django.test import RequestFactory

from hubs import limits
from hubs.limits import Rate, Rule, TooMany, check, client_address
from hubs.models import Tally
from hubs.scope import open_hub
from tests.hubs.factories import HubFactory

KNOCK = Rule("knock", Rate(3, 60), Rate(2, 300))
NOW = dt.datetime(2026, 11, 24, 9, 0, 10, tzinfo=dt.UTC)
LATER = NOW + dt.timedelta(minutes=1)


@pytest.fixture(params=["valkey", "database"])
def anywhere(request, committed):
    """The same with Valkey and without: a hub that every connection sees."""
    if request.param == "database":
        request.getfixturevalue("no_valkey")
    return HubFactory(slug="nord")


def passes(hub, now=NOW, **who) -> bool:
    with open_hub(hub):
        try:
            check(KNOCK, **{"address": "192.0.2.1"} | who, now=now)
        except TooMany:
            return False
    return True


def test_each_address_has_its_number_of_tries(anywhere):
    tries = [passes(anywhere) for _ in range(4)]

    assert tries == [True, True, True, False]
    assert passes(anywhere, address="192.0.2.2")
    assert passes(anywhere, now=LATER)


def test_each_mail_has_its_number_of_tries_from_wherever_they_come(anywhere):
    tries = [passes(anywhere, address=f"192.0.2.{n}", mail="a@exemple.example") for n in range(3)]

    assert tries == [True, True, False]
    assert not passes(anywhere, address="192.0.2.9", mail="  A@Exemple.example ")
    assert passes(anywhere, address="192.0.2.9", mail="b@exemple.example")
    assert passes(anywhere, address="192.0.2.9", mail="a@exemple.example", now=NOW + dt.timedelta(minutes=5))


def test_an_address_that_is_refused_takes_nothing_from_the_owner_of_the_mail(anywhere):
    for _ in range(3):
        passes(anywhere)

    assert not passes(anywhere, mail="a@exemple.example")
    assert [passes(anywhere, address="192.0.2.2", mail="a@exemple.example") for _ in range(2)] == [True, True]


def test_each_hub_counts_for_itself(anywhere):
    for _ in range(3):
        passes(anywhere)

    assert passes(HubFactory(slug="sud"))


def test_what_succeeded_is_given_back(anywhere):
    with open_hub(anywhere):
        for _ in range(10):
            check(KNOCK, address="192.0.2.1", mail="a@exemple.example", now=NOW).give_back()

    assert [passes(anywhere) for _ in range(4)] == [True, True, True, False]


def test_the_refusal_says_when_to_try_again(anywhere):
    for _ in range(3):
        passes(anywhere)

    with open_hub(anywhere), pytest.raises(TooMany, match="Réessayez à 10\u00a0h\u00a001") as refused:
        check(KNOCK, address="192.0.2.1", now=NOW)

    assert refused.value.until == dt.datetime(2026, 11, 24, 9, 1, tzinfo=dt.UTC)


def at_once(number: int, knock) -> list[bool]:
    """What each of `number` clients got, who all knock at the same moment."""
    gate = Barrier(number)

    def client(_number: int) -> bool:
        gate.wait(10)
        try:
            return knock()
        finally:
            connection.close()

    with ThreadPoolExecutor(number) as pool:
        return list(pool.map(client, range(number)))


def test_ten_at_once_pass_a_counter_that_reads_and_then_writes(anywhere):
    """The race itself, with the guard off."""
    gate = Barrier(10)

    def naive() -> bool:
        count = cache.get("knocks", 0)
        gate.wait(10)
        cache.set("knocks", count + 1)
        return count < 3

    assert sum(at_once(10, naive)) == 10


def test_ten_at_once_pass_no_more_than_one_after_the_other(anywhere):
    assert sum(at_once(10, lambda: passes(anywhere))) == 3


def test_a_try_counts_even_if_all_that_the_request_wrote_is_undone(committed, no_valkey):
    hub = HubFactory(slug="nord")

    with open_hub(hub):
        check(KNOCK, address="192.0.2.1", now=NOW)
        transaction.set_rollback(True)

    with open_hub(hub):
        assert [(tally.count, tally.ends_at) for tally in Tally.objects.all()] == [
            (1, dt.datetime(2026, 11, 24, 9, 1, tzinfo=dt.UTC))
        ]


def test_the_night_forgets_what_is_over(committed, no_valkey):
    hub = HubFactory(slug="nord")
    passes(hub)
    passes(hub, now=LATER)

    with open_hub(hub):
        limits.forget_tallies(now=LATER)
        left = list(Tally.objects.values_list("ends_at", flat=True))

    assert left == [dt.datetime(2026, 11, 24, 9, 2, tzinfo=dt.UTC)]


def test_valkey_away_is_asked_once_and_not_at_each_try(committed, no_valkey, caplog):
    hub = HubFactory(slug="nord")

    for _ in range(3):
        passes(hub)

    assert caplog.text.count("Valkey is away") == 1


@pytest.mark.parametrize(
    ("https", "forwarded", "seen"),
    [
        (False, "203.0.113.7", "192.0.2.1"),
        (True, "203.0.113.7", "203.0.113.7"),
        (True, "198.51.100.1, 203.0.113.7", "203.0.113.7"),
        (True, "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        (True, "", "192.0.2.1"),
    ],
)
def test_the_client_is_who_the_proxy_saw_and_not_who_it_says_it_is(settings, https, forwarded, seen):
    settings.HTTPS = https
    request = RequestFactory(headers={"X-Forwarded-For": forwarded} if forwarded else {}).get(
        "/", REMOTE_ADDR="192.0.2.1"
    )

    assert client_address(request) == seen
