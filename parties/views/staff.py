"""/gestion/structures/: the structures the hub knows, and the people in them."""

from typing import Any

from django.contrib import messages
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from hubs.actions import name_of, note_reading
from hubs.exports import MAX_ROWS, TYPES, download, exported
from hubs.lists import export_links, show_page
from hubs.refusals import Refusal
from hubs.rules import open_to, staff
from parties import actions
from parties.enums import FieldOf
from parties.figures import FIGURES, label_of, shown
from parties.filters import filter_with
from parties.forms import (
    IDENTITY,
    AccountForm,
    EndRoleForm,
    FiguresForm,
    IntroduceForm,
    LastDayForm,
    OrganisationForm,
    RelationForm,
)
from parties.merging.queries import merged_of, on_sheet
from parties.merging.sheets import own_of_sheet, trail_of_sheet
from parties.models import Link, Organisation, Person, Relation, YearFigures
from parties.own_fields.forms import add_own_fields, answers_of
from parties.own_fields.queries import columns_of, fields_on, values_of
from parties.papers.queries import slots_of
from parties.papers.rules import keeps_papers
from parties.parts import facets, structure_cards
from parties.queries import invitations_to, other_trades_of, relations_of
from parties.rules import keeps_structures, may_invite, sees_figures
from parties.tables import OrganisationTable
from parties.views.people import change_page

EXPORTED = (*IDENTITY, "email", "invoice_email", "phone", "address", "postcode", "town", "website")


@require_safe
@open_to(staff)
def structures(request: HttpRequest) -> HttpResponse:
    """The list, filtered; `?export=csv` or `xlsx` is the same list as a file."""
    added = facets(request.hub)  # type: ignore[attr-defined]
    known = Organisation.objects.live(timezone.localdate())
    chosen = filter_with(added)(request.GET, queryset=known, request=request)
    table = OrganisationTable(chosen.qs, facets=added)
    show_page(request, table)
    if (kind := request.GET.get("export")) in TYPES:
        return _export(request, kind, table)
    context = {
        "table": table,
        "filter": chosen,
        "exports": export_links(request),
        "nothing_yet": not chosen.data and not table.rows,
        "may_keep": keeps_structures(request.actor),  # type: ignore[attr-defined]
    }
    return render(request, "parties/structures.html", context)


def _export(request: HttpRequest, kind: str, table: OrganisationTable) -> HttpResponse:
    rows = list(table.data.data.select_related("trade")[: MAX_ROWS + 1])
    if len(rows) > MAX_ROWS:
        messages.warning(request, _("Plus de 5 000 structures\u00a0: filtrez la liste, puis exportez-la."))
        return redirect("parties:structures")
    told = [facet.tell([organisation.pk for organisation in rows]) for facet in table.facets]
    names = {name: str(Organisation._meta.get_field(name).verbose_name).capitalize() for name in EXPORTED}
    names |= {"siret": "SIRET", "siren": "SIREN"}
    ids = [organisation.pk for organisation in rows]
    others, relations = other_trades_of(ids), relations_of(ids, timezone.localdate())
    own, answers = columns_of(FieldOf.ORGANISATION, [organisation.pk for organisation in rows])
    header = [
        *names.values(),
        _("Métier"),
        _("Autres métiers"),
        _("Relations"),
        *(str(facet.label) for facet in table.facets),
        *(field.title for field in own),
    ]
    lines = [
        [
            *(
                organisation.get_legal_form_display() if name == "legal_form" else getattr(organisation, name)
                for name in names
            ),
            organisation.trade.name if organisation.trade else "",
            ", ".join(others.get(organisation.pk, ())),
            ", ".join(relations.get(organisation.pk, ())),
            *(words.get(organisation.pk, "") for words in told),
            *(exported(answers.get(organisation.pk, {}).get(field.pk)) for field in own),
        ]
        for organisation in rows
    ]
    return download("structures", kind, header, lines)


