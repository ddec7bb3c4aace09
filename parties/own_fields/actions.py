"""Own fields defined, ended and answered. A form checks a value's type; the action checks it again, for imports."""

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, TypedDict, Unpack

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from hubs.actions import record
from hubs.actors import Actor
from hubs.personal import said
from hubs.refusals import NotAllowed, Refusal, refusing
from hubs.rules import coordinator
from parties.enums import LISTED_KINDS, FieldKind, FieldOf, FieldReach
from parties.models import Organisation, OwnField, OwnValue
from parties.own_fields.queries import COLUMNS, Thing, Value, about_of, values_of
from parties.rules import keeps_contact, keeps_structures


class LabelTaken(Refusal):
    message = _("Un champ porte déjà ce libellé.")
    field = "label"


class NoChoices(Refusal):
    message = _("Une liste a au moins deux choix, un par ligne.")
    field = "choices"


class UnitOfNothing(Refusal):
    message = _("Une unité ne va qu’avec un nombre.")
    field = "unit"


class Missing(Refusal):
    message = _("Ce champ est obligatoire.")


class WrongType(Refusal):
    message = _("Cette valeur n’est pas de la nature du champ.")


class FieldWords(TypedDict, total=False):
    label: str
    help: str
    unit: str
    choices: Sequence[str]
    required: bool
    reach: FieldReach
    rank: int


TYPES: dict[FieldKind, tuple[type, ...]] = {
    FieldKind.TEXT: (str,),
    FieldKind.LONG_TEXT: (str,),
    FieldKind.CHOICE: (str,),
    FieldKind.INTEGER: (int,),
    FieldKind.DECIMAL: (Decimal, int),
    FieldKind.DATE: (dt.date,),
    FieldKind.YES_NO: (bool,),
    FieldKind.CHOICES: (list,),
}
_REFUSALS = {"parties_ownfield_label_once": LabelTaken, "parties_ownfield_lists_choices": NoChoices}


def _check(by: Actor) -> None:
    if not coordinator(by):
        raise NotAllowed(_("La coordination choisit les champs du pôle."))


def _check_words(kind: FieldKind, fields: FieldWords) -> None:
    choices = [choice.strip() for choice in fields.get("choices", ()) if choice.strip()]
    fields["choices"] = list(dict.fromkeys(choices)) if kind in LISTED_KINDS else []
    if fields.get("unit") and kind not in (FieldKind.INTEGER, FieldKind.DECIMAL):
        raise UnitOfNothing


@transaction.atomic
def define_field(*, about: FieldOf, kind: FieldKind, by: Actor, on: dt.date, **words: Unpack[FieldWords]) -> OwnField:
    """Ask something more of structures or people, from that day. Raises LabelTaken, NoChoices, UnitOfNothing."""
    _check(by)
    _check_words(kind, words)
    if words.get("rank") is None:
        last = OwnField.objects.filter(about=about).aggregate(last=Max("rank"))["last"] or 0
        words["rank"] = last + 10
    with refusing(_REFUSALS):
        field = OwnField.objects.create(about=about, kind=kind, starts_on=on, **words)
    record(by=by, verb="parties.field_defined", thing=field, after={"about": about, "kind": kind, **words})
    return field


@transaction.atomic
def change_field(*, field: OwnField, by: Actor, **words: Unpack[FieldWords]) -> OwnField:
    """Say it otherwise, ask it of others. What it is about and its kind stay: its answers are of that type.

    A choice taken out of the list stays where it was given. Raises LabelTaken, NoChoices, UnitOfNothing.
    """
    _check(by)
    kept = OwnField.objects.select_for_update(of=("self",)).get(pk=field.pk)
    words.setdefault("choices", kept.choices)
    _check_words(FieldKind(kept.kind), words)
    changes = {name: value for name, value in words.items() if getattr(kept, name) != value}
    if not changes:
        return kept
    before = {name: getattr(kept, name) for name in changes}
    for name, value in changes.items():
        setattr(kept, name, value)
    with refusing(_REFUSALS):
        kept.save(update_fields=list(changes))
    record(by=by, verb="parties.field_changed", thing=kept, before=before, after=changes)
    return kept


