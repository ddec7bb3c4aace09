"""/gestion/membres/…: what the sheet of a structure leads to. Admit it, change where it works, let it leave."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from hubs.refusals import Refusal
from hubs.rules import open_to
from members import actions
from members.enums import MemberKind
from members.forms.memberships import AdmitForm, KindForm, LeaveForm
from members.models import College, FiscalYear, Membership
from members.queries import year_in_force
from members.rules import keeps_memberships
from parties.models import Organisation, Person


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(keeps_memberships)
def admit(request: HttpRequest, public_id: str) -> HttpResponse:
    """« Faire adhérer »: the year in force is proposed, or the last that the structure has no membership of."""
    organisation = get_object_or_404(Organisation.objects.select_related("merged_into"), public_id=public_id)
    if organisation.merged_into is not None:
        return redirect("members:admit", organisation.merged_into.public_id)
    form = AdmitForm(request.POST or None, initial={"fiscal_year": _year_to_propose(organisation)})
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.admit(organisation=organisation, by=request.actor, **form.cleaned_data)  # type: ignore[attr-defined]
        except Refusal as refusal:
            refusal.tell(form)
        else:
            given = {"structure": organisation, "year": made.fiscal_year}
            messages.success(request, _("%(structure)s est membre pour l’exercice %(year)s.") % given)
            return redirect("parties:structure", organisation.public_id)
    context = {"organisation": organisation, "has_years": FiscalYear.objects.exists()}
    return _form(request, "members/admit_form.html", form, context)


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(keeps_memberships)
def admit_person(request: HttpRequest, public_id: str) -> HttpResponse:
    """The same for a natural person, in the colleges that take them."""
    person = get_object_or_404(Person.objects.filter(erased_at=None).select_related("merged_into"), public_id=public_id)
    if person.merged_into is not None:
        return redirect("members:admit_person", person.merged_into.public_id)
    form = AdmitForm(request.POST or None, taking="takes_people", initial={"fiscal_year": _year_to_propose(person)})
    form.fields["kind"].initial = MemberKind.ASSOCIATE
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.admit(person=person, by=request.actor, **form.cleaned_data)  # type: ignore[attr-defined]
        except Refusal as refusal:
            refusal.tell(form)
        else:
            given = {"structure": person, "year": made.fiscal_year}
            messages.success(request, _("%(structure)s est membre pour l’exercice %(year)s.") % given)
            return redirect("parties:person", person.public_id)
    context = {
        "person": person,
        "has_years": FiscalYear.objects.exists(),
        "has_colleges": College.objects.live(timezone.localdate()).filter(takes_people=True).exists(),
    }
    return _form(request, "members/admit_person.html", form, context)


def sheet_of(member: Organisation | Person) -> str:
    """The address of the member's sheet."""
    page = "parties:person" if isinstance(member, Person) else "parties:structure"
    return reverse(page, args=[member.public_id])


def _year_to_propose(member: Organisation | Person) -> FiscalYear | None:
    whose = {"person" if isinstance(member, Person) else "organisation": member}
    held = Membership.objects.filter(**whose).values("fiscal_year")
    free = list(FiscalYear.objects.exclude(pk__in=held).by_date())
    current = year_in_force(timezone.localdate())
    return current if current in free else next(iter(free), None)


def _membership(pk: int) -> Membership:
    return get_object_or_404(Membership.objects.select_related("organisation", "person", "fiscal_year"), pk=pk)


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(keeps_memberships)
def change_kind(request: HttpRequest, membership_id: int) -> HttpResponse:
    membership = _membership(membership_id)
    form = KindForm(request.POST or None, initial={"kind": membership.kind})
    if request.method == "POST" and form.is_valid():
        try:
            kept = actions.change_kind(membership=membership, by=request.actor, **form.cleaned_data)  # type: ignore[attr-defined]
        except Refusal as refusal:
            refusal.tell(form)
        else:
            given = {"structure": kept.member, "kind": kept.get_kind_display(), "year": kept.fiscal_year}
            messages.success(request, _("%(structure)s est %(kind)s pour l’exercice %(year)s.") % given)
            return redirect(sheet_of(kept.member))
    return _form(
        request, "members/kind_form.html", form, {"membership": membership, "sheet_url": sheet_of(membership.member)}
    )


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(keeps_memberships)
def leave(request: HttpRequest, membership_id: int) -> HttpResponse:
    membership = _membership(membership_id)
    form = LeaveForm(request.POST or None, initial={"last_day": timezone.localdate()})
    if request.method == "POST" and form.is_valid():
        try:
            kept = actions.end_membership(
                membership=membership,
                on=form.left_on,
                reason=form.cleaned_data["reason"],
                by=request.actor,  # type: ignore[attr-defined]
            )
        except Refusal as refusal:
            refusal.tell(form)
        else:
            given = {"structure": kept.member, "year": kept.fiscal_year}
            messages.success(request, _("%(structure)s\u00a0: l’adhésion pour l’exercice %(year)s prend fin.") % given)
            return redirect(sheet_of(kept.member))
    return _form(
        request, "members/leave_form.html", form, {"membership": membership, "sheet_url": sheet_of(membership.member)}
    )


def _form(request: HttpRequest, template: str, form: Any, context: dict[str, Any]) -> HttpResponse:
    return render(request, template, {"form": form, **context}, status=422 if form.errors else 200)
