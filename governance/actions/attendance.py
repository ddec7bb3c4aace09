"""The desk: who came and left, noted once whatever the number of desks; and who joins from afar, by themselves."""

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from governance.actions.assemblies import locked_assembly
from governance.enums import AssemblyState, Presence
from governance.models import Assembly, Attendance, RollEntry
from governance.rules import keeps_desk, speaks_for
from hubs.actions import record
from hubs.actors import Actor
from hubs.refusals import NotAllowed, Refusal

HELD = (AssemblyState.FROZEN, AssemblyState.OPEN)


class NotOpen(Refusal):
    message = _("Les arrivées se notent une fois la liste arrêtée, jusqu’à la clôture.")


class NoRemote(Refusal):
    message = _("Cette assemblée se tient dans la salle seulement.")


def _lock(entry: RollEntry) -> Assembly:
    assembly = locked_assembly(entry.assembly_id)
    if assembly.state not in HELD:
        raise NotOpen
    return assembly


def _check_desk(by: Actor) -> None:
    if not keeps_desk(by):
        raise NotAllowed(_("La coordination et l’accueil notent les arrivées."))


@transaction.atomic
def arrive(*, entry: RollEntry, by: Actor, now: dt.datetime, mode: Presence = Presence.ROOM) -> Attendance:
    """Note that a member came; a second desk finds the same arrival. Raises NotOpen, NoRemote."""
    _check_desk(by)
    return _arrive(entry, by, now, mode)


@transaction.atomic
def join_remotely(*, entry: RollEntry, by: Actor, now: dt.datetime) -> Attendance:
    """A member says for themselves that they follow from afar. Raises NotAllowed, NotOpen, NoRemote."""
    if not speaks_for(by, entry.membership.organisation_id, entry.membership.person_id):
        raise NotAllowed(_("Qui administre la structure dit qu’elle suit l’assemblée."))
    return _arrive(entry, by, now, Presence.REMOTE)


def _arrive(entry: RollEntry, by: Actor, now: dt.datetime, mode: Presence) -> Attendance:
    assembly = _lock(entry)
    if mode == Presence.REMOTE and not assembly.allows_remote:
        raise NoRemote
    attendance, is_new = Attendance.objects.get_or_create(
        entry=entry, left_at=None, defaults={"arrived_at": now, "mode": mode}
    )
    if is_new:
        record(by=by, verb="governance.arrived", thing=attendance, after={"mode": mode})
    return attendance


@transaction.atomic
def leave(*, entry: RollEntry, by: Actor, now: dt.datetime) -> None:
    """Note that a member left: their voice, and those they hold, count no more. Twice changes nothing.

    Raises NotAllowed, NotOpen.
    """
    if not keeps_desk(by) and not speaks_for(by, entry.membership.organisation_id, entry.membership.person_id):
        raise NotAllowed(_("La coordination et l’accueil notent les départs."))
    _lock(entry)
    held = Attendance.objects.filter(entry=entry, left_at=None).first()
    if held is not None:
        held.left_at = max(now, held.arrived_at)
        held.save(update_fields=["left_at"])
        record(by=by, verb="governance.left", thing=held)


@transaction.atomic
def undo_arrival(*, entry: RollEntry, by: Actor) -> None:
    """Take back a wrong tap; twice changes nothing. Raises NotOpen."""
    _check_desk(by)
    _lock(entry)
    held = Attendance.objects.filter(entry=entry, left_at=None).first()
    if held is not None:
        record(by=by, verb="governance.arrival_undone", thing=held, before={"mode": held.mode})
        held.delete()
