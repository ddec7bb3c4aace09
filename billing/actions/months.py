"""Closing a month: drafts that may be rebuilt at will, then one issue, for good."""

import datetime as dt
from collections import defaultdict

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from billing.actions.einvoice import start_checks
from billing.actions.invoices import LINE_FIELDS
from billing.actions.recurring import gather_charges
from billing.enums import MONTHLY
from billing.models import Account, HeldBack, Invoice, InvoiceLine, Issuer, MonthClose
from billing.papers import month_name
from billing.queries.months import DraftPlan, MonthPlan, month_plan
from billing.rules import require_accounts
from hubs import languages
from hubs.actions import add_items, record, retry_failed, start_run
from hubs.actors import Actor
from hubs.enums import ItemState
from hubs.models import Run
from hubs.refusals import Refusal, refusing

# A month has thousands of lines: they are copied where they are.
_COPY_CHARGES = """
INSERT INTO billing_invoiceline (hub_id, invoice_id, position, charge_id, {copied})
SELECT hub_id, invoice_id, position, id, {copied}
FROM unnest(%(invoices)s::bigint[], %(charges)s::bigint[], %(positions)s::smallint[])
    AS wanted (invoice_id, charge_id, position)
JOIN billing_charge ON id = charge_id
"""


class MonthAlreadyIssued(Refusal):
    message = _("Ce mois est déjà émis.")


class MonthNotBegun(Refusal):
    message = _("Ce mois n’a pas commencé.")


class NoIssuer(Refusal):
    message = _("Aucun organisme n’émet de factures pour le pôle ce mois-là. Renseignez d’abord l’émetteur.")


class AlreadyHeldBack(Refusal):
    message = _("Ce compte est déjà en attente ce mois-là.")


class PreviewChanged(Refusal):
    message = _("Des sommes ont changé depuis votre aperçu. Relisez-le, puis émettez.")


@transaction.atomic
def preview_month(*, month: dt.date, by: Actor) -> MonthPlan:
    """Gather what falls due, write the drafts of a month and have them checked; what is right stays as it is.

    Raises MonthAlreadyIssued.
    """
    month = _open_month(month, by)
    plan = month_plan(month, gathering=gather_charges(month=month, by=by).written())
    _write_drafts(plan)
    start_checks(plan=plan, by=by)
    return plan


@transaction.atomic
def issue_month(*, month: dt.date, by: Actor, today: dt.date, seen: str = "") -> Run:
    """Seal the drafts of a month and start issuing them, one item each.

    `seen` is the fingerprint of the preview that was read: anything else is refused.
    Raises MonthNotBegun, NoIssuer, MonthAlreadyIssued, PreviewChanged.
    """
    require_accounts(by)
    month = month.replace(day=1)
    if month > today:
        raise MonthNotBegun
    issuers = [issuer for issuer in _lock_issuers() if _is_in_force(issuer, month)]
    gathering = gather_charges(month=month, by=by).written()
    # Nobody takes back a charge while it is being sealed.
    plan = month_plan(month, gathering=gathering, sealing=True)
    closing = {issuer.pk: issuer for issuer in [*issuers, *(draft.issuer for draft in plan.drafts)]}
    if not closing:
        raise NoIssuer
    closes = _lock_closes(month, list(closing.values()))
    if seen and seen != plan.fingerprint:
        raise PreviewChanged
    _write_drafts(plan)
    return _seal(closes, plan, by=by, today=today)


def _seal(closes: list[MonthClose], plan: MonthPlan, *, by: Actor, today: dt.date) -> Run:
    with languages.of_hub():
        title = f"Factures {_of(month_name(plan.month))}"
    run = start_run(title=title, by=by, about=closes[0])
    sealed = 0
    for close in closes:
        drafts = Invoice.objects.drafts().filter(close=None, issuer=close.issuer_id, period=plan.month)
        ids = list(drafts.order_by("pk").values_list("pk", "account_id"))
        Invoice.objects.filter(pk__in=[pk for pk, _account in ids]).update(close=close)
        names = {draft.account.pk: str(draft.account) for draft in plan.drafts}
        items = [(names[account_id], {"invoice_id": pk, "today": today}) for pk, account_id in ids]
        add_items(run=run, job="billing.issue_invoice", items=items)
        sealed += len(ids)
        close.run, close.issued_at = run, timezone.now()
        close.save(update_fields=["run", "issued_at"])
    record(
        by=by,
        verb="billing.month_issued",
        thing=closes[0],
        after={"month": plan.month, "invoices": sealed, "total_incl": plan.total_incl},
    )
    return run


def _of(name: str) -> str:
    return f"d’{name}" if name[0] in "aeiouhy" else f"de {name}"


