"""Two at once, each on a connection of its own: the cap of proxies, and one notice for each member."""

import datetime as dt
import threading
from collections import Counter

import pytest
from django.db import connections
from django.db.models.query import QuerySet

from governance import actions, sql_convene
from governance.actions import proxies
from governance.models import Assembly, Notice, Proxy, RollEntry
from hubs.actors import system
from hubs.scope import open_hub
from tests.cast import cast_of
from tests.governance.factories import AgendaItemFactory, AssemblyFactory, RollEntryFactory
from tests.members.factories import CollegeFactory, FiscalYearFactory, MembershipFactory
from tests.spaces.races import race

NOW = dt.datetime(2026, 5, 20, 8, tzinfo=dt.UTC)


@pytest.fixture
def cast(committed):
    return cast_of("course")


@pytest.fixture
def without_locks(cast, monkeypatch):
    """Neither the action nor the database makes one wait for the other."""
    monkeypatch.setattr(QuerySet, "select_for_update", lambda queryset, *args, **kwargs: queryset)

    def run(sql: str) -> None:
        with connections["owner"].cursor() as cursor:
            cursor.execute(sql)

    run(sql_convene.ERASABLE.replace("id = gives.assembly_id FOR NO KEY UPDATE", "id = gives.assembly_id"))
    yield
    run(sql_convene.ERASABLE)


def _give_both(cast) -> tuple[Counter[str], int]:
    """Two members give their voice at once to the same one, who may hold one: what came of it, and how many they hold."""
    with open_hub(cast.hub):
        college, year, assembly = CollegeFactory(), FiscalYearFactory(year=2026), AssemblyFactory()
        holder, *givers = (
            RollEntryFactory(assembly=assembly, membership=membership)
            for membership in MembershipFactory.create_batch(3, college=college, fiscal_year=year)
        )
        waiting = [entry.pk for entry in givers]

    def attempt() -> str:
        with open_hub(cast.hub) as hub:
            giver, held = RollEntry.objects.get(pk=waiting.pop()), RollEntry.objects.get(pk=holder.pk)
            actions.give_proxy(giver=giver, holder=held, by=system(hub.pk), now=NOW)
        return "given"

    outcomes = race(2, attempt)
    with open_hub(cast.hub):
        return outcomes, Proxy.objects.live().filter(holder=holder.pk).count()


def test_without_the_locks_one_would_hold_two_proxies(cast, without_locks, monkeypatch):
    both_have_given, record = threading.Barrier(2, timeout=10), proxies.record

    def recorded_after_both(**kwargs):
        both_have_given.wait()
        return record(**kwargs)

    monkeypatch.setattr(proxies, "record", recorded_after_both)

    assert _give_both(cast) == (Counter({"given": 2}), 2)


def test_two_proxies_given_at_once_do_not_pass_the_cap(cast):
    assert _give_both(cast) == (Counter({"given": 1, str(actions.CapReached.message): 1}), 1)


def test_a_button_pressed_twice_at_once_calls_each_member_once(cast):
    with open_hub(cast.hub):
        assembly = AssemblyFactory(draft=True, notice_days=14)
        AgendaItemFactory(assembly=assembly)
        MembershipFactory.create_batch(3, college=CollegeFactory(), fiscal_year=FiscalYearFactory(year=2026))

    def attempt() -> str:
        with open_hub(cast.hub) as hub:
            actions.convene(assembly=Assembly.objects.get(pk=assembly.pk), by=system(hub.pk), now=NOW)
        return "convened"

    outcomes = race(2, attempt)

    with open_hub(cast.hub):
        assert (outcomes, Notice.objects.count()) == (
            Counter({"convened": 1, str(actions.WrongState.message): 1}), 3,
        )  # fmt: skip
