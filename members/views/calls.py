"""/gestion/membres/cotisations/: what each membership of a fiscal year owes, and why."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from hubs.exports import TYPES, download
from hubs.rules import open_to
from members.models import FiscalYear
from members.queries import rows_of_year, year_in_force
from members.rules import keeps_memberships


@require_safe
@open_to(keeps_memberships)
def dues(request: HttpRequest) -> HttpResponse:
    """`?exercice=` is another year than the one in force; `?export=csv` or `xlsx` is the same list as a file."""
    years = list(FiscalYear.objects.by_date())
    asked = request.GET.get("exercice", "")
    chosen = next((year for year in years if str(year.pk) == asked), None) or year_in_force(timezone.localdate())
    rows = rows_of_year(chosen) if chosen else []
    if (kind := request.GET.get("export")) in TYPES:
        header = [_("Nom"), _("Collège"), _("Montant"), _("Pourquoi"), _("À régler")]
        cells = [
            [str(row.membership.member), row.membership.college.name, row.amount, row.why, row.anomaly] for row in rows
        ]
        return download("cotisations", kind, header, cells)
    total = sum(row.amount or 0 for row in rows)
    context = {"rows": rows, "years": years, "chosen": chosen, "total": total}
    return render(request, "members/dues.html", context)
