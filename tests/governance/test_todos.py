"""What waits before an assembly, in à faire."""

import datetime as dt

import pytest

from governance.todos import todos_before
from tests.governance.factories import AssemblyFactory, ProxyFactory, RollContestFactory, RollEntryFactory
from tests.members.factories import CollegeFactory, FiscalYearFactory, MembershipFactory

pytestmark = pytest.mark.usefixtures("hub")


def at(month: int, day: int) -> dt.datetime:
    return dt.datetime(2026, month, day, 8, tzinfo=dt.UTC)


def told(now: dt.datetime) -> list[str]:
    return [todo.reason.replace("\u00a0", " ") for todo in todos_before(now)]


def test_a_draft_comes_up_ten_days_before_the_last_day_of_its_notice():
    AssemblyFactory(draft=True, notice_days=14)

    assert [told(at(5, day)) for day in (21, 22)] == [[], ["À convoquer au plus tard le lundi 1er juin."]]
    assert told(at(6, 2)) == ["Il fallait convoquer le lundi 1er juin au plus tard."]
    assert told(at(6, 16)) == []


def test_the_coming_assembly_says_in_how_many_days_and_who_gave_no_proxy(nord, django_assert_num_queries):
    assembly, college = AssemblyFactory(), CollegeFactory()
    first, second, _third = (
        RollEntryFactory(assembly=assembly, membership=membership)
        for membership in MembershipFactory.create_batch(3, college=college, fiscal_year=FiscalYearFactory(year=2026))
    )
    ProxyFactory(giver=first, holder=second)
    before = told(at(5, 31))
    RollContestFactory(assembly=assembly, organisation=nord.organisation, made_by=nord.administrator)

    with django_assert_num_queries(1):
        lines = told(at(6, 9))

    assert before == []
    assert lines == [
        "1 contestation de la liste électorale attend une réponse.",
        "Dans 6 jours. 2 votants n’ont pas donné pouvoir.",
    ]
    assert told(at(6, 15))[-1] == "Aujourd’hui. 2 votants n’ont pas donné pouvoir."
