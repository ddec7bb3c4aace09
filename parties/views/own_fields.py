"""/gestion/reglages/champs/: what this hub alone wants to know of its structures and people."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from hubs.refusals import Refusal
from hubs.rules import coordinator, open_to
from parties.enums import FieldKind, FieldOf
from parties.models import OwnField
from parties.own_fields import actions
from parties.own_fields.forms import OwnFieldForm


@require_safe
@open_to(coordinator)
def fields(request: HttpRequest) -> HttpResponse:
    """The fields in the order of the forms, then those that have ended."""
    today = timezone.localdate()
    live = [(about.label, list(OwnField.objects.live(today).about(about))) for about in FieldOf]
    ended = OwnField.objects.filter(ends_on__lte=today).order_by("about", "rank", "pk")
    return render(request, "parties/fields.html", {"live": live, "ended": ended})


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(coordinator)
def field_add(request: HttpRequest) -> HttpResponse:
    form = OwnFieldForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = dict(form.cleaned_data)
        about, kind = FieldOf(given.pop("about")), FieldKind(given.pop("kind"))
        try:
            made = actions.define_field(about=about, kind=kind, on=timezone.localdate(), by=request.actor, **given)  # type: ignore[attr-defined]
        except Refusal as refusal:
            refusal.tell(form)
        else:
            messages.success(request, _("Le champ «\u00a0%s\u00a0» est dans les formulaires.") % made)
            return redirect("parties:fields")
    return render(request, "parties/field_form.html", {"form": form, "field": None}, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(coordinator)
def field_edit(request: HttpRequest, field_id: int) -> HttpResponse:
    field = get_object_or_404(OwnField, pk=field_id)
    form = OwnFieldForm(request.POST or None, own_field=field)
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_field(field=field, by=request.actor, **form.cleaned_data)  # type: ignore[attr-defined]
        except Refusal as refusal:
            refusal.tell(form)
        else:
            messages.success(request, _("C’est enregistré."))
            return redirect("parties:fields")
    context = {"form": form, "field": field}
    return render(request, "parties/field_form.html", context, status=422 if form.errors else 200)


@require_POST
@open_to(coordinator)
def field_end(request: HttpRequest, field_id: int) -> HttpResponse:
    """Out of the forms, or back into them; nothing that was answered is lost."""
    field = get_object_or_404(OwnField, pk=field_id)
    if field.ends_on is None:
        actions.end_field(field=field, on=timezone.localdate(), by=request.actor)  # type: ignore[attr-defined]
        messages.success(
            request, _("«\u00a0%s\u00a0» n’est plus demandé. Ses réponses restent dans les exports.") % field
        )
    else:
        actions.revive_field(field=field, by=request.actor)  # type: ignore[attr-defined]
        messages.success(request, _("«\u00a0%s\u00a0» est de nouveau demandé.") % field)
    return redirect("parties:fields")
