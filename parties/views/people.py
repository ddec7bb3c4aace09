"""/gestion/personnes/: the people the hub knows, and the sheet of each."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from hubs.actions import name_of, note_reading
from hubs.exports import MAX_ROWS, TYPES, download, exported
from hubs.lists import export_links, show_page
from hubs.models import StaffRole
from hubs.refusals import Refusal
from hubs.rules import coordinator, open_to, staff
from parties import actions
from parties.enums import FieldOf
from parties.filters import PersonFilter
from parties.forms import PersonForm
from parties.merging.queries import merged_of, on_sheet
from parties.merging.sheets import own_of_sheet, trail_of_sheet
from parties.models import Link, Person
from parties.own_fields.forms import add_own_fields, answers_of
from parties.own_fields.queries import columns_of, fields_on, values_of
from parties.papers.queries import slots_of
from parties.papers.rules import keeps_papers
from parties.parts import person_cards
from parties.personal.queries import left_of, open_request
from parties.queries import access_of, invitations_of
from parties.rules import keeps_structures
from parties.tables import PersonTable


@require_safe
@open_to(staff)
def people(request: HttpRequest) -> HttpResponse:
    """The list, searched; `?export=csv` or `xlsx` is the same list as a file, for those who keep it."""
    chosen = PersonFilter(request.GET, queryset=Person.objects.known(), request=request)
    table = PersonTable(chosen.qs)
    show_page(request, table)
    may_keep = keeps_structures(request.actor)  # type: ignore[attr-defined]
    if may_keep and (kind := request.GET.get("export")) in TYPES:
        return _export(request, kind, table)
    context = {"table": table, "filter": chosen, "exports": export_links(request), "may_keep": may_keep}
    return render(request, "parties/people.html", context)


def _export(request: HttpRequest, kind: str, table: PersonTable) -> HttpResponse:
    rows = list(table.data.data[: MAX_ROWS + 1])
    if len(rows) > MAX_ROWS:
        messages.warning(request, _("Plus de 5 000 personnes\u00a0: filtrez la liste, puis exportez-la."))
        return redirect("parties:people")
    today = timezone.localdate()
    seen = [name_of(person) for person in rows]
    note_reading(what="parties.people_exported", things=seen, by=request.actor, today=today)  # type: ignore[attr-defined]
    own, answers = columns_of(FieldOf.PERSON, [person.pk for person in rows])
    roles = table.roles_of(rows)
    header = [
        _("Nom"),
        _("Prénom"),
        _("Adresse électronique"),
        _("Téléphone"),
        _("Rôles"),
        _("Peut se connecter"),
        *(field.title for field in own),
    ]
    lines = [
        [
            person.family_name,
            person.given_name,
            person.email,
            person.phone,
            ", ".join(f"{link.organisation.name} ({link.get_role_display()})" for link in roles.get(person.pk, ())),
            exported(person.may_sign_in(today)),
            *(exported(answers.get(person.pk, {}).get(field.pk)) for field in own),
        ]
        for person in rows
    ]
    return download("personnes", kind, header, lines)


@require_safe
@open_to(staff)
def person(request: HttpRequest, public_id: str) -> HttpResponse:
    """Who it is, for which structures and since when, whether they sign in, and what happened to their sheet."""
    actor = request.actor  # type: ignore[attr-defined]
    shown = get_object_or_404(Person.objects.select_related("user", "merged_into"), public_id=public_id)
    if shown.merged_into is not None:
        return redirect("parties:person", shown.merged_into.public_id)
    now, today = timezone.now(), timezone.localdate()
    merged = merged_of(shown)
    links = list(
        Link.objects.filter(on_sheet("person", shown))
        .select_related("organisation__merged_into")
        .order_by("-starts_on", "pk")
    )
    for link in links:
        link.organisation = link.organisation.stands_as
    sent = invitations_of(shown, now) if shown.erased_at is None else []
    roles = StaffRole.objects.live(today).filter(user=shown.user_id) if shown.user_id else StaffRole.objects.none()
    context = {
        "person": shown,
        "links": [link for link in links if link.ends_on is None or link.ends_on > max(today, link.starts_on)],
        "past_links": [link for link in links if link.ends_on is not None and link.starts_on < link.ends_on <= today],
        "last_link": links[0] if links else None,
        "access": access_of(shown, today),
        # Those to the team are the coordination's to handle.
        "invitations": [each for each in sent if coordinator(actor) or not each.invitation.staff_role],
        "staff_roles": [role.get_role_display() for role in roles.order_by("role", "pk")],
        "own": own_of_sheet(shown, merged, today),
        "merged": [(each, person_cards(request.hub, each, actor)) for each in merged],  # type: ignore[attr-defined]
        "slots": slots_of(shown, today) if keeps_papers(actor) and shown.erased_at is None else [],
        "cards": person_cards(request.hub, shown, actor),  # type: ignore[attr-defined]
        "trail": trail_of_sheet(shown, merged, actor),
        "left": left_of(shown) if shown.erased_at else None,
        "asked": open_request(shown.pk),
        "may_keep": keeps_structures(actor) and shown.erased_at is None,
        "answers_for_data": coordinator(actor) and shown.erased_at is None,
    }
    return render(request, "parties/person.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(keeps_structures)
def person_edit(request: HttpRequest, public_id: str) -> HttpResponse:
    shown = get_object_or_404(Person.objects.known(), public_id=public_id)
    return change_page(request, shown, str(shown), reverse("parties:person", args=[shown.public_id]))


def change_page(request: HttpRequest, shown: Person, came_from: str, back: str) -> HttpResponse:
    """Name, addresses and the hub's own fields; whoever came from a structure goes back to it."""
    form = PersonForm(request.POST or None, person=shown)
    fields = fields_on(FieldOf.PERSON, timezone.localdate())
    add_own_fields(form, fields, values_of(shown))
    if request.method == "POST" and form.is_valid():
        own = answers_of(form, fields)
        try:
            changed = actions.change_person(person=shown, by=request.actor, own=own, **form.cleaned_data)  # type: ignore[attr-defined]
        except Refusal as refusal:
            refusal.tell(form)
        else:
            messages.success(request, _("Les coordonnées de %s sont à jour.") % changed)
            return redirect(back)
    context = {"form": form, "person": shown, "came_from": came_from, "back": back}
    return render(request, "parties/person_edit.html", context, status=422 if form.errors else 200)
