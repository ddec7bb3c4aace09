"""A quarter of La Coursive's money: charged, billed, collected, matched, chased and closed; the books tie to the cent."""

import datetime as dt
import uuid
from decimal import Decimal

import pytest
import time_machine
from django.db import connection

from billing import actions, queries
from billing.actions.ledger import furnish_books
from billing.books import checks, columns
from billing.einvoice.checker import check_xml
from billing.models import Account, BankAccount, BankLine, BooksYear, Debit, DebitBatch, Invoice, JournalLine, Seal
from billing.presets import furnish_reminders
from billing.queries.seals import broken_seals, unsealed
from documents.queries import document_of
from documents.storage import read
from hubs.models import Mail
from hubs.scope import open_hub
from tests.billing.banks import camt054
from tests.billing.factories import (
    AccountFactory,
    BankAccountFactory,
    IssuerFactory,
    MandateFactory,
    VatRuleFactory,
)
from tests.billing.statements import table

D = Decimal
OCTOBER, NOVEMBER, DECEMBER = (dt.date(2026, month, 1) for month in (10, 11, 12))


@pytest.fixture
def at():
    """`at(11, 3)`: nine in the morning of 3 November 2026."""
    with time_machine.travel(dt.datetime(2026, 10, 1, 9, tzinfo=dt.UTC), tick=False) as clock:

        def moved(month: int, day: int, year: int = 2026) -> dt.date:
            clock.move_to(dt.datetime(year, month, day, 9, tzinfo=dt.UTC))
            return dt.date(year, month, day)

        yield moved


@pytest.fixture
def place(nord, at):
    """« nord » sells and keeps its books, with three members: one debited, one arriving, one who pays late."""
    with open_hub(nord.hub):
        issuer = IssuerFactory(debiting=True)
        for trait in ({}, {"out_of_scope": True}, {"training": True}):
            VatRuleFactory(**trait)
        furnish_books(starts_on=dt.date(2026, 1, 1), today=dt.date(2026, 10, 1))
        furnish_reminders(dt.date(2026, 1, 1))
        BankAccountFactory()
        mail = {"organisation__email": "factures@structure.example"}
        debited, arriving, late = (
            AccountFactory(organisation__name=name, **mail)
            for name in ("Zutique", "Studio Papier calque", "Radio Quetsche")
        )
        MandateFactory(account=debited, issuer=issuer)
        return debited, arriving, late


