"""/gestion/membres/liste/: the members of a fiscal year, structures and natural persons."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from hubs.exports import TYPES, download, exported
from hubs.rules import open_to
from members.models import FiscalYear
from members.queries import members_of_year, year_in_force
from members.rules import keeps_memberships

PER_PAGE = 50


@require_safe
@open_to(keeps_memberships)
def members(request: HttpRequest) -> HttpResponse:
    """`?exercice=` is another year than the one in force; `?export=csv` or `xlsx` is the same list as a file."""
    years = list(FiscalYear.objects.by_date())
    asked = request.GET.get("exercice", "")
    chosen = next((year for year in years if str(year.pk) == asked), None) or year_in_force(timezone.localdate())
    found = members_of_year(chosen)
    if (kind := request.GET.get("export")) in TYPES:
        header = [_("Nom"), _("Collège"), _("Lien"), _("Situation"), _("Dernier jour")]
        rows = [
            [
                str(each.member),
                each.college.name,
                each.get_kind_display(),
                each.get_standing_display(),
                exported(each.last_day),
            ]
            for each in found
        ]
        return download("membres", kind, header, rows)
    context = {"page": Paginator(found, PER_PAGE).get_page(request.GET.get("page")), "years": years, "chosen": chosen}
    return render(request, "members/members.html", context)
