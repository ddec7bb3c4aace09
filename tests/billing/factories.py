import datetime as dt
from decimal import Decimal
from typing import Any

import factory
from factory.django import DjangoModelFactory

from billing.actions import answer_quote, import_statement, issue_invoice, send_quote, write_quote
from billing.actions.invoices import LINE_FIELDS
from billing.enums import (
    DepositMoveKind,
    DepositNature,
    PaymentMethod,
    QuoteDecision,
    RecurringKind,
    Rhythm,
    VatCategory,
)
from billing.models import (
    Account,
    BankAccount,
    BankLine,
    BooksArchive,
    BooksYear,
    BuyerProfile,
    Charge,
    Deposit,
    DepositMove,
    Invoice,
    InvoiceLine,
    Issuer,
    Mandate,
    MonthClose,
    Payment,
    Quote,
    RecurringCharge,
    RecurringPrice,
    Refund,
    VatRule,
)
from billing.money import line_amount, totals
from billing.queries.months import kind_of
from hubs.actions import start_run
from hubs.actors import system
from hubs.scope import current_hub_id
from tests.billing.banks import IBAN, ICS
from tests.billing.statements import table
from tests.parties.factories import OrganisationFactory, PersonFactory


class VatRuleFactory(DjangoModelFactory):
    class Meta:
        model = VatRule

    code = "service-20"
    label = "Services, 20 %"
    category = VatCategory.STANDARD
    rate = Decimal("20.00")
    starts_on = dt.date(2020, 1, 1)

    class Params:
        out_of_scope = factory.Trait(
            code="hors-champ",
            category=VatCategory.OUT_OF_SCOPE,
            rate=None,
            exemption_text="Hors champ de la TVA",
            exemption_code="VATEX-EU-O",
        )
        training = factory.Trait(
            code="formation",
            category=VatCategory.EXEMPT,
            rate=Decimal(0),
            exemption_text="Exonération de TVA, art. 261-4-4° a du CGI",
            exemption_code="VATEX-FR-CGI261-4",
        )
        franchise = factory.Trait(
            category=VatCategory.EXEMPT,
            rate=Decimal(0),
            exemption_text="TVA non applicable, art. 293 B du CGI",
            exemption_code="VATEX-FR-FRANCHISE",
        )
        reduced = factory.Trait(code="livre", rate=Decimal("5.50"))


class IssuerFactory(DjangoModelFactory):
    class Meta:
        model = Issuer

    legal_name = "Association du pôle"
    legal_form = "Association loi 1901"
    siren = "900274184"
    vat_number = "FR57900274184"
    address = "9 place Galilée"
    postcode = "21000"
    town = "Dijon"
    email = "comptabilite@pole.example"
    iban = "FR7630006000011234567890189"
    bic = "AGRIFRPP"
    starts_on = dt.date(2020, 1, 1)

    class Params:
        debiting = factory.Trait(ics=ICS)


class BuyerProfileFactory(DjangoModelFactory):
    class Meta:
        model = BuyerProfile

    account = factory.SubFactory("tests.billing.factories.AccountFactory")

    class Params:
        public = factory.Trait(is_public=True, needs_service_code=True, service_code="SERV-12", order_number="BC-7")


class AccountFactory(DjangoModelFactory):
    class Meta:
        model = Account

    organisation = factory.SubFactory(OrganisationFactory)

    class Params:
        of_person = factory.Trait(organisation=None, person=factory.SubFactory(PersonFactory, with_account=True))


class ChargeFactory(DjangoModelFactory):
    """Ten euros without tax for the meeting room, on 6 October 2026."""

    class Meta:
        model = Charge

    account = factory.SubFactory(AccountFactory)
    source = factory.Sequence(lambda n: f"spaces.booking:{n}")
    kind = "booking"
    period = factory.LazyAttribute(lambda charge: charge.on.replace(day=1))
    on = dt.date(2026, 10, 6)
    description = "Salle de réunion"
    detail = "mardi 6 octobre, 9 h à 12 h"
    quantity = Decimal(1)
    unit_label = "heure"
    unit_price_excl = Decimal("10.0000")
    vat_rule = factory.LazyFunction(lambda: VatRule.objects.filter(code="service-20").first() or VatRuleFactory())
    vat_category = factory.SelfAttribute("vat_rule.category")
    vat_rate = factory.SelfAttribute("vat_rule.rate")
    exemption_text = factory.SelfAttribute("vat_rule.exemption_text")
    exemption_code = factory.SelfAttribute("vat_rule.exemption_code")
    amount_excl = factory.LazyAttribute(lambda charge: line_amount(charge.quantity, charge.unit_price_excl))


