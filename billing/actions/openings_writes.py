"""What importers write on accounts: many rows at once, inside the transaction of an import that holds the issuers."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from billing.actions.charges import account_for
from billing.actions.deposits import NobodyHolds
from billing.actions.numbers import lock_series
from billing.actions.payments import settle
from billing.enums import DepositMoveKind, InvoiceKind, PaymentMethod, VatCategory
from billing.models import (
    Account,
    Allocation,
    Deposit,
    DepositMove,
    Invoice,
    InvoiceLine,
    Issuer,
    Mandate,
    Payment,
    VatRule,
)
from billing.money import ZERO
from billing.papers import buyer_of, seller_of
from hubs import french, languages
from hubs.actions import name_of
from hubs.actors import Actor
from hubs.models import AuditEntry
from parties.imports.writes import record_all
from parties.models import Organisation, Person

# Invoices of elsewhere are ranked apart: they take no number of ours.
SERIES = "REP"
# Lines of what was taxed elsewhere name a rule that is never in force here.
RULE = {
    "code": "reprise",
    "label": "Repris d’un autre outil",
    "category": VatCategory.OUT_OF_SCOPE,
    "starts_on": dt.date(1900, 1, 1),
    "ends_on": dt.date(1900, 1, 2),
}


@dataclass(frozen=True)
class Opened:
    """An invoice of elsewhere, tax included, and what had paid it; without a number, a balance.

    Its money came on `paid_on`, else on its own day; `description` is its line, else its number says it.
    """

    holder: Organisation | Person
    number: str
    on: dt.date
    due_on: dt.date
    amount: Decimal
    paid: Decimal = ZERO
    kind: InvoiceKind = InvoiceKind.INVOICE
    paid_on: dt.date | None = None
    description: str = ""


@dataclass(frozen=True)
class OpenedMandate:
    """A mandate signed for the tool before: when, and when it was last collected, if it ever was."""

    holder: Organisation | Person
    rum: str
    debtor_name: str
    iban: str
    bic: str
    signed_on: dt.date
    collected_on: dt.date | None


def accounts_of_holders(holders: Iterable[Organisation | Person]) -> dict[Organisation | Person, Account]:
    """The account of each, opened when there is none, all held until the commit."""
    wanted = set(holders)
    found = {account.holder: account for account in Account.objects.with_holders().order_by("pk")}
    for holder in sorted(wanted - set(found), key=lambda each: (each._meta.label, each.pk)):
        by_kind = {"organisation": holder} if isinstance(holder, Organisation) else {"person": holder}
        found[holder] = account_for(**by_kind)
    accounts = {holder: found[holder] for holder in wanted}
    ids = [account.pk for account in accounts.values()]
    list(Account.objects.filter(pk__in=ids).select_for_update(of=("self",), no_key=True).order_by("pk"))
    return accounts


def issuer_of_openings(today: dt.date) -> Issuer:
    """Who is owed what is brought in. Raises NobodyHolds."""
    issuer = Issuer.objects.live(today).first()
    if issuer is None:
        raise NobodyHolds
    return issuer


def open_invoices(*, opened: Sequence[Opened], by: Actor, today: dt.date) -> list[Invoice]:
    """Write invoices of elsewhere, as issued, with what had paid them; then let money in advance pay the rest."""
    if not opened:
        return []
    issuer = issuer_of_openings(today)
    accounts = accounts_of_holders(each.holder for each in opened)
    invoices = Invoice.objects.bulk_create(
        Invoice(
            kind=each.kind,
            account=accounts[each.holder],
            issuer=issuer,
            is_opening=True,
            period=each.on.replace(day=1),
            total_excl=each.amount,
            total_vat=ZERO,
            total_incl=each.amount,
        )
        for each in opened
    )
    _write_lines(invoices, opened)
    _number(invoices, opened, issuer)
    _pay(invoices, opened)
    for account_id in sorted({invoice.account_id for invoice in invoices}):
        settle(account_id)
    _tell(invoices, "billing.invoice_opened", by)
    return invoices


def _write_lines(invoices: Sequence[Invoice], opened: Sequence[Opened]) -> None:
    rule, _is_new = VatRule.objects.get_or_create(code=RULE["code"], defaults=RULE)
    with languages.of_hub():
        InvoiceLine.objects.bulk_create(
            InvoiceLine(
                invoice=invoice,
                position=1,
                on=each.on,
                description=_description(each),
                quantity=1,
                unit_price_excl=each.amount,
                vat_rule=rule,
                vat_category=rule.category,
                amount_excl=each.amount,
            )
            for invoice, each in zip(invoices, opened, strict=True)
        )


def _description(each: Opened) -> str:
    if each.description:
        return each.description
    if each.number:
        return _("Facture %s, établie avant le portail, TTC") % each.number
    return _("Solde repris au %s") % french.day(each.on, year=True, weekday=False)


def _number(invoices: Sequence[Invoice], opened: Sequence[Opened], issuer: Issuer) -> None:
    """Freeze them: their own number and dates, seller and buyer as they are today."""
    counters: dict[int, Any] = {}
    for year in sorted({each.on.year for each in opened}):
        counters[year] = lock_series(issuer, SERIES, year)
    seller, now = seller_of(issuer), timezone.now()
    for invoice, each in zip(invoices, opened, strict=True):
        counter = counters[each.on.year]
        counter.last += 1
        invoice.series, invoice.year, invoice.sequence = SERIES, each.on.year, counter.last
        invoice.number = each.number or f"{Invoice.OPENING_BALANCE}{invoice.account_id}"
        invoice.issue_date, invoice.due_date, invoice.issued_at = each.on, each.due_on, now
        invoice.seller, invoice.buyer = seller, buyer_of(invoice.account)
    fields = ["series", "year", "sequence", "number", "issue_date", "due_date", "issued_at", "seller", "buyer"]
    Invoice.objects.bulk_update(invoices, fields, batch_size=500)
    for counter in counters.values():
        counter.save(update_fields=["last"])


def _pay(invoices: Sequence[Invoice], opened: Sequence[Opened]) -> None:
    paid = [(invoice, each) for invoice, each in zip(invoices, opened, strict=True) if each.paid]
    payments = Payment.objects.bulk_create(
        Payment(
            account=invoice.account,
            received_on=each.paid_on or each.on,
            amount=each.paid,
            method=PaymentMethod.OPENING,
            reference=each.number,
        )
        for invoice, each in paid
    )
    Allocation.objects.bulk_create(
        Allocation(payment=payment, invoice=invoice, amount=each.paid)
        for payment, (invoice, each) in zip(payments, paid, strict=True)
    )


def open_advances(*, advances: Sequence[Opened], by: Actor) -> None:
    """Write money that accounts had in advance; it pays what they owe."""
    accounts = accounts_of_holders(each.holder for each in advances)
    payments = Payment.objects.bulk_create(
        Payment(account=accounts[each.holder], received_on=each.on, amount=each.amount, method=PaymentMethod.OPENING)
        for each in advances
    )
    for account in accounts.values():
        settle(account.pk)
    _tell(payments, "billing.advance_opened", by)


def open_deposits(
    *,
    given: Sequence[tuple[Organisation | Person, str, str, Decimal, dt.date]],
    by: Actor,
    today: dt.date,
) -> None:
    """Write deposits in hand: their holder, nature, label, amount, and the day they were received."""
    if not given:
        return
    issuer = issuer_of_openings(today)
    accounts = accounts_of_holders(holder for holder, *_rest in given)
    deposits = Deposit.objects.bulk_create(
        Deposit(
            account=accounts[holder], issuer=issuer, nature=nature, label=label, amount=amount, asked_on=on
        )
        for holder, nature, label, amount, on in given
    )  # fmt: skip
    DepositMove.objects.bulk_create(
        DepositMove(
            deposit=deposit,
            kind=DepositMoveKind.RECEIVED,
            amount=deposit.amount,
            on=deposit.asked_on,
            method=PaymentMethod.OPENING,
        )
        for deposit in deposits
    )
    _tell(deposits, "billing.deposit_opened", by)


def open_mandates(*, given: Sequence[OpenedMandate], by: Actor, today: dt.date) -> None:
    """Write mandates signed elsewhere for the same creditor; an invitation that waits gives way to them."""
    if not given:
        return
    issuer = issuer_of_openings(today)
    accounts = accounts_of_holders(each.holder for each in given)
    waiting = Mandate.objects.invited().filter(account__in=accounts.values(), issuer=issuer)
    with languages.of_hub():
        waiting.update(revoked_on=today, revoke_reason=_("Remplacé par un autre mandat."))
        proof = _("Signé avant l’arrivée sur le portail\u00a0; l’original est gardé par le créancier.")
    mandates = Mandate.objects.bulk_create(
        Mandate(
            account=accounts[each.holder],
            issuer=issuer,
            ics=issuer.ics,
            rum=each.rum,
            debtor_name=each.debtor_name,
            iban=each.iban,
            bic=each.bic,
            signed_on=each.signed_on,
            signed_by=each.debtor_name,
            proof=proof,
            collected_before_on=each.collected_on,
        )
        for each in given
    )
    _tell(mandates, "billing.mandate_opened", by)


def _told(thing: Any) -> dict[str, str]:
    """What the log keeps of it: its account, and its amount or where it debits."""
    told = {"account": str(thing.account)}
    if isinstance(thing, Mandate):
        return told | {"iban": thing.masked_iban}
    return told | {"amount": str(thing.total_incl if isinstance(thing, Invoice) else thing.amount)}


def _tell(things: Sequence[Any], verb: str, by: Actor) -> None:
    """One line of the log for each thing, read on its account too."""
    with languages.of_hub():
        record_all(
            (
                AuditEntry(
                    verb=verb,
                    thing=name_of(thing),
                    concerns=name_of(thing.account),
                    label=str(thing)[:240],
                    after=_told(thing),
                )
                for thing in things
            ),
            by=by,
        )
