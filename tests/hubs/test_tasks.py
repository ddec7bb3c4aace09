import datetime as dt
import socket
import time

import pytest
from django.core import mail as sent
from django.core.mail.backends.locmem import EmailBackend
from django.db import IntegrityError
from django.utils import timezone
from kombu.exceptions import OperationalError as BrokerAway

from coursive.celery import app as celery
from hubs import tasks
from hubs.actions import add_item, send_mail, start_run
from hubs.enums import ItemState, MailState
from hubs.models import Mail, RunItem, Session
from hubs.scope import open_hub
from parties.models import ImportDraft


@pytest.fixture
def closed_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def queue(hub, **values) -> Mail:
    return send_mail(**{"to": ["a@b.example"], "subject": "Bonjour", "text": "Bonjour.", **values})


def test_a_broker_that_is_away_is_found_away_at_once(closed_port):
    start = time.monotonic()
    with celery.connection_for_write(f"redis://127.0.0.1:{closed_port}/0") as broker, pytest.raises(BrokerAway):
        _ = broker.default_channel

    assert time.monotonic() - start < 1


def test_a_broker_that_is_away_is_asked_once_for_a_whole_request(monkeypatch):
    asked = []

    def refuse(**options):
        asked.append(options)
        raise BrokerAway("nobody there")

    monkeypatch.setattr(tasks, "_silent_until", 0.0)
    monkeypatch.setattr(tasks.do_item, "apply_async", refuse)
    for item_id in range(60):
        tasks.nudge_item(1, item_id)

    assert len(asked) == 1


def test_an_item_of_another_hub_is_not_done(nord, sud, monkeypatch):
    monkeypatch.setattr(tasks, "_jobs", lambda: {"noop": "tests.hubs.test_tasks.nothing"})
    with open_hub(sud.hub):
        item = add_item(run=start_run(title="x", by=sud.actor("coordinator")), job="noop", label="x")

    tasks.do_item(hub_id=nord.hub.pk, item_id=item.pk)

    with open_hub(sud.hub):
        assert RunItem.objects.get().state == ItemState.TODO
    tasks.do_item(hub_id=sud.hub.pk, item_id=item.pk)
    with open_hub(sud.hub):
        assert RunItem.objects.get().state == ItemState.DONE


def nothing(*, run_id: int) -> None:
    """A job with nothing to do."""


def against_a_constraint(*, run_id: int) -> None:
    raise IntegrityError("again and again")


def test_an_item_that_breaks_a_constraint_fails_in_the_end(nord, monkeypatch):
    monkeypatch.setattr(tasks, "_jobs", lambda: {"bad": "tests.hubs.test_tasks.against_a_constraint"})
    with open_hub(nord.hub):
        item = add_item(run=start_run(title="x", by=nord.actor("coordinator")), job="bad", label="x")

    for _ in range(tasks.ITEM_TRIES):
        tasks.do_item(hub_id=nord.hub.pk, item_id=item.pk)

    with open_hub(nord.hub):
        assert RunItem.objects.get().state == ItemState.FAILED


def test_a_mail_leaves_once_whoever_asks_again(nord):
    with open_hub(nord.hub):
        mail = queue(nord.hub)

    for _ in range(2):
        tasks.deliver_mail(hub_id=nord.hub.pk, mail_id=mail.pk)

    assert len(sent.outbox) == 1


def test_a_mail_of_another_hub_does_not_leave(nord, sud):
    with open_hub(sud.hub):
        mail = queue(sud.hub)

    tasks.deliver_mail(hub_id=nord.hub.pk, mail_id=mail.pk)

    assert sent.outbox == []


def test_a_hub_whose_name_holds_quotes_writes_a_sound_sender(nord):
    nord.hub.name = 'Le « Pôle » "Sud", <x@evil.example>\nBcc: y@evil.example'
    nord.hub.save()
    with open_hub(nord.hub):
        mail = queue(nord.hub, subject="Bonjour\nBcc: z@evil.example")

    tasks.deliver_mail(hub_id=nord.hub.pk, mail_id=mail.pk)

    [message] = sent.outbox
    written = message.message()
    assert "Bcc" not in written
    assert written["From"].count("@") - written["From"].count("@evil") <= 1
    assert message.recipients() == ["a@b.example"]


def test_a_message_that_cannot_be_written_is_tried_later_then_given_up(nord, monkeypatch):
    def refuse(self, messages):
        raise ValueError("no such header")

    monkeypatch.setattr(EmailBackend, "send_messages", refuse)
    with open_hub(nord.hub):
        mail = queue(nord.hub)

    for _ in range(tasks.MAIL_TRIES):
        with open_hub(nord.hub):
            Mail.objects.update(next_try_at=timezone.now() - dt.timedelta(seconds=1))
        tasks.deliver_mail(hub_id=nord.hub.pk, mail_id=mail.pk)

    with open_hub(nord.hub):
        assert Mail.objects.get().state == MailState.FAILED


def test_each_night_lets_go_of_old_sessions_and_files_of_every_hub(nord, sud, sign_in):
    now = timezone.now()
    for cast in (nord, sud):
        sign_in(cast, "coordinator")
        sign_in(cast, "accountant")
        with open_hub(cast.hub):
            old = Session.objects.order_by("pk").first()
            Session.objects.filter(pk=old.pk).update(expire_date=now - dt.timedelta(minutes=1))
            for hours in (1, 25):
                ImportDraft.objects.create(
                    owner=cast.coordinator, name="x.csv", content=b"x", created_at=now - dt.timedelta(hours=hours)
                )

    tasks.tidy()

    for cast in (nord, sud):
        with open_hub(cast.hub):
            assert Session.objects.filter(expire_date__lt=now).count() == 0
            assert Session.objects.count() == 1
            assert ImportDraft.objects.count() == 1
