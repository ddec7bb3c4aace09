"""The mails and the runs as those who follow them see them."""

import datetime as dt
from smtplib import SMTPAuthenticationError, SMTPDataError, SMTPRecipientsRefused, SMTPServerDisconnected

import pytest
from django.core import mail as sent
from django.utils import timezone

from hubs.actions import (
    CannotStop,
    EmptiedMail,
    NotFailed,
    NothingFailed,
    NothingLeft,
    OnItsWay,
    SecretMail,
    add_item,
    cancel_run,
    drop_mail,
    resend_mail,
    retry_failed,
    send_mail,
    start_run,
)
from hubs.enums import ItemFailure, ItemState, MailFailure, MailState
from hubs.models import AuditEntry, Mail, Run, RunItem
from hubs.refusals import NotAllowed, Refusal
from hubs.scope import open_hub
from hubs.tasks import deliver_mail, do_item, failure_of
from parties.models import Trade

MAILS = "/gestion/suivi/courriels/"
RUNS = "/gestion/suivi/travaux/"
SENT = {"state": MailState.SENT, "sent_at": dt.datetime(2026, 11, 2, 9, tzinfo=dt.UTC)}
EMPTIED = {"text": "", "html": "", "emptied_at": dt.datetime(2027, 11, 2, 2, tzinfo=dt.UTC)}
FAILED = {"state": MailState.FAILED, "tries": 6, "failure": MailFailure.REFUSED, "error": "550 no such user"}


@pytest.fixture
def letter(nord):
    """`letter(state=…)` is a mail about the structure of the cast."""

    def written(**values) -> Mail:
        with open_hub(nord.hub):
            mail = send_mail(
                to=["vieux@nord.example"], subject="Votre réservation", text="Salle Boutaric.", about=nord.organisation
            )
            Mail.objects.filter(pk=mail.pk).update(**values)
            mail.refresh_from_db()
            return mail

    return written


# --- Why it did not leave ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("error", "failure"),
    [
        (SMTPRecipientsRefused({"a@b": (550, b"no such user")}), MailFailure.REFUSED),
        (SMTPAuthenticationError(535, b"bad credentials"), MailFailure.DENIED),
        (SMTPServerDisconnected("gone"), MailFailure.AWAY),
        (ConnectionRefusedError(111, "refused"), MailFailure.AWAY),
        (TimeoutError("timed out"), MailFailure.AWAY),
        (SMTPDataError(554, b"spam"), MailFailure.OTHER),
        (FileNotFoundError(2, "no such file"), MailFailure.NO_FILE),
        (ValueError("no such header"), MailFailure.UNREADABLE),
    ],
)
def test_what_the_server_says_becomes_a_reason(error, failure):
    assert failure_of(error) == failure


def test_the_reason_is_kept_with_the_mail_and_goes_when_it_leaves(letter, settings, nord):
    mail = letter()
    working, settings.EMAIL_BACKEND = settings.EMAIL_BACKEND, "tests.hubs.mailboxes.Closed"
    deliver_mail(hub_id=nord.hub.pk, mail_id=mail.pk)
    with open_hub(nord.hub):
        mail.refresh_from_db()
        failed = (mail.failure, mail.error)
        Mail.objects.update(next_try_at=timezone.now() - dt.timedelta(seconds=1))
    settings.EMAIL_BACKEND = working
    deliver_mail(hub_id=nord.hub.pk, mail_id=mail.pk)

    with open_hub(nord.hub):
        mail.refresh_from_db()
    assert failed == (MailFailure.AWAY, "Connexion refusée")
    assert (mail.state, mail.failure, mail.error) == (MailState.SENT, "", "")


# --- Sending again, or not --------------------------------------------------------------------------


def test_one_that_failed_leaves_to_the_address_of_today(letter, nord, hub):
    mail = letter(**FAILED)
    now = timezone.now()

    again = resend_mail(mail=mail, by=nord.actor("accountant"), now=now)

    assert (again.pk, again.state, again.to, again.tries, again.next_try_at) == (
        mail.pk, MailState.QUEUED, [nord.organisation.email], 0, now,
    )  # fmt: skip
    assert AuditEntry.objects.values_list("verb", "before", "after").get() == (
        "hubs.mail_sent_again", {"to": ["vieux@nord.example"]}, {"to": [nord.organisation.email]},
    )  # fmt: skip


def test_one_that_left_is_sent_once_more_as_it_was(letter, nord, hub):
    mail = letter(**SENT)

    again = resend_mail(mail=mail, by=nord.actor("coordinator"), now=timezone.now())
    deliver_mail(hub_id=hub.pk, mail_id=again.pk)

    assert (again.pk != mail.pk, again.to, again.about, Mail.objects.count()) == (True, mail.to, mail.about, 2)
    assert [message.body for message in sent.outbox] == ["Salle Boutaric."]


