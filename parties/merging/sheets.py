"""What a sheet tells beside its own: what the sheets merged into it have answered and been through."""

import datetime as dt
from collections.abc import Sequence

from hubs.actors import Actor
from hubs.personal import said
from hubs.pieces import Moment
from hubs.trail import trail_of
from parties.merging.queries import Thing
from parties.own_fields.queries import told_of

LONGEST = 30


def own_of_sheet(thing: Thing, merged: Sequence[Thing], on: dt.date) -> list[tuple[str, str, str]]:
    """Label, answer and unit of each own field; an answer of a merged sheet where this one has none."""
    told = {}
    for each in (*merged, thing):
        told.update(told_of(each, on))
    ordered = sorted(told.items(), key=lambda pair: (pair[0].rank, pair[0].pk))
    return [(field.label, said(value), field.unit) for field, value in ordered]


def trail_of_sheet(thing: Thing, merged: Sequence[Thing], actor: Actor) -> list[Moment]:
    """What happened to all of them, the last first."""
    moments = [moment for each in (thing, *merged) for moment in trail_of(each, actor=actor)]
    return sorted(moments, key=lambda moment: moment.when, reverse=True)[:LONGEST]
