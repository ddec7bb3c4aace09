"""The desk: who came, noted once whatever the number of desks."""

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from governance.actions.assemblies import locked_assembly
from governance.enums import AssemblyState, Presence
from governance.models import Attendance, RollEntry
from governance.rules import keeps_desk
from hubs.actions import record
from hubs.actors import Actor
from hubs.refusals import NotAllowed, Refusal


class NotOpen(Refusal):
    message = _("Les arrivées se notent une fois la liste arrêtée, jusqu’à la clôture.")


def _lock(entry: RollEntry, by: Actor) -> None:
    if not keeps_desk(by):
        raise NotAllowed(_("La coordination et l’accueil notent les arrivées."))
    if locked_assembly(entry.assembly_id).state not in (AssemblyState.FROZEN, AssemblyState.OPEN):
        raise NotOpen


@transaction.atomic
def arrive(*, entry: RollEntry, by: Actor, now: dt.datetime, mode: Presence = Presence.ROOM) -> Attendance:
    """Note that a member came; a second desk finds the same arrival. Raises NotOpen."""
    _lock(entry, by)
    attendance, is_new = Attendance.objects.get_or_create(
        entry=entry, left_at=None, defaults={"arrived_at": now, "mode": mode}
    )
    if is_new:
        record(by=by, verb="governance.arrived", thing=attendance, after={"mode": mode})
    return attendance


@transaction.atomic
def undo_arrival(*, entry: RollEntry, by: Actor) -> None:
    """Take back a wrong tap; twice changes nothing. Raises NotOpen."""
    _lock(entry, by)
    held = Attendance.objects.filter(entry=entry, left_at=None).first()
    if held is not None:
        record(by=by, verb="governance.arrival_undone", thing=held, before={"mode": held.mode})
        held.delete()
