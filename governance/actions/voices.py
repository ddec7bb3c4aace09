"""What each college weighs, from a day on."""

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from governance.models import Assembly, CollegeVoice, RollEntry
from governance.rules import runs_assemblies
from hubs.actions import record
from hubs.actors import Actor
from hubs.models import Hub
from hubs.refusals import NotAllowed, Refusal, refusing
from hubs.scope import current_hub_id
from members.models import College


class VoicesNotWhole(Refusal):
    message = _("Les poids des collèges font 100\u00a0% ensemble\u00a0: corrigez-les.")


class VoicesOutOfScic(Refusal):
    message = _(
        "Dans une SCIC, aucun collège ne pèse plus de 50\u00a0% ni moins de 10\u00a0%\u00a0: corrigez les poids."
    )


class RollWeightFrozen(Refusal):
    message = _("La liste électorale est arrêtée\u00a0: les voix de chacun ne changent plus.")


_REFUSALS: dict[str, type[Refusal]] = {
    "governance_collegevoice_whole": VoicesNotWhole,
    "governance_collegevoice_percent": VoicesNotWhole,
    "governance_collegevoice_scic": VoicesOutOfScic,
}


def _check(by: Actor) -> None:
    if not runs_assemblies(by):
        raise NotAllowed(_("La coordination règle les poids des collèges."))


@transaction.atomic
def set_voices(*, starts_on: dt.date, percents: Mapping[College, Decimal], by: Actor) -> None:
    """The weights from that day on, in place of those of the same day; none gives one voice to each member.

    Assemblies whose roll is frozen keep theirs. Raises VoicesNotWhole, VoicesOutOfScic.
    """
    _check(by)
    Hub.objects.select_for_update(of=("self",), no_key=True).get(pk=current_hub_id())
    with refusing(_REFUSALS):
        CollegeVoice.objects.filter(starts_on=starts_on).delete()
        CollegeVoice.objects.bulk_create(
            CollegeVoice(college=college, percent=percent, starts_on=starts_on) for college, percent in percents.items()
        )
        with connection.cursor() as cursor:
            for state in ("IMMEDIATE", "DEFERRED"):
                cursor.execute(f"SET CONSTRAINTS governance_collegevoice_whole {state}")
    told = ", ".join(f"{college} {percent}\u00a0%" for college, percent in percents.items())
    record(
        by=by, verb="governance.voices_set", thing=Hub.objects.get(pk=current_hub_id()),
        after={"starts_on": starts_on, "weights": told},
    )  # fmt: skip


@transaction.atomic
def set_weight(*, entry: RollEntry, weight: int, by: Actor) -> RollEntry:
    """How many voices a member has, until the roll is frozen. Raises RollWeightFrozen."""
    _check(by)
    Assembly.objects.select_for_update(of=("self",), no_key=True).get(pk=entry.assembly_id)
    kept = RollEntry.objects.get(pk=entry.pk)
    before, kept.weight = kept.weight, weight
    with refusing({"governance_rollentry_frozen": RollWeightFrozen}):
        kept.save(update_fields=["weight"])
    record(by=by, verb="governance.weight_set", thing=kept, before={"weight": before}, after={"weight": weight})
    return kept
