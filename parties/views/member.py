"""/mon-espace/structure/: the structures one works in."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from hubs.personal import said
from hubs.refusals import Refusal
from hubs.rules import open_to
from parties import actions
from parties.enums import FieldOf, FieldReach
from parties.forms import ContactForm
from parties.merging.queries import on_sheet
from parties.models import Link, Organisation
from parties.own_fields.forms import add_own_fields, answers_of
from parties.own_fields.queries import fields_on, told_of, values_of
from parties.parts import structure_cards
from parties.queries import invitations_to, other_trades_of, workplaces_of
from parties.rules import keeps_contact, may_invite, workplaces, works_somewhere

# What a structure meets of the hub's own fields.
THEIRS = (FieldReach.READ, FieldReach.WRITE)


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
    today = timezone.localdate()
    links = (
        Link.objects.live(today).filter(on_sheet("organisation", organisation)).select_related("person__merged_into")
    )
    context = {
        "organisation": organisation,
        "mine": mine,
        "links": links.order_by("person__family_name", "person__given_name", "pk"),
        "cards": structure_cards(request.hub, organisation, actor),  # type: ignore[attr-defined]
        "own": [(field.label, said(value), field.unit) for field, value in told_of(organisation, today, reach=THEIRS)],
        "other_trades": ", ".join(other_trades_of([organisation.pk]).get(organisation.pk, ())),
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
    mine = Organisation.objects.standing().filter(pk__in=workplaces(actor))
    organisation = get_object_or_404(mine, public_id=public_id)
    if not keeps_contact(actor, organisation):
        raise PermissionDenied
    initial = {name: getattr(organisation, name) for name in actions.CONTACT_FIELDS}
    form = ContactForm(request.POST or None, initial=initial)
    fields = fields_on(FieldOf.ORGANISATION, timezone.localdate(), reach=[FieldReach.WRITE])
    add_own_fields(form, fields, values_of(organisation))
    if request.method == "POST" and form.is_valid():
        own = answers_of(form, fields)
        try:
            actions.change_organisation(organisation=organisation, by=actor, own=own, **form.cleaned_data)
        except Refusal as refusal:
            refusal.tell(form)
        else:
            messages.success(request, _("Vos coordonnées sont à jour."))
            return redirect("parties:my_structure")
    context = {"form": form, "organisation": organisation}
    return render(request, "parties/my_structure_form.html", context, status=422 if form.errors else 200)
