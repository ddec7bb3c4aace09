"""Where the dues of a year are, and what each membership would owe if its dues were called now, or why nothing can be called."""

import datetime as dt
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from django.db.models import DateField, DecimalField, F, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Cast, Coalesce
from django.utils.translation import gettext as _

from billing.models import Account, Allocation, Invoice
from billing.money import ZERO
from billing.periods import add_months
from billing.queries import recipients
from members.dues import dues_of
from members.enums import DuesBasis, DuesState, DuesTreatment, LateRule
from members.models import College, DuesCall, DuesScale, DuesTerms, FiscalYear, Membership
from members.queries.memberships import members_of_year
from parties.models import YearFigures

FIGURE_OF = {
    DuesBasis.HEADS: "permanent",
    DuesBasis.FTE: "fte",
    DuesBasis.BUDGET: "budget",
    DuesBasis.TURNOVER: "turnover",
}


@dataclass(frozen=True)
class Row:
    """The dues of a membership: as they were called, or else as they would be today.

    `amount` is None where nothing can be called, which `anomaly` or `why` explains; an anomaly stops the call, a
    `warning` does not. `ends_on` is left out. `invoice` has what is due of it.
    """

    membership: Membership
    scale: DuesScale | None = None
    figure: Decimal | None = None
    amount: Decimal | None = None
    why: str = ""
    starts_on: dt.date | None = None
    ends_on: dt.date | None = None
    anomaly: str = ""
    lacks_figure: bool = False
    lacks_address: bool = False
    warning: str = ""
    call: DuesCall | None = None
    invoice: Invoice | None = None
    state: DuesState = DuesState.NONE

    @property
    def may_be_called(self) -> bool:
        return self.call is None and self.amount is not None and not self.anomaly

    @property
    def last_day(self) -> dt.date | None:
        """The last day that the dues are for."""
        return self.ends_on - dt.timedelta(days=1) if self.ends_on else None

    @property
    def paid(self) -> Decimal:
        return self.invoice.paid if self.invoice else ZERO  # type: ignore[attr-defined]

    @property
    def due(self) -> Decimal:
        return self.invoice.due if self.invoice else ZERO  # type: ignore[attr-defined]

    @property
    def called(self) -> Decimal:
        """What was called and is still asked for: credit notes are off."""
        return self.paid + self.due


@dataclass(frozen=True)
class CollegeDues:
    """What one college was asked, has paid and owes, and what remains to be called."""

    college: College
    members: int
    to_call: Decimal
    called: Decimal
    paid: Decimal
    due: Decimal


def rows_of_year(year: FiscalYear, on: dt.date) -> list[Row]:
    """Every membership of the year still held, and those left since that were called. Six queries."""
    kept = Q(left_on=None) | Q(left_on__gte=F("fiscal_year__ends_on")) | Q(dues_call__isnull=False)
    return rows_of(members_of_year(year).filter(kept), year, on)


def rows_of(memberships: QuerySet[Membership], year: FiscalYear, on: dt.date) -> list[Row]:
    """These memberships of the year. A scale reads the figures of the calendar year before. Seven queries at most."""
    held = list(memberships.select_related("organisation", "person", "college", "dues_terms", "dues_call"))
    figures: dict[int | None, YearFigures] = {
        each.organisation_id: each
        for each in YearFigures.objects.filter(
            year=year.starts_on.year - 1, organisation__in=[each.organisation_id for each in held]
        )
    }
    scales: dict[int | None, DuesScale] = {}
    for scale in DuesScale.objects.applying_to(year).prefetch_related("brackets"):
        scales.setdefault(scale.college_id, scale)
    calls = [call for each in held if (call := _call_of(each)) is not None]
    invoices = Invoice.objects.with_due().in_bulk([call.invoice_id for call in calls if call.invoice_id])
    # What would be mailed, before there is any account: the membership lends its id.
    holders = [Account(pk=each.pk, organisation=each.organisation, person=each.person) for each in held]
    mails = recipients(holders, on)
    is_rolling = any(scale.late_rule == LateRule.ROLLING for scale in scales.values())
    goes_on = _paid_into(year) if is_rolling else {}
    rows = []
    for each in held:
        if call := _call_of(each):
            rows.append(_called_row(each, call, invoices.get(call.invoice_id or 0), on))
            continue
        row = _row(
            each, year, scales.get(each.college_id) or scales.get(None), goes_on, figures.get(each.organisation_id)
        )
        rows.append(_checked(row, has_mail=bool(mails[each.pk])))
    return rows


def row_of(membership: Membership, on: dt.date) -> Row:
    """The dues of one membership."""
    (row,) = rows_of(Membership.objects.filter(pk=membership.pk), membership.fiscal_year, on)
    return row


def dues_by_college(rows: Iterable[Row]) -> list[CollegeDues]:
    """The same in sums, college by college in their order."""
    grouped: dict[int, list[Row]] = {}
    for row in rows:
        grouped.setdefault(row.membership.college_id, []).append(row)
    return [
        CollegeDues(
            college=of_college[0].membership.college,
            members=len(of_college),
            to_call=sum((row.amount or ZERO for row in of_college if row.may_be_called), ZERO),
            called=sum((row.called for row in of_college), ZERO),
            paid=sum((row.paid for row in of_college), ZERO),
            due=sum((row.due for row in of_college), ZERO),
        )
        for of_college in grouped.values()
    ]


