"""/gestion/membres/cotisations/: the dues of a fiscal year, what stops them, their terms, their call."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from billing.models import Issuer
from billing.money import ZERO
from hubs.actions import name_of
from hubs.exports import TYPES, download, exported
from hubs.models import Run
from hubs.refusals import Refusal
from hubs.rules import open_to
from members import actions
from members.forms.calls import CallForm, TermsForm
from members.models import FiscalYear, Membership
from members.queries import Row, calls_fingerprint, dues_by_college, row_of, rows_of_year, year_in_force
from members.rules import keeps_memberships

PER_PAGE = 50


@require_safe
@open_to(keeps_memberships)
def dues(request: HttpRequest) -> HttpResponse:
    """`?exercice=` is another year than the one in force; `?export=csv` or `xlsx` is the same list as a file."""
    today = timezone.localdate()
    years = list(FiscalYear.objects.by_date())
    asked = request.GET.get("exercice", "")
    chosen = next((year for year in years if str(year.pk) == asked), None) or year_in_force(today)
    rows = rows_of_year(chosen, today) if chosen else []
    if (kind := request.GET.get("export")) in TYPES:
        return _export(kind, rows)
    under_way = actions.memberships_under_way(chosen) if chosen else set()
    to_call = [row for row in rows if row.may_be_called and row.membership.pk not in under_way]
    context = {
        "page": Paginator(rows, PER_PAGE).get_page(request.GET.get("page")),
        "years": years,
        "chosen": chosen,
        "colleges": dues_by_college(rows),
        "to_call": len(to_call),
        "stopped": sum(1 for row in rows if row.anomaly),
        "run": Run.objects.with_progress().filter(about=name_of(chosen)).order_by("-pk").first() if chosen else None,
        "has_issuer": Issuer.objects.live(today).exists(),
    }
    return render(request, "members/dues.html", context)


def _export(kind: str, rows: list[Row]) -> HttpResponse:
    header = [
        _("Nom"), _("Collège"), _("Barème"), _("Chiffre"), _("Montant"), _("Pourquoi"), _("Du"), _("Au"), _("État"),
        _("Numéro"), _("Payé"), _("Dû"), _("À régler"),
    ]  # fmt: skip
    cells = [
        [
            str(row.membership.member),
            row.membership.college.name,
            row.scale.label if row.scale else "",
            exported(row.figure),
            row.amount,
            row.why,
            exported(row.starts_on),
            exported(row.last_day),
            row.state.label,
            (row.invoice.number if row.invoice else "") or "",
            row.paid,
            row.due,
            row.anomaly or row.warning,
        ]
        for row in rows
    ]
    return download("cotisations", kind, header, cells)


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(keeps_memberships)
def call(request: HttpRequest, year_id: int) -> HttpResponse:
    """What the call does, then the click that starts it."""
    year = get_object_or_404(FiscalYear, pk=year_id)
    today = timezone.localdate()
    under_way = actions.memberships_under_way(year)
    rows = [row for row in rows_of_year(year, today) if row.membership.pk not in under_way]
    to_call = [row for row in rows if row.may_be_called]
    seen = calls_fingerprint(to_call)
    form = CallForm(request.POST or None, initial={"seen": seen})
    if request.method == "POST" and form.is_valid():
        given = {"parts": form.cleaned_data["parts"], "seen": form.cleaned_data["seen"]}
        try:
            actions.call_dues(fiscal_year=year, by=request.actor, today=today, **given)  # type: ignore[attr-defined]
        except actions.NothingToCall as refusal:
            messages.warning(request, refusal.message)
            return redirect(_page_of(year))
        except Refusal as refusal:
            refusal.tell(form)
            # What is shown now is what the next click agrees to.
            form.data = form.data.copy()
            form.data["seen"] = seen
        else:
            count = len(to_call)
            words = ngettext("%(n)s cotisation est appelée.", "%(n)s cotisations sont appelées.", count) % {"n": count}
            messages.success(request, words)
            return redirect(_page_of(year))
    context = {
        "year": year,
        "form": form,
        "to_call": to_call,
        "total": sum((row.amount or ZERO for row in to_call), ZERO),
        "nothing_due": sum(1 for row in to_call if not row.amount),
        "without_mail": [row for row in to_call if row.warning],
        "left_out": [row for row in rows if row.call is None and not row.may_be_called],
        "list_url": _page_of(year),
    }
    return render(request, "members/dues_call.html", context, status=422 if form.errors else 200)


def _page_of(year: FiscalYear) -> str:
    return reverse("members:dues") + f"?exercice={year.pk}"


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(keeps_memberships)
def terms(request: HttpRequest, membership_id: int) -> HttpResponse:
    """The arrival of one member, a sum agreed, an exemption: each with its reason, until the dues are called."""
    found = Membership.objects.select_related("organisation", "person", "fiscal_year", "college", "dues_terms")
    membership = get_object_or_404(found, pk=membership_id)
    held = getattr(membership, "dues_terms", None)
    names = ("joined_on", "treatment", "amount", "reason")
    initial = {name: getattr(held, name) for name in names} if held else None
    form = TermsForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            actions.set_dues_terms(membership=membership, by=request.actor, **form.cleaned_data)  # type: ignore[attr-defined]
        except Refusal as refusal:
            refusal.tell(form)
        else:
            messages.success(request, _("%s\u00a0: c’est noté, le montant en tient compte.") % membership.member)
            return redirect(_page_of(membership.fiscal_year))
    context = {
        "membership": membership,
        "row": row_of(membership, timezone.localdate()),
        "form": form,
        "list_url": _page_of(membership.fiscal_year),
    }
    return render(request, "members/dues_terms.html", context, status=422 if form.errors else 200)