@require_safe
@open_to(staff)
def structure(request: HttpRequest, public_id: str) -> HttpResponse:
    """The sheet of a structure: who it is, who works there, what it weighs, what happened to it."""
    actor = request.actor  # type: ignore[attr-defined]
    found = Organisation.objects.select_related("trade", "hosted_by__merged_into", "merged_into")
    organisation = get_object_or_404(found, public_id=public_id)
    if organisation.merged_into is not None:
        return redirect("parties:structure", organisation.merged_into.public_id)
    today = timezone.localdate()
    merged = merged_of(organisation)
    links = list(
        Link.objects.filter(on_sheet("organisation", organisation))
        .select_related("person__merged_into")
        .order_by("-starts_on", "pk")
    )
    for link in links:
        link.person = link.person.stands_as
        link.signs_in = link.person.may_sign_in(today)
    figures = sees_figures(actor)
    years = _figures_shown(organisation) if figures else []
    if years and not actor.acts_for(organisation.pk):
        note_reading(what="parties.figures_seen", things=[name_of(organisation)], by=actor, today=today)
    context = {
        "organisation": organisation,
        "links": [link for link in links if link.ends_on is None or link.ends_on > max(today, link.starts_on)],
        "past_links": [link for link in links if link.ends_on is not None and link.starts_on < link.ends_on <= today],
        "invitations": invitations_to(organisation, timezone.now()),
        "may_invite": may_invite(actor, organisation.pk),
        "figures": years,
        "figure_labels": [label_of(name) for name in FIGURES],
        "sees_figures": figures,
        "hosted": list(Organisation.objects.standing().filter(on_sheet("hosted_by", organisation)).by_name()),
        "own": own_of_sheet(organisation, merged, today),
        "other_trades": ", ".join(other_trades_of([organisation.pk]).get(organisation.pk, ())),
        "relations": list(Relation.objects.filter(on_sheet("organisation", organisation)).order_by("-starts_on", "pk")),
        "today": today,
        "merged": [
            (each, structure_cards(request.hub, each, actor))  # type: ignore[attr-defined]
            for each in merged
        ],
        "slots": slots_of(organisation, today) if keeps_papers(actor) else [],
        "cards": structure_cards(request.hub, organisation, actor),  # type: ignore[attr-defined]
        "trail": trail_of_sheet(organisation, merged, actor),
        "may_keep": keeps_structures(actor),
    }
    return render(request, "parties/structure.html", context)


