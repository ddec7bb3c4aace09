"""Who is chased, when, with which words; and who is left in peace."""

import datetime as dt
from decimal import Decimal

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from billing import actions, queries, tasks
from billing.calendar import is_sending_day, next_sending_day, working_days_after
from billing.models import Account, Dispute, Invoice, Reminder, ReminderPolicy
from billing.presets import furnish_reminders
from billing.reminders import filled, unknown_placeholders
from hubs.actions import close_hub
from hubs.models import AuditEntry, Mail, Run
from hubs.refusals import NotAllowed
from tests.billing.factories import AccountFactory, PaymentFactory, issued

# The invoice is of 7 September 2026, due on 7 October: a Wednesday.
SOLD = dt.date(2026, 9, 7)
DUE = dt.date(2026, 10, 7)


def after(days: int) -> dt.date:
    return DUE + dt.timedelta(days=days)


@pytest.fixture(autouse=True)
def november():
    with time_machine.travel(dt.datetime(2026, 11, 20, 9, tzinfo=dt.UTC), tick=False):
        yield


@pytest.fixture
def chasing(selling):
    """« nord » sells, and reminds at 7, 21 and 45 days, then calls at 60."""
    furnish_reminders(dt.date(2020, 1, 1))
    return selling


@pytest.fixture
def remind(nord, chasing):
    def reminded(account: Account, today: dt.date) -> Mail | None:
        return actions.remind_account(account=account, by=nord.actor("accountant"), today=today)

    return reminded


@pytest.fixture
def late(chasing) -> Invoice:
    return issued(AccountFactory(organisation__name="Atelier Zinc"), on=SOLD)


def holds(on: dt.date) -> list[str]:
    return [entry.hold for entry in queries.reminder_plan(on).held]


def told(on: dt.date) -> list[tuple[str, int, Decimal]]:
    return [(str(entry.account), entry.level.rank, entry.total) for entry in queries.reminder_plan(on).mails]


def test_an_invoice_is_chased_a_week_after_its_date_and_not_before(late):
    assert told(after(6)) == []
    assert told(after(7)) == [("Atelier Zinc", 1, Decimal("120.00"))]


def test_a_reminder_says_what_is_late_and_is_noted_once(late, remind):
    mail = remind(late.account, after(7))

    assert remind(late.account, after(7)) is None
    assert mail.subject == "Une facture vous a peut-être échappé – Association du pôle"
    for words in (
        "120,00\u00a0€ restent à régler pour Atelier Zinc depuis le 7\u00a0octobre 2026",
        "– Facture FA-2026-00001, due le 7\u00a0octobre 2026\u00a0: 120,00\u00a0€",
        "FR7630006000011234567890189",
        "/mon-espace/compte/",
    ):
        assert words in mail.text, words
    assert "pénalités" not in mail.text
    reminder = Reminder.objects.get()
    assert (reminder.invoice, reminder.rank, reminder.due_on, reminder.amount, reminder.sent_on, reminder.mail) == (
        late, 1, DUE, Decimal("120.00"), after(7), mail,
    )  # fmt: skip
    assert AuditEntry.objects.get(verb="billing.reminded").after["rank"] == 1


def test_levels_are_climbed_one_at_a_time_and_end_with_a_call(nord, late, remind):
    remind(late.account, after(50))
    assert told(after(56)) == []
    assert holds(after(56)) == ["Relancé le 26\u00a0novembre\u00a0: pas deux fois en une semaine."]
    second, third = remind(late.account, after(57)), remind(late.account, after(64))

    assert [attachment["type"] for attachment in second.attachments] == ["application/pdf"]
    # 120 € for 64 days at 12,15 %, and forty euros.
    assert "2,56\u00a0€ de pénalités de retard à ce jour et 40,00\u00a0€ d’indemnité" in third.text
    (call,) = queries.reminder_plan(after(71)).calls
    assert call.level.is_human
    actions.note_call(
        account=late.account, note="Virement promis vendredi", by=nord.actor("accountant"), today=after(71)
    )
    assert queries.reminder_plan(after(90)).calls == []
    assert list(Reminder.objects.order_by("rank").values_list("rank", "note")) == [
        (1, ""), (2, ""), (3, ""), (4, "Virement promis vendredi"),
    ]  # fmt: skip
    with pytest.raises(actions.NoCallDue):
        actions.note_call(account=late.account, note="encore", by=nord.actor("accountant"), today=after(91))


