"""/gestion/membres/liste/: the members of a fiscal year, structures and natural persons."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from hubs.exports import MAX_ROWS, TYPES, download
from hubs.lists import export_links, show_page
from hubs.rules import open_to
from members.filters import MembershipFilter
from members.models import FiscalYear
from members.queries import dues_states, year_in_force
from members.queries.register import register_of
from members.rules import keeps_memberships
from members.tables import MembershipTable


@require_safe
@open_to(keeps_memberships)
def members(request: HttpRequest) -> HttpResponse:
    """`?exercice=` is another year than the one in force; `?export=csv` or `xlsx` is the same list as a file."""
    today = timezone.localdate()
    years = list(FiscalYear.objects.by_date())
    asked = request.GET.get("exercice", "")
    chosen = next((year for year in years if str(year.pk) == asked), None) or year_in_force(today)
    filtered = MembershipFilter(request.GET, queryset=register_of(chosen), request=request, year=chosen, today=today)
    dues = dues_states(chosen, today) if chosen else {}
    table = MembershipTable(filtered.qs, dues=dues, today=today)
    show_page(request, table)
    if (kind := request.GET.get("export")) in TYPES:
        return _export(request, kind, table)
    context = {
        "table": table,
        "filter": filtered,
        "years": years,
        "chosen": chosen,
        "exports": export_links(request),
    }
    return render(request, "members/members.html", context)


def _export(request: HttpRequest, kind: str, table: MembershipTable) -> HttpResponse:
    rows = list(table.data.data[: MAX_ROWS + 1])
    if len(rows) > MAX_ROWS:
        messages.warning(request, _("Plus de 5 000 membres\u00a0: filtrez la liste, puis exportez-la."))
        return redirect("members:members")
    header = [
        _("Nom"), _("Collège"), _("Lien"), _("Situation"), _("Cotisation"), _("Membre depuis le"), _("Dernier jour"),
        _("Adresse électronique"), _("Adresse"), _("Code postal"), _("Commune"),
    ]  # fmt: skip
    lines = [
        [
            each.name,
            each.college.name,
            each.get_kind_display(),
            each.get_standing_display(),
            str(table.dues[each.pk].label) if each.pk in table.dues else "",
            each.arrived_on,
            each.last_day,
            each.member.email,
            *(getattr(each.organisation, name, "") for name in ("address", "postcode", "town")),
        ]
        for each in rows
    ]
    return download("membres", kind, header, lines)
