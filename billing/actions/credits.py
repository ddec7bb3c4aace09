"""Credit notes: an invoice taken back whole or in part, never beyond what it asked."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from billing.actions.invoices import LINE_FIELDS, issue_alone
from billing.actions.payments import lock_account, settle
from billing.credits import CreditLeft, LineLeft, amount_as_line, credit_left, rest_of, totals_after
from billing.enums import InvoiceKind
from billing.models import Allocation, Charge, Invoice, InvoiceLine
from billing.money import ZERO, Totals, line_amount
from billing.rules import require_accounts
from hubs import french
from hubs.actions import record
from hubs.actors import Actor
from hubs.refusals import Refusal, refusing


class NotCreditable(Refusal):
    message = _("Un avoir corrige une facture émise\u00a0; ce document n’en est pas une.")


class AlreadyCredited(Refusal):
    message = _("Il ne reste rien à créditer sur cette facture.")


class NothingCredited(Refusal):
    message = _("Indiquez, pour une ligne au moins, la quantité ou le montant à créditer.")


class BeyondInvoice(Refusal):
    message = _("L’avoir dépasserait la facture.")


class DepositToDeduct(Refusal):
    message = _(
        "Cet acompte sera déduit de la prochaine facture du compte. Attendez qu’elle soit émise, "
        "puis créditez l’acompte ou la facture."
    )


@dataclass(frozen=True)
class CreditPart:
    """What is taken back of a line: some of its quantity, or an amount without tax."""

    line: InvoiceLine
    quantity: Decimal | None = None
    amount_excl: Decimal | None = None


@dataclass(frozen=True)
class CreditPlan:
    """A credit note as it would be: nothing is written yet."""

    lines: list[InvoiceLine]
    totals: Totals
    left_incl: Decimal


def plan_credit(*, invoice: Invoice, parts: Sequence[CreditPart] | None = None) -> CreditPlan:
    """What crediting these parts, or all that is left, comes to, and what would be left afterwards.

    Raises NotCreditable, AlreadyCredited, NothingCredited, BeyondInvoice (`field` names the line).
    """
    if invoice.is_credit_note or not invoice.is_issued:
        raise NotCreditable
    left = credit_left(invoice)
    if left.left_incl <= 0:
        raise AlreadyCredited
    lines = _rest(left) if parts is None else _chosen(left, parts)
    sums = totals_after(left.credited_lines, lines)
    if sums.incl <= 0:
        raise NothingCredited
    if sums.incl > left.left_incl:
        words = gettext("Il reste %(amount)s à créditer sur cette facture.") % {"amount": french.euros(left.left_incl)}
        raise BeyondInvoice(words)
    return CreditPlan(lines=lines, totals=sums, left_incl=left.left_incl - sums.incl)


def _rest(left: CreditLeft) -> list[InvoiceLine]:
    return [_credit_line(each, *rest_of(each)) for each in left.lines if not each.is_over]


def _chosen(left: CreditLeft, parts: Sequence[CreditPart]) -> list[InvoiceLine]:
    by_line = {each.line.pk: each for each in left.lines}
    lines = [_part(by_line[part.line.pk], part) for part in parts if part.quantity or part.amount_excl]
    if not lines:
        raise NothingCredited
    return lines


def _part(left: LineLeft, part: CreditPart) -> InvoiceLine:
    """The line of a note. Signs are those of the invoice: a discount is taken back as a discount."""
    sign = -1 if left.line.amount_excl < 0 else 1
    if part.quantity:
        quantity = sign * abs(part.quantity)
        if left.left_quantity is None:
            raise _beyond(left, "quantity")
        if quantity == left.left_quantity:
            return _credit_line(left, *rest_of(left))
        price = left.line.unit_price_excl
        if abs(quantity) > abs(left.left_quantity) or abs(line_amount(quantity, price)) > abs(left.left_excl):
            raise _beyond(left, "quantity")
        return _credit_line(left, quantity, price)
    amount = sign * abs(part.amount_excl or ZERO)
    if amount == left.left_excl:
        return _credit_line(left, *rest_of(left))
    if abs(amount) > abs(left.left_excl):
        raise _beyond(left, "amount")
    return _credit_line(left, *amount_as_line(amount))


def _beyond(left: LineLeft, column: str) -> BeyondInvoice:
    given = {"amount": french.euros(left.left_excl), "line": left.line.description}
    words = gettext("Il reste %(amount)s HT à créditer sur «\u00a0%(line)s\u00a0».") % given
    return BeyondInvoice(words, field=f"{column}_{left.line.pk}")


def _credit_line(left: LineLeft, quantity: Decimal, price: Decimal) -> InvoiceLine:
    line = InvoiceLine(**{name: getattr(left.line, name) for name in LINE_FIELDS}, corrects=left.line)
    if price != left.line.unit_price_excl:
        line.unit_label = ""
    line.quantity, line.unit_price_excl = quantity, price
    line.amount_excl = line_amount(quantity, price)
    return line


@transaction.atomic
def credit_invoice(
    *, invoice: Invoice, by: Actor, reason: str, today: dt.date, parts: Sequence[CreditPart] | None = None
) -> Invoice:
    """Take back all that is left of an invoice, or parts of it, by a credit note issued at once in its own series.

    What had paid more than now remains due pays the other invoices, or waits. What a line credited in full
    invoiced may be charged anew, rightly. Raises what `plan_credit` does, and DepositToDeduct.
    """
    require_accounts(by)
    account = lock_account(invoice.account_id)
    invoice = Invoice.objects.select_for_update(of=("self",), no_key=True).select_related("issuer").get(pk=invoice.pk)
    if invoice.is_deposit and _awaits_deduction(invoice):
        raise DepositToDeduct
    plan = plan_credit(invoice=invoice, parts=parts)
    note = Invoice.objects.create(
        kind=InvoiceKind.CREDIT_NOTE,
        account_id=invoice.account_id,
        issuer=invoice.issuer,
        period=invoice.period,
        corrects=invoice,
        reason=reason,
        total_excl=plan.totals.excl,
        total_vat=plan.totals.vat,
        total_incl=plan.totals.incl,
    )
    for position, line in enumerate(plan.lines, start=1):
        line.invoice, line.position = note, position
    InvoiceLine.objects.bulk_create(plan.lines)
    now = timezone.now()
    _release_beyond(invoice, plan.left_incl, now)
    with refusing(dict.fromkeys(("billing_credit_within_invoice", "billing_credit_within_line"), BeyondInvoice)):
        issue_alone(note, by=by, today=today)
    over = [each.line.pk for each in credit_left(invoice).lines if each.is_over]
    Charge.objects.live().filter(lines__in=over).update(reversed_at=now)
    settle(invoice.account_id)
    after = {"credit_note": note.number, "total_incl": note.total_incl}
    record(by=by, verb="billing.credited", thing=invoice, after=after, reason=reason, concerns=account)
    return note


def _release_beyond(invoice: Invoice, remains: Decimal, now: dt.datetime) -> None:
    """Let go, newest first, of payments beyond what the invoice still asks; what an allocation keeps is one anew."""
    live = Allocation.objects.live().filter(invoice=invoice)
    excess = (live.aggregate(sum=Sum("amount"))["sum"] or ZERO) - remains
    for allocation in live.select_related("payment").order_by("-pk"):
        if excess <= 0:
            return
        allocation.released_at = now
        allocation.save(update_fields=["released_at"])
        kept = allocation.amount - min(allocation.amount, excess)
        if kept:
            Allocation.objects.create(payment=allocation.payment, invoice=invoice, amount=kept)
        excess -= allocation.amount - kept


def _awaits_deduction(deposit: Invoice) -> bool:
    """Whether the account holds the deduction of this deposit, on no invoice yet."""
    deduction = {"source": f"billing.quote:{deposit.quote_id}", "kind__startswith": f"deposit:{deposit.pk}:"}
    return Charge.objects.unbilled().filter(**deduction).exists()