def test_a_quarter_is_billed_collected_matched_and_closed(nord, place, at, work):
    debited, arriving, late = place
    with open_hub(nord.hub):
        by = nord.actor("accountant")

    def hand(account: Account, on: dt.date, what: str, price: str, code: str, quantity: int = 1) -> None:
        actions.charge_by_hand(
            account=account, on=on, description=what, quantity=D(quantity), unit_price_excl=D(price), vat_code=code,
            token=uuid.uuid4(), by=by,
        )  # fmt: skip

    def close(month: dt.date, today: dt.date) -> None:
        with open_hub(nord.hub):
            actions.preview_month(month=month, by=by)
        work(nord.hub)
        with open_hub(nord.hub):
            assert queries.month_plan(month).blocking == []
            actions.issue_month(month=month, by=by, today=today)
        work(nord.hub)

    # October: dues, a rent from the 16th, hours, a training by hand, a deposit.
    with open_hub(nord.hub):
        for account in place:
            hand(account, OCTOBER, "Cotisation 2026", "120.00", "hors-champ")
        actions.begin_recurring(
            account=arriving, kind="rent", label="Bureau 12", starts_on=dt.date(2026, 10, 16), amount_excl=D("310"),
            vat_code="service-20", by=by, today=at(10, 5),
        )  # fmt: skip
        hand(late, dt.date(2026, 10, 8), "Grande salle", "15.00", "service-20", quantity=3)
        hand(debited, dt.date(2026, 10, 9), "Formation Écrire pour la scène", "240.00", "formation")
        deposit = actions.ask_deposit(account=arriving, label="Bureau 12", amount=D("620"), by=by, today=at(10, 12))
        actions.receive_deposit(
            deposit=deposit, amount=D("620"), on=at(10, 15), method="transfer", by=by, today=at(10, 15)
        )
    close(OCTOBER, at(11, 2))
    with open_hub(nord.hub):
        totals = {(each.account_id, each.kind): each.total_incl for each in Invoice.objects.issued()}
        # 16 days of 31 on 310.00: 160.00, and its tax.
        assert totals == {
            (debited.pk, "dues"): D("120.00"), (debited.pk, "invoice"): D("240.00"),
            (arriving.pk, "dues"): D("120.00"), (arriving.pk, "invoice"): D("192.00"),
            (late.pk, "dues"): D("120.00"), (late.pk, "invoice"): D("54.00"),
        }  # fmt: skip

        # The bank debits one, and gives it back; the other two are asked for a transfer.
        expected = list(Debit.objects.expected().order_by("pk"))
        assert [debit.invoice.account_id for debit in expected] == [debited.pk, debited.pk]
        invoices = [debit.invoice_id for debit in expected]
        expected = actions.announce_debits(invoices=invoices, by=by, today=at(11, 3))
        day = expected[0].collect_on
        batch = actions.make_debit_file(issuer=expected[0].mandate.issuer, collect_on=day, by=by, today=at(11, 20))
        assert batch is not None
        actions.note_deposit(batch=batch, deposited_on=at(11, 20), by=by, today=at(11, 20))
        actions.collect_batch(batch=DebitBatch.objects.get(), by=by, today=at(12, 4))
        returned = Invoice.objects.get(account=debited, kind="invoice")
        notice = actions.drop_bank_return(
            name="retour.xml", content=camt054((str(returned.number), "AM04", "240.00")), by=by
        )
        actions.apply_bank_return(bank_return=notice, by=by, today=at(12, 4))
        assert Invoice.objects.with_due().get(pk=returned.pk).due == D("240.00")

        # Two transfers come in; one room was not held, and is taken back in part.
        invoice = Invoice.objects.get(account=late, kind="invoice")
        part = actions.CreditPart(invoice.lines.get(), quantity=D(1))
        actions.credit_invoice(invoice=invoice, by=by, reason="Salle fermée le mardi", today=at(12, 4), parts=[part])
        rent = Invoice.objects.get(account=arriving, kind="invoice")
        actions.import_statement(
            bank_account=BankAccount.objects.get(), name="novembre.csv", by=by,
            now=dt.datetime(2026, 12, 4, 9, tzinfo=dt.UTC),
            content=table(
                ("16/11/2026", f"VIR STUDIO PAPIER CALQUE {rent.number}", "192,00"),
                ("17/11/2026", "FRAIS TENUE DE COMPTE", "-8,50"),
            ),
        )  # fmt: skip
        assert actions.accept_sure(by=by, today=at(12, 4), now=dt.datetime(2026, 12, 4, 9, tzinfo=dt.UTC)) == 1
        actions.set_aside(line=BankLine.objects.waiting().get(), aside="bank_fees", by=by)

    # November: the rent of a whole month, and who is late is chased.
    close(NOVEMBER, at(12, 5))
    with open_hub(nord.hub):
        assert Invoice.objects.get(account=arriving, period=NOVEMBER).total_incl == D("372.00")
        actions.start_reminders(by=by, today=at(12, 15))
    work(nord.hub)
    with open_hub(nord.hub):
        assert Mail.objects.filter(about=f"billing.account:{late.pk}").exists()

        # The office is left; the deposit pays the last rent, and the rest goes back.
        last = Invoice.objects.get(account=arriving, period=NOVEMBER)
        actions.set_deposit_against(
            deposit=deposit, invoice=last, amount=D("372.00"), on=at(12, 20), by=by, today=at(12, 20)
        )
        actions.refund_deposit(
            deposit=deposit, amount=D("248.00"), on=at(12, 21), method="transfer", by=by, today=at(12, 21)
        )

        # The books: every row is written, the accounts tie, the numbers have no hole, nothing was touched.
        actions.post_entries(by=by)
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
        tie = queries.tie()
        assert (tie.gaps, tie.owed) == (
            [],
            D("120.00") + D("240.00") - D("120.00") + D("120.00") + D("120.00") + D("36.00"),
        )
        lines = JournalLine.objects.all()
        assert sum(line.debit - line.credit for line in lines) == 0
        held = lines.filter(ledger_account__number__startswith="165")
        assert sum(line.credit - line.debit for line in held) == 0
        year = BooksYear.objects.get_or_create(
            issuer=last.issuer, starts_on=dt.date(2026, 1, 1), ends_on=dt.date(2027, 1, 1)
        )[0]
        content = columns.eighteen_columns(queries.lines_of_year(year))
        assert checks.faults(columns.file_name(year), content, year.starts_on, dt.date(2026, 12, 31)) == []
        for series in ("FA", "AC", "AV"):
            ranks = list(
                Invoice.objects.issued().filter(series=series).order_by("sequence").values_list("sequence", flat=True)
            )
            assert ranks == list(range(1, len(ranks) + 1))
        assert [*broken_seals(1, Seal.objects.count()), *unsealed()] == []
        for each in Invoice.objects.issued():
            xml = document_of(each, "einvoice")
            assert xml is not None
            assert check_xml(read(xml.file.key)) == []