def calls_fingerprint(rows: Iterable[Row]) -> str:
    """What a preview showed: other amounts, or other members, give another."""
    told = sorted((row.membership.pk, str(row.amount)) for row in rows if row.may_be_called)
    return hashlib.sha256(repr(told).encode()).hexdigest()


def _call_of(membership: Membership) -> DuesCall | None:
    return getattr(membership, "dues_call", None)


def _called_row(membership: Membership, call: DuesCall, invoice: Any, on: dt.date) -> Row:
    paid, credited = (invoice.paid, invoice.credited) if invoice else (ZERO, ZERO)
    return Row(
        membership,
        amount=call.amount,
        why=call.why,
        starts_on=call.starts_on,
        ends_on=call.ends_on,
        call=call,
        invoice=invoice,
        state=_dues_state(call.amount, call.called_on, paid, credited, on),
    )


def _checked(row: Row, *, has_mail: bool) -> Row:
    """With what stands in the way of an invoice: nothing does where nothing is to be paid."""
    if not row.amount:
        return row
    organisation = row.membership.organisation
    if organisation and not organisation.address_lines:
        return replace(row, anomaly=_("Adresse postale manquante"), lacks_address=True)
    return row if has_mail else replace(row, warning=_("Aucune adresse électronique\u00a0: appel à remettre"))


Member = tuple[int | None, int | None]


def _paid_into(year: FiscalYear) -> dict[Member, dt.date]:
    """The day on which twelve months that were called before end during this year, by structure and person. One query."""
    calls = DuesCall.objects.filter(ends_on__gt=year.starts_on, ends_on__lt=year.ends_on).exclude(
        membership__fiscal_year=year
    )
    rows = calls.order_by("ends_on").values_list("membership__organisation", "membership__person", "ends_on")
    return {(organisation, person): ends_on for organisation, person, ends_on in rows}


def _row(
    membership: Membership,
    year: FiscalYear,
    scale: DuesScale | None,
    goes_on: Mapping[Member, dt.date],
    figures: YearFigures | None,
) -> Row:
    terms: DuesTerms | None = getattr(membership, "dues_terms", None)
    joined_on = terms.joined_on if terms else None
    if joined_on is None and scale is not None and scale.late_rule == LateRule.ROLLING:
        joined_on = goes_on.get((membership.organisation_id, membership.person_id))
    if terms is not None and terms.treatment != DuesTreatment.SCALE:
        why = f"{terms.get_treatment_display()}\u00a0: {terms.reason}"
        amount = {DuesTreatment.AGREED: terms.amount, DuesTreatment.EXEMPT: ZERO}.get(DuesTreatment(terms.treatment))
        starts_on = joined_on or year.starts_on
        is_rolling = scale is not None and scale.late_rule == LateRule.ROLLING
        ends_on = add_months(starts_on, 12) if is_rolling else year.ends_on
        return Row(membership, amount=amount, why=why, starts_on=starts_on, ends_on=ends_on)
    if scale is None:
        return Row(membership, anomaly=_("Aucun barème adopté"))
    figure = ZERO
    if scale.basis != DuesBasis.FLAT:
        known = getattr(figures, FIGURE_OF[DuesBasis(scale.basis)], None)
        if known is None:
            words = _("Chiffre de %(year)s manquant") % {"year": year.starts_on.year - 1}
            return Row(membership, scale, anomaly=words, lacks_figure=membership.organisation_id is not None)
        figure = Decimal(known)
    dues = dues_of(scale=scale, brackets=list(scale.brackets.all()), year=year, figure=figure, joined_on=joined_on)
    return Row(membership, scale, figure, dues.amount, dues.why, dues.starts_on, dues.ends_on)


def dues_states(year: FiscalYear, on: dt.date) -> dict[int, DuesState]:
    """Where the dues of each membership of the year were at the end of that day, by id. One query.

    A payment cancelled since, or an allocation released, counts for nothing. Dues credited in full are as not called.
    """
    day = Cast(Value(on), DateField())
    money = DecimalField(max_digits=12, decimal_places=2)
    settled = (
        Allocation.objects.filter(
            invoice=OuterRef("dues_call__invoice"), released_at=None, payment__received_on__lte=day
        )
        .order_by()
        .values("invoice")
        .annotate(sum=Sum("amount"))
        .values("sum")
    )
    credited = (
        Invoice.objects.filter(corrects=OuterRef("dues_call__invoice"), issued_at__isnull=False, issue_date__lte=day)
        .order_by()
        .values("corrects")
        .annotate(sum=Sum("total_incl"))
        .values("sum")
    )
    rows = Membership.objects.filter(fiscal_year=year).annotate(
        settled=Coalesce(Subquery(settled), Value(0), output_field=money),
        credited=Coalesce(Subquery(credited), Value(0), output_field=money),
    )
    return {
        pk: _dues_state(amount, called_on, paid, lessened, on)
        for pk, amount, called_on, paid, lessened in rows.values_list(
            "pk", "dues_call__amount", "dues_call__called_on", "settled", "credited"
        )
    }


def _dues_state(
    amount: Decimal | None, called_on: dt.date | None, paid: Decimal, credited: Decimal, on: dt.date
) -> DuesState:
    if amount is None or called_on is None or called_on > on:
        return DuesState.NONE
    if amount == 0:
        return DuesState.EXEMPT
    if credited >= amount:
        return DuesState.NONE
    if paid + credited >= amount:
        return DuesState.PAID
    return DuesState.PARTLY if paid else DuesState.CALLED
