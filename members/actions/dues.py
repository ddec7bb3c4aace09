"""Scales of dues: written by the coordination, adopted by a vote, and frozen from then on."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from hubs.actions import record
from hubs.actors import Actor
from hubs.refusals import Refusal, refusing
from members.actions.colleges import check_keeps
from members.enums import DuesTreatment
from members.models import DuesBracket, DuesCall, DuesScale, DuesTerms, Membership


class ScaleAdopted(Refusal):
    message = _("Un barème adopté ne se modifie pas\u00a0: adoptez-en un autre.")


class ScaleKnown(Refusal):
    message = _("Un barème est déjà adopté pour ce collège à partir de cet exercice.")
    field = "fiscal_year"


class BracketsWithHole(Refusal):
    message = _("Les tranches se suivent sans trou ni chevauchement, de zéro à la dernière, qui reste ouverte.")
    field = "brackets"


class AdoptionUntold(Refusal):
    message = _("Dites qui a adopté le barème, et quand.")
    field = "adopted_by"


class DuesAlreadyCalled(Refusal):
    message = _("Cette cotisation est déjà appelée\u00a0: corrigez-la par un avoir.")


class JoinedOutOfYear(Refusal):
    message = _("L’arrivée tombe pendant l’exercice.")
    field = "joined_on"


@dataclass(frozen=True)
class Bracket:
    """A bracket to write: from a figure up to another, left out; an amount, or a rate in percent."""

    from_value: Decimal
    to_value: Decimal | None
    amount: Decimal | None = None
    rate: Decimal | None = None


_BRACKETS: dict[str, type[Refusal]] = {
    "members_duesbracket_whole": BracketsWithHole,
    "members_duesbracket_no_overlap": BracketsWithHole,
    "members_duesbracket_range": BracketsWithHole,
}


@transaction.atomic
def write_scale(*, brackets: Sequence[Bracket], by: Actor, **values: Any) -> DuesScale:
    """A scale that no vote has adopted yet, with its brackets. Raises BracketsWithHole."""
    check_keeps(by)
    with refusing(_BRACKETS):
        scale = DuesScale.objects.create(**values)
        DuesBracket.objects.bulk_create(DuesBracket(scale=scale, **vars(bracket)) for bracket in brackets)
        _check_now()
    record(by=by, verb="members.dues_scale_written", thing=scale, after={"brackets": len(brackets)})
    return scale


def _check_now() -> None:
    """Have the database look for holes here, where they become a refusal, rather than at the commit."""
    with connection.cursor() as cursor:
        for state in ("IMMEDIATE", "DEFERRED"):
            cursor.execute(f"SET CONSTRAINTS members_duesbracket_whole, members_duesscale_whole {state}")


@transaction.atomic
def adopt_scale(*, scale: DuesScale, on: dt.date, adopted_by: str, by: Actor, vote: str = "") -> DuesScale:
    """Note the vote that adopted the scale: it no longer changes. `vote` names the resolution, if it is known here.

    Raises ScaleAdopted, ScaleKnown, AdoptionUntold, BracketsWithHole.
    """
    check_keeps(by)
    kept = DuesScale.objects.select_for_update(of=("self",)).get(pk=scale.pk)
    if kept.adopted_on is not None:
        raise ScaleAdopted
    kept.adopted_on, kept.adopted_by, kept.vote = on, adopted_by, vote
    refusals: dict[str, type[Refusal]] = {
        "members_duesscale_once": ScaleKnown,
        "members_duesscale_adopted_by_someone": AdoptionUntold,
    }
    with refusing(_BRACKETS | refusals):
        kept.save(update_fields=["adopted_on", "adopted_by", "vote"])
        _check_now()
    record(by=by, verb="members.dues_scale_adopted", thing=kept, after={"adopted_on": on, "adopted_by": adopted_by})
    return kept


@transaction.atomic
def set_dues_terms(
    *,
    membership: Membership,
    by: Actor,
    joined_on: dt.date | None = None,
    treatment: DuesTreatment = DuesTreatment.SCALE,
    amount: Decimal | None = None,
    reason: str = "",
) -> DuesTerms:
    """What is particular to this membership, until its dues are called. Raises DuesAlreadyCalled, JoinedOutOfYear."""
    check_keeps(by)
    held = Membership.objects.select_related("fiscal_year").select_for_update(of=("self",)).get(pk=membership.pk)
    if DuesCall.objects.filter(membership=held).exists():
        raise DuesAlreadyCalled
    year = held.fiscal_year
    if joined_on is not None and not year.starts_on <= joined_on < year.ends_on:
        raise JoinedOutOfYear
    values = {"joined_on": joined_on, "treatment": treatment, "amount": amount, "reason": reason}
    terms, _is_new = DuesTerms.objects.update_or_create(membership=held, defaults=values)
    record(by=by, verb="members.dues_terms_set", thing=held.member, after=values, reason=reason)
    return terms