@pytest.mark.parametrize(
    ("values", "refusal"),
    [
        ({}, OnItsWay),
        ({"state": MailState.SENDING}, OnItsWay),
        ({**FAILED, "is_secret": True}, SecretMail),
        ({"is_secret": True}, SecretMail),
        ({**FAILED, **EMPTIED}, EmptiedMail),
        ({**SENT, **EMPTIED, "is_secret": True}, SecretMail),
        ({"state": MailState.DROPPED, **EMPTIED}, EmptiedMail),
    ],
)
def test_what_must_not_be_sent_again_is_refused(letter, nord, hub, values, refusal):
    with pytest.raises(refusal):
        resend_mail(mail=letter(**values), by=nord.actor("coordinator"), now=timezone.now())

    assert AuditEntry.objects.count() == 0


def test_one_that_failed_may_be_left(letter, nord, hub):
    mail = letter(**FAILED)

    dropped = drop_mail(mail=mail, by=nord.actor("coordinator"))

    assert (dropped.state, AuditEntry.objects.get().verb) == (MailState.DROPPED, "hubs.mail_dropped")
    with pytest.raises(NotFailed):
        drop_mail(mail=mail, by=nord.actor("coordinator"))


def test_an_emptied_mail_says_so_and_waits_for_nobody(letter, nord, sign_in):
    mail = letter(**FAILED, **EMPTIED)
    browser = sign_in(nord, "coordinator")

    page = browser.get(f"{MAILS}{mail.pk}/").text.replace("\u00a0", " ")

    assert "Le texte de ce courriel a été effacé le 2 novembre 2027" in page
    assert "Renvoyer" not in page
    assert f"{MAILS}{mail.pk}/" not in browser.get("/gestion/").text


@pytest.mark.parametrize("who", ["receptionist", "adviser", "administrator"])
def test_others_send_nothing_again(letter, nord, hub, who):
    mail = letter(**FAILED)

    for action, values in ((resend_mail, {"now": timezone.now()}), (drop_mail, {})):
        with pytest.raises(NotAllowed):
            action(mail=mail, by=nord.actor(who), **values)


# --- The pages of the mails -------------------------------------------------------------------------


def test_the_list_tells_the_state_and_the_reason_and_is_filtered(letter, nord, sign_in):
    letter(**SENT)
    letter(**FAILED | {"to": ["autre@nord.example"]})
    browser = sign_in(nord, "accountant")

    page = browser.get(MAILS).text
    shown = [
        [mail.to[0] for mail, _thing in browser.get(MAILS, asked).context["lines"]]
        for asked in ({}, {"etat": "failed"}, {"adresse": "VIEUX@"}, {"etat": "sent", "adresse": "autre"})
    ]

    assert "l’adresse est refusée par le serveur de la personne" in page
    assert f'<a href="/gestion/structures/{nord.organisation.public_id}/">Compagnie nord</a>' in page
    assert shown == [
        ["autre@nord.example", "vieux@nord.example"], ["autre@nord.example"], ["vieux@nord.example"], [],
    ]  # fmt: skip
    assert browser.get(MAILS, {"etat": "parti"}).status_code == 422


def test_one_click_sends_it_again_and_one_leads_to_the_address(letter, nord, sign_in):
    mail = letter(**FAILED)
    browser = sign_in(nord, "accountant")

    page = browser.get(f"{MAILS}{mail.pk}/").text
    after = browser.post(f"{MAILS}{mail.pk}/renvoi/", follow=True)

    assert f'href="/gestion/structures/{nord.organisation.public_id}/modifier/"' in page
    assert f"L’adresse a changé : il partira à {nord.organisation.email}.".replace(" :", "\u00a0:") in page.replace(
        " :", "\u00a0:"
    )
    assert f"Il repart à {nord.organisation.email}." in after.text
    assert "Ce courriel est déjà en route." in browser.post(f"{MAILS}{mail.pk}/renvoi/", follow=True).text


def test_one_click_leaves_it(letter, nord, sign_in):
    mail = letter(**FAILED)
    browser = sign_in(nord, "coordinator")

    assert "ce courriel ne partira pas" in browser.post(f"{MAILS}{mail.pk}/abandon/", follow=True).text
    assert "Ce courriel n’est pas en échec." in browser.post(f"{MAILS}{mail.pk}/abandon/", follow=True).text


