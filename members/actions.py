"""Every write on colleges, fiscal years and memberships."""

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from hubs.actions import record
from hubs.actors import Actor
from hubs.refusals import NotAllowed, Refusal, refusing
from members.enums import STANDING_AFTER, MemberKind, Standing
from members.models import College, FiscalYear, Membership
from members.rules import keeps_memberships
from parties.models import Organisation


class AlreadyMember(Refusal):
    message = _("Cette structure a déjà une adhésion pour cet exercice.")
    field = "organisation"


class YearsOverlap(Refusal):
    message = _("Un autre exercice couvre déjà une partie de ces dates.")
    field = "starts_on"


class YearEndsTooSoon(Refusal):
    message = _("L’exercice finit après avoir commencé.")
    field = "ends_on"


class AlreadyLeft(Refusal):
    message = _("Cette structure est déjà partie.")


class NoYearBefore(Refusal):
    message = _("Aucun exercice ne précède celui-ci : il n’y a rien à reconduire.")


def _check(by: Actor) -> None:
    if not keeps_memberships(by):
        raise NotAllowed(_("La coordination tient les adhésions."))


@transaction.atomic
def open_college(*, name: str, rank: int, starts_on: dt.date, by: Actor) -> College:
    """A college, from the day the statutes made it."""
    _check(by)
    college = College.objects.create(name=name, rank=rank, starts_on=starts_on)
    record(by=by, verb="members.college_opened", thing=college, after={"name": name, "starts_on": starts_on})
    return college


@transaction.atomic
def open_fiscal_year(*, label: str, starts_on: dt.date, ends_on: dt.date, by: Actor) -> FiscalYear:
    """A fiscal year, `ends_on` left out. From its first day on, its memberships are those that count.

    Raises YearsOverlap, YearEndsTooSoon.
    """
    _check(by)
    refusals = {"members_fiscalyear_no_overlap": YearsOverlap, "members_fiscalyear_period": YearEndsTooSoon}
    if ends_on <= starts_on:
        raise YearEndsTooSoon
    with refusing(refusals):
        year = FiscalYear.objects.create(label=label, starts_on=starts_on, ends_on=ends_on)
    record(by=by, verb="members.year_opened", thing=year, after={"starts_on": starts_on, "ends_on": ends_on})
    return year


@transaction.atomic
def admit(
    *, organisation: Organisation, college: College, fiscal_year: FiscalYear, kind: MemberKind, by: Actor
) -> Membership:
    """Make the structure a member for the year. Raises AlreadyMember."""
    _check(by)
    with refusing({"members_membership_once_a_year": AlreadyMember}):
        membership = Membership.objects.create(
            organisation=organisation, college=college, fiscal_year=fiscal_year, kind=kind
        )
    record(
        by=by,
        verb="members.admitted",
        thing=organisation,
        after={"fiscal_year": fiscal_year.label, "college": college.name, "kind": kind},
    )
    return membership


@transaction.atomic
def change_kind(*, membership: Membership, kind: MemberKind, by: Actor) -> Membership:
    """The structure moves in, or out: prices follow for what is booked from now on."""
    _check(by)
    if membership.kind == kind:
        return membership
    before, membership.kind = membership.kind, kind
    membership.save(update_fields=["kind"])
    record(
        by=by,
        verb="members.kind_changed",
        thing=membership.organisation,
        before={"kind": before},
        after={"kind": kind},
    )
    return membership


@transaction.atomic
def end_membership(*, membership: Membership, on: dt.date, by: Actor, reason: str = "") -> Membership:
    """The structure leaves: from `on` it is no longer a member. Raises AlreadyLeft."""
    _check(by)
    if Standing.LEFT not in STANDING_AFTER[membership.standing]:
        raise AlreadyLeft
    membership.standing, membership.left_on = Standing.LEFT, on
    membership.save(update_fields=["standing", "left_on"])
    record(by=by, verb="members.left", thing=membership.organisation, after={"left_on": on}, reason=reason)
    return membership


@transaction.atomic
def renew(*, fiscal_year: FiscalYear, by: Actor) -> int:
    """Carry the members of the year before into `fiscal_year`; how many were. Twice changes nothing.

    Raises NoYearBefore.
    """
    _check(by)
    before = FiscalYear.objects.filter(starts_on__lt=fiscal_year.starts_on).by_date().first()
    if before is None:
        raise NoYearBefore
    there = Membership.objects.filter(fiscal_year=fiscal_year).values("organisation")
    carried = Membership.objects.bulk_create(
        Membership(
            organisation_id=old.organisation_id,
            college_id=old.college_id,
            fiscal_year=fiscal_year,
            kind=old.kind,
        )
        for old in Membership.objects.live(fiscal_year.starts_on)
        .filter(fiscal_year=before)
        .exclude(organisation__in=there)
        .order_by("pk")
    )
    if carried:
        record(by=by, verb="members.renewed", thing=fiscal_year, after={"memberships": len(carried)})
    return len(carried)
