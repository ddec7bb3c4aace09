"""The log of a thing, told in French."""

import re
from collections.abc import Mapping
from typing import Any

from django.db import models
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from hubs.actions import name_of
from hubs.enums import LegalForm
from hubs.french import day
from hubs.models import AuditEntry
from hubs.parts import trail_words
from hubs.pieces import Moment
from parties.enums import LinkRole
from parties.figures import FIGURES, shown
from parties.models import Organisation, Person, YearFigures

_CHOICES = {"legal_form": LegalForm, "role": LinkRole}


def trail_of(thing: models.Model, *, figures: bool, longest: int = 30) -> list[Moment]:
    """What happened to it, the last first; without its figures for those who may not see them."""
    words = trail_words()
    entries = AuditEntry.objects.filter(thing=name_of(thing)).order_by("-at", "-pk")[:longest]
    moments = []
    for entry in entries:
        changes = _changes(entry.before or {}, entry.after or {}, figures)
        if changes or not entry.after:
            text = " ; ".join(changes)
            text += f" ({entry.reason})" if entry.reason else ""
            moments.append(
                Moment(when=entry.at, title=str(words.get(entry.verb, entry.verb)), text=text, who=entry.who)
            )
    return moments


def _changes(before: Mapping[str, Any], after: Mapping[str, Any], figures: bool) -> list[str]:
    told = []
    for key, value in after.items():
        name, _space, year = key.partition(" ")
        if name in (*FIGURES, "year") and not figures:
            continue
        was, now = _value(name, before.get(key)), _value(name, value)
        if was == now and key not in ("person", "role", "fiscal_year"):
            continue
        label = f"{_label(name)} {year}".strip()
        told.append(f"{label}\u00a0: {was} → {now}" if was and was != now else f"{label}\u00a0: {now}")
    return told


def _label(name: str) -> str:
    labels = {
        "person": _("personne"),
        "name": _("nom"),
        "fiscal_year": _("exercice"),
        "kind": _("lien"),
        "college": _("collège"),
        "left_on": _("plus membre à partir du"),
        "starts_on": _("depuis le"),
        "ends_on": _("jusqu’au (exclu)"),
        "role": _("rôle"),
        "asked_by": _("demandé par"),
        "asked_on": _("demandé le"),
        "due_on": _("réponse attendue avant le"),
        "kept": _("gardé"),
        "to_read": _("à relire"),
        "fields": _("champs"),
    }
    if name in labels:
        return labels[name]
    for model in (Organisation, YearFigures, Person):
        if name in {field.name for field in model._meta.fields}:
            return str(model._meta.get_field(name).verbose_name)
    return name


def _value(name: str, value: Any) -> str:
    if value in (None, ""):
        return _("rien") if value == "" else ""
    if isinstance(value, list):
        return ", ".join(map(str, value)) or _("rien")
    if name in _CHOICES and value in _CHOICES[name].values:
        return str(_CHOICES[name](value).label)
    if name in FIGURES:
        return shown(value)
    if name == "kind":
        return {"resident": _("installée dans les lieux"), "associate": _("associée")}.get(value, value)
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
        return day(parse_date(value), year=True, weekday=False)
    return str(value)
