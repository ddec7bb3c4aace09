"""Dues that an app calls by itself: an invoice of its own, issued outside of the month."""

import datetime as dt
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from billing.actions.invoices import issue_invoice
from billing.actions.months import NoIssuer
from billing.enums import InvoiceKind, VatCategory
from billing.models import Account, Invoice, InvoiceLine, Issuer, VatRule
from hubs.models import Run
from hubs.refusals import Refusal


class NoDuesRule(Refusal):
    message = _("Aucune règle de TVA «\u00a0hors champ\u00a0» n’est en vigueur\u00a0: ajoutez-la dans les réglages.")


@transaction.atomic
def issue_dues(
    *, account: Account, amount: Decimal, description: str, detail: str, on: dt.date, run: Run, today: dt.date
) -> Invoice:
    """Call dues of this amount, with their reason as the detail of the line; `on` is the first day they are for.

    No charge stands behind: the month's close would invoice it again. Its paper becomes an item of `run`.
    Raises NoIssuer, NoDuesRule, DraftFaulty, CheckerSilent, BooksStopped.
    """
    issuer = _locked_issuer(today)
    rule = VatRule.objects.live(today).filter(category=VatCategory.OUT_OF_SCOPE).order_by("pk").first()
    if rule is None:
        raise NoDuesRule
    _leave_place(account, issuer)
    invoice = Invoice.objects.create(
        kind=InvoiceKind.DUES,
        account=account,
        issuer=issuer,
        period=today.replace(day=1),
        total_excl=amount,
        total_vat=0,
        total_incl=amount,
    )
    InvoiceLine.objects.create(
        invoice=invoice,
        position=1,
        on=on,
        description=description,
        detail=detail,
        quantity=1,
        unit_price_excl=amount,
        amount_excl=amount,
        vat_rule=rule,
        vat_category=rule.category,
        vat_rate=rule.rate,
        exemption_text=rule.exemption_text,
        exemption_code=rule.exemption_code,
    )
    return issue_invoice(invoice=invoice, run=run, today=today)


def _locked_issuer(today: dt.date) -> Issuer:
    """Held as the close of a month holds it: drafts are written by one at a time."""
    issuer = Issuer.objects.live(today).select_for_update(of=("self",), no_key=True).order_by("pk").first()
    if issuer is None:
        raise NoIssuer
    return issuer


def _leave_place(account: Account, issuer: Issuer) -> None:
    """An account has one draft of dues at a time. That of a month is written again by its preview, or by its issue."""
    stray = Invoice.objects.drafts().filter(
        kind=InvoiceKind.DUES, account=account, issuer=issuer, close=None, is_opening=False
    )
    InvoiceLine.objects.filter(invoice__in=stray).delete()
    stray.delete()
