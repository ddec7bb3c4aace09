"""What a late payer owes, agreed on several dates: kept, reminders wait; missed, they start again."""

import datetime as dt
from decimal import Decimal

import pytest
import time_machine
from django.db import DatabaseError, IntegrityError, connection, transaction

from billing import actions, personal, queries
from billing.models import Account, ArrangedInvoice, ArrangedPart, Arrangement, Invoice, Issuer
from billing.presets import furnish_reminders
from billing.todos import todos
from hubs.models import AuditEntry
from hubs.scope import open_hub
from parties.personal.queries import subject_of
from tests.billing.factories import (
    AccountFactory,
    IssuerFactory,
    MandateFactory,
    PaymentFactory,
    VatRuleFactory,
    issued,
)
from tests.billing.test_views import said

SOLD = dt.date(2026, 9, 7)
TODAY = dt.date(2026, 11, 20)
DAYS = [dt.date(2026, 11, 30), dt.date(2026, 12, 31), dt.date(2027, 1, 31)]


@pytest.fixture
def account(selling) -> Account:
    """Late with 120 € and 60 €; the hub reminds."""
    furnish_reminders(dt.date(2020, 1, 1))
    account = AccountFactory(organisation__name="Atelier Zinc")
    issued(account, "100.00", on=SOLD)
    issued(account, "50.00", on=SOLD + dt.timedelta(days=7))
    return account


@pytest.fixture
def agree(nord):
    def agreed(account: Account, *amounts: str, days: list[dt.date] = DAYS, today: dt.date = TODAY) -> Arrangement:
        parts = [(day, Decimal(amount)) for day, amount in zip(days, amounts, strict=False)]
        return actions.agree_arrangement(
            account=account, parts=parts, reason="Au téléphone", by=nord.actor("accountant"), today=today
        )

    return agreed


def pay(account: Account, amount: str, nord, on: dt.date = TODAY) -> None:
    actions.record_payment(
        account=account,
        received_on=on,
        amount=Decimal(amount),
        method="transfer",
        by=nord.actor("accountant"),
        today=on,
    )


def chased(on: dt.date) -> list[str]:
    """Who is reminded on that day."""
    plan = queries.reminder_plan(on)
    return [str(entry.account) for entry in (*plan.mails, *plan.calls)]


def test_reminders_wait_while_the_dates_are_kept_and_start_again_when_one_is_missed(nord, account, agree):
    assert chased(TODAY) == ["Atelier Zinc"]
    agree(account, "60.00", "60.00", "60.00")

    assert chased(TODAY) == []
    (held,) = queries.reminder_plan(TODAY).held
    assert "échéancier tenu" in held.hold
    assert [todo.key for todo in todos(TODAY) if todo.key.startswith("billing.late")] == []
    # Three working days for the transfer of the 30th: until Thursday 3 December.
    assert (chased(dt.date(2026, 12, 3)), chased(dt.date(2026, 12, 4))) == ([], ["Atelier Zinc"])
    with time_machine.travel(dt.datetime(2026, 12, 5, 9, tzinfo=dt.UTC)):
        pay(account, "60.00", nord, dt.date(2026, 12, 5))
    # Late, but paid: kept again until the next date.
    assert chased(dt.date(2026, 12, 20)) == []
    agreed = queries.agreed_on_account(account, dt.date(2027, 1, 7))
    assert [(each.left, each.is_missed) for each in agreed.dates] == [
        (0, False), (Decimal("60.00"), True), (Decimal("60.00"), False),
    ]  # fmt: skip
    assert (agreed.paid, agreed.left, agreed.is_kept) == (Decimal("60.00"), Decimal("120.00"), False)
    assert chased(dt.date(2027, 1, 7)) == ["Atelier Zinc"]
    assert f"billing.late:{account.pk}" in [todo.key for todo in todos(dt.date(2027, 1, 7))]


def test_a_payment_of_any_of_its_invoices_keeps_the_dates_and_what_comes_later_is_chased(nord, account, agree):
    agree(account, "60.00", "120.00")
    second = Invoice.objects.order_by("pk").last()
    payment = PaymentFactory(account=account, amount=Decimal("60.00"))
    payment.allocations.create(invoice=second, amount=payment.amount)

    assert queries.agreed_on_account(account, dt.date(2026, 12, 10)).is_kept
    issued(account, "10.00", on=dt.date(2026, 11, 2))
    entry = next(each for each in queries.reminder_plan(dt.date(2026, 12, 20)).mails)
    assert [each.amount for each in entry.told] == [Decimal("12.00")]


def test_other_dates_replace_the_first_and_none_are_left_when_it_is_stopped(nord, account, agree):
    first = agree(account, "180.00")
    second = agree(account, "90.00", "90.00")

    first.refresh_from_db()
    assert (first.ended_on, Arrangement.objects.current().get()) == (TODAY, second)
    actions.end_arrangement(account=account, reason="Plus de nouvelles", by=nord.actor("accountant"), today=TODAY)
    assert chased(TODAY) == ["Atelier Zinc"]
    with pytest.raises(actions.NoArrangement):
        actions.end_arrangement(account=account, reason="encore", by=nord.actor("accountant"), today=TODAY)


@pytest.mark.parametrize(
    ("amounts", "days", "refusal"),
    [
        (["60.00", "119.99"], DAYS, actions.SumDiffers),
        (["60.00", "120.00"], DAYS[::-1], actions.DatesOutOfOrder),
        (["60.00", "120.00"], [DAYS[0], DAYS[0]], actions.DatesOutOfOrder),
        (["180.00"], [dt.date(2026, 11, 19)], actions.DateGone),
        (["190.00", "-10.00"], DAYS, actions.SumDiffers),
    ],
)
def test_dates_that_make_no_sense_are_refused_and_the_former_stay(account, agree, amounts, days, refusal):
    agree(account, "180.00")

    with pytest.raises(refusal):
        agree(account, *amounts, days=days)

    assert [part.amount for part in Arrangement.objects.current().get().parts.all()] == [Decimal("180.00")]