def test_the_text_is_for_the_coordination_and_codes_for_nobody(letter, nord, sign_in):
    plain, secret = letter(**SENT), letter(**SENT, is_secret=True)

    texts = {
        (who, mail.is_secret): sign_in(nord, who).get(f"{MAILS}{mail.pk}/").text
        for who in ("coordinator", "accountant")
        for mail in (plain, secret)
    }

    assert {key: "Salle Boutaric." in page for key, page in texts.items()} == {
        ("coordinator", False): True, ("accountant", False): False,
        ("coordinator", True): False, ("accountant", True): False,
    }  # fmt: skip
    assert "Renvoyer le courriel" not in texts["coordinator", True]


def test_a_code_of_sign_in_is_read_nowhere(nord, sign_in):
    sign_in(nord).post("/compte/code/", {"email": nord.employee.email})
    with open_hub(nord.hub):
        mail = Mail.objects.get()
        # The code is in the subject, for the phone that shows no more.
        code = mail.subject.split(",")[0]
        Mail.objects.update(state=MailState.FAILED, failure=MailFailure.AWAY)
    browser = sign_in(nord, "coordinator")

    pages = [browser.get(path).text for path in ("/gestion/", MAILS, f"{MAILS}{mail.pk}/")]
    browser.post(f"{MAILS}{mail.pk}/renvoi/")
    dropped = browser.post(f"{MAILS}{mail.pk}/abandon/", follow=True).text
    log = browser.get("/gestion/suivi/journal/").text

    assert (mail.is_secret, len(code) >= 6) == (True, True)
    assert [code in page for page in (*pages, dropped, log)] == [False] * 5
    assert "Courriel laissé là\u00a0: Code ou lien de connexion" in log
    with open_hub(nord.hub):
        assert Mail.objects.get().state == MailState.DROPPED


@pytest.mark.parametrize("rows", [1, 3])
def test_the_mails_ask_as_much_for_one_row_as_for_three(letter, nord, sign_in, django_assert_num_queries, rows):
    for _n in range(rows):
        letter(**SENT)
    browser = sign_in(nord, "coordinator")
    browser.get(MAILS)

    with django_assert_num_queries(12):
        browser.get(MAILS)


# --- Runs: cancel, retry ----------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def jobs(monkeypatch):
    """Two jobs of the tests: one that may be left undone, one that may not."""
    from django.apps import apps

    app = apps.get_app_config("spaces")
    monkeypatch.setattr(app, "jobs", {"tests.note": "tests.hubs.jobs.note", "tests.sealed": "tests.hubs.jobs.note"})
    monkeypatch.setattr(app, "cancellable_jobs", ("tests.note",))


@pytest.fixture
def run(nord) -> Run:
    with open_hub(nord.hub):
        return start_run(title="Grand import", by=nord.actor("coordinator"))


@pytest.fixture
def give(run, nord):
    def given(name: str, job: str = "tests.note", **values) -> RunItem:
        with open_hub(nord.hub):
            item = add_item(run=run, job=job, label=name, name=name)
            RunItem.objects.filter(pk=item.pk).update(**values)
            return item

    return given


def states(run: Run) -> list[str]:
    return list(RunItem.objects.filter(run=run).order_by("pk").values_list("state", flat=True))


def test_cancelling_leaves_what_is_not_begun_and_keeps_what_is_done(run, give, nord, hub):
    do_item(hub_id=hub.pk, item_id=give("danse").pk)
    give("cirque")
    give("cinéma", state=ItemState.FAILED, tries=5)
    now = timezone.now()

    count = cancel_run(run=run, by=nord.actor("accountant"), now=now)

    run.refresh_from_db()
    assert (count, states(run)) == (2, [ItemState.DONE, ItemState.CANCELLED, ItemState.CANCELLED])
    assert (run.cancelled_at, run.cancelled_by) == (now, str(nord.accountant))
    assert AuditEntry.objects.filter(verb="hubs.run_cancelled").values_list("thing", "after").get() == (
        f"hubs.run:{run.pk}", {"items": 2},
    )  # fmt: skip
    with pytest.raises(NothingLeft):
        cancel_run(run=run, by=nord.actor("accountant"), now=now)


def test_what_comes_to_a_cancelled_run_afterwards_is_not_done(run, give, nord, hub):
    give("cirque")
    cancel_run(run=run, by=nord.actor("coordinator"), now=timezone.now())
    late = give("danse")

    do_item(hub_id=hub.pk, item_id=late.pk)

    assert (states(run), Trade.objects.count()) == ([ItemState.CANCELLED, ItemState.CANCELLED], 0)


def test_what_is_sealed_cannot_be_cancelled(run, give, nord, hub):
    give("cirque")
    give("danse", job="tests.sealed")

    with pytest.raises(CannotStop):
        cancel_run(run=run, by=nord.actor("coordinator"), now=timezone.now())

    assert states(run) == [ItemState.TODO, ItemState.TODO]


