"""/gestion/membres/…: members who resign or are struck off, from the first letter to the last day."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from hubs.french import day
from hubs.refusals import Refusal
from hubs.rules import open_to
from members import actions, queries
from members.enums import StrikeCause, StrikeState
from members.forms.departures import DecideStrikeForm, DepartureTermsForm, HearForm, ResignForm, StopForm, StrikeForm
from members.models import DepartureTerms, Resignation, StrikeOff
from members.parts import commitments_after
from members.rules import keeps_memberships
from members.views.memberships import sheet_of
from parties.models import Link, Organisation, Person

FORM = ["GET", "HEAD", "POST"]
PER_PAGE = 50


def spelled(when: Any) -> str:
    return day(when, year=True, weekday=False)


def consequences(request: HttpRequest, member: queries.Member) -> dict[str, Any]:
    """What leaving today would come to: the last day, what is owed, what is booked after, who comes for it."""
    today = timezone.localdate()
    membership = queries.membership_on(member, today)
    terms = queries.departure_terms(today)
    organisation = member if isinstance(member, Organisation) else None
    context: dict[str, Any] = {
        "member": member,
        "membership": membership,
        "terms": terms,
        "owed": queries.account_due(member),
        "resigned": queries.resignation_of(member, today),
    }
    if membership is None:
        return context
    effect_on = queries.effect_of(letter_on=today, year=membership.fiscal_year, terms=terms)
    people = Link.objects.acting(today).filter(organisation=organisation, person__user__isnull=False)
    return context | {
        "effect_on": effect_on,
        "commitments": commitments_after(
            request.hub,  # type: ignore[attr-defined]
            organisation,
            member if isinstance(member, Person) else None,
            effect_on,
        ),
        "people": people.select_related("person").order_by("person__family_name", "pk") if organisation else [],
    }


@require_http_methods(FORM)
@open_to(keeps_memberships)
def resign_structure(request: HttpRequest, public_id: str) -> HttpResponse:
    return _resign(request, get_object_or_404(Organisation, public_id=public_id))


@require_http_methods(FORM)
@open_to(keeps_memberships)
def resign_person(request: HttpRequest, public_id: str) -> HttpResponse:
    return _resign(request, get_object_or_404(Person.objects.known(), public_id=public_id))


def _resign(request: HttpRequest, member: queries.Member) -> HttpResponse:
    """The letter that the staff has in hand; what follows is said before the click."""
    today = timezone.localdate()
    form = ResignForm(request.POST if request.method == "POST" else None, initial={"letter_on": today})
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.resign(member=member, by=request.actor, today=today, **form.cleaned_data)  # type: ignore[attr-defined]
        except Refusal as refusal:
            refusal.tell(form)
        else:
            given = {"member": member, "day": spelled(made.last_day)}
            messages.success(
                request, _("Démission notée\u00a0: %(member)s est membre jusqu’au %(day)s inclus.") % given
            )
            return redirect("members:resignation", made.pk)
    context = {"form": form, "sheet_url": sheet_of(member), **consequences(request, member)}
    return render(request, "members/resign.html", context, status=422 if form.errors else 200)


def _resignation(pk: int) -> Resignation:
    return get_object_or_404(Resignation.objects.for_display(), pk=pk)


@require_safe
@open_to(keeps_memberships)
def resignation(request: HttpRequest, resignation_id: int) -> HttpResponse:
    shown = _resignation(resignation_id)
    member, today = shown.membership.member, timezone.localdate()
    organisation = member if isinstance(member, Organisation) else None
    person = None if organisation else shown.membership.person
    people = Link.objects.acting(today).filter(organisation=organisation, person__user__isnull=False)
    context = {
        "resignation": shown,
        "member": member,
        "sheet_url": sheet_of(member),
        "is_over": shown.effect_on <= today,
        "may_withdraw": shown.withdrawn_on is None and today < shown.effect_on,
        "letters": queries.letters_of(member),
        "owed": queries.account_due(member),
        "commitments": commitments_after(request.hub, organisation, person, shown.effect_on),  # type: ignore[attr-defined]
        "people": people.select_related("person").order_by("person__family_name", "pk") if organisation else [],
        "mails": queries.addresses_of(member, today),
    }
    return render(request, "members/resignation.html", context)


@require_POST
@open_to(keeps_memberships)
def note_resignation(request: HttpRequest, resignation_id: int) -> HttpResponse:
    noted = actions.take_note(resignation=_resignation(resignation_id), by=request.actor, today=timezone.localdate())  # type: ignore[attr-defined]
    messages.success(request, _("C’est noté."))
    return redirect("members:resignation", noted.pk)


@require_POST
@open_to(keeps_memberships)
def withdraw_resignation(request: HttpRequest, resignation_id: int) -> HttpResponse:
    shown = _resignation(resignation_id)
    try:
        actions.withdraw_resignation(resignation=shown, by=request.actor, today=timezone.localdate())  # type: ignore[attr-defined]
    except Refusal as refusal:
        messages.error(request, str(refusal.message))
    else:
        messages.success(request, _("La démission est retirée\u00a0: %s reste membre.") % shown.membership.member)
    return redirect("members:resignation", shown.pk)


@require_http_methods(FORM)
@open_to(keeps_memberships)
def strike_structure(request: HttpRequest, public_id: str) -> HttpResponse:
    return _open_strike(request, get_object_or_404(Organisation, public_id=public_id))


@require_http_methods(FORM)
@open_to(keeps_memberships)
def strike_person(request: HttpRequest, public_id: str) -> HttpResponse:
    return _open_strike(request, get_object_or_404(Person.objects.known(), public_id=public_id))


def _open_strike(request: HttpRequest, member: queries.Member) -> HttpResponse:
    today = timezone.localdate()
    owed = queries.owes(member, due_by=today)
    initial = {"cause": StrikeCause.DUES if owed else StrikeCause.OTHER}
    form = StrikeForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.open_strike_off(member=member, by=request.actor, today=today, **form.cleaned_data)  # type: ignore[attr-defined]
        except Refusal as refusal:
            refusal.tell(form)
        else:
            messages.success(
                request, _("Mise en demeure écrite\u00a0: réponse attendue jusqu’au %s.") % spelled(made.answer_by)
            )
            return redirect("members:strike_off", made.pk)
    context = {
        "form": form,
        "member": member,
        "sheet_url": sheet_of(member),
        "owed": owed,
        "terms": queries.departure_terms(today),
        "under_way": queries.strike_off_of(member),
        "membership": queries.membership_on(member, today),
        "mails": queries.addresses_of(member, today),
    }
    return render(request, "members/strike_open.html", context, status=422 if form.errors else 200)


def _strike(pk: int) -> StrikeOff:
    return get_object_or_404(StrikeOff.objects.for_display(), pk=pk)


@require_safe
@open_to(keeps_memberships)
def strike_off(request: HttpRequest, strike_id: int) -> HttpResponse:
    """The procedure: its steps, and the form of the next one."""
    return _strike_page(request, _strike(strike_id))


@require_POST
@open_to(keeps_memberships)
def hear(request: HttpRequest, strike_id: int) -> HttpResponse:
    shown, form = _strike(strike_id), HearForm(request.POST)

    def write() -> str:
        actions.hear_member(strike=shown, by=request.actor, today=timezone.localdate(), **form.cleaned_data)  # type: ignore[attr-defined]
        return _("Ce que le membre a répondu est noté.")

    return _step(request, shown, form, "hearing", write)


@require_POST
@open_to(keeps_memberships)
def decide_strike(request: HttpRequest, strike_id: int) -> HttpResponse:
    shown, form = _strike(strike_id), DecideStrikeForm(request.POST)

    def write() -> str:
        given = form.cleaned_data
        kept = actions.decide_strike_off(
            strike=shown,
            on=given["on"],
            decided_by=given["decided_by"],
            reference=given["reference"],
            effect_on=form.effect_on,
            by=request.actor,  # type: ignore[attr-defined]
            today=timezone.localdate(),
        )
        told = {"member": shown, "day": spelled(kept.last_day)}
        return _("Radiation notée\u00a0: %(member)s est membre jusqu’au %(day)s inclus.") % told

    return _step(request, shown, form, "deciding", write)


@require_POST
@open_to(keeps_memberships)
def stop_strike(request: HttpRequest, strike_id: int) -> HttpResponse:
    shown, form = _strike(strike_id), StopForm(request.POST)

    def write() -> str:
        actions.stop_strike_off(
            strike=shown,
            reason=form.cleaned_data["reason"],
            by=request.actor,  # type: ignore[attr-defined]
            today=timezone.localdate(),
        )
        return _("La procédure est arrêtée\u00a0: %s reste membre.") % shown

    return _step(request, shown, form, "stopping", write)


def _step(
    request: HttpRequest, shown: StrikeOff, form: forms.Form, name: str, write: Callable[[], str]
) -> HttpResponse:
    if form.is_valid():
        try:
            words = write()
        except Refusal as refusal:
            refusal.tell(form)
        else:
            messages.success(request, words)
            return redirect("members:strike_off", shown.pk)
    return _strike_page(request, shown, **{name: form})


def _strike_page(request: HttpRequest, shown: StrikeOff, **wrong: forms.Form) -> HttpResponse:
    member, today = shown.membership.member, timezone.localdate()
    owed = queries.owes(member)
    state = queries.strike_state(shown, today, owed)
    open_forms: dict[str, forms.Form] = {}
    if state in (StrikeState.NOTIFIED, StrikeState.TO_DECIDE):
        if shown.heard_on is None:
            open_forms["hearing"] = HearForm(initial={"heard_on": today})
        elif state == StrikeState.TO_DECIDE:
            open_forms["deciding"] = DecideStrikeForm(initial={"on": today, "last_day": today})
    if shown.decided_on is None and shown.stopped_on is None:
        open_forms["stopping"] = StopForm()
    if "deciding" in wrong:
        open_forms.pop("hearing", None)
    context = {
        "strike": shown,
        "member": member,
        "sheet_url": sheet_of(member),
        "state": state,
        "states": StrikeState,
        "owed": owed,
        "letters": queries.letters_of(member),
        "mails": queries.addresses_of(member, today),
        **open_forms,
        **wrong,
    }
    return render(request, "members/strike_off.html", context, status=422 if wrong else 200)


@require_safe
@open_to(keeps_memberships)
def departures(request: HttpRequest) -> HttpResponse:
    """Resignations, the last first, and strike-offs under way; `?radiations=closes` shows those that ended."""
    today = timezone.localdate()
    closed = request.GET.get("radiations") == "closes"
    strikes = StrikeOff.objects.for_display().order_by("-notice_on", "-pk")
    strikes = strikes.exclude(decided_on=None, stopped_on=None) if closed else strikes.under_way()
    found = Resignation.objects.for_display().order_by("-letter_on", "-pk")
    context = {
        "page": Paginator(found, PER_PAGE).get_page(request.GET.get("page")),
        "strikes": queries.told_strikes(strikes[:PER_PAGE], today),
        "closed": closed,
        "today": today,
        "states": StrikeState,
    }
    return render(request, "members/departures.html", context)


@require_http_methods(FORM)
@open_to(keeps_memberships)
def departure_terms(request: HttpRequest) -> HttpResponse:
    """The rules of the statutes, each from its day on."""
    today = timezone.localdate()
    now = queries.departure_terms(today)
    initial = {name: getattr(now, name) for name in ("effect", "notice_days", "answer_days")} | {"starts_on": today}
    form = DepartureTermsForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            actions.set_departure_terms(by=request.actor, **form.cleaned_data)  # type: ignore[attr-defined]
        except Refusal as refusal:
            refusal.tell(form)
        else:
            messages.success(
                request, _("Les règles de départ sont notées. Les départs déjà notés gardent leurs dates.")
            )
            return redirect(reverse("members:departure_terms"))
    context = {"form": form, "past": DepartureTerms.objects.order_by("-starts_on", "-pk")}
    return render(request, "members/departure_terms.html", context, status=422 if form.errors else 200)
