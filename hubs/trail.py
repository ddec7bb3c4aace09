"""The log told in French: who did what to which thing, from what to what, and why.

The words of a verb and the names of its values come from the app that writes it (`trail_words`, `trail_fields`);
who may read them too (`trail_rules`). A value that is a column of the app's models needs no line: its label,
its choices and its type say how it is told.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from hubs import french
from hubs.actions import name_of
from hubs.actors import Actor
from hubs.models import AuditEntry, Hub, User
from hubs.parts import HubAppConfig, TrailField, hub_apps, things_named, trail_words
from hubs.pieces import Moment
from hubs.rules import anyone


@dataclass(frozen=True)
class Line:
    """One line of the log, for someone who may read it."""

    at: dt.datetime
    who: str
    what: str
    on: str
    url: str
    changes: list[str]
    reason: str

    @property
    def moment(self) -> Moment:
        text = "\u00a0; ".join(self.changes)
        if self.reason:
            text = f"{text} ({self.reason})" if text else self.reason
        title = f"{self.what}\u00a0: {self.on}" if self.on else self.what
        return Moment(when=self.at, title=title, text=text, who=self.who, url=self.url)


def log_for(actor: Actor) -> "QuerySet[AuditEntry]":
    """What this actor may read of the log, the last first."""
    hidden = {verb for app in hub_apps() for verb, rule in app.trail_rules.items() if not rule(actor)}
    readable = AuditEntry.objects.exclude(verb__in=hidden) if hidden else AuditEntry.objects.all()
    return readable.order_by("-at", "-pk")


def about(thing: str, user_id: int | None = None) -> Q:
    """The lines read under a thing; under a person's account too, when the thing is a person."""
    names = [thing, f"{User._meta.label_lower}:{user_id}"] if user_id else [thing]
    return Q(thing__in=names) | Q(concerns__in=names)


def tell(entries: Iterable[AuditEntry], *, hub: Hub, actor: Actor) -> list[Line]:
    """The lines, each linked to its thing where the actor may go there."""
    entries = list(entries)
    words, things = trail_words(), things_named({entry.thing for entry in entries}, hub, actor)
    return [_line(entry, words, actor, things[entry.thing].url if entry.thing in things else "") for entry in entries]


def trail_of(thing: models.Model, *, actor: Actor, longest: int = 30) -> list[Moment]:
    """What happened to it, the last first, for its own page. Lines that would tell nothing are left out."""
    words = trail_words()
    entries = log_for(actor).filter(about(name_of(thing)))[:longest]
    lines = [(entry, _line(entry, words, actor, "")) for entry in entries]
    return [
        Moment(when=line.at, title=line.what, text=line.moment.text, who=line.who)
        for entry, line in lines
        if line.changes or not (entry.after or entry.before)
    ]


def _line(entry: AuditEntry, words: Mapping[str, Any], actor: Actor, url: str) -> Line:
    return Line(
        at=entry.at,
        who=entry.who,
        what=str(words.get(entry.verb, _("Autre geste"))),
        on=entry.label,
        url=url,
        changes=changes_of(entry, actor),
        reason=entry.reason,
    )


def changes_of(entry: AuditEntry, actor: Actor) -> list[str]:
    """« téléphone : 03 80 … → 06 12 … », value by value, without those that the actor may not see."""
    before, after = entry.before or {}, entry.after or {}
    told = []
    for key in _in_order(entry, {**after, **before}):
        name, _space, year = key.partition(" ")
        field = field_named(entry.verb, entry.thing, name)
        if not field.rule(actor):
            continue
        was, now = field.show(before.get(key)), field.show(after.get(key))
        if key in before and was == now and not field.is_context:
            continue
        label = f"{field.label} {year}".strip()
        if key not in after:
            told += [f"{label}\u00a0: {was}"] if was else []
        elif was and was != now:
            told.append(f"{label}\u00a0: {was} → {now or _('rien')}")
        elif now:
            told.append(f"{label}\u00a0: {now}")
    return told


def _in_order(entry: AuditEntry, keys: Iterable[str]) -> list[str]:
    """As one reads a form: the columns of the thing, then what its app lists; the database keeps no order."""
    app = apps.app_configs.get(entry.verb.partition(".")[0])
    columns = [column.name for model in _models(None, entry.thing) for column in model._meta.fields]
    listed = list(app.trail_fields) if isinstance(app, HubAppConfig) else []
    ranks = {name: rank for rank, name in reversed(list(enumerate([*columns, *listed])))}

    def rank(key: str) -> tuple[str, int]:
        name, _space, year = key.partition(" ")
        return year, ranks.get(name, len(columns) + len(listed))

    return sorted(keys, key=rank)


def field_named(verb: str, thing: str, name: str) -> TrailField:
    """How the value `name` of this verb is told: as its app says, else as the column of that name."""
    app = apps.app_configs.get(verb.partition(".")[0])
    field = app.trail_fields.get(name) if isinstance(app, HubAppConfig) else None
    if field is not None and field.label:
        return field
    for model in _models(app, thing):
        try:
            column = model._meta.get_field(name)
        except FieldDoesNotExist:
            continue
        if isinstance(column, models.Field):
            rule = field.rule if field else anyone
            return TrailField(label=column.verbose_name, show=_shower(column), rule=rule)
    return TrailField(label=name)


def _models(app: Any, thing: str) -> list[type[models.Model]]:
    """The model of the thing, then the others of the app that tells of it."""
    own = [model for model in apps.get_models() if model._meta.label_lower == thing.partition(":")[0]]
    return [*own, *(app.get_models() if app else ())]


def _shower(column: "models.Field[Any, Any]") -> Any:
    if column.choices:
        labels = {str(value): str(label) for value, label in column.flatchoices}
        return lambda value: labels.get(str(value), french.said(value))
    if isinstance(column, models.DecimalField | models.IntegerField):
        return french.figure
    return french.said
