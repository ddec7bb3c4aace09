"""/gestion/membres/: what the members weigh together."""

from typing import TypeVar

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from hubs.rules import open_to
from members.models import FiscalYear
from members.queries import weight_of, year_in_force, years_with_figures
from members.rules import keeps_memberships, sees_totals
from parties.figures import label_of, shown
from parties.rules import sees_figures

T = TypeVar("T")


@require_safe
@open_to(sees_totals)
def totals(request: HttpRequest) -> HttpResponse:
    """« 15 structures, 57 ETP… »: the members of a fiscal year, with the figures of a year."""
    actor = request.actor  # type: ignore[attr-defined]
    fiscal_years = list(FiscalYear.objects.by_date())
    years = years_with_figures()
    chosen = _asked(request, "exercice", {year.pk: year for year in fiscal_years})
    chosen = chosen or year_in_force(timezone.localdate()) or (fiscal_years[-1] if fiscal_years else None)
    year = _asked(request, "chiffres", {year: year for year in years})
    if year is None and chosen is not None:
        year = next((each for each in years if each <= chosen.last_day.year), chosen.starts_on.year)
    weight = weight_of(chosen, year, discreet=not sees_figures(actor)) if chosen else None
    context = {
        "fiscal_years": fiscal_years,
        "years": [(each, str(each)) for each in years],
        "chosen": chosen,
        "year": str(year),
        "weight": weight,
        "figures": [
            {"label": label_of(total.name), "value": shown(total.value), "known": total.known, "hidden": total.hidden}
            for total in (weight.totals if weight else ())
        ],
        "shares": [
            (_("Lien"), weight.kinds),
            (_("Forme juridique"), weight.forms),
            (_("Métier"), weight.trades),
            (_("Collège"), weight.colleges),
        ]
        if weight
        else [],
        "may_keep": keeps_memberships(actor),
    }
    return render(request, "members/totals.html", context)


def _asked(request: HttpRequest, key: str, known: dict[int, T]) -> T | None:
    text = request.GET.get(key, "")
    return known.get(int(text)) if text.isdecimal() and len(text) < 20 else None
