"""/gestion/reglages/baremes/: the scales of dues, written as drafts, then frozen by the vote that adopts them."""

from operator import attrgetter

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from hubs.refusals import Refusal
from hubs.rules import open_to
from members import actions
from members.dues import HOURS_OF_CACHET, HOURS_OF_YEAR
from members.forms.dues import AdoptForm, ScaleForm
from members.models import DuesScale
from members.rules import keeps_memberships


@require_safe
@open_to(keeps_memberships)
def scales(request: HttpRequest) -> HttpResponse:
    """Every scale with its brackets, the latest year first: former ones stay."""
    found = DuesScale.objects.select_related("college", "fiscal_year").order_by("-fiscal_year__starts_on", "pk")
    rows = [
        (scale, sorted(scale.brackets.all(), key=attrgetter("from_value")))
        for scale in found.prefetch_related("brackets")
    ]
    context = {"rows": rows, "hours_of_cachet": HOURS_OF_CACHET, "hours_of_year": HOURS_OF_YEAR}
    return render(request, "members/dues_scales.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(keeps_memberships)
def write_scale(request: HttpRequest) -> HttpResponse:
    form = ScaleForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.write_scale(by=request.actor, **form.cleaned_data)  # type: ignore[attr-defined]
        except Refusal as refusal:
            refusal.tell(form)
        else:
            messages.success(request, _("«\u00a0%s\u00a0» est noté. Il sert dès qu’un vote l’a adopté.") % made)
            return redirect("members:dues_scales")
    context = {"form": form, "title": _("Écrire un barème"), "lead": "", "button_label": _("Noter le barème")}
    return render(request, "members/dues_form.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(keeps_memberships)
def adopt_scale(request: HttpRequest, scale_id: int) -> HttpResponse:
    scale = get_object_or_404(DuesScale, pk=scale_id)
    form = AdoptForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.adopt_scale(scale=scale, by=request.actor, **form.cleaned_data)  # type: ignore[attr-defined]
        except Refusal as refusal:
            refusal.tell(form)
        else:
            messages.success(request, _("«\u00a0%s\u00a0» est adopté\u00a0: il ne change plus.") % scale)
            return redirect("members:dues_scales")
    context = {
        "form": form,
        "title": _("Noter l’adoption de «\u00a0%s\u00a0»") % scale,
        "lead": _("Une fois adopté, un barème ne se modifie plus\u00a0: un autre prend sa suite."),
        "button_label": _("Noter l’adoption"),
    }
    return render(request, "members/dues_form.html", context, status=422 if form.errors else 200)
