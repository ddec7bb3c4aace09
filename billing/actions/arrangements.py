"""Letting a late payer settle on several dates what it owes."""

import datetime as dt
from collections.abc import Sequence

from django.db import connection, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing.actions.payments import lock_account
from billing.actions.schedules import DatedAmount, DatesOutOfOrder, SumDiffers
from billing.models import Account, ArrangedInvoice, ArrangedPart, Arrangement, Invoice
from billing.money import ZERO
from billing.queries.reminders import late_invoices
from billing.rules import require_accounts
from hubs import french
from hubs.actions import record
from hubs.actors import Actor
from hubs.refusals import Refusal, refusing


class NothingLate(Refusal):
    message = gettext_lazy("Rien n’est en retard sur ce compte\u00a0: il n’y a rien à étaler.")


class NoArrangement(Refusal):
    message = gettext_lazy("Ce compte n’a pas d’échéancier.")


class DateGone(Refusal):
    message = gettext_lazy("Choisissez une première date qui n’est pas encore passée.")


_REFUSALS = {
    "billing_arrangement_sums": SumDiffers,
    "billing_arrangement_in_order": DatesOutOfOrder,
    "billing_arrangedpart_day_once": DatesOutOfOrder,
    "billing_arrangedpart_amount": SumDiffers,
}


def late_of(account: Account, today: dt.date) -> list[Invoice]:
    """The invoices an arrangement of today would be for, the oldest first, each with all that is `due` of it."""
    return [each.invoice for each in late_invoices(today, account)]


@transaction.atomic
def agree_arrangement(
    *, account: Account, parts: Sequence[DatedAmount], reason: str, by: Actor, today: dt.date
) -> Arrangement:
    """Let the account pay what it is late with on these dates, which sum to it; former ones end.

    While the dates are kept nobody is reminded of these invoices. Raises NothingLate, SumDiffers, DatesOutOfOrder,
    DateGone.
    """
    require_accounts(by)
    account = lock_account(account.pk)
    late: list[Invoice] = late_of(account, today)
    total = sum((invoice.due for invoice in late), ZERO)  # type: ignore[attr-defined]
    if not late:
        raise NothingLate
    if (given := sum((amount for _day, amount in parts), ZERO)) != total:
        message = _("Les échéances font %(sum)s, et ce qui est en retard %(total)s.")
        raise SumDiffers(message % {"sum": french.euros(given), "total": french.euros(total)})
    if any(day < today for day, _amount in parts):
        raise DateGone
    _end_current(account, today, _("Remplacé par un autre échéancier"))
    with refusing(_REFUSALS):
        made = Arrangement.objects.create(
            account=account, total=total, reason=reason, agreed_on=today, agreed_by_id=by.person_id
        )
        ArrangedInvoice.objects.bulk_create(
            ArrangedInvoice(arrangement=made, invoice=invoice, amount=invoice.due)  # type: ignore[attr-defined]
            for invoice in late
        )
        _write_parts(made, parts)
        _check_now()
    after = {"amount": total, "dates": [f"{day:%d/%m/%Y}\u00a0: {french.euros(amount)}" for day, amount in parts]}
    record(by=by, verb="billing.arranged", thing=account, after=after, reason=reason, concerns=account)
    return made


def _write_parts(arrangement: Arrangement, parts: Sequence[DatedAmount]) -> None:
    up_to, rows = ZERO, []
    for position, (day, amount) in enumerate(parts, start=1):
        up_to += amount
        rows.append(ArrangedPart(arrangement=arrangement, position=position, due_on=day, amount=amount, up_to=up_to))
    ArrangedPart.objects.bulk_create(rows)


def _end_current(account: Account, today: dt.date, reason: str) -> Arrangement | None:
    current = Arrangement.objects.current().filter(account=account).first()
    if current is not None:
        current.ended_on, current.end_reason = today, reason
        current.save(update_fields=["ended_on", "end_reason"])
    return current


def _check_now() -> None:
    """Have the database check the sums here, where their violation becomes a refusal, rather than at the commit."""
    names = "billing_arrangement_has_dates, billing_arrangedinvoice_sums, billing_arrangedpart_sums"
    with connection.cursor() as cursor:
        for state in ("IMMEDIATE", "DEFERRED"):
            cursor.execute(f"SET CONSTRAINTS {names} {state}")


@transaction.atomic
def end_arrangement(*, account: Account, reason: str, by: Actor, today: dt.date) -> Arrangement:
    """The account is reminded of what it is late with as any other. Raises NoArrangement."""
    require_accounts(by)
    account = lock_account(account.pk)
    ended = _end_current(account, today, reason)
    if ended is None:
        raise NoArrangement
    before = {"amount": ended.total}
    record(by=by, verb="billing.arrangement_ended", thing=account, before=before, reason=reason, concerns=account)
    return ended
