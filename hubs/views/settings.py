"""/gestion/reglages/: how the hub is named and reached, and what it is in law."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from hubs import actions
from hubs.enums import SecondFactor
from hubs.forms import IdentityForm, LegalForm, SecurityForm
from hubs.models import HubSettings
from hubs.refusals import Refusal
from hubs.rules import coordinator, open_to
from hubs.second_factor import has_second_factor


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(coordinator)
def identity(request: HttpRequest) -> HttpResponse:
    """The hub's name, colour, contact and modules."""
    hub = request.hub
    shown = {field: getattr(hub, field) for field in IdentityForm.base_fields}
    form = IdentityForm(request.POST if request.method == "POST" else None, initial=shown)
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_hub(by=request.actor, **form.cleaned_data)
        except Refusal as refusal:
            refusal.tell(form)
        else:
            messages.success(request, _("C’est enregistré."))
            return redirect("hubs:identity")
    context = {"form": form, "settings": HubSettings.objects.order_by("-starts_on", "-pk")}
    return render(request, "hubs/identity.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(coordinator)
def security(request: HttpRequest) -> HttpResponse:
    """What the hub asks of its staff at sign-in."""
    shown = {"second_factor": request.hub.second_factor}
    form = SecurityForm(request.POST if request.method == "POST" else None, initial=shown)
    if request.method == "POST" and form.is_valid():
        actions.change_security(by=request.actor, **form.cleaned_data)
        messages.success(request, _("C’est enregistré."))
        return redirect("hubs:security")
    notes = {
        SecondFactor.NOBODY: _("Chacun·e choisit d’en mettre une ou non."),
        SecondFactor.STAFF: _("Après le mot de passe, un code du téléphone ou une clé d’accès."),
    }
    context = {"form": form, "notes": notes, "has_one": has_second_factor(request.actor.user_id)}
    return render(request, "hubs/security.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(coordinator)
def legal(request: HttpRequest) -> HttpResponse:
    """What the hub is in law, from a day on."""
    today = timezone.localdate()
    current = HubSettings.objects.live(today).first()
    shown = {
        "legal_form": current.legal_form if current else "",
        "fiscal_year_starts_month": current.fiscal_year_starts_month if current else 1,
        "starts_on": today,
    }
    form = LegalForm(request.POST if request.method == "POST" else None, initial=shown)
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_settings(by=request.actor, **form.cleaned_data)
        except Refusal as refusal:
            refusal.tell(form)
        else:
            messages.success(request, _("C’est noté. Ce qui valait avant reste au journal."))
            return redirect("hubs:identity")
    return render(request, "hubs/legal.html", {"form": form}, status=422 if form.errors else 200)
