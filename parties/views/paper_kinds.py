"""/gestion/reglages/documents/: which documents the hub asks for."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from hubs.refusals import Refusal
from hubs.rules import coordinator, open_to
from parties.enums import FieldOf
from parties.models import PaperKind
from parties.papers import actions
from parties.papers.forms import REACHES, PaperKindForm


@require_safe
@open_to(coordinator)
def paper_kinds(request: HttpRequest) -> HttpResponse:
    """What is asked of structures, then of people; and what no longer is."""
    today = timezone.localdate()
    live = list(PaperKind.objects.live(today).order_by("rank", "pk"))
    for kind in live:
        kind.who_sees = REACHES[kind.reach]
    context = {
        "live": [(about.label, [kind for kind in live if kind.about == about]) for about in FieldOf],
        "ended": list(PaperKind.objects.filter(ends_on__lte=today).order_by("about", "rank", "pk")),
    }
    context["is_empty"] = not live and not context["ended"]
    return render(request, "parties/paper_kinds.html", context)


@require_POST
@open_to(coordinator)
def paper_kinds_usual(request: HttpRequest) -> HttpResponse:
    made = actions.define_usual_kinds(by=request.actor, on=timezone.localdate())  # type: ignore[attr-defined]
    words = ngettext("%(n)s document est demandé.", "%(n)s documents sont demandés.", len(made))
    messages.success(request, words % {"n": len(made)})
    return redirect("parties:paper_kinds")


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(coordinator)
def paper_kind_add(request: HttpRequest) -> HttpResponse:
    form = PaperKindForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.define_kind(by=request.actor, on=timezone.localdate(), **form.cleaned_data)  # type: ignore[attr-defined]
        except Refusal as refusal:
            refusal.tell(form)
        else:
            messages.success(request, _("«\u00a0%s\u00a0» est demandé.") % made)
            return redirect("parties:paper_kinds")
    context = {"form": form, "kind": None}
    return render(request, "parties/paper_kind_form.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(coordinator)
def paper_kind_edit(request: HttpRequest, kind_id: int) -> HttpResponse:
    kind = get_object_or_404(PaperKind.objects.live(timezone.localdate()), pk=kind_id)
    form = PaperKindForm(request.POST or None, kind=kind)
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_kind(kind=kind, by=request.actor, **form.cleaned_data)  # type: ignore[attr-defined]
        except Refusal as refusal:
            refusal.tell(form)
        else:
            messages.success(request, _("C’est enregistré."))
            return redirect("parties:paper_kinds")
    context = {"form": form, "kind": kind}
    return render(request, "parties/paper_kind_form.html", context, status=422 if form.errors else 200)


@require_POST
@open_to(coordinator)
def paper_kind_end(request: HttpRequest, kind_id: int) -> HttpResponse:
    kind = get_object_or_404(PaperKind.objects.live(timezone.localdate()), pk=kind_id)
    actions.end_kind(kind=kind, by=request.actor, on=timezone.localdate())  # type: ignore[attr-defined]
    messages.success(request, _("«\u00a0%s\u00a0» n’est plus demandé. Ce qui a été déposé reste.") % kind)
    return redirect("parties:paper_kinds")
