"""Where the dues of a year are, and what each membership would owe if its dues were called now, or why nothing can be called."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import DateField, DecimalField, OuterRef, Subquery, Sum, Value
from django.db.models.functions import Cast, Coalesce
from django.utils.translation import gettext as _

from billing.models import Allocation, Invoice
from billing.money import ZERO
from members.dues import dues_of
from members.enums import DuesBasis, DuesState, DuesTreatment
from members.models import DuesScale, DuesTerms, FiscalYear, Membership
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
    """`amount` is None where nothing can be called, which `anomaly` or `why` explains."""

    membership: Membership
    scale: DuesScale | None = None
    figure: Decimal | None = None
    amount: Decimal | None = None
    why: str = ""
    anomaly: str = ""
    lacks_figure: bool = False


def rows_of_year(year: FiscalYear) -> list[Row]:
    """Every membership of the year still held. A scale reads the figures of the calendar year before. Four queries."""
    held = list(members_of_year(year).to_the_end().select_related("dues_terms"))
    figures: dict[int | None, YearFigures] = {
        each.organisation_id: each
        for each in YearFigures.objects.filter(
            year=year.starts_on.year - 1, organisation__in=[each.organisation_id for each in held]
        )
    }
    by_college: dict[int | None, DuesScale] = {}
    for scale in DuesScale.objects.applying_to(year).prefetch_related("brackets"):
        by_college.setdefault(scale.college_id, scale)
    return [
        _row(each, year, by_college.get(each.college_id) or by_college.get(None), figures.get(each.organisation_id))
        for each in held
    ]


def _row(membership: Membership, year: FiscalYear, scale: DuesScale | None, figures: YearFigures | None) -> Row:
    terms: DuesTerms | None = getattr(membership, "dues_terms", None)
    if terms is not None and terms.treatment != DuesTreatment.SCALE:
        why = f"{terms.get_treatment_display()}\u00a0: {terms.reason}"
        amount = {DuesTreatment.AGREED: terms.amount, DuesTreatment.EXEMPT: ZERO}.get(DuesTreatment(terms.treatment))
        return Row(membership, amount=amount, why=why)
    if scale is None:
        return Row(membership, anomaly=_("Aucun barème adopté"))
    figure = ZERO
    if scale.basis != DuesBasis.FLAT:
        known = getattr(figures, FIGURE_OF[DuesBasis(scale.basis)], None)
        if known is None:
            words = _("Chiffre de %(year)s manquant") % {"year": year.starts_on.year - 1}
            return Row(membership, scale, anomaly=words, lacks_figure=membership.organisation_id is not None)
        figure = Decimal(known)
    dues = dues_of(
        scale=scale,
        brackets=list(scale.brackets.all()),
        year=year,
        figure=figure,
        joined_on=terms.joined_on if terms else None,
    )
    return Row(membership, scale, figure, dues.amount, dues.why)


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