def test_one_mail_tells_of_every_late_invoice_each_noted_at_its_own_level(late, remind):
    remind(late.account, after(7))
    second = issued(late.account, "50.00", on=SOLD + dt.timedelta(days=10))
    third = issued(late.account, "10.00", on=SOLD + dt.timedelta(days=18))

    mail = remind(late.account, after(21))

    assert mail.subject.startswith("Rappel : une somme reste à régler")
    assert str(third) not in mail.text
    assert list(Reminder.objects.filter(mail=mail).order_by("rank").values_list("invoice", "rank")) == [
        (second.pk, 1), (late.pk, 2),
    ]  # fmt: skip


def test_nothing_is_asked_in_the_days_that_follow_a_payment(nord, late):
    PaymentFactory(account=late.account, amount=Decimal("1.00"), received_on=dt.date(2026, 11, 13))

    # Recorded on Friday the 20th, whatever the day it came: three working days are those to Wednesday.
    assert holds(dt.date(2026, 11, 25)) == ["Un paiement vient d’arriver\u00a0: rien avant le 26\u00a0novembre."]
    assert told(dt.date(2026, 11, 26)) == [("Atelier Zinc", 1, Decimal("120.00"))]


def test_what_is_paid_between_the_plan_and_the_mail_is_not_asked_for(nord, late, work):
    run = actions.start_reminders(by=nord.actor("accountant"), today=dt.date(2026, 11, 20))
    actions.record_payment(
        account=late.account, received_on=dt.date(2026, 11, 20), amount=late.total_incl, method="transfer",
        by=nord.actor("accountant"), today=dt.date(2026, 11, 20),
    )  # fmt: skip

    work(nord.hub)

    assert (run.items.get().state, Reminder.objects.count()) == ("done", 0)


def test_a_contested_invoice_waits_for_its_answer_and_the_others_do_not(nord, chasing, remind):
    account = AccountFactory(organisation=nord.organisation)
    contested, other = issued(account, on=SOLD), issued(account, "50.00", on=SOLD)
    dispute = actions.open_dispute(
        invoice=contested,
        reason="Salle fermée",
        by=nord.actor("employee"),
        now=dt.datetime(2026, 10, 20, tzinfo=dt.UTC),
    )

    assert dispute.opened_by == nord.employee
    assert told(after(20)) == [("Compagnie nord", 1, Decimal("60.00"))]
    with pytest.raises(actions.AlreadyDisputed):
        actions.open_dispute(invoice=contested, reason="encore", by=nord.actor("employee"), now=dispute.opened_at)
    actions.record_payment(
        account=account, received_on=dt.date(2026, 10, 21), amount=Decimal("60.00"), method="cash", invoice=other,
        by=nord.actor("accountant"), today=dt.date(2026, 11, 20),
    )  # fmt: skip
    assert holds(dt.date(2026, 12, 1)) == ["FA-2026-00001\u00a0: contestée."]

    actions.close_dispute(
        invoice=contested, answer="La salle était ouverte.", by=nord.actor("accountant"), now=dispute.opened_at
    )

    assert told(dt.date(2026, 12, 1)) == [("Compagnie nord", 1, Decimal("120.00"))]
    subjects = list(
        Mail.objects.filter(about=f"billing.invoice:{contested.pk}").order_by("pk").values_list("subject", "to")
    )
    assert subjects == [
        ("Compagnie nord conteste la facture FA-2026-00001", ["contact@nord.example"]),
        ("Facture FA-2026-00001 : votre contestation est notée", [nord.employee.email, *_billing(nord)]),
        ("Facture FA-2026-00001 : notre réponse", [nord.employee.email, *_billing(nord)]),
    ]
    with pytest.raises(actions.DisputeClosed):
        actions.close_dispute(invoice=contested, answer="x", by=nord.actor("accountant"), now=dispute.opened_at)