class PaymentFactory(DjangoModelFactory):
    class Meta:
        model = Payment

    account = factory.SubFactory(AccountFactory)
    received_on = dt.date(2026, 10, 20)
    amount = Decimal("50.00")
    method = PaymentMethod.TRANSFER


class RefundFactory(DjangoModelFactory):
    class Meta:
        model = Refund

    account = factory.LazyFunction(lambda: PaymentFactory().account)
    paid_on = dt.date(2026, 10, 25)
    amount = Decimal("20.00")
    method = PaymentMethod.TRANSFER
    reason = "payé deux fois"


class DepositFactory(DjangoModelFactory):
    """Eight hundred euros agreed for office 12; `received` has them in hand."""

    class Meta:
        model = Deposit
        skip_postgeneration_save = True

    account = factory.SubFactory(AccountFactory)
    issuer = factory.LazyFunction(lambda: Issuer.objects.first() or IssuerFactory())
    nature = DepositNature.SECURITY
    label = "Bureau 12"
    amount = Decimal("800.00")
    asked_on = dt.date(2026, 10, 1)

    class Params:
        key = factory.Trait(nature=DepositNature.KEY, label="Clé de l’atelier", amount=Decimal("50.00"))

    @factory.post_generation
    def received(self, create: bool, given: bool | None) -> None:
        if given:
            DepositMoveFactory(deposit=self, amount=self.amount)


class DepositMoveFactory(DjangoModelFactory):
    class Meta:
        model = DepositMove

    deposit = factory.SubFactory(DepositFactory)
    kind = DepositMoveKind.RECEIVED
    amount = Decimal("800.00")
    on = dt.date(2026, 10, 5)
    method = PaymentMethod.CHEQUE


class BankAccountFactory(DjangoModelFactory):
    class Meta:
        model = BankAccount

    issuer = factory.LazyFunction(lambda: Issuer.objects.first() or IssuerFactory())
    label = "Compte courant"
    iban = IBAN


def bank_lines(*rows: tuple[str, str, str]) -> list[BankLine]:
    """Lines of (day, label, amount) as a CSV of the bank brings them, oldest first."""
    bank_account = BankAccount.objects.first() or BankAccountFactory()
    statement = import_statement(
        bank_account=bank_account,
        name="releve.csv",
        content=table(*rows),
        by=system(current_hub_id()),
        now=dt.datetime(2026, 11, 1, tzinfo=dt.UTC),
    )
    return list(BankLine.objects.filter(statement=statement).order_by("on", "pk"))


def issued_for(charges: list[Charge]) -> Invoice:
    """An invoice of these charges of one account, of the kind that they make, as the close would have issued it."""
    if not Issuer.objects.exists():
        IssuerFactory()
    account, on, period = charges[0].account, charges[0].on, charges[0].period
    sums = totals(charges)
    invoice = Invoice.objects.create(
        account=account,
        issuer=Issuer.objects.get(),
        kind=kind_of(charges[0]),
        period=period,
        close=MonthClose.objects.get_or_create(issuer=Issuer.objects.get(), month=period)[0],
        total_excl=sums.excl,
        total_vat=sums.vat,
        total_incl=sums.incl,
    )
    for position, charge in enumerate(charges, start=1):
        line = {name: getattr(charge, name) for name in LINE_FIELDS}
        InvoiceLine.objects.create(invoice=invoice, position=position, charge=charge, **line)
    run = start_run(title="Factures", by=system(current_hub_id()))
    return issue_invoice(invoice=invoice, run=run, today=on)


