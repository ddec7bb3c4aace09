"""What a structure is to the hub beside a member, from a day to a day."""

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from hubs.actions import record
from hubs.actors import Actor
from hubs.refusals import Refusal, refusing
from parties.actions.structures import check_keeps, check_stands
from parties.enums import RelationKind
from parties.models import Organisation, Relation


class RelationHeld(Refusal):
    message = _("Cette relation est déjà notée à ces dates.")
    field = "kind"


class RelationEndsTooSoon(Refusal):
    message = _("La relation finit après avoir commencé.")
    field = "last_day"


@transaction.atomic
def start_relation(
    *,
    organisation: Organisation,
    kind: RelationKind,
    starts_on: dt.date,
    by: Actor,
    ends_on: dt.date | None = None,
    note: str = "",
) -> Relation:
    """Note what the structure is to the hub, `ends_on` left out. Raises RelationHeld, RelationEndsTooSoon, MergedAway."""
    check_keeps(by)
    check_stands(organisation)
    if ends_on is not None and ends_on <= starts_on:
        raise RelationEndsTooSoon
    with refusing({"parties_relation_no_overlap": RelationHeld}):
        made = Relation.objects.create(
            organisation=organisation, kind=kind, note=note, starts_on=starts_on, ends_on=ends_on
        )
    after = {"kind": kind, "note": note, "starts_on": starts_on, "ends_on": ends_on}
    record(by=by, verb="parties.relation_noted", thing=organisation, after=after)
    return made


@transaction.atomic
def end_relation(*, relation: Relation, on: dt.date, by: Actor) -> Relation:
    """From `on` the structure is that no longer; on its first day, it never was. Raises RelationEndsTooSoon."""
    check_keeps(by)
    kept = Relation.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=relation.pk)
    if on < kept.starts_on:
        raise RelationEndsTooSoon
    before, kept.ends_on = kept.ends_on, on
    kept.save(update_fields=["ends_on"])
    record(
        by=by,
        verb="parties.relation_ended",
        thing=kept.organisation,
        before={"kind": kept.kind, "ends_on": before},
        after={"kind": kept.kind, "ends_on": on},
    )
    return kept
