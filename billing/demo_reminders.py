"""What became of the demo's late payers: one contests, one pays in three times, one is left in peace, the rest are told."""

import datetime as dt

from django.utils import timezone

from billing.actions import agree_schedule, except_account, open_dispute, remind_account
from billing.calendar import is_sending_day, next_sending_day
from billing.models import Account
from billing.money import split
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
