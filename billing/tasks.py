"""The jobs of a month's run: hubs.tasks.do_item opens the hub and the transaction around each."""

import datetime as dt

from django.utils import timezone

from billing import actions
from billing.models import Invoice
from hubs.models import Run


def issue_invoice(*, run_id: int, invoice_id: int, today: str) -> None:
    actions.issue_invoice(
        invoice=Invoice.objects.get(pk=invoice_id),
        run=Run.objects.get(pk=run_id),
        today=dt.date.fromisoformat(today),
    )


def render_invoice(*, run_id: int, invoice_id: int) -> None:
    invoice = Invoice.objects.select_related("account__organisation", "account__person", "corrects").get(pk=invoice_id)
    actions.render_invoice(invoice=invoice, today=timezone.localdate())
