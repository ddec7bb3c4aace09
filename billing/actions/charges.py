"""What other apps add to an account, and take back before it is invoiced."""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from billing.models import Account, Charge, InvoiceLine, VatRule
from billing.money import line_amount
from billing.rules import require_accounts
from hubs.actions import record
from hubs.actors import Actor
from hubs.refusals import Refusal
from parties.models import Organisation, Person

# Euros that no line reaches: a hundred lines are still an amount that an invoice holds.
MOST = Decimal(100_000_000)


class UnknownVatRule(Refusal):
    message = _("Aucune règle de TVA de ce nom n’est en vigueur à cette date. Ajoutez-la dans les réglages.")
    field = "vat_code"


class AmountTooBig(Refusal):
    message = _("Cette somme est trop grande\u00a0: vérifiez la quantité et le prix.")
    field = "unit_price_excl"


class NothingToReverse(Refusal):
    message = _("Cette somme n’est pas sur le compte, ou elle est déjà annulée.")


class AlreadyInvoiced(Refusal):
    message = _("Cette somme est déjà facturée\u00a0: établissez un avoir.")


def account_for(*, organisation: Organisation | None = None, person: Person | None = None) -> Account:
    """The account of the structure or of the person, opened when it does not exist yet."""
    account, _is_new = Account.objects.get_or_create(organisation=organisation, person=person)
    # Known already: whoever names the account need not ask for it again.
    account.organisation, account.person = organisation, person
    return account


def counted(quantity: Decimal, unit_price_excl: Decimal) -> Decimal:
    """The amount of a line. Raises AmountTooBig."""
    amount = line_amount(quantity, unit_price_excl)
    if abs(amount) >= MOST:
        raise AmountTooBig
    return amount


@transaction.atomic
def open_account(*, by: Actor, organisation: Organisation | None = None, person: Person | None = None) -> Account:
    """The account of who buys nothing yet, for a rent to begin on; the one that is there already is given as it is."""
    require_accounts(by)
    is_new = not Account.objects.filter(organisation=organisation, person=person).exists()
    account = account_for(organisation=organisation, person=person)
    if is_new:
        record(by=by, verb="billing.account_opened", thing=account)
    return account


@transaction.atomic
def charge(
    *,
    by: Actor,
    account: Account,
    source: str,
    kind: str,
    period: dt.date,
    on: dt.date,
    description: str,
    detail: str = "",
    quantity: Decimal = Decimal(1),
    unit_label: str = "",
    unit_price_excl: Decimal,
    vat_code: str,
) -> Charge:
    """Add something sold to an account; the same source, kind and period twice change nothing.

    `period` is any day of the month that invoices it, `on` the day of the service. A discount is a
    negative quantity. Raises UnknownVatRule, AmountTooBig.
    """
    quantity, unit_price_excl = Decimal(quantity), Decimal(unit_price_excl)
    rule = VatRule.objects.live(on).filter(code=vat_code).first()
    if rule is None:
        raise UnknownVatRule
    made, is_new = Charge.objects.live().get_or_create(
        source=source,
        kind=kind,
        period=period.replace(day=1),
        reverses=None,
        reversed_at=None,
        defaults={
            "account": account,
            "on": on,
            "description": description,
            "detail": detail,
            "quantity": quantity,
            "unit_label": unit_label,
            "unit_price_excl": unit_price_excl,
            "vat_rule": rule,
            "vat_category": rule.category,
            "vat_rate": rule.rate,
            "exemption_text": rule.exemption_text,
            "exemption_code": rule.exemption_code,
            "amount_excl": counted(quantity, unit_price_excl),
        },
    )
    if is_new:
        after = {"account": str(account), "source": source, "kind": kind, "amount_excl": made.amount_excl}
        record(by=by, verb="billing.charged", thing=made, after=after, concerns=account)
    return made


@transaction.atomic
def reverse(*, by: Actor, source: str, kind: str, reason: str, period: dt.date | None = None) -> list[Charge]:
    """Cancel what `source` was charged, in one month or in all: each charge meets its opposite.

    Both rows stay on the account and neither is invoiced; the same thing may then be charged anew.
    Raises NothingToReverse, or AlreadyInvoiced if one of them is on an invoice issued or being issued.
    """
    charges = Charge.objects.live().filter(source=source, kind=kind)
    if period is not None:
        charges = charges.filter(period=period.replace(day=1))
    # The close locks the same rows before it seals its drafts.
    held = list(charges.select_related("account").select_for_update(of=("self",), no_key=True).order_by("pk"))
    if not held:
        raise NothingToReverse
    if InvoiceLine.objects.filter(charge__in=held, invoice__close__isnull=False).exists():
        raise AlreadyInvoiced
    return [_reverse_one(original, by=by, reason=reason) for original in held]


_SAME = (
    "account_id", "source", "kind", "period", "on", "description", "detail", "unit_label", "unit_price_excl",
    "vat_rule_id", "vat_category", "vat_rate", "exemption_text", "exemption_code",
)  # fmt: skip


def undo(charges: Sequence[Charge]) -> list[Charge]:
    """Write the opposite of each of these live charges; none is on an invoice, and the caller records it."""
    Charge.objects.filter(pk__in=[original.pk for original in charges]).update(reversed_at=timezone.now())
    return Charge.objects.bulk_create(
        Charge(
            **{name: getattr(original, name) for name in _SAME},
            quantity=-original.quantity,
            amount_excl=-original.amount_excl,
            reverses=original,
        )
        for original in charges
    )


def _reverse_one(original: Charge, *, by: Actor, reason: str) -> Charge:
    (opposite,) = undo([original])
    record(
        by=by,
        verb="billing.reversed",
        thing=original,
        before={"amount_excl": original.amount_excl},
        reason=reason,
        concerns=original.account,
    )
    return opposite
