"""What became of the demo's late payers: one contests, one invoice is paid in three times, one account is left in peace,
one agreed on dates for all that it is late with, and the rest are told."""

import datetime as dt

from django.utils import timezone

from billing.actions import agree_arrangement, agree_schedule, except_account, late_of, open_dispute, remind_account
from billing.calendar import is_sending_day, next_sending_day
from billing.models import Account
from billing.money import ZERO, split
from billing.queries import late_invoices, reminder_plan
from hubs.actors import system
from hubs.scope import current_hub_id

WEEK = dt.timedelta(days=7)


def chase(today: dt.date) -> None:
    """A first reminder a week after the date; what follows is left for whoever tries the portal."""
    by, now = system(current_hub_id()), timezone.now()
    late = late_invoices(today)
    if not late:
        return
    day = min(each.due_on for each in late) + WEEK
    day = day if is_sending_day(day) else next_sending_day(day)
    for entry in reminder_plan(day).mails if day < today else ():
        remind_account(account=Account.objects.with_holders().get(pk=entry.account.pk), by=by, today=day)
    contested, spared, spread = ([*(each.invoice for each in late[1:]), None, None, None])[:3]
    if contested:
        reason = "La salle était fermée le deuxième mardi, nous n’avons pas pu l’utiliser."
        open_dispute(invoice=contested, reason=reason, by=by, now=now)
    if spared and spared.account_id != late[0].invoice.account_id:
        reason = "Changement de direction, on patiente"
        except_account(account=spared.account, reason=reason, by=by, today=today, until=today + 3 * WEEK)
    if spread:
        days = [today + dt.timedelta(days=30 * n) for n in range(3)]
        parts = list(zip(days, split(spread.total_incl, [1, 1, 1]), strict=True))
        agree_schedule(invoice=spread, parts=parts, reason="Convenu au téléphone, subvention attendue", by=by, now=now)
    touched = {invoice.account_id for invoice in (contested, spared, spread) if invoice}
    _arrange(next((each.invoice.account for each in late if each.invoice.account_id not in touched), None), today)


def _arrange(account: Account | None, today: dt.date) -> None:
    """The first account that nothing else happened to settles in three months what it is late with."""
    if account is None:
        return
    total = sum((invoice.due for invoice in late_of(account, today)), ZERO)
    days = [today + dt.timedelta(days=30 * n) for n in range(1, 4)]
    agree_arrangement(
        account=account,
        parts=list(zip(days, split(total, [1, 1, 1]), strict=True)),
        reason="Convenu au rendez-vous du mois, la saison est difficile",
        by=system(current_hub_id()),
        today=today,
    )
