"""What the demo's hubs did with their accounts: the month before last is closed and mostly paid."""

import datetime as dt
import random

from billing import demo_debits
from billing.actions import gather_charges, issue_month, post_entries, preview_month, record_payment, stop_books
from billing.demo_bank import settle_bank
from billing.demo_deposits import settle_deposits
from billing.demo_einvoice import can_sell, sell
from billing.demo_quotes import settle_quotes
from billing.demo_recurring import rent
from billing.demo_reminders import chase
from billing.enums import PaymentMethod
from billing.models import Invoice, Issuer
from hubs import tasks
from hubs.actors import Actor, system
from hubs.scope import current_hub_id

ISSUED_AFTER = dt.timedelta(days=2)
PAID_SHARE = 0.7


def settle(today: dt.date) -> None:
    """Close the month before last; last month is left for whoever tries the portal."""
    by = system(current_hub_id())
    last_month = (today.replace(day=1) - dt.timedelta(days=1)).replace(day=1)
    _close(today, last_month, by)
    settle_deposits(today, by)
    post_entries(by=by)
    for issuer in Issuer.objects.live(today):
        stop_books(issuer=issuer, until=last_month - dt.timedelta(days=1), by=by, today=today)


def _close(today: dt.date, last_month: dt.date, by: Actor) -> None:
    month = (last_month - dt.timedelta(days=1)).replace(day=1)
    issued_on = last_month + ISSUED_AFTER
    if can_sell(month):
        sell(month=month, by=by)
    rent(month, by=by, today=today)
    drafts = preview_month(month=month, by=by).drafts
    if not drafts:
        return
    debited = demo_debits.sign_mandates([draft.account for draft in drafts], issued_on, by)
    run = issue_month(month=month, by=by, today=issued_on)
    # Numbered here and now; PDFs and mail are left to the worker.
    for item_id in run.items.filter(job="billing.issue_invoice").order_by("pk").values_list("pk", flat=True):
        tasks.do_item(hub_id=by.hub_id, item_id=item_id)
    dice = random.Random(str(month))
    others = Invoice.objects.filter(period=month, number__gt="").exclude(account__in=debited)
    for invoice in others.order_by("pk"):
        if dice.random() < PAID_SHARE:
            record_payment(
                account=invoice.account,
                received_on=issued_on + dt.timedelta(days=dice.randint(5, 25)),
                amount=invoice.total_incl,
                method=PaymentMethod.TRANSFER,
                invoice=invoice,
                reference=invoice.number,
                by=by,
                today=today,
            )
    demo_debits.collect(debited, issued_on, today, by)
    settle_quotes(today)
    # What the nights have done since.
    gather_charges(month=today, by=by)
    settle_bank(by, today)
    chase(today)
