"""An assembly is prepared, changed while it is a draft, then goes from one state to the next."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from governance.enums import STATE_AFTER, AssemblyState
from governance.models import Assembly
from governance.rules import runs_assemblies
from hubs.actions import record
from hubs.actors import Actor
from hubs.refusals import NotAllowed, Refusal, refusing


class WrongState(Refusal):
    message = _("Cette assemblée n’en est pas là.")


class AlreadyConvened(Refusal):
    message = _("Les membres sont convoqués\u00a0: l’assemblée garde sa date, ses règles et son ordre du jour.")


class Contested(Refusal):
    message = _("Une contestation de la liste attend votre réponse\u00a0: répondez, puis arrêtez la liste.")


class VoteOpen(Refusal):
    message = _("Un vote est encore ouvert\u00a0: fermez-le d’abord.")


class VoiceMissing(Refusal):
    message = _("Un collège qui vote n’a pas de poids\u00a0: complétez les poids des collèges, puis arrêtez la liste.")


_REFUSALS: dict[str, type[Refusal]] = {
    "governance_assembly_contested": Contested,
    "governance_assembly_vote_open": VoteOpen,
    "governance_voice_missing": VoiceMissing,
}


def locked_assembly(assembly_id: int) -> Assembly:
    """The assembly as it is now, until the transaction ends."""
    return Assembly.objects.select_for_update(of=("self",), no_key=True).get(pk=assembly_id)


def check_runs(by: Actor) -> None:
    """Raises NotAllowed unless the actor prepares assemblies."""
    if not runs_assemblies(by):
        raise NotAllowed(_("La coordination prépare les assemblées."))


def locked_draft(assembly: Assembly, by: Actor) -> Assembly:
    """Raises NotAllowed, AlreadyConvened."""
    check_runs(by)
    kept = locked_assembly(assembly.pk)
    if kept.state != AssemblyState.DRAFT:
        raise AlreadyConvened
    return kept


@transaction.atomic
def move_assembly(*, assembly: Assembly, to: AssemblyState, by: Actor) -> Assembly:
    """Freeze the roll, open, close or cancel. `convene` convenes; `freeze_roll` minds the days to contest the roll.

    Raises WrongState, Contested, VoteOpen, VoiceMissing.
    """
    check_runs(by)
    kept = locked_assembly(assembly.pk)
    if to not in STATE_AFTER[kept.state] or to == AssemblyState.CONVENED:
        raise WrongState
    before, kept.state = kept.state, to
    with refusing(_REFUSALS):
        kept.save(update_fields=["state"])
    record(by=by, verb="governance.moved", thing=kept, before={"state": before}, after={"state": to})
    return kept


@transaction.atomic
def prepare_assembly(*, by: Actor, **given: Any) -> Assembly:
    """A draft; `given` are the fields of the assembly, the rules of the statutes among them."""
    check_runs(by)
    assembly = Assembly.objects.create(**given)
    record(by=by, verb="governance.prepared", thing=assembly, after={"title": assembly.title})
    return assembly


@transaction.atomic
def change_assembly(*, assembly: Assembly, by: Actor, **given: Any) -> Assembly:
    """Change a draft. Raises AlreadyConvened."""
    kept = locked_draft(assembly, by)
    before = {name: getattr(kept, name) for name in given if getattr(kept, name) != given[name]}
    for name in before:
        setattr(kept, name, given[name])
    if before:
        kept.save(update_fields=list(before))
        after = {name: given[name] for name in before}
        record(by=by, verb="governance.changed", thing=kept, before=before, after=after)
    return kept