def test_an_account_that_is_late_with_nothing_agrees_on_nothing(selling, agree):
    account = AccountFactory()
    issued(account, on=TODAY)

    with pytest.raises(actions.NothingLate):
        agree(account, "120.00")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE billing_arrangedpart SET amount = amount + 1",
        "UPDATE billing_arrangement SET total = 1",
        "DELETE FROM billing_arrangedinvoice",
        "INSERT INTO billing_arrangedpart (hub_id, arrangement_id, position, due_on, amount, up_to) "
        "SELECT hub_id, arrangement_id, 9, '2027-06-01', 1, 181 FROM billing_arrangedpart LIMIT 1",
    ],
)
def test_the_database_keeps_what_was_agreed_whoever_writes(account, agree, statement):
    agree(account, "60.00", "120.00")

    with connection.cursor() as cursor, pytest.raises(DatabaseError), transaction.atomic():
        cursor.execute(f"{statement}; SET CONSTRAINTS ALL IMMEDIATE")

    assert ArrangedPart.objects.count() == 2


def write_for(account: Account, invoice: Invoice) -> None:
    """Past the action: whatever the invoice."""
    made = Arrangement.objects.create(account=account, total=invoice.total_incl, reason="x", agreed_on=TODAY)
    ArrangedInvoice.objects.create(arrangement=made, invoice=invoice, amount=made.total)
    ArrangedPart.objects.create(arrangement=made, position=1, due_on=TODAY, amount=made.total, up_to=made.total)
    connection.cursor().execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_the_invoice_of_another_account_is_refused_by_the_database(account):
    other = issued(AccountFactory(), on=SOLD)

    with pytest.raises(IntegrityError, match="porte sur ses factures"), transaction.atomic():
        write_for(account, other)


def test_what_is_paid_on_agreed_dates_is_not_collected_at_once(nord, account, agree):
    Issuer.objects.update(ics="FR72ZZZ123456")
    MandateFactory(account=account, issuer=Issuer.objects.get())
    assert len(queries.debit_proposals(TODAY).ready) == 2

    agree(account, "180.00")

    told = queries.debit_proposals(TODAY)
    assert (told.ready, {each.reason for each in told.blocked}) == (
        [], {"Un échéancier est convenu et tenu\u00a0: il se paie à ses dates."},
    )  # fmt: skip


def test_a_person_reads_what_was_agreed_for_their_account(nord, account, agree):
    own = AccountFactory(of_person=True, person=nord.stranger)
    issued(own, "10.00", on=SOLD)
    agree(own, "12.00")

    sections = {section.key: section for section in personal.personal_data(subject_of(nord.stranger))}

    assert sections["echeanciers"].rows == [[TODAY, str(own), Decimal("12.00"), "Au téléphone", None, ""]]


@pytest.fixture
def twentieth_of_november():
    with time_machine.travel(dt.datetime(2026, 11, 20, 9, tzinfo=dt.UTC), tick=True):
        yield


@pytest.mark.feature("BI10")
def test_dates_are_agreed_on_the_account_read_by_the_member_and_stopped(nord, sign_in, twentieth_of_november):
    with open_hub(nord.hub):
        IssuerFactory()
        VatRuleFactory()
        furnish_reminders(dt.date(2020, 1, 1))
        account = AccountFactory(organisation=nord.organisation)
        issued(account, "100.00", on=SOLD)
    browser = sign_in(nord, "accountant")
    page = browser.get(f"/gestion/facturation/comptes/{account.pk}/")
    url = f"/gestion/facturation/comptes/{account.pk}/echeancier/"
    assert url in page.text
    assert "Rien n’est en retard" not in said(browser.get(url))

    proposed = browser.get(url, {"count": "3", "first": "2026-11-30"})
    form = proposed.context["form"]
    typed = {name: field.initial or "" for name, field in form.fields.items()} | {"reason": "Subvention attendue"}
    assert [typed[f"amount_{n}"] for n in (1, 2, 3)] == [Decimal("40.00")] * 3
    wrong = browser.post(url, typed | {"amount_3": "39,99"})
    assert (wrong.status_code, "ce qui est en retard 120,00 €" in said(wrong)) == (422, True)
    assert "Subvention attendue" in wrong.text
    done = browser.post(url, typed, follow=True)
    assert "les relances attendent tant qu’il est tenu" in said(done)

    assert "échéancier tenu" in said(browser.get("/gestion/facturation/relances/"))
    assert "Convenu le 20 novembre 2026" in said(browser.get(url))
    own = said(sign_in(nord, "administrator").get("/mon-espace/compte/", follow=True))
    assert "Vous réglez ce qui était en retard à ces dates." in own
    assert "30 novembre 2026 40,00 €" in own
    with open_hub(nord.hub):
        assert AuditEntry.objects.filter(verb="billing.arranged").count() == 1

    refused = browser.post(f"{url}fin/", {"reason": ""})
    assert refused.status_code == 422
    assert "Ce qui reste dû l’est à ses dates d’origine" in said(browser.get(f"{url}fin/"))
    browser.post(f"{url}fin/", {"reason": "Plus de nouvelles"}, follow=True)
    with open_hub(nord.hub):
        assert Arrangement.objects.get().end_reason == "Plus de nouvelles"
    assert sign_in(nord, "employee").get(url).status_code == 403
    assert browser.get(url.replace(str(account.pk), "999999")).status_code == 404
