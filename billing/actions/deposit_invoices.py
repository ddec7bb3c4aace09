"""Deposit invoices (« acomptes »): a part of an accepted quote, asked before the work."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from billing.actions.invoices import issue_alone
from billing.actions.payments import lock_account, settle
from billing.actions.quotes import QuoteCharged, QuoteNotAccepted
from billing.credits import credit_left
from billing.enums import InvoiceKind, QuoteDecision
from billing.models import Invoice, InvoiceLine, Quote, QuoteLine
from billing.money import ZERO, Totals, part_with_tax, sum_with_tax, to_cents, totals
from billing.papers import rate_label
from billing.queries.accounts import held
from billing.rules import require_accounts
from hubs import french
from hubs.actions import record
from hubs.actors import Actor
from hubs.refusals import Refusal, refusing


class DepositNotPositive(Refusal):
    message = _("Indiquez un pourcentage ou un montant.")


class BeyondQuote(Refusal):
    message = _("Les acomptes dépasseraient le devis.")


@dataclass(frozen=True)
class DepositPlan:
    """A deposit invoice as it would be: a line per rate. `rest_incl` is what the final invoice would ask."""

    lines: list[InvoiceLine]
    totals: Totals
    rest_incl: Decimal


def plan_deposit(
    *, quote: Quote, today: dt.date, percent: Decimal | None = None, amount: Decimal | None = None
) -> DepositPlan:
    """What a deposit of `percent` of the quote, or of `amount` with tax, comes to, cut by rate.

    An amount that no sum without tax gives is missed by a cent. Raises QuoteNotAccepted, QuoteCharged,
    DepositNotPositive, BeyondQuote.
    """
    if quote.decision != QuoteDecision.ACCEPTED:
        raise QuoteNotAccepted
    if quote.charged_at is not None:
        raise QuoteCharged
    wanted = to_cents(quote.total_incl * percent / 100) if percent else to_cents(amount or ZERO)
    if wanted <= 0:
        raise DepositNotPositive
    models, left = _left_by_rate(quote)
    rates = [model.vat_rate for model in models]
    rest = sum_with_tax(left, rates)
    if wanted > rest:
        words = gettext("Il reste %(amount)s TTC à demander sur ce devis.") % {"amount": french.euros(rest)}
        raise BeyondQuote(words, field="percent" if percent else "amount")
    bases = left if wanted == rest else part_with_tax(wanted, left, rates)
    lines = [_deposit_line(quote, model, base, today) for model, base in zip(models, bases, strict=True) if base]
    after = [whole - base for whole, base in zip(left, bases, strict=True)]
    return DepositPlan(lines=lines, totals=totals(lines), rest_incl=sum_with_tax(after, rates))


def _left_by_rate(quote: Quote) -> tuple[list[QuoteLine], list[Decimal]]:
    """A line of each rate of the quote, and what no deposit has asked yet of that rate, without tax."""
    models: dict[tuple[str, Decimal | None, str], QuoteLine] = {}
    left: dict[tuple[str, Decimal | None, str], Decimal] = {}
    for line in quote.lines.order_by("position"):
        key = (line.vat_category, line.vat_rate, line.exemption_text)
        models.setdefault(key, line)
        left[key] = left.get(key, ZERO) + line.amount_excl
    for deposit in Invoice.objects.issued().filter(quote=quote):
        for asked in credit_left(deposit).lines:
            left[asked.line.vat_category, asked.line.vat_rate, asked.line.exemption_text] -= asked.left_excl
    return list(models.values()), list(left.values())


def _deposit_line(quote: Quote, model: QuoteLine, base: Decimal, today: dt.date) -> InvoiceLine:
    same = ("vat_rule_id", "vat_category", "vat_rate", "exemption_text", "exemption_code")
    return InvoiceLine(
        on=today,
        description=f"Acompte sur le devis {quote.number}"[:200],
        detail=f"{quote.title}, part à TVA {rate_label(model.vat_category, model.vat_rate)}",
        quantity=Decimal(1),
        unit_price_excl=base,
        amount_excl=base,
        **{name: getattr(model, name) for name in same},
    )


@transaction.atomic
def issue_deposit_invoice(
    *, quote: Quote, by: Actor, today: dt.date, percent: Decimal | None = None, amount: Decimal | None = None
) -> Invoice:
    """Issue at once an invoice for a part of an accepted quote, in the series of invoices. The money held pays it.

    Raises what `plan_deposit` does.
    """
    require_accounts(by)
    account = lock_account(quote.account_id)
    quote = Quote.objects.select_for_update(of=("self",), no_key=True).select_related("issuer").get(pk=quote.pk)
    plan = plan_deposit(quote=quote, today=today, percent=percent, amount=amount)
    deposit = Invoice(
        kind=InvoiceKind.DEPOSIT,
        account=account,
        issuer=quote.issuer,
        period=today.replace(day=1),
        quote=quote,
        total_excl=plan.totals.excl,
        total_vat=plan.totals.vat,
        total_incl=plan.totals.incl,
        paid_on_issue=min(held(account.pk), plan.totals.incl),
    )
    deposit.save()
    for position, line in enumerate(plan.lines, start=1):
        line.invoice, line.position = deposit, position
    InvoiceLine.objects.bulk_create(plan.lines)
    with refusing({"billing_deposit_within_quote": BeyondQuote, "billing_deposit_of_accepted": QuoteNotAccepted}):
        issue_alone(deposit, by=by, today=today)
    settle(account.pk)
    after = {"total_incl": deposit.total_incl, "quote": quote.number}
    record(by=by, verb="billing.issued", thing=deposit, after=after, concerns=account)
    return deposit