def test_the_issue_of_a_month_is_not_among_what_may_be_cancelled():
    from hubs.parts import may_cancel

    assert [may_cancel({job}) for job in ("members.import_draft", "billing.issue_invoice", "billing.render_invoice")] == [
        True, False, False,
    ]  # fmt: skip


def test_what_failed_is_handed_over_again_and_nothing_else(run, give, nord, hub):
    give("cirque", state=ItemState.FAILED, tries=5, error="disque plein")
    give("danse", state=ItemState.CANCELLED)

    assert retry_failed(run=run, by=nord.actor("accountant"), now=timezone.now()) == 1

    assert states(run) == [ItemState.TODO, ItemState.CANCELLED]
    assert AuditEntry.objects.values_list("verb", "after").get() == ("hubs.run_retried", {"items": 1})
    with pytest.raises(NothingFailed):
        retry_failed(run=run, by=nord.actor("accountant"), now=timezone.now())


@pytest.mark.parametrize("who", ["receptionist", "adviser", "administrator"])
def test_others_neither_cancel_nor_retry(run, give, nord, hub, who):
    give("cirque", state=ItemState.FAILED)

    for action in (cancel_run, retry_failed):
        with pytest.raises(NotAllowed):
            action(run=run, by=nord.actor(who), now=timezone.now())


def test_a_refusal_is_told_as_it_is_and_an_accident_as_one(run, give, nord, monkeypatch, sign_in):
    monkeypatch.setattr("hubs.tasks.ITEM_TRIES", 1)

    def refuse(**kwargs):
        raise Refusal("Le fichier a expiré.")

    def break_down(**kwargs):
        raise ValueError("list index out of range")

    for name, job in (("cirque", refuse), ("danse", break_down)):
        monkeypatch.setattr("tests.hubs.jobs.note", job)
        do_item(hub_id=nord.hub.pk, item_id=give(name).pk)

    page = sign_in(nord, "coordinator").get(f"{RUNS}{run.pk}/").text
    with open_hub(nord.hub):
        assert list(RunItem.objects.order_by("pk").values_list("failure", flat=True)) == [
            ItemFailure.REFUSED, ItemFailure.UNEXPECTED,
        ]  # fmt: skip
    assert page.count("Erreur imprévue") == 1
    assert page.index("Le fichier a expiré.") < page.index("list index out of range")


# --- The pages of the runs --------------------------------------------------------------------------


def test_the_runs_are_listed_with_their_progress(run, give, nord, sign_in):
    give("cirque", state=ItemState.DONE, done_at=timezone.now())
    give("danse")

    page = sign_in(nord, "accountant").get(RUNS).text

    assert f'<a href="{RUNS}{run.pk}/">Grand import</a>' in page
    assert "1 sur 2" in page
    assert "en cours" in page


def test_a_run_is_cancelled_by_one_click_and_says_by_whom(run, give, nord, sign_in):
    give("cirque")
    browser = sign_in(nord, "coordinator")

    before = browser.get(f"{RUNS}{run.pk}/").text
    after = browser.post(f"{RUNS}{run.pk}/annulation/", follow=True).text

    assert ("Annuler ce qui reste" in before, "Annuler ce qui reste" in after) == (True, False)
    assert "1 élément ne sera pas fait." in after
    assert f"Annulé par {nord.coordinator}" in after
    assert "Ce travail est fini" in browser.post(f"{RUNS}{run.pk}/annulation/", follow=True).text
    assert "hx-trigger" not in after


def test_a_sealed_run_has_no_button_to_cancel_and_refuses_all_the_same(run, give, nord, sign_in):
    give("cirque", job="tests.sealed")
    browser = sign_in(nord, "coordinator")

    assert "Annuler ce qui reste" not in browser.get(f"{RUNS}{run.pk}/").text
    assert "Ce travail ne s’annule pas" in browser.post(f"{RUNS}{run.pk}/annulation/", follow=True).text


def test_what_failed_is_started_again_by_one_click(run, give, nord, sign_in):
    give("cirque", state=ItemState.FAILED)
    browser = sign_in(nord, "accountant")

    assert "1 élément est relancé." in browser.post(f"{RUNS}{run.pk}/reprise/", follow=True).text
    assert "il n’y a rien à relancer" in browser.post(f"{RUNS}{run.pk}/reprise/", follow=True).text


@pytest.mark.parametrize("rows", [1, 3])
def test_the_runs_ask_as_much_for_one_row_as_for_three(nord, sign_in, django_assert_num_queries, rows):
    with open_hub(nord.hub):
        for n in range(rows):
            start_run(title=f"Travail {n}", by=nord.actor("coordinator"))
    browser = sign_in(nord, "coordinator")
    browser.get(RUNS)

    with django_assert_num_queries(12):
        browser.get(RUNS)