def issued(account: Account, amount: str | Decimal = "100.00", *, on: dt.date = dt.date(2026, 10, 6)) -> Invoice:
    """An invoice of one line at 20 %, as the close would have issued it on that day."""
    return issued_for([ChargeFactory(account=account, unit_price_excl=Decimal(amount), on=on)])


QUOTE_LINE = {
    "description": "Animation d’atelier",
    "quantity": Decimal(2),
    "unit_label": "jour",
    "unit_price_excl": Decimal("500.00"),
    "vat_code": "service-20",
}


def quoted(
    account: Account,
    *lines: dict[str, Any],
    state: str = "accepted",
    on: dt.date = dt.date(2026, 11, 2),
    valid_until: dt.date = dt.date(2026, 12, 2),
) -> Quote:
    """A quote of 1,200.00 with tax, or of these lines, brought to `state` on that day by the portal."""
    by = system(current_hub_id())
    quote = write_quote(
        account=account, title="Atelier d’écriture", valid_until=valid_until, by=by, today=on,
        lines=[QUOTE_LINE | line for line in lines] or [QUOTE_LINE],
    )  # fmt: skip
    if state != "draft":
        quote = send_quote(quote=quote, by=by, today=on)
    if state in QuoteDecision.values:
        quote = answer_quote(
            quote=quote, decision=QuoteDecision(state), name="Ana Roy, gérante", by=by, on=on, today=on
        )
    return quote


class RecurringChargeFactory(DjangoModelFactory):
    """The rent of an office, 300 euros without tax a month in advance, from 1 October 2026."""

    class Meta:
        model = RecurringCharge
        skip_postgeneration_save = True

    account = factory.SubFactory(AccountFactory)
    kind = RecurringKind.RENT
    label = "Loyer du bureau 12"
    starts_on = dt.date(2026, 10, 1)
    anchor = factory.LazyAttribute(lambda recurring: recurring.starts_on.replace(day=1))
    vat_code = "service-20"

    class Params:
        quarterly = factory.Trait(rhythm=Rhythm.QUARTER)
        in_arrears = factory.Trait(in_advance=False)
        yearly = factory.Trait(rhythm=Rhythm.YEAR)

    @factory.post_generation
    def price(self, create, extracted, **kwargs):
        """Its one price, for good; 0 for none."""
        amount = Decimal(extracted if extracted is not None else "300.00")
        if create and amount:
            RecurringPrice.objects.create(recurring=self, starts_on=self.starts_on, amount_excl=amount)


class BooksYearFactory(DjangoModelFactory):
    """The calendar year 2026 of the hub's issuer."""

    class Meta:
        model = BooksYear

    issuer = factory.LazyFunction(lambda: Issuer.objects.first() or IssuerFactory())
    starts_on = dt.date(2026, 1, 1)
    ends_on = dt.date(2027, 1, 1)


class BooksArchiveFactory(DjangoModelFactory):
    class Meta:
        model = BooksArchive

    year = factory.SubFactory(BooksYearFactory)
    run = factory.LazyFunction(lambda: start_run(title="Archive", by=system(current_hub_id())))
    asked_by = "Bruno"


class MandateFactory(DjangoModelFactory):
    """Signed on 1 September 2026, for the issuer of the hub."""

    class Meta:
        model = Mandate

    account = factory.SubFactory(AccountFactory)
    issuer = factory.LazyFunction(lambda: Issuer.objects.first() or IssuerFactory(debiting=True))
    rum = factory.Sequence(lambda n: f"NORD-{n:06d}-1")
    ics = factory.SelfAttribute("issuer.ics")
    debtor_name = "Compagnie de théâtre"
    iban = IBAN
    signed_on = dt.date(2026, 9, 1)
    signed_by = "Iris Roux"
    proof = "Signé sur le portail par Iris Roux."

    class Params:
        invited = factory.Trait(debtor_name="", iban="", signed_on=None, signed_by="", proof="")
        revoked = factory.Trait(revoked_on=dt.date(2026, 10, 1), revoke_reason="banque quittée")
        suspended = factory.Trait(suspended_on=dt.date(2026, 10, 1), suspend_reason="Rejet MD01")
        old = factory.Trait(signed_on=dt.date(2023, 9, 1))
