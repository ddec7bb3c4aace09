"""/mon-espace/arrivee/: the list of a structure, walked by those who work there."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from hubs.refusals import NotAllowed, Refusal
from hubs.rules import open_to
from members import actions
from members.enums import CheckKind
from members.forms.checklists import InsuranceForm
from members.models import ChecklistItem
from members.queries import charter_in_force, lines_of, lists_to_show
from members.rules import may_do_step
from parties.rules import workplaces, works_somewhere


@require_safe
@open_to(works_somewhere)
def my_arrival(request: HttpRequest) -> HttpResponse:
    """« Votre arrivée », and the departures: whoever works there reads, who administers the structure ticks."""
    actor, today = request.actor, timezone.localdate()  # type: ignore[attr-defined]
    lists = lists_to_show(workplaces(actor), today)
    context = {"lists": [(each, lines_of(each, actor, today)) for each in lists], "is_theirs": True}
    return render(request, "members/my_arrival.html", context)


def _item(request: HttpRequest, public_id: str, item_id: int) -> ChecklistItem:
    """A step of a structure one works in; to the others of the hub it does not exist."""
    items = ChecklistItem.objects.select_related("checklist__organisation", "checklist__template", "step", "charter")
    mine = items.filter(checklist__organisation__in=workplaces(request.actor))  # type: ignore[attr-defined]
    return get_object_or_404(mine, checklist__public_id=public_id, pk=item_id)


@require_POST
@open_to(works_somewhere)
def do(request: HttpRequest, public_id: str, item_id: int) -> HttpResponse:
    item = _item(request, public_id, item_id)
    try:
        actions.do_step(item=item, by=request.actor, today=timezone.localdate())  # type: ignore[attr-defined]
    except NotAllowed as refusal:
        raise PermissionDenied from refusal
    except Refusal as refusal:
        messages.error(request, str(refusal.message))
    else:
        messages.success(request, _("«\u00a0%s\u00a0» est fait. Merci.") % item.step.label(item.checklist.way))
    return redirect("members:my_arrival")


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(works_somewhere)
def insurance(request: HttpRequest, public_id: str, item_id: int) -> HttpResponse:
    """Until when the structure is insured."""
    item = _item(request, public_id, item_id)
    if not may_do_step(request.actor, item):  # type: ignore[attr-defined]
        raise PermissionDenied
    form = InsuranceForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.do_step(item=item, by=request.actor, today=timezone.localdate(), **form.cleaned_data)  # type: ignore[attr-defined]
        except Refusal as refusal:
            refusal.tell(form)
        else:
            messages.success(request, _("Votre assurance est notée."))
            return redirect("members:my_arrival")
    context = {"item": item, "label": item.step.label(item.checklist.way), "form": form}
    return render(request, "members/my_insurance.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(works_somewhere)
def charter(request: HttpRequest, public_id: str, item_id: int) -> HttpResponse:
    """The text; « J’accepte la charte v3 » is a POST that says which version was read."""
    item = _item(request, public_id, item_id)
    refused = ""
    if request.method == "POST":
        number = request.POST.get("version", "")
        try:
            actions.accept_charter(
                item=item,
                number=int(number) if number.isdecimal() and len(number) < 5 else 0,
                by=request.actor,  # type: ignore[attr-defined]
                today=timezone.localdate(),
            )
        except NotAllowed as refusal:
            raise PermissionDenied from refusal
        except Refusal as refusal:
            refused = str(refusal.message)
        else:
            messages.success(request, _("Vous avez accepté la charte v%s. Merci.") % number)
            return redirect("members:my_arrival")
    context = {
        "item": item,
        "charter": item.charter or charter_in_force(),
        "refused": refused,
        "may_accept": item.done_on is None and item.kind == CheckKind.CHARTER and may_do_step(request.actor, item),  # type: ignore[attr-defined]
    }
    return render(request, "members/my_charter.html", context, status=422 if refused else 200)
