"""/mon-espace/structure/: the structures one works in."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from hubs.refusals import Refusal
from hubs.rules import open_to
from parties import actions
from parties.forms import ContactForm
from parties.models import Link, Organisation
from parties.parts import structure_cards
from parties.queries import invitations_to, workplaces_of
from parties.rules import keeps_contact, may_invite, workplaces, works_somewhere


@require_safe
@open_to(works_somewhere)
def my_structure(request: HttpRequest) -> HttpResponse:
    """The sheet of my structure; of the one chosen when there are several."""
    actor = request.actor  # type: ignore[attr-defined]
    mine = workplaces_of(actor)
    asked = request.GET.get("structure", mine[0].public_id)
    organisation = next((each for each in mine if each.public_id == asked), None)
    if organisation is None:
        raise Http404
    administers = may_invite(actor, organisation.pk)
    links = Link.objects.live(timezone.localdate()).filter(organisation=organisation).select_related("person")
    context = {
        "organisation": organisation,
        "mine": mine,
        "links": links.order_by("person__family_name", "person__given_name", "pk"),
        "cards": structure_cards(request.hub, organisation, actor),  # type: ignore[attr-defined]
        "may_edit": keeps_contact(actor, organisation),
        "invitations": invitations_to(organisation, timezone.now()) if administers else [],
        "may_invite": administers,
    }
    return render(request, "parties/my_structure.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(works_somewhere)
def my_structure_edit(request: HttpRequest, public_id: str) -> HttpResponse:
    """Addresses, by those who administer the structure. To others of the hub it is not theirs: 404."""
    actor = request.actor  # type: ignore[attr-defined]
    organisation = get_object_or_404(Organisation.objects.filter(pk__in=workplaces(actor)), public_id=public_id)
    if not keeps_contact(actor, organisation):
        raise PermissionDenied
    initial = {name: getattr(organisation, name) for name in actions.CONTACT_FIELDS}
    form = ContactForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_organisation(organisation=organisation, by=actor, **form.cleaned_data)
        except Refusal as refusal:
            refusal.tell(form)
        else:
            messages.success(request, _("Vos coordonnées sont à jour."))
            return redirect("parties:my_structure")
    context = {"form": form, "organisation": organisation}
    return render(request, "parties/my_structure_form.html", context, status=422 if form.errors else 200)
