"""The dues of the demo: by jobs from 300 to 4,000 € (seed S4, line 27; the steps between are ours), 20 € for people.

They were called last month, and most are paid.
"""

import datetime as dt
from decimal import Decimal

from django.utils import timezone

from billing.actions import record_payment
from billing.enums import PaymentMethod
from billing.models import Issuer
from hubs import tasks
from hubs.actors import system
from hubs.scope import current_hub_id
from members.actions import Bracket, adopt_scale, call_dues, set_dues_terms, write_scale
from members.actions.calls import JOB
from members.enums import DuesBasis, DuesTreatment, LateRule
from members.models import College, DatesRequest, DuesCall, DuesScale, FiscalYear, Membership

BY_JOBS = ((0, 2, 300), (2, 6, 600), (6, 11, 1_000), (11, 26, 2_000), (26, None, 4_000))
FOR_PEOPLE = ((0, None, 20),)


def fill(today: dt.date) -> None:
    """Scales that a vote adopted for the year in force, then their call. Twice changes nothing."""
    year = FiscalYear.objects.opened_by(today).first()
    if year is None or DuesScale.objects.exists():
        return
    _adopt(year, None, DuesBasis.FTE, BY_JOBS, f"Barème {year.label}")
    for college in College.objects.live(today).filter(takes_people=True, takes_structures=False):
        _adopt(year, college, DuesBasis.FLAT, FOR_PEOPLE, f"Barème {year.label}, {college.name.lower()}")
    _set_terms(year)
    if Issuer.objects.live(today).exists():
        _call(year, today)
    _tell_arrival(year)


def _set_terms(year: FiscalYear) -> None:
    """One member pays what was agreed, one waits, and one has not told when it arrived."""
    by = system(current_hub_id())
    held = list(Membership.objects.filter(fiscal_year=year, person=None, left_on=None).order_by("pk"))
    for membership in held[4:5]:
        set_dues_terms(
            membership=membership, treatment=DuesTreatment.AGREED, amount=Decimal("150.00"), by=by,
            reason="Deux projets annulés, convenu en Bureau",
        )  # fmt: skip
    for membership in held[6:8]:
        set_dues_terms(
            membership=membership, treatment=DuesTreatment.HELD, reason="Changement de statut en cours", by=by
        )


def _tell_arrival(year: FiscalYear) -> None:
    """Known since the call: this one is left to be called."""
    held = list(Membership.objects.filter(fiscal_year=year, person=None, left_on=None).order_by("pk"))
    for membership in held[7:8]:
        set_dues_terms(
            membership=membership, joined_on=year.starts_on + dt.timedelta(days=181), by=system(current_hub_id()),
            reason="Dans les lieux depuis l’été",
        )  # fmt: skip


def _call(year: FiscalYear, today: dt.date) -> None:
    """Numbered here and now; PDFs and mail are left to the worker."""
    by = system(current_hub_id())
    last_month = (today.replace(day=1) - dt.timedelta(days=1)).replace(day=1)
    called_on = min(max(last_month + dt.timedelta(days=4), year.starts_on), today)
    run = call_dues(fiscal_year=year, by=by, today=called_on)
    for item_id in run.items.filter(job=JOB).order_by("pk").values_list("pk", flat=True):
        tasks.do_item(hub_id=by.hub_id, item_id=item_id)
    late = _pay(year, called_on, today)
    for call in late[-1:]:
        asked_at = timezone.make_aware(dt.datetime.combine(today - dt.timedelta(days=1), dt.time(11)))
        reason = "Notre subvention arrive en trois versements."
        DatesRequest.objects.create(call=call, parts=3, reason=reason, asked_at=asked_at)


def _pay(year: FiscalYear, called_on: dt.date, today: dt.date) -> list[DuesCall]:
    """Most pay; the structure of the demo's accounts has still to, and so have the others that this gives."""
    calls = DuesCall.objects.filter(membership__fiscal_year=year, invoice__isnull=False)
    first = Membership.objects.filter(fiscal_year=year, person=None).order_by("pk")[0]
    late = []
    for rank, call in enumerate(calls.select_related("invoice__account").order_by("pk")):
        received_on = called_on + dt.timedelta(days=6 + rank)
        if call.invoice is None or rank % 5 == 3 or received_on > today or call.membership_id == first.pk:
            late.append(call)
            continue
        record_payment(
            account=call.invoice.account,
            received_on=received_on,
            amount=call.amount,
            method=PaymentMethod.TRANSFER,
            invoice=call.invoice,
            reference=call.invoice.number or "",
            by=system(current_hub_id()),
            today=today,
        )
    return late


def _adopt(
    year: FiscalYear,
    college: College | None,
    basis: DuesBasis,
    steps: tuple[tuple[int, int | None, int], ...],
    label: str,
) -> None:
    by = system(current_hub_id())
    brackets = [
        Bracket(Decimal(first), None if last is None else Decimal(last), amount=Decimal(amount))
        for first, last, amount in steps
    ]
    scale = write_scale(
        brackets=brackets,
        by=by,
        label=label,
        fiscal_year=year,
        college=college,
        basis=basis,
        late_rule=LateRule.MONTHS,
    )
    adopt_scale(scale=scale, on=year.starts_on, adopted_by="assemblée générale ordinaire", by=by)