@transaction.atomic
def hold_back(*, account: Account, month: dt.date, reason: str, by: Actor) -> HeldBack:
    """Keep an account out of a month's invoices: what it holds goes with the month after, by itself.

    Raises MonthAlreadyIssued, AlreadyHeldBack.
    """
    month = _open_month(month, by)
    with refusing({"billing_heldback_once": AlreadyHeldBack}):
        held = HeldBack.objects.create(account=account, month=month, reason=reason, held_by=by.name)
    drafts = Invoice.objects.drafts().filter(kind__in=MONTHLY, account=account, close=None, period=month)
    InvoiceLine.objects.filter(invoice__in=drafts).delete()
    drafts.delete()
    record(by=by, verb="billing.held_back", thing=account, after={"month": month}, reason=reason)
    return held


@transaction.atomic
def let_go(*, account: Account, month: dt.date, by: Actor) -> None:
    """Invoice the account with the month after all. Twice changes nothing. Raises MonthAlreadyIssued."""
    month = _open_month(month, by)
    held = HeldBack.objects.live().filter(account=account, month=month)
    if held.update(undone_at=timezone.now()):
        record(by=by, verb="billing.let_go", thing=account, after={"month": month})


def _open_month(month: dt.date, by: Actor) -> dt.date:
    """The first of the month, which nobody issues meanwhile."""
    require_accounts(by)
    month = month.replace(day=1)
    _lock_issuers()
    if MonthClose.objects.filter(month=month, issued_at__isnull=False).exists():
        raise MonthAlreadyIssued
    return month


@transaction.atomic
def resume_month(*, month: dt.date, by: Actor) -> int:
    """Hand over again the items that failed; says how many."""
    require_accounts(by)
    closes = MonthClose.objects.filter(month=month.replace(day=1), issued_at__isnull=False)
    failed = Run.objects.filter(pk__in=closes.values("run"), items__state=ItemState.FAILED).distinct().order_by("pk")
    return sum(retry_failed(run=run, by=by, now=timezone.now()) for run in failed)


def _lock_issuers() -> list[Issuer]:
    """Every issuer of the hub, held: drafts are written by one at a time."""
    return list(Issuer.objects.select_for_update(of=("self",), no_key=True).order_by("pk"))


def _is_in_force(issuer: Issuer, month: dt.date) -> bool:
    next_month = (month + dt.timedelta(days=32)).replace(day=1)
    return issuer.starts_on < next_month and (issuer.ends_on is None or issuer.ends_on > month)


def _lock_closes(month: dt.date, issuers: list[Issuer]) -> list[MonthClose]:
    """The closes of the month, made and held. The second of two people finds them issued."""
    for issuer in issuers:
        MonthClose.objects.get_or_create(issuer=issuer, month=month)
    closes = list(MonthClose.objects.filter(month=month).select_for_update(of=("self",), no_key=True).order_by("pk"))
    if any(close.issued_at for close in closes):
        raise MonthAlreadyIssued
    return closes


def _write_drafts(plan: MonthPlan) -> None:
    """Make the drafts what the plan says, in a number of queries that does not grow with them."""
    drafts = Invoice.objects.drafts().filter(kind__in=MONTHLY, close=None)
    charges_of: dict[int, set[int]] = defaultdict(set)
    for invoice_id, charge_id in InvoiceLine.objects.filter(invoice__in=drafts).values_list("invoice_id", "charge_id"):
        charges_of[invoice_id].add(charge_id)
    wanted = {draft.key: draft for draft in plan.drafts}
    stale = []
    for invoice in drafts:
        key = (invoice.account_id, invoice.issuer_id, invoice.kind)
        draft = wanted.get(key)
        if draft and invoice.period == plan.month and charges_of[invoice.pk] == draft.charge_ids:
            del wanted[key]
        else:
            stale.append(invoice.pk)
    if stale:
        InvoiceLine.objects.filter(invoice__in=stale).delete()
        Invoice.objects.filter(pk__in=stale).delete()
    if wanted:
        _create_drafts(list(wanted.values()), plan.month)


def _create_drafts(drafts: list[DraftPlan], month: dt.date) -> None:
    invoices = Invoice.objects.bulk_create(
        Invoice(
            account=draft.account,
            issuer=draft.issuer,
            kind=draft.kind,
            period=month,
            total_excl=draft.totals.excl,
            total_vat=draft.totals.vat,
            total_incl=draft.totals.incl,
        )
        for draft in drafts
    )
    copied = ", ".join(f'"{column}"' for column in LINE_FIELDS)
    with connection.cursor() as cursor:
        cursor.execute(
            _COPY_CHARGES.format(copied=copied),
            {
                "invoices": [
                    invoice.pk for invoice, draft in zip(invoices, drafts, strict=True) for _ in draft.charges
                ],
                "charges": [charge.pk for draft in drafts for charge in draft.charges],
                "positions": [position for draft in drafts for position in range(1, len(draft.charges) + 1)],
            },
        )
