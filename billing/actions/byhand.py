"""A sum that those who keep the accounts add themselves, and what they take back before it is invoiced."""

import datetime as dt
import uuid
from collections.abc import Iterable
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from billing.actions.charges import AlreadyInvoiced, NothingToReverse, charge, reverse
from billing.actions.recurring import skip_period
from billing.models import Account, Charge
from billing.models.recurring import SOURCE
from billing.money import to_cents
from billing.periods import month_of
from billing.queries.recurring import first_open_month, recurring_of
from billing.rules import require_accounts
from hubs.actors import Actor
from hubs.refusals import Refusal

SOURCE_BY_HAND = "billing.hand"


class AmountIsZero(Refusal):
    message = _("Cette somme fait zéro\u00a0: il n’y a rien à porter au compte.")
    field = "quantity"


class NotOurs(Refusal):
    message = _("Cette somme vient d’ailleurs dans le portail\u00a0: annulez là-bas ce qui l’a fait naître.")


@transaction.atomic
def charge_by_hand(
    *,
    account: Account,
    on: dt.date,
    description: str,
    quantity: Decimal,
    unit_price_excl: Decimal,
    vat_code: str,
    token: uuid.UUID,
    by: Actor,
    detail: str = "",
) -> Charge:
    """Add a sum to an account; it goes with the invoice of its month, or of the first that is not issued yet.

    A discount is a negative quantity. The same token twice gives the first sum. Raises AmountIsZero, UnknownVatRule.
    """
    require_accounts(by)
    if to_cents(quantity * unit_price_excl) == 0:
        raise AmountIsZero
    source = f"{SOURCE_BY_HAND}:{token}"
    there = Charge.objects.filter(source=source, reverses=None).first()
    if there is not None:
        return there
    open_month = first_open_month()
    return charge(
        by=by,
        account=account,
        source=source,
        kind="hand",
        period=max(month_of(on), open_month) if open_month else on,
        on=on,
        description=description,
        detail=detail,
        quantity=quantity,
        unit_price_excl=unit_price_excl,
        vat_code=vat_code,
    )


def cancellable(charges: Iterable[Charge]) -> set[int]:
    """The ids of those that `cancel_charge` takes back: the others are cancelled where they came from."""
    sources = (f"{SOURCE_BY_HAND}:", f"{SOURCE}:")
    return {charge.pk for charge in charges if charge.source.startswith(sources)}


@transaction.atomic
def cancel_charge(*, charge: Charge, by: Actor, reason: str) -> None:
    """Cancel before its invoice a sum noted by hand, or one of a recurring charge, whose period is then left out.

    Raises NotOurs for what another app has charged, NothingToReverse, AlreadyInvoiced.
    """
    require_accounts(by)
    if not cancellable([charge]):
        raise NotOurs
    recurring = recurring_of(charge)
    live = Charge.objects.live().filter(pk=charge.pk)
    if not live.exists():
        raise NothingToReverse
    if not live.unbilled().exists():
        raise AlreadyInvoiced
    if recurring is None:
        reverse(by=by, source=charge.source, kind=charge.kind, reason=reason, period=charge.period)
    else:
        skip_period(recurring=recurring, on=recurring.day_of(charge), reason=reason, by=by)
