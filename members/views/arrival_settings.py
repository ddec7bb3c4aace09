"""/gestion/reglages/arrivees/: the hub's list of arrival, which is its list of departure, and its charter."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from hubs.refusals import Refusal
from hubs.rules import open_to
from members import actions
from members.forms.checklists import CharterForm, StepForm
from members.models import ChecklistStep
from members.queries import charter_in_force, list_in_force, steps_in_force
from members.rules import keeps_memberships

FORM = ["GET", "HEAD", "POST"]


@require_safe
@open_to(keeps_memberships)
def arrival_settings(request: HttpRequest) -> HttpResponse:
    template = list_in_force()
    context = {
        "template": template,
        "is_begun": template is not None and template.lists.exists(),
        "steps": steps_in_force(),
        "charter": charter_in_force(),
    }
    return render(request, "members/arrival_settings.html", context)


@require_POST
@open_to(keeps_memberships)
def first_list(request: HttpRequest) -> HttpResponse:
    actions.write_first_list(by=request.actor, now=timezone.now())  # type: ignore[attr-defined]
    messages.success(request, _("La liste proposée est écrite\u00a0: changez-la à votre façon."))
    return redirect("members:arrival_settings")


@require_http_methods(FORM)
@open_to(keeps_memberships)
def charter(request: HttpRequest) -> HttpResponse:
    """A new version of the charter, from the text of the last."""
    last = charter_in_force()
    form = CharterForm(request.POST if request.method == "POST" else None, initial={"text": last.text if last else ""})
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.write_charter(by=request.actor, now=timezone.now(), **form.cleaned_data)  # type: ignore[attr-defined]
        except Refusal as refusal:
            refusal.tell(form)
        else:
            messages.success(request, _("La charte v%s est écrite.") % made.number)
            return redirect("members:arrival_settings")
    context = {"form": form, "title": _("Écrire la charte"), "button_label": _("Enregistrer cette version"), "step": ""}
    return render(request, "members/arrival_form.html", context, status=422 if form.errors else 200)


@require_http_methods(FORM)
@open_to(keeps_memberships)
def step_add(request: HttpRequest) -> HttpResponse:
    form = StepForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.add_step(by=request.actor, now=timezone.now(), **form.cleaned_data)  # type: ignore[attr-defined]
        except Refusal as refusal:
            refusal.tell(form)
        else:
            messages.success(request, _("L’étape est dans la liste."))
            return redirect("members:arrival_settings")
    context = {"form": form, "title": _("Ajouter une étape"), "button_label": _("Ajouter l’étape"), "step": ""}
    return render(request, "members/arrival_form.html", context, status=422 if form.errors else 200)


@require_http_methods(FORM)
@open_to(keeps_memberships)
def step_edit(request: HttpRequest, step_id: int) -> HttpResponse:
    step = get_object_or_404(ChecklistStep, pk=step_id)
    names = ("arrival", "departure", "kind", "side", "days")
    form = StepForm(
        request.POST if request.method == "POST" else None, initial={name: getattr(step, name) for name in names}
    )
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_step(step=step, by=request.actor, now=timezone.now(), **form.cleaned_data)  # type: ignore[attr-defined]
        except Refusal as refusal:
            refusal.tell(form)
        else:
            messages.success(request, _("L’étape est changée."))
            return redirect("members:arrival_settings")
    context = {"form": form, "title": _("Modifier l’étape"), "button_label": _("Enregistrer l’étape"), "step": step}
    return render(request, "members/arrival_form.html", context, status=422 if form.errors else 200)


@require_POST
@open_to(keeps_memberships)
def step_raise(request: HttpRequest, step_id: int) -> HttpResponse:
    step = get_object_or_404(ChecklistStep, pk=step_id)
    try:
        actions.raise_step(step=step, by=request.actor, now=timezone.now())  # type: ignore[attr-defined]
    except Refusal as refusal:
        messages.error(request, str(refusal.message))
    return redirect("members:arrival_settings")


@require_POST
@open_to(keeps_memberships)
def step_remove(request: HttpRequest, step_id: int) -> HttpResponse:
    step = get_object_or_404(ChecklistStep, pk=step_id)
    try:
        actions.remove_step(step=step, by=request.actor, now=timezone.now())  # type: ignore[attr-defined]
    except Refusal as refusal:
        messages.error(request, str(refusal.message))
    else:
        messages.success(request, _("L’étape n’est plus demandée\u00a0; les listes commencées la gardent."))
    return redirect("members:arrival_settings")
