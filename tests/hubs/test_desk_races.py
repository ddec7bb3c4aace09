"""Two people, or a person and a worker, on the same row at once: real connections, real commits."""

import datetime as dt
import threading

import pytest
from django.apps import apps
from django.db import connection
from django.utils import timezone

from hubs import tasks
from hubs.actions import add_item, cancel_run, resend_mail, retry_failed, send_mail, start_run, take_on
from hubs.enums import ItemState, MailState
from hubs.models import Mail, RunItem, TodoClaim
from hubs.parts import Todo
from hubs.scope import open_hub
from tests.cast import Cast, cast_of
from tests.spaces.races import race

STAFF = ["coordinator", "accountant"]
begun, may_end = threading.Event(), threading.Event()


def wait(*, run_id: int) -> None:
    """A job that a worker holds until the test lets it end."""
    begun.set()
    assert may_end.wait(30)


@pytest.fixture
def nord(committed, monkeypatch) -> Cast:
    """A hub that other connections see. No worker listens: the test is the worker."""
    monkeypatch.setattr(tasks, "nudge_item", lambda *args: None)
    monkeypatch.setattr(tasks, "nudge_mail", lambda *args: None)
    return cast_of("nord")


def test_one_of_many_sees_to_it_and_the_others_are_told_who(nord):
    todo = Todo("billing.month:2026-10", "Facturation", "Clore octobre", "", "/", dt.date(2026, 11, 1))
    names = iter(STAFF * 4)

    def take() -> str:
        who = next(names)
        with open_hub(nord.hub):
            return take_on(todo=todo, by=nord.actor(who), now=timezone.now()).who

    outcomes = race(8, take)

    with open_hub(nord.hub):
        claim = TodoClaim.objects.get()
    assert outcomes == {claim.who: 4, f"{claim.who} s’en occupe déjà.": 4}


def test_a_failed_mail_is_sent_again_once_however_many_click(nord):
    with open_hub(nord.hub):
        mail = send_mail(to=["a@b.example"], subject="Bonjour", text="")
        Mail.objects.update(state=MailState.FAILED)

    def resend() -> str:
        with open_hub(nord.hub):
            resend_mail(mail=mail, by=nord.actor("coordinator"), now=timezone.now())
        return "sent"

    assert race(6, resend) == {"sent": 1, "Ce courriel est déjà en route.": 5}


def test_what_failed_is_handed_over_once_however_many_click(nord):
    with open_hub(nord.hub):
        run = start_run(title="Import", by=nord.actor("coordinator"))
        add_item(run=run, job="members.import_draft", label="x")
        RunItem.objects.update(state=ItemState.FAILED)

    def retry() -> str:
        with open_hub(nord.hub):
            return str(retry_failed(run=run, by=nord.actor("coordinator"), now=timezone.now()))

    outcomes = race(6, retry)

    assert outcomes == {"1": 1, "Rien n’est en échec dans ce travail\u00a0: il n’y a rien à relancer.": 5}


def test_what_a_worker_holds_is_finished_and_the_rest_is_not_begun(nord, monkeypatch):
    app = apps.get_app_config("spaces")
    monkeypatch.setattr(app, "jobs", {"tests.wait": "tests.hubs.test_desk_races.wait"})
    monkeypatch.setattr(app, "cancellable_jobs", ("tests.wait",))
    begun.clear()
    may_end.clear()
    with open_hub(nord.hub):
        run = start_run(title="Import", by=nord.actor("coordinator"))
        held = add_item(run=run, job="tests.wait", label="held")
        add_item(run=run, job="tests.wait", label="free")

    def work() -> None:
        try:
            tasks.do_item(hub_id=nord.hub.pk, item_id=held.pk)
        finally:
            connection.close()

    worker = threading.Thread(target=work)
    worker.start()
    assert begun.wait(30)
    with open_hub(nord.hub):
        cancelled = cancel_run(run=run, by=nord.actor("coordinator"), now=timezone.now())
    may_end.set()
    worker.join()

    with open_hub(nord.hub):
        states = dict(RunItem.objects.values_list("label", "state"))
    assert (cancelled, states) == (1, {"held": ItemState.DONE, "free": ItemState.CANCELLED})
