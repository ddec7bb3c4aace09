"""Mail is a row of the transaction first; a task sends it once, and later again what did not leave."""

import datetime as dt

import pytest
import time_machine
from django.core import mail
from django.db import transaction

from coursive.celery import app as celery
from hubs.actions import send_mail
from hubs.enums import MailState
from hubs.models import Mail
from hubs.scope import open_hub
from hubs.tasks import AGAIN_AFTER, MAIL_TRIES, deliver_mail, sweep
from tests.hubs.factories import HubFactory

NOON = dt.datetime(2026, 10, 5, 10, tzinfo=dt.UTC)
CLOSED, CONFUSED = "tests.hubs.mailboxes.Closed", "tests.hubs.mailboxes.Confused"


@pytest.fixture
def clock():
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def letter(clock, hub) -> Mail:
    return send_mail(to=["structure@nord.example"], subject="Votre\nréservation", text="Salle Boutaric, demain.")


def deliver(letter: Mail) -> tuple:
    """Try to send it; what became of it."""
    deliver_mail(hub_id=letter.hub_id, mail_id=letter.pk)
    letter.refresh_from_db()
    return letter.state, letter.tries, letter.error


def test_mail_leaves_once_in_the_hubs_name(letter):
    first, again = deliver(letter), deliver(letter)

    assert (first, again, letter.sent_at) == ((MailState.SENT, 1, ""), (MailState.SENT, 1, ""), NOON)
    [sent] = mail.outbox
    assert (sent.to, sent.subject, sent.body, sent.from_email, sent.reply_to) == (
        ["structure@nord.example"],
        "Votre réservation",
        "Salle Boutaric, demain.",
        "Pôle nord <portail@coursive.example>",
        ["contact@nord.example"],
    )
    assert sent.extra_headers["Message-ID"] == f"<nord.{letter.pk}.20261005100000000000@coursive.example>"


@pytest.mark.parametrize(("server", "error"), [(CLOSED, "Connexion refusée"), (CONFUSED, "réponse incomprise")])
def test_a_failure_is_noted_and_tried_again_later(letter, clock, settings, server, error):
    working, settings.EMAIL_BACKEND = settings.EMAIL_BACKEND, server
    failed = deliver(letter)
    settings.EMAIL_BACKEND = working

    too_early = deliver(letter)
    clock.shift(dt.timedelta(minutes=2))
    later = deliver(letter)

    assert (failed, too_early, later) == (
        (MailState.QUEUED, 1, error),
        (MailState.QUEUED, 1, error),
        (MailState.SENT, 2, ""),
    )
    assert len(mail.outbox) == 1


@pytest.mark.parametrize(
    "broken",
    [{"to": ["a\nb@nord.example"]}, {"attachments": [{"name": "f.pdf", "type": "application/pdf", "key": "nowhere"}]}],
)
def test_a_message_that_cannot_be_written_is_noted_too(letter, broken):
    for name, value in broken.items():
        setattr(letter, name, value)
    letter.save()

    state, tries, error = deliver(letter)

    assert (state, tries, bool(error), mail.outbox) == (MailState.QUEUED, 1, True, [])


def test_after_six_tries_it_is_given_up(letter, clock, settings):
    settings.EMAIL_BACKEND = CLOSED

    waits = []
    for _try in range(MAIL_TRIES):
        before = letter.next_try_at
        deliver(letter)
        waits.append(letter.next_try_at - before)
        clock.move_to(letter.next_try_at)

    assert [wait.total_seconds() / 60 for wait in waits] == [2, 4, 8, 16, 32, 64]
    assert deliver(letter) == (MailState.FAILED, MAIL_TRIES, "Connexion refusée")


def taken(letter: Mail, tries: int) -> None:
    """As a worker that died leaves it."""
    letter.state, letter.tries, letter.next_try_at = MailState.SENDING, tries, NOON + AGAIN_AFTER
    letter.sent_at = None
    letter.save()


def test_a_message_whose_worker_died_is_taken_again_after_two_minutes(letter, clock):
    taken(letter, tries=1)

    at_once = deliver(letter)
    clock.shift(AGAIN_AFTER)
    later = deliver(letter)

    assert (at_once, later) == ((MailState.SENDING, 1, ""), (MailState.SENT, 2, ""))
    assert len(mail.outbox) == 1


def test_a_message_that_kills_its_workers_is_given_up_with_words(letter, clock):
    taken(letter, tries=MAIL_TRIES)
    clock.shift(AGAIN_AFTER)

    state, tries, error = deliver(letter)

    assert (state, tries, mail.outbox) == (MailState.FAILED, MAIL_TRIES, [])
    assert error.startswith("L’envoi s’est interrompu à chaque essai.")


def test_who_comes_too_late_does_not_undo_what_another_settled(letter, clock, settings):
    settings.EMAIL_BACKEND = "tests.hubs.mailboxes.Slow"

    assert deliver(letter) == (MailState.SENT, 2, "")


def test_in_a_folder_a_message_handed_over_twice_is_there_once(letter, clock, settings, tmp_path):
    settings.EMAIL_BACKEND, settings.EMAIL_FILE_PATH = "hubs.mailbox.FolderBackend", tmp_path / "mail"

    deliver(letter)
    taken(letter, tries=1)
    clock.shift(AGAIN_AFTER)
    deliver(letter)

    [path] = (tmp_path / "mail").iterdir()
    assert path.name == f"nord.{letter.pk}.20261005100000000000@coursive.example.eml"
    assert path.read_text().endswith("\n\nSalle Boutaric, demain.")


def test_mail_of_a_change_that_did_not_happen_does_not_exist(hub):
    with transaction.atomic():
        send_mail(to=["structure@nord.example"], subject="Bonjour", text="")
        transaction.set_rollback(True)

    assert Mail.objects.count() == 0


@pytest.fixture
def by_hand():
    """Tasks run where they are asked for, as a worker at hand would."""
    celery.conf.task_always_eager = True
    yield
    celery.conf.task_always_eager = False


def test_the_sweep_sends_what_no_nudge_did_in_every_hub(clock, nord, sud, by_hand):
    for cast in (nord, sud):
        with open_hub(cast.hub):
            send_mail(to=[f"structure@{cast.hub.slug}.example"], subject="Bonjour", text="")

    sweep()
    sweep()

    assert [sent.to for sent in mail.outbox] == [["structure@nord.example"], ["structure@sud.example"]]


@pytest.fixture
def no_broker(monkeypatch):
    """Nothing listens where the broker should be; connections of before are forgotten."""
    monkeypatch.setitem(celery.conf, "broker_url", "redis://127.0.0.1:1/0")
    monkeypatch.setattr(celery, "_pool", None)
    monkeypatch.setattr(celery.amqp, "_producer_pool", None)


def test_a_broker_that_is_away_stops_nobody(committed, no_broker, caplog):
    hub = HubFactory()

    with open_hub(hub):
        send_mail(to=["structure@nord.example"], subject="Bonjour", text="")

    with open_hub(hub):
        assert Mail.objects.get().state == MailState.QUEUED
    assert "Error 111 connecting to 127.0.0.1:1" in caplog.text