def _billing(nord) -> list[str]:
    account = Account.objects.get(organisation=nord.organisation)
    return queries.recipients([account], dt.date(2026, 10, 20))[account.pk]


def test_only_those_of_the_structure_contest_and_only_what_is_due(nord, late):
    now = dt.datetime(2026, 10, 20, tzinfo=dt.UTC)
    with pytest.raises(NotAllowed):
        actions.open_dispute(invoice=late, reason="Non", by=nord.actor("employee"), now=now)
    actions.credit_invoice(invoice=late, by=nord.actor("accountant"), reason="erreur", today=after(5))
    with pytest.raises(actions.NotDisputable):
        actions.open_dispute(invoice=late, reason="Non", by=nord.actor("accountant"), now=now)
    assert not Dispute.objects.exists()


def test_an_account_is_left_in_peace_until_the_day_said(nord, late):
    by = nord.actor("accountant")
    actions.except_account(account=late.account, reason="Subvention attendue", by=by, today=after(7), until=after(9))

    assert holds(after(9)) == ["Sans relance jusqu’au 16\u00a0octobre inclus\u00a0: Subvention attendue"]
    assert told(after(10)) == [("Atelier Zinc", 1, Decimal("120.00"))]
    with pytest.raises(actions.AlreadyExcepted):
        actions.skip_once(account=late.account, reason="encore", by=by, today=after(7))
    with pytest.raises(actions.ExceptionInPast):
        actions.except_account(account=late.account, reason="x", by=by, today=after(7), until=after(6))

    actions.end_exception(account=late.account, by=by, today=after(7))

    assert told(after(7)) == [("Atelier Zinc", 1, Decimal("120.00"))]
    with pytest.raises(actions.ExceptionOver):
        actions.end_exception(account=late.account, by=by, today=after(7))


def test_skipped_once_is_reminded_at_the_sending_that_follows(nord, late):
    actions.skip_once(account=late.account, reason="On se voit demain", by=nord.actor("accountant"), today=after(7))

    assert told(next_sending_day(after(7))) == []
    assert told(after(9)) == [("Atelier Zinc", 1, Decimal("120.00"))]


def test_an_account_with_no_address_is_told_to_the_team(chasing):
    issued(AccountFactory(organisation__email=""), on=SOLD)

    assert holds(after(7)) == ["Aucune adresse électronique\u00a0: complétez la fiche, ou appelez."]


def test_persons_owe_neither_penalties_nor_the_indemnity(chasing, remind):
    account = AccountFactory(of_person=True)
    issued(account, on=SOLD)
    for day in (45, 52, 59):
        mail = remind(account, after(day))

    assert (Reminder.objects.latest("rank").rank, "indemnité" in mail.text) == (3, False)


@pytest.mark.parametrize(
    ("day", "leaves"),
    [
        (dt.date(2026, 11, 22), False),  # a Sunday
        (dt.date(2026, 11, 11), False),
        (dt.date(2026, 12, 25), False),
        (dt.date(2026, 11, 21), True),
        (dt.date(2026, 11, 23), True),
    ],
)
def test_nothing_leaves_on_sundays_and_holidays(nord, late, remind, day, leaves):
    assert is_sending_day(day) == leaves
    assert bool(remind(late.account, day)) == leaves
    if not leaves:
        with pytest.raises(actions.NotASendingDay):
            actions.start_reminders(by=nord.actor("accountant"), today=day)


def test_working_days_leave_out_week_ends_and_holidays():
    assert working_days_after(dt.date(2026, 12, 23), 3) == dt.date(2026, 12, 29)
    assert next_sending_day(dt.date(2026, 11, 21)) == dt.date(2026, 11, 23)


def test_each_morning_the_hub_reminds_unless_it_said_no(nord, late, work):
    tasks.remind()
    runs = Run.objects.filter(about__startswith="billing.reminderpolicy:")
    assert runs.get().title == "Relances du 20\u00a0novembre 2026"
    work(nord.hub)
    tasks.remind()

    assert (runs.count(), Reminder.objects.count()) == (1, 1)

    actions.set_reminder_policy(is_on=False, digest=False, by=nord.actor("coordinator"))
    issued(AccountFactory(), on=SOLD)
    tasks.remind()
    assert runs.count() == 1


