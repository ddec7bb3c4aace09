"""The call for dues: previewed, then issued as a run, one item for each membership."""

import datetime as dt
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing.actions import account_for, agree_schedule, issue_dues
from billing.models import Debit, Invoice, Issuer
from billing.money import split
from billing.periods import add_months
from hubs import french, languages
from hubs.actions import add_items, name_of, record, start_run
from hubs.actors import Actor, system
from hubs.enums import ItemState
from hubs.models import Run, RunItem
from hubs.refusals import Refusal
from hubs.scope import current_hub_id
from members.actions.colleges import check_keeps
from members.models import DuesCall, FiscalYear, Membership
from members.queries.dues import Row, calls_fingerprint, row_of, rows_of_year

JOB = "members.call_dues"


class NothingToCall(Refusal):
    message = gettext_lazy("Aucune cotisation n’est à appeler\u00a0: elles le sont déjà, ou quelque chose leur manque.")


class CallChanged(Refusal):
    message = gettext_lazy("Des montants ont changé depuis votre aperçu. Relisez-le, puis appelez les cotisations.")


class NobodyIssues(Refusal):
    message = gettext_lazy("Aucun organisme n’émet de factures pour le pôle\u00a0: renseignez d’abord l’émetteur.")


@transaction.atomic
def call_dues(*, fiscal_year: FiscalYear, by: Actor, today: dt.date, parts: int = 1, seen: str = "") -> Run:
    """Start calling the dues of the year that are not called yet, each to be paid in `parts` dates a month apart.

    `seen` is the fingerprint of the preview that was read: anything else is refused. Who is being called already is
    left alone. Raises NobodyIssues, CallChanged, NothingToCall.
    """
    check_keeps(by)
    # The second of two tabs waits here, and finds the items of the first.
    year = FiscalYear.objects.select_for_update(of=("self",), no_key=True).get(pk=fiscal_year.pk)
    if not Issuer.objects.live(today).exists():
        raise NobodyIssues
    under_way = memberships_under_way(year)
    rows = [row for row in rows_of_year(year, today) if row.may_be_called and row.membership.pk not in under_way]
    if not rows:
        raise NothingToCall
    if seen and seen != calls_fingerprint(rows):
        raise CallChanged
    with languages.of_hub():
        title = _("Cotisations de l’exercice %s") % year
    run = start_run(title=title, by=by, about=year)
    items = [
        (
            str(row.membership.member),
            {"membership_id": row.membership.pk, "amount": str(row.amount), "parts": parts, "today": today},
        )
        for row in rows
    ]
    add_items(run=run, job=JOB, items=items)
    total = sum((row.amount or Decimal(0) for row in rows), Decimal(0))
    record(by=by, verb="members.dues_calls_started", thing=year, after={"memberships": len(rows), "amount": total})
    return run


def memberships_under_way(year: FiscalYear) -> set[int]:
    """The memberships whose call waits for a worker. One query."""
    waiting = RunItem.objects.filter(
        job=JOB, state=ItemState.TODO, run__about=name_of(year), run__cancelled_at=None
    ).values_list("kwargs", flat=True)
    return {kwargs["membership_id"] for kwargs in waiting}


@transaction.atomic
def call_membership(
    *, membership: Membership, amount: Decimal, parts: int, run: Run, today: dt.date, now: dt.datetime
) -> DuesCall | None:
    """Call the dues of one membership; called already, or left since, nothing changes.

    Raises CallChanged when they are no longer what the preview said, and what `billing.actions.issue_dues` raises.
    """
    held = (
        Membership.objects.select_related("organisation", "person", "fiscal_year", "college")
        .select_for_update(of=("self",), no_key=True)
        .get(pk=membership.pk)
    )
    if held.left_on is not None:
        return None
    if known := DuesCall.objects.filter(membership=held).first():
        return known
    with languages.of_hub():
        row = row_of(held, today)
        if not row.may_be_called or row.amount != amount:
            raise CallChanged(row.anomaly or None)
        invoice = _issue(held, row, run, today)
        if invoice is not None and parts > 1:
            _spread(invoice, parts, now)
    call = DuesCall.objects.create(
        membership=held,
        scale=row.scale,
        invoice=invoice,
        amount=amount,
        why=_kept_words(held, row, invoice)[:300],
        starts_on=row.starts_on or held.fiscal_year.starts_on,
        ends_on=row.ends_on or held.fiscal_year.ends_on,
        called_on=today,
    )
    after = {"fiscal_year": held.fiscal_year.label, "amount": amount}
    record(by=system(current_hub_id()), verb="members.dues_called", thing=held.member, after=after, reason=call.why)
    return call


def _kept_words(held: Membership, row: Row, invoice: Invoice | None) -> str:
    """Why, for good. Of a person who has nothing to pay, no paper keeps the reason: it stays with their terms alone."""
    has_terms = row.scale is None
    return row.why.partition("\u00a0:")[0] if held.person_id and invoice is None and has_terms else row.why


def _issue(held: Membership, row: Row, run: Run, today: dt.date) -> Invoice | None:
    if not row.amount:
        return None
    return issue_dues(
        account=account_for(organisation=held.organisation, person=held.person),
        amount=row.amount,
        description=_("Cotisation %s") % held.fiscal_year,
        detail=row.why[:300],
        on=row.starts_on or held.fiscal_year.starts_on,
        run=run,
        today=today,
    )


def _spread(invoice: Invoice, parts: int, now: dt.datetime) -> None:
    """Equal dates, a month apart, from the due date; not what is paid already, nor what the bank is asked for at once."""
    found = Invoice.objects.with_due().get(pk=invoice.pk)
    if not found.due or found.due_date is None or Debit.objects.expected().filter(invoice=found).exists():
        return
    agree_schedule(
        invoice=found,
        parts=[(add_months(found.due_date, n), part) for n, part in enumerate(split(found.total_incl, [1] * parts))],
        reason=_("Appel en %(parts)s fois, première échéance le %(day)s")
        % {"parts": parts, "day": french.day(found.due_date, year=True, weekday=False)},
        by=system(current_hub_id()),
        now=now,
    )
