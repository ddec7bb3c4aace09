"""An assembly goes from one state to the next, and its roll is drawn until it is frozen."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from governance.enums import STATE_AFTER, AssemblyState
from governance.models import Assembly, RollEntry
from governance.rules import runs_assemblies
from hubs.actions import record
from hubs.actors import Actor
from hubs.refusals import NotAllowed, Refusal
from members.models import Membership


class WrongState(Refusal):
    message = _("Cette assemblée n’en est pas là.")


class RollFrozen(Refusal):
    message = _("La liste électorale est arrêtée.")


def locked_assembly(assembly_id: int) -> Assembly:
    """The assembly as it is now, until the transaction ends."""
    return Assembly.objects.select_for_update(of=("self",), no_key=True).get(pk=assembly_id)


def _check(by: Actor) -> None:
    if not runs_assemblies(by):
        raise NotAllowed(_("La coordination prépare les assemblées."))


@transaction.atomic
def move_assembly(*, assembly: Assembly, to: AssemblyState, by: Actor) -> Assembly:
    """Convene, which draws the roll; freeze it, open, close or cancel. Raises WrongState."""
    _check(by)
    kept = locked_assembly(assembly.pk)
    if to not in STATE_AFTER[kept.state]:
        raise WrongState
    before, kept.state = kept.state, to
    kept.save(update_fields=["state"])
    record(by=by, verb="governance.moved", thing=kept, before={"state": before}, after={"state": to})
    if to == AssemblyState.CONVENED:
        draw_roll(assembly=kept, by=by)
    return kept


@transaction.atomic
def draw_roll(*, assembly: Assembly, by: Actor) -> int:
    """Put on the roll the members in force on `roll_on`; how many were added. Twice changes nothing.

    Who is of a college without voice is on it, and does not vote.

    Raises RollFrozen.
    """
    _check(by)
    kept = locked_assembly(assembly.pk)
    if kept.state not in (AssemblyState.DRAFT, AssemblyState.CONVENED):
        raise RollFrozen
    known = set(RollEntry.objects.filter(assembly=kept).values_list("membership_id", flat=True))
    held = (
        Membership.objects.once_each()
        .in_force(kept.roll_on)
        .select_related("organisation", "person", "college")
        .order_by("pk")
    )
    added = RollEntry.objects.bulk_create(
        RollEntry(
            assembly=kept,
            membership=each,
            college_id=each.college_id,
            name=str(each.member),
            votes=each.college.votes,
        )
        for each in held
        if each.pk not in known
    )
    if added:
        record(by=by, verb="governance.roll_drawn", thing=kept, after={"memberships": len(added)})
    return len(added)


@transaction.atomic
def prepare_assembly(*, by: Actor, **given: Any) -> Assembly:
    """A draft; `given` are the fields of the assembly."""
    _check(by)
    assembly = Assembly.objects.create(**given)
    record(by=by, verb="governance.prepared", thing=assembly, after={"title": assembly.title})
    return assembly