def test_the_team_reads_the_week_once(nord, late, remind):
    remind(late.account, dt.date(2026, 11, 13))
    monday = dt.date(2026, 11, 16)

    mail = actions.send_digest(today=monday)

    assert sorted(mail.to) == sorted([nord.coordinator.user.email, nord.accountant.user.email])
    for words in (
        "120,00\u00a0€ sont en retard, sur 120,00\u00a0€ à encaisser.",
        "La semaine passée, 1 compte a été relancé, pour 120,00\u00a0€.",
        "– Atelier Zinc. Relancé le 13\u00a0novembre",
    ):
        assert words in mail.text, words
    assert actions.send_digest(today=monday) is None
    assert actions.send_digest(today=dt.date(2026, 11, 20)) is None
    assert actions.send_digest(today=dt.date(2026, 11, 24)) is not None
    ReminderPolicy.objects.update(digest=False)
    assert actions.send_digest(today=dt.date(2026, 11, 30)) is None


def test_the_plan_costs_the_same_for_one_account_and_for_three(chasing):
    def counted() -> int:
        with CaptureQueriesContext(connection) as captured:
            queries.reminder_plan(after(7))
        return len(captured)

    issued(AccountFactory(), on=SOLD)
    one = counted()
    for _n in range(2):
        issued(AccountFactory(), on=SOLD)

    assert (one, counted()) == (11, 11)


# --- Levels --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"days": 30}, actions.LevelsOutOfOrder),
        ({"text": ""}, actions.LevelWithoutText),
        ({"text": "Bonjour {nom}"}, actions.UnknownPlaceholder),
        ({"text": "Une { seule"}, actions.UnknownPlaceholder),
        ({"title": "{total}"}, actions.UnknownPlaceholder),
    ],
)
def test_a_level_that_makes_no_sense_is_refused(nord, chasing, changes, refusal):
    level = {"rank": 1, "days": 10, "title": "Un rappel", "text": "{total}", "by": nord.actor("accountant")}
    with pytest.raises(refusal):
        actions.set_reminder_level(**level | {"today": after(0)} | changes)


def test_a_level_changes_from_today_and_what_was_sent_keeps_its_own(nord, late, remind):
    remind(late.account, after(7))
    actions.set_reminder_level(
        rank=1, days=10, title="Nouveau", text="Bonjour {compte}", by=nord.actor("accountant"), today=after(8)
    )
    issued(AccountFactory(organisation__name="Zutique"), on=SOLD)

    assert Reminder.objects.get().level.title == "Une facture vous a peut-être échappé"
    assert told(after(9)) == []
    assert told(after(10)) == [("Zutique", 1, Decimal("120.00"))]
    actions.end_reminder_level(rank=1, by=nord.actor("accountant"), today=after(9))
    assert told(after(10)) == []


def test_words_between_braces_are_filled_once_and_never_run():
    assert filled("{compte} doit {total}", {"compte": "{total}", "total": "12\u00a0€"}) == "{total} doit 12\u00a0€"
    assert unknown_placeholders("{compte} {pole} {total} {depuis}") == []


def test_penalties_count_each_day_at_the_rate_of_that_day(nord, late):
    actions.set_penalty_rate(rate=Decimal("10.00"), starts_on=after(11), by=nord.actor("accountant"))

    (found,) = queries.late_invoices(after(20))

    # Ten days at 12.15 %, ten at 10 %.
    assert (found.penalty.interest, found.penalty.indemnity) == (Decimal("0.73"), Decimal("40.00"))


def test_nothing_leaves_while_the_hub_is_closed_and_a_delay_stands_still(nord, late, remind):
    close_hub(starts_on=after(5), ends_on=after(9), reason="Travaux", by=nord.actor("coordinator"))

    assert remind(late.account, after(7)) is None
    with pytest.raises(actions.NotASendingDay):
        actions.start_reminders(by=nord.actor("accountant"), today=after(7))
    assert told(after(10)) == []
    # Four days of closure later; the law's own count, which interests follow, goes on.
    assert told(after(11)) == [("Atelier Zinc", 1, Decimal("120.00"))]
    assert queries.late_invoices(after(11))[0].days == 11
