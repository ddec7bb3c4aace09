"""A resolution: written, put to the vote, closed, and its result told."""

import datetime as dt
from typing import Any

from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from governance.actions.assemblies import locked_assembly
from governance.actions.decisions import enter_decision
from governance.enums import BallotKind, Outcome, ResolutionState
from governance.models import Assembly, Resolution, SecretMarker
from governance.queries import tally_of
from governance.rules import runs_assemblies
from hubs.actions import name_of, record
from hubs.actors import Actor
from hubs.models import AuditEntry
from hubs.refusals import NotAllowed, Refusal, refusing
from members.actions import adopt_scale
from parties.imports.writes import record_all


class ResolutionFrozen(Refusal):
    message = _("Une résolution mise au vote ne se modifie plus\u00a0: écrivez-en une autre.")


class AssemblyNotOpen(Refusal):
    message = _("Un vote s’ouvre pendant l’assemblée\u00a0: ouvrez-la d’abord.")


class NoVoices(Refusal):
    message = _(
        "Cette assemblée n’a pas de poids par collège\u00a0: choisissez «\u00a0toutes les voix ensemble\u00a0» pour "
        "cette résolution."
    )


class TooManyHands(Refusal):
    message = _("Il y a plus de mains comptées que de voix dans la salle\u00a0: recomptez.")


class NotThere(Refusal):
    message = _("Cette résolution n’en est pas là.")


_REFUSALS: dict[str, type[Refusal]] = {
    "governance_resolution_frozen": ResolutionFrozen,
    "governance_resolution_not_now": AssemblyNotOpen,
    "governance_resolution_no_voices": NoVoices,
    "governance_collegeresult_within_room": TooManyHands,
}


def _check(by: Actor) -> None:
    if not runs_assemblies(by):
        raise NotAllowed(_("La coordination prépare les résolutions."))


def locked_resolution(resolution: Resolution) -> Resolution:
    """The resolution as it is now, until the transaction ends."""
    return Resolution.objects.select_for_update(of=("self",), no_key=True).get(pk=resolution.pk)


@transaction.atomic
def write_resolution(*, assembly: Assembly, by: Actor, **given: Any) -> Resolution:
    """The last one of the assembly; `given` are its fields. Raises ResolutionFrozen once the assembly is closed."""
    _check(by)
    kept = locked_assembly(assembly.pk)
    last = Resolution.objects.filter(assembly=kept).aggregate(rank=models.Max("rank"))["rank"] or 0
    with refusing(_REFUSALS):
        made = Resolution.objects.create(assembly=kept, rank=last + 1, **given)
    record(by=by, verb="governance.resolution_written", thing=made, after={"title": made.title}, concerns=kept)
    return made


@transaction.atomic
def change_resolution(*, resolution: Resolution, by: Actor, **given: Any) -> Resolution:
    """Raises ResolutionFrozen."""
    _check(by)
    kept = locked_resolution(resolution)
    before = {name: str(getattr(kept, name) or "") for name in given}
    for name, value in given.items():
        setattr(kept, name, value)
    with refusing(_REFUSALS):
        kept.save(update_fields=list(given))
    after = {name: str(getattr(kept, name) or "") for name in given}
    moved = [name for name in given if before[name] != after[name]]
    record(
        by=by, verb="governance.resolution_changed", thing=kept, before={name: before[name] for name in moved},
        after={name: after[name] for name in moved}, concerns=kept.assembly,
    )  # fmt: skip
    return kept


@transaction.atomic
def drop_resolution(*, resolution: Resolution, by: Actor) -> None:
    """Take a resolution off before its vote. Raises ResolutionFrozen."""
    _check(by)
    kept = locked_resolution(resolution)
    record(
        by=by, verb="governance.resolution_dropped", thing=kept, before={"title": kept.title}, concerns=kept.assembly
    )
    with refusing(_REFUSALS):
        kept.delete()


@transaction.atomic
def raise_resolution(*, resolution: Resolution, by: Actor) -> None:
    """Put a resolution before the one that precedes it; the first stays. Raises ResolutionFrozen."""
    _check(by)
    locked_assembly(resolution.assembly_id)
    kept = locked_resolution(resolution)
    above = Resolution.objects.filter(assembly=kept.assembly_id, rank__lt=kept.rank).order_by("-rank").first()
    if above is None:
        return
    kept.rank, above.rank = above.rank, kept.rank
    with refusing(_REFUSALS):
        for each in (kept, above):
            each.save(update_fields=["rank"])
    record(by=by, verb="governance.resolution_raised", thing=kept, after={"rank": kept.rank}, concerns=kept.assembly)


@transaction.atomic
def open_resolution(*, resolution: Resolution, by: Actor, now: dt.datetime) -> Resolution:
    """Put it to the vote: it no longer changes. Raises AssemblyNotOpen, NoVoices, NotThere."""
    _check(by)
    kept = locked_resolution(resolution)
    if kept.state != ResolutionState.DRAFT:
        raise NotThere
    kept.state, kept.opened_at = ResolutionState.OPEN, now
    with refusing(_REFUSALS):
        kept.save(update_fields=["state", "opened_at"])
    record(by=by, verb="governance.vote_opened", thing=kept, concerns=kept.assembly)
    return kept


@transaction.atomic
def close_resolution(*, resolution: Resolution, by: Actor, now: dt.datetime) -> Resolution:
    """End the vote, which the database then counts. Raises NotThere, TooManyHands.

    The log says who voted in a secret vote only now, in the order of the roll and at one and the same hour.
    """
    _check(by)
    kept = locked_resolution(resolution)
    if kept.state != ResolutionState.OPEN:
        raise NotThere
    kept.state, kept.closed_at = ResolutionState.CLOSED, now
    with refusing(_REFUSALS):
        kept.save(update_fields=["state", "closed_at"])
    record(by=by, verb="governance.vote_closed", thing=kept, concerns=kept.assembly)
    if kept.ballot == BallotKind.SECRET:
        _tell_who_voted(kept, by)
    return kept


def _tell_who_voted(resolution: Resolution, by: Actor) -> None:
    voted = SecretMarker.objects.filter(resolution=resolution, has_voted=True).select_related("entry")
    log = [
        AuditEntry(
            verb="governance.voted",
            thing=name_of(marker.entry),
            concerns=name_of(resolution),
            label=str(marker.entry)[:240],
        )
        for marker in voted.order_by("entry_id")
    ]
    record_all(log, by=by)


@transaction.atomic
def publish_result(*, resolution: Resolution, by: Actor) -> Resolution:
    """Tell the result, for good, and enter it in the register; the scale that the resolution carries is adopted with it, if it passes.

    Raises NotThere, and what `members.actions.adopt_scale` raises.
    """
    _check(by)
    kept = locked_resolution(resolution)
    if kept.state != ResolutionState.CLOSED:
        raise NotThere
    kept.state, kept.outcome = ResolutionState.PUBLISHED, tally_of(kept).outcome
    with refusing(_REFUSALS):
        kept.save(update_fields=["state", "outcome"])
    record(
        by=by, verb="governance.result_published", thing=kept, after={"outcome": kept.outcome}, concerns=kept.assembly
    )
    on = timezone.localdate(kept.closed_at)
    enter_decision(
        title=kept.title, text=kept.text, outcome=kept.outcome, decided_on=on, assembly=kept.assembly,
        resolution=kept, by=by,
    )  # fmt: skip
    if kept.scale and kept.outcome == Outcome.ADOPTED:
        adopt_scale(
            scale=kept.scale,
            on=on,
            adopted_by=kept.assembly.title[:120],
            by=by,
            vote=name_of(kept),
        )
    return kept
