"""Two tabs that call the same dues, and a worker that dies: real connections, real commits."""

import pytest

from billing.models import Invoice
from hubs import tasks
from hubs.models import Run, RunItem
from hubs.scope import open_hub
from members import actions
from members.models import DuesCall, FiscalYear
from tests.billing.test_concurrency import at_once
from tests.cast import Cast, cast_of
from tests.members.dues import TODAY, calling


@pytest.fixture
def nord(committed, monkeypatch) -> Cast:
    """A hub that other connections see. No worker listens: the test is the worker."""
    monkeypatch.setattr(tasks, "nudge_item", lambda *args: None)
    monkeypatch.setattr(tasks, "nudge_mail", lambda *args: None)
    return cast_of("nord")


def call(cast: Cast) -> Run:
    with open_hub(cast.hub):
        return actions.call_dues(fiscal_year=FiscalYear.objects.get(), by=cast.actor("coordinator"), today=TODAY)


@pytest.mark.feature("ME4")
def test_two_tabs_call_each_member_once(nord):
    calling(nord, "Le Théâtre", "Le Cinéma")

    answers = at_once(lambda: call(nord), lambda: call(nord))

    assert sorted(type(answer).__name__ for answer in answers) == ["NothingToCall", "Run"]
    with open_hub(nord.hub):
        assert RunItem.objects.filter(job="members.call_dues").count() == 3


@pytest.mark.feature("ME4")
def test_an_item_that_two_workers_hold_or_that_dies_calls_once(nord, monkeypatch):
    (membership,) = calling(nord)
    with open_hub(nord.hub):
        run = actions.call_dues(fiscal_year=FiscalYear.objects.get(), by=nord.actor("coordinator"), today=TODAY)
        kwargs = RunItem.objects.get().kwargs

    def work(crash: bool = False) -> None:
        from members.tasks import call_dues

        with open_hub(nord.hub):
            call_dues(run_id=run.pk, **kwargs)
            if crash:
                raise KeyError

    with pytest.raises(KeyError):
        work(crash=True)
    with open_hub(nord.hub):
        assert (DuesCall.objects.count(), Invoice.objects.count()) == (0, 0)
    at_once(work, work)
    work()

    with open_hub(nord.hub):
        assert DuesCall.objects.get().membership_id == membership.pk
        assert Invoice.objects.get().sequence == 1