def _figures_shown(organisation: Organisation) -> list[tuple[int, list[tuple[str, str]]]]:
    """Year by year, the last first; those of a merged sheet where its own are not known."""
    rows = YearFigures.objects.filter(on_sheet("organisation", organisation))
    years = {row.year: row for row in rows.order_by("-year", F("organisation__merged_into").asc(nulls_last=True), "pk")}
    return [(year.year, [(label_of(name), shown(getattr(year, name))) for name in FIGURES]) for year in years.values()]


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(keeps_structures)
def structure_add(request: HttpRequest) -> HttpResponse:
    form = OrganisationForm(request.POST or None)
    fields = fields_on(FieldOf.ORGANISATION, timezone.localdate())
    add_own_fields(form, fields, {})
    if request.method == "POST" and form.is_valid():
        own = answers_of(form, fields)
        try:
            made = actions.create_organisation(by=request.actor, own=own, **form.cleaned_data)  # type: ignore[attr-defined]
        except Refusal as refusal:
            refusal.tell(form)
        else:
            messages.success(request, _("%s est au fichier.") % made)
            return redirect("parties:structure", made.public_id)
    return _form(request, "parties/structure_form.html", form, {"organisation": None})


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(keeps_structures)
def structure_edit(request: HttpRequest, public_id: str) -> HttpResponse:
    organisation = get_object_or_404(Organisation.objects.standing().select_related("trade"), public_id=public_id)
    initial = {name: getattr(organisation, name) for name in (*IDENTITY, *actions.CONTACT_FIELDS)}
    initial |= {
        "trade": organisation.trade.name if organisation.trade else "",
        "other_trades": ", ".join(
            organisation.other_trades.order_by("trade__name", "pk").values_list("trade__name", flat=True)
        ),
        "hosted_by": organisation.hosted_by_id,
    }
    form = OrganisationForm(request.POST or None, initial=initial, organisation=organisation)
    fields = fields_on(FieldOf.ORGANISATION, timezone.localdate())
    add_own_fields(form, fields, values_of(organisation))
    if request.method == "POST" and form.is_valid():
        own = answers_of(form, fields)
        try:
            actions.change_organisation(organisation=organisation, by=request.actor, own=own, **form.cleaned_data)  # type: ignore[attr-defined]
        except Refusal as refusal:
            refusal.tell(form)
        else:
            messages.success(request, _("La fiche est à jour."))
            return redirect("parties:structure", organisation.public_id)
    return _form(request, "parties/structure_form.html", form, {"organisation": organisation})


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(keeps_structures)
def person_add(request: HttpRequest, public_id: str) -> HttpResponse:
    """Someone and a role in the structure, in one form."""
    organisation = get_object_or_404(Organisation.objects.standing(), public_id=public_id)
    form = IntroduceForm(request.POST or None, initial={"starts_on": timezone.localdate()})
    if request.method == "POST" and form.is_valid():
        try:
            link = actions.introduce(organisation=organisation, by=request.actor, now=timezone.now(), **form.given)  # type: ignore[attr-defined]
        except Refusal as refusal:
            refusal.tell(form)
        else:
            messages.success(
                request, _("%(person)s\u00a0: %(role)s.") % {"person": link.person, "role": link.get_role_display()}
            )
            return redirect("parties:structure", organisation.public_id)
    return _form(request, "parties/person_form.html", form, {"organisation": organisation})


