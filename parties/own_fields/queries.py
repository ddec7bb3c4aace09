"""Own fields in force, and what was answered to them."""

import datetime as dt
from collections.abc import Collection, Sequence
from decimal import Decimal

from django.db.models import Q

from parties.enums import FieldKind, FieldOf, FieldReach
from parties.models import Organisation, OwnField, OwnValue, Person

Value = str | int | Decimal | dt.date | bool | list[str] | None
Values = dict[int, Value]
Thing = Organisation | Person

COLUMNS = {
    FieldKind.TEXT: "text",
    FieldKind.LONG_TEXT: "text",
    FieldKind.CHOICE: "text",
    FieldKind.INTEGER: "number",
    FieldKind.DECIMAL: "number",
    FieldKind.DATE: "day",
    FieldKind.YES_NO: "yes",
    FieldKind.CHOICES: "picks",
}


def about_of(thing: Thing) -> FieldOf:
    return FieldOf.PERSON if isinstance(thing, Person) else FieldOf.ORGANISATION


def value_of(row: OwnValue) -> Value:
    """The one value of the row, as its field types it."""
    value = getattr(row, COLUMNS[FieldKind(row.field.kind)])
    if row.field.kind == FieldKind.INTEGER:
        return int(value)
    return value.normalize() if isinstance(value, Decimal) else value


def fields_on(about: FieldOf, on: dt.date, *, reach: Collection[FieldReach] = tuple(FieldReach)) -> list[OwnField]:
    """The fields of that day's forms, in the hub's order."""
    return list(OwnField.objects.live(on).about(about).filter(reach__in=reach))


def values_of(thing: Thing) -> Values:
    """Each answer by the id of its field."""
    return {row.field_id: value_of(row) for row in _rows([thing.pk], about_of(thing))}


def told_of(
    thing: Thing, on: dt.date, *, reach: Collection[FieldReach] = tuple(FieldReach)
) -> list[tuple[OwnField, Value]]:
    """The fields in force with their answers, those without one left out."""
    values = values_of(thing)
    fields = fields_on(about_of(thing), on, reach=reach)
    return [(field, values[field.pk]) for field in fields if field.pk in values]


def values_of_person(person: Person) -> list[tuple[OwnField, Value]]:
    """All that was ever answered, ended fields too: what is held is told."""
    return [(row.field, value_of(row)) for row in _rows([person.pk], FieldOf.PERSON)]


def columns_of(about: FieldOf, pks: Sequence[int]) -> tuple[list[OwnField], dict[int, Values]]:
    """For an export: every field, those ended too where one of these things has answered, and answers by thing."""
    by_thing: dict[int, Values] = {}
    answered = set()
    for row in _rows(pks, about):
        thing_id = row.person_id if about == FieldOf.PERSON else row.organisation_id
        if thing_id is not None:
            by_thing.setdefault(thing_id, {})[row.field_id] = value_of(row)
        answered.add(row.field_id)
    fields = OwnField.objects.about(about).filter(Q(ends_on=None) | Q(pk__in=answered))
    return list(fields), by_thing


def _rows(pks: Sequence[int], about: FieldOf) -> list[OwnValue]:
    of_thing = {f"{about}__in": list(pks)}
    return list(OwnValue.objects.select_related("field").filter(**of_thing).order_by("field__rank", "field", "pk"))
