"""/gestion/membres/cartes/ and /etiquettes/: printed for the members that the filters choose."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from documents.downloads import download
from hubs import languages
from hubs.actions import name_of, note_reading
from hubs.rules import open_to, person_of_hub
from hubs.scope import current_hub
from members import actions
from members.enums import Printed
from members.forms.cards import CardsForm, ChooseForm, LabelsForm
from members.models import Membership
from members.papers import cards_paper, labels_paper
from members.queries import holders_of, labels_for, members_chosen
from members.rules import keeps_memberships
from parties.models import Person

FORM = ["GET", "HEAD", "POST"]


def _pdf(template: str, context: Mapping[str, Any], *, title: str, name: str, now: dt.datetime) -> HttpResponse:
    # WeasyPrint is slow to import: only the process that is asked for one pays for it.
    from documents.rendering import render_pdf

    pdf = render_pdf(template=template, context=context, issued_at=now, title=title, author=current_hub().name)
    return download(name=name, content_type="application/pdf", content=pdf.content)


@require_http_methods(FORM)
@open_to(keeps_memberships)
def cards(request: HttpRequest) -> HttpResponse:
    """The cards of the members of the year in force; the same card keeps its code."""
    chooser = ChooseForm(request.GET, everyone=True)
    chosen = list(members_chosen(timezone.localdate(), **chooser.chosen))
    form = CardsForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid() and chosen and not form.refuse_too_many(len(chosen)):
        now = timezone.now()
        made = actions.make_cards(memberships=chosen, by=request.actor, now=now)  # type: ignore[attr-defined]
        with languages.of_hub():
            context = cards_paper(made, form.cleaned_data["first"])
            return _pdf("members/cards_pdf.html", context, title=_("Cartes de membre"), name="cartes.pdf", now=now)
    context = {"chooser": chooser, "form": form, "count": len(chosen)}
    return render(request, "members/cards.html", context, status=422 if form.errors else 200)


@require_http_methods(FORM)
@open_to(keeps_memberships)
def labels(request: HttpRequest) -> HttpResponse:
    """Addresses of the members of the year in force, who has none being told before."""
    chooser = ChooseForm(request.GET, everyone=False)
    today = timezone.localdate()
    asked = chooser.chosen
    found = labels_for(today, **asked | {"who": asked["who"] or Printed.STRUCTURES})
    form = LabelsForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid() and found.labels and not form.refuse_too_many(len(found.labels)):
        if found.people:
            things = [name_of(each) for each in found.people]
            note_reading(what="members.labels_printed", things=things, by=request.actor, today=today)  # type: ignore[attr-defined]
        with languages.of_hub():
            context = labels_paper(found.labels, form.layout, form.cleaned_data["first"])
            name, now = "etiquettes.pdf", timezone.now()
            return _pdf("members/labels_pdf.html", context, title=_("Étiquettes d’adresse"), name=name, now=now)
    without = [(each, _sheet_of(each)) for each in found.without_address]
    context = {"chooser": chooser, "form": form, "count": len(found.labels), "without": without}
    return render(request, "members/labels.html", context, status=422 if form.errors else 200)


def _sheet_of(each: Any) -> str:
    page = "parties:person" if isinstance(each, Person) else "parties:structure"
    return reverse(page, args=[each.public_id])


@require_POST
@open_to(person_of_hub)
def my_card(request: HttpRequest) -> HttpResponse:
    """One's own card, or that of a structure one works in: `pour` is its public id."""
    actor, now = request.actor, timezone.now()  # type: ignore[attr-defined]
    asked = request.POST.get("pour", "")
    holder = next((each for each in holders_of(actor) if each.public_id == asked), None)
    if holder is None:
        raise Http404
    whose = {"person" if isinstance(holder, Person) else "organisation": holder}
    held: list[Membership] = list(members_chosen(timezone.localdate(now)).filter(**whose))
    if not held:
        messages.warning(request, _("Il n’y a pas d’adhésion en cours\u00a0: pas de carte."))
        return redirect(f"{reverse('members:certificates')}?pour={holder.public_id}")
    made = actions.make_cards(memberships=held, by=actor, now=now)
    with languages.of_hub():
        context = cards_paper(made, 1)
        return _pdf("members/cards_pdf.html", context, title=_("Carte de membre"), name="carte-de-membre.pdf", now=now)