def _person_of(organisation: Organisation, public_id: str) -> Person:
    """Someone who has, had or will have a role in the structure; 404 otherwise."""
    return get_object_or_404(
        Person.objects.known()
        .filter(on_sheet("links__organisation", organisation) | on_sheet("merged__links__organisation", organisation))
        .distinct(),
        public_id=public_id,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(keeps_structures)
def person_edit(request: HttpRequest, public_id: str, person_id: str) -> HttpResponse:
    organisation = get_object_or_404(Organisation.objects.standing(), public_id=public_id)
    person = _person_of(organisation, person_id)
    return change_page(request, person, organisation.name, reverse("parties:structure", args=[organisation.public_id]))


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(keeps_structures)
def account_open(request: HttpRequest, public_id: str, person_id: str) -> HttpResponse:
    """Invite someone on file to sign in. Once they can, there is nothing to open."""
    organisation = get_object_or_404(Organisation.objects.standing(), public_id=public_id)
    person = _person_of(organisation, person_id)
    sheet = (organisation.name, reverse("parties:structure", args=[organisation.public_id]))
    return _invite_to_sign_in(request, person, sheet)


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(keeps_structures)
def person_account_open(request: HttpRequest, public_id: str) -> HttpResponse:
    """The same for someone of no structure, who is a member in their own name."""
    person = get_object_or_404(Person.objects.known(), public_id=public_id)
    return _invite_to_sign_in(request, person, (str(person), reverse("parties:person", args=[person.public_id])))


def _invite_to_sign_in(request: HttpRequest, person: Person, sheet: tuple[str, str]) -> HttpResponse:
    """`sheet` is the name and the address of the page to come back to."""
    if person.may_sign_in(timezone.localdate()):
        messages.info(request, _("%s peut déjà se connecter.") % person)
        return redirect(sheet[1])
    form = AccountForm(request.POST or None, initial={"email": person.email})
    if request.method == "POST" and form.is_valid():
        try:
            sent = actions.invite_to_sign_in(
                person=person,
                email=form.cleaned_data["email"],
                by=request.actor,  # type: ignore[attr-defined]
                now=timezone.now(),
            )
        except Refusal as refusal:
            refusal.tell(form)
        else:
            given = {"person": person, "email": sent.email}
            messages.success(request, _("Une invitation part pour %(person)s, à %(email)s.") % given)
            return redirect(sheet[1])
    return _form(request, "parties/account_form.html", form, {"sheet": sheet, "person": person})


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(keeps_structures)
def role_end(request: HttpRequest, public_id: str, link_id: int) -> HttpResponse:
    organisation = get_object_or_404(Organisation.objects.standing(), public_id=public_id)
    link = get_object_or_404(
        Link.objects.select_related("person", "organisation").filter(on_sheet("organisation", organisation)), pk=link_id
    )
    form = EndRoleForm(request.POST or None, initial={"last_day": timezone.localdate()})
    if request.method == "POST" and form.is_valid():
        try:
            actions.end_link(link=link, on=form.ends_on, by=request.actor)  # type: ignore[attr-defined]
        except Refusal as refusal:
            refusal.tell(form)
        else:
            messages.success(request, _("Le rôle de %s prend fin.") % link.person)
            return redirect("parties:structure", organisation.public_id)
    return _form(request, "parties/role_end.html", form, {"organisation": organisation, "link": link})


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(keeps_structures)
def relation_add(request: HttpRequest, public_id: str) -> HttpResponse:
    """What the structure is to the hub beside a member."""
    organisation = get_object_or_404(Organisation.objects.standing(), public_id=public_id)
    form = RelationForm(request.POST or None, initial={"starts_on": timezone.localdate()})
    if request.method == "POST" and form.is_valid():
        try:
            actions.start_relation(organisation=organisation, by=request.actor, **form.given)  # type: ignore[attr-defined]
        except Refusal as refusal:
            refusal.tell(form)
        else:
            messages.success(request, _("La relation est notée."))
            return redirect("parties:structure", organisation.public_id)
    return _form(request, "parties/relation_form.html", form, {"organisation": organisation, "relation": None})


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(keeps_structures)
def relation_end(request: HttpRequest, public_id: str, relation_id: int) -> HttpResponse:
    organisation = get_object_or_404(Organisation.objects.standing(), public_id=public_id)
    found = Relation.objects.filter(on_sheet("organisation", organisation))
    relation = get_object_or_404(found, pk=relation_id)
    form = LastDayForm(request.POST or None, initial={"last_day": timezone.localdate()})
    if request.method == "POST" and form.is_valid():
        try:
            actions.end_relation(relation=relation, on=form.ends_on, by=request.actor)  # type: ignore[attr-defined]
        except Refusal as refusal:
            refusal.tell(form)
        else:
            messages.success(request, _("La relation prend fin."))
            return redirect("parties:structure", organisation.public_id)
    return _form(request, "parties/relation_form.html", form, {"organisation": organisation, "relation": relation})


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(keeps_structures)
def figures(request: HttpRequest, public_id: str) -> HttpResponse:
    """The figures of a year, typed by staff. Another year's are proposed as they are."""
    organisation = get_object_or_404(Organisation.objects.standing(), public_id=public_id)
    asked = request.GET.get("annee", "")
    year = int(asked) if asked.isdecimal() and len(asked) == 4 else timezone.localdate().year
    kept = YearFigures.objects.filter(organisation=organisation, year=year).first()
    initial = {"year": year} | ({name: getattr(kept, name) for name in FIGURES} if kept else {})
    form = FiguresForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            actions.record_figures(organisation=organisation, by=request.actor, **form.cleaned_data)  # type: ignore[attr-defined]
        except Refusal as refusal:
            refusal.tell(form)
        else:
            messages.success(request, _("Les chiffres %s sont enregistrés.") % form.cleaned_data["year"])
            return redirect("parties:structure", organisation.public_id)
    return _form(request, "parties/figures_form.html", form, {"organisation": organisation})


def _form(request: HttpRequest, template: str, form: Any, context: dict[str, Any]) -> HttpResponse:
    return render(request, template, {"form": form, **context}, status=422 if form.errors else 200)
