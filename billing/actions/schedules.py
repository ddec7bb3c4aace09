"""An invoice paid in several dates, as agreed beside it."""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from billing.actions.payments import lock_account
from billing.models import Instalment, Invoice, Schedule
from billing.money import ZERO
from billing.rules import require_accounts
from hubs import french
from hubs.actions import record
from hubs.actors import Actor
from hubs.refusals import Refusal, refusing

DatedAmount = tuple[dt.date, Decimal]


class NotSchedulable(Refusal):
    message = _("Un échéancier est celui d’une facture qui reste à payer.")


class SumDiffers(Refusal):
    message = _("Les échéances ne font pas le total de la facture.")


class DatesOutOfOrder(Refusal):
    message = _("Les dates se suivent, sans deux échéances le même jour, à partir de l’émission de la facture.")


class NoSchedule(Refusal):
    message = _("Cette facture n’a pas d’échéancier.")


_REFUSALS = {
    "billing_schedule_sums": SumDiffers,
    "billing_schedule_in_order": DatesOutOfOrder,
    "billing_instalment_day_once": DatesOutOfOrder,
    "billing_instalment_amount": SumDiffers,
    "billing_schedule_of_issued": NotSchedulable,
}


@transaction.atomic
def agree_schedule(
    *, invoice: Invoice, parts: Sequence[DatedAmount], reason: str, by: Actor, now: dt.datetime
) -> Schedule:
    """Let the invoice be paid on these dates, which sum to its total; the former dates end.

    Raises NotSchedulable, SumDiffers, DatesOutOfOrder.
    """
    require_accounts(by)
    account = lock_account(invoice.account_id)
    found = Invoice.objects.with_due().get(pk=invoice.pk)
    if not found.is_issued or not found.due:
        raise NotSchedulable
    total = sum((amount for _day, amount in parts), ZERO)
    if total != invoice.total_incl:
        message = _("Les échéances font %(sum)s, et la facture %(total)s.")
        raise SumDiffers(message % {"sum": french.euros(total), "total": french.euros(invoice.total_incl)})
    if invoice.issue_date and any(day < invoice.issue_date for day, _amount in parts):
        raise DatesOutOfOrder
    before = _end_current(invoice, now)
    with refusing(_REFUSALS):
        schedule = Schedule.objects.create(invoice=invoice, reason=reason, agreed_at=now, agreed_by_id=by.person_id)
        up_to = ZERO
        instalments = []
        for position, (day, amount) in enumerate(parts, start=1):
            up_to += amount
            instalments.append(Instalment(schedule=schedule, position=position, due_on=day, amount=amount, up_to=up_to))
        Instalment.objects.bulk_create(instalments)
        _check_now()
    record(
        by=by,
        verb="billing.schedule_agreed",
        thing=invoice,
        before={"dates": before} if before else None,
        after={"dates": [f"{day:%d/%m/%Y}\u00a0: {french.euros(amount)}" for day, amount in parts]},
        reason=reason,
        concerns=account,
    )
    return schedule


def _end_current(invoice: Invoice, now: dt.datetime) -> list[str]:
    """The dates that were agreed until now, in words; they no longer count."""
    current = Schedule.objects.current().filter(invoice=invoice).first()
    if current is None:
        return []
    told = [f"{part.due_on:%d/%m/%Y}\u00a0: {french.euros(part.amount)}" for part in current.instalments.order_by("pk")]
    current.ended_at = now
    current.save(update_fields=["ended_at"])
    return told


def _check_now() -> None:
    """Have the database check the sums here, where their violation becomes a refusal, rather than at the commit."""
    with connection.cursor() as cursor:
        for state in ("IMMEDIATE", "DEFERRED"):
            cursor.execute(f"SET CONSTRAINTS billing_schedule_has_dates, billing_instalment_sums {state}")


@transaction.atomic
def end_schedule(*, invoice: Invoice, by: Actor, now: dt.datetime) -> None:
    """The invoice is due on its own date again. Raises NoSchedule."""
    require_accounts(by)
    account = lock_account(invoice.account_id)
    before = _end_current(invoice, now)
    if not before:
        raise NoSchedule
    record(by=by, verb="billing.schedule_ended", thing=invoice, before={"dates": before}, concerns=account)
