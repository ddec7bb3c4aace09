"""Colleges: what the statutes make of them, each from a day on."""

import datetime as dt
from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from hubs.actions import record
from hubs.actors import Actor
from hubs.refusals import NotAllowed, Refusal, refusing
from members.enums import Step
from members.models import College, FiscalYear, Membership, MembershipQuerySet
from members.rules import keeps_memberships


class CollegeKnown(Refusal):
    message = _("Un collège porte déjà ce nom.")
    field = "name"


class CollegeEnded(Refusal):
    message = _("Ce collège a déjà une fin.")


class CollegeTooYoung(Refusal):
    message = _("Ce collège commence ce jour-là ou plus tard.")
    field = "starts_on"


class CollegeHasMembers(Refusal):
    message = _("Des structures y adhèrent encore pour un exercice qui commence ensuite. Remplacez-le par un autre.")
    field = "starts_on"


class LastCollege(Refusal):
    message = _("Il ne resterait aucun collège où adhérer. Ouvrez d’abord l’autre, ou remplacez celui-ci.")
    field = "starts_on"


def check_keeps(by: Actor) -> None:
    """Raises NotAllowed unless the actor keeps the memberships."""
    if not keeps_memberships(by):
        raise NotAllowed(_("La coordination tient les adhésions."))


@transaction.atomic
def open_college(*, name: str, rank: int, starts_on: dt.date, by: Actor) -> College:
    """A college, from the day the statutes made it. Raises CollegeKnown."""
    check_keeps(by)
    with refusing({"members_college_once": CollegeKnown}):
        college = College.objects.create(name=name, rank=rank, starts_on=starts_on)
    record(by=by, verb="members.college_opened", thing=college, after={"name": name, "starts_on": starts_on})
    return college


class TakesNobody(Refusal):
    message = _("Un collège accueille des structures, des personnes, ou les deux.")
    field = "takes_structures"


class NoStep(Refusal):
    message = _("Choisissez au moins une étape.")
    field = "path"


@transaction.atomic
def set_admission(
    *, college: College, takes_structures: bool, takes_people: bool, votes: bool, path: Sequence[str], by: Actor
) -> College:
    """Who the college takes, whether they vote, and what an application to come goes through, in the order of `Step`.

    Raises TakesNobody, NoStep.
    """
    check_keeps(by)
    if not (takes_structures or takes_people):
        raise TakesNobody
    if not path:
        raise NoStep
    kept = College.objects.select_for_update(of=("self",), no_key=True).get(pk=college.pk)
    now = {
        "takes_structures": takes_structures,
        "takes_people": takes_people,
        "votes": votes,
        "path": [step for step in Step.values if step in path],
    }
    before = {name: getattr(kept, name) for name in now}
    for name, value in now.items():
        setattr(kept, name, value)
    kept.save(update_fields=list(now))
    record(by=by, verb="members.college_path_set", thing=kept, before=before, after=now)
    return kept


@transaction.atomic
def end_college(*, college: College, on: dt.date, by: Actor) -> College:
    """The college is no more from `on`; who was in it stays so for the years begun before.

    Raises CollegeEnded, CollegeTooYoung, CollegeHasMembers, LastCollege.
    """
    kept = _to_end(college, on, by)
    if _memberships_after(kept, on).exists():
        raise CollegeHasMembers
    if not College.objects.live(on).exclude(pk=kept.pk).exists():
        raise LastCollege
    kept.ends_on = on
    kept.save(update_fields=["ends_on"])
    record(by=by, verb="members.college_ended", thing=kept, before={"ends_on": None}, after={"ends_on": on})
    return kept


@transaction.atomic
def replace_college(*, college: College, name: str, on: dt.date, by: Actor) -> College:
    """Another college takes its place from `on`, under another name as may be.

    Years begun before keep the old one; members of years that begin on that day or after are of the new.
    Raises CollegeEnded, CollegeTooYoung, CollegeKnown.
    """
    kept = _to_end(college, on, by)
    kept.ends_on = on
    kept.save(update_fields=["ends_on"])
    new = open_college(name=name, rank=kept.rank, starts_on=on, by=by)
    new.takes_structures, new.takes_people, new.votes = kept.takes_structures, kept.takes_people, kept.votes
    new.path = kept.path
    new.save(update_fields=["takes_structures", "takes_people", "votes", "path"])
    kept.successor = new
    kept.save(update_fields=["successor"])
    moved = _memberships_after(kept, on).update(college=new)
    record(
        by=by,
        verb="members.college_replaced",
        thing=kept,
        before={"name": kept.name},
        after={"name": name, "starts_on": on, "memberships": moved},
    )
    return new


def _to_end(college: College, on: dt.date, by: Actor) -> College:
    check_keeps(by)
    kept = College.objects.select_for_update(of=("self",), no_key=True).get(pk=college.pk)
    if kept.ends_on is not None:
        raise CollegeEnded
    if on <= kept.starts_on:
        raise CollegeTooYoung
    return kept


def _memberships_after(college: College, on: dt.date) -> MembershipQuerySet:
    years = FiscalYear.objects.filter(starts_on__gte=on)
    return Membership.objects.filter(college=college, fiscal_year__in=years)


def colleges_on(day: dt.date) -> dict[int, int]:
    """Each college's id, and that of what it has become by that day."""
    known = {college.pk: college for college in College.objects.order_by("pk")}

    def became(college: College) -> College:
        while college.successor_id is not None and college.ends_on is not None and college.ends_on <= day:
            college = known[college.successor_id]
        return college

    return {pk: became(college).pk for pk, college in known.items()}