@transaction.atomic
def end_field(*, field: OwnField, by: Actor, on: dt.date) -> OwnField:
    """It leaves the forms that day; its answers stay, and are exported."""
    _check(by)
    field.ends_on = max(on, field.starts_on)
    field.save(update_fields=["ends_on"])
    record(by=by, verb="parties.field_ended", thing=field, after={"ends_on": field.ends_on})
    return field


@transaction.atomic
def revive_field(*, field: OwnField, by: Actor) -> OwnField:
    """It comes back to the forms, with the answers it had."""
    _check(by)
    before, field.ends_on = field.ends_on, None
    field.save(update_fields=["ends_on"])
    record(by=by, verb="parties.field_revived", thing=field, before={"ends_on": before}, after={"ends_on": None})
    return field


def may_write(by: Actor, field: OwnField, thing: Thing) -> bool:
    """Whether this actor answers this field of this thing: staff, or whom it is about where the hub lets them."""
    if keeps_structures(by):
        return True
    if field.reach != FieldReach.WRITE:
        return False
    if isinstance(thing, Organisation):
        return keeps_contact(by, thing)
    return by.person_id is not None and by.person_id == thing.pk


@transaction.atomic
def answer_fields(*, thing: Thing, answers: Mapping[OwnField, Value], by: Actor) -> None:
    """Write the answers given; None or an empty text takes one back. What changed is logged, field by field.

    Raises NotAllowed, Missing, WrongType: the last two about the field, by the name it has in the form.
    """
    about = about_of(thing)
    kept = values_of(thing)
    before: dict[str, str] = {}
    after: dict[str, str] = {}
    for field, given in answers.items():
        if field.about != about or not may_write(by, field, thing):
            raise NotAllowed(_("Vous ne pouvez pas remplir ce champ."))
        value = _checked(field, given, kept.get(field.pk))
        if value == kept.get(field.pk):
            continue
        _write(field, thing, about, value)
        before[field.label], after[field.label] = said(kept.get(field.pk)), said(value)
    if after:
        # Of a person, the log says that it changed and not what is: it outlives nothing that an erasure takes.
        told = about == FieldOf.ORGANISATION
        verb = "parties.fields_answered"
        record(
            by=by,
            verb=verb,
            thing=thing,
            before=before if told else None,
            after=after if told else {"fields": sorted(after)},
        )


def _checked(field: OwnField, given: Value, kept: Value) -> Value:
    value = None if given in ("", []) else given
    name = name_in_form(field)
    if value is None:
        if field.required:
            raise Missing(field=name)
        return None
    kind = FieldKind(field.kind)
    if not isinstance(value, TYPES[kind]) or (isinstance(value, bool) and kind != FieldKind.YES_NO):
        raise WrongType(field=name)
    picked = value if isinstance(value, list) else [value] if kind in LISTED_KINDS else []
    already = kept if isinstance(kept, list) else [kept]
    if any(pick not in field.choices and pick not in already for pick in picked):
        raise WrongType(_("Choisissez dans la liste."), field=name)
    return value


def _write(field: OwnField, thing: Thing, about: FieldOf, value: Value) -> None:
    holder: dict[str, Any] = {"field": field, str(about): thing}
    if value is None:
        OwnValue.objects.filter(**holder).delete()
        return
    typed = {**dict.fromkeys(COLUMNS.values()), COLUMNS[FieldKind(field.kind)]: value}
    OwnValue.objects.update_or_create(**holder, defaults=typed)


def name_in_form(field: OwnField) -> str:
    """How a form names the field."""
    return f"own_{field.pk}"
