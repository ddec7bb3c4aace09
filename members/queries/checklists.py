"""The lists of arrival and of departure, as pages show them."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from hubs.actors import Actor
from hubs.parts import Thing, ids_of
from members.models import (
    Charter,
    Checklist,
    ChecklistItem,
    ChecklistQuerySet,
    ChecklistStep,
    ChecklistTemplate,
)
from members.rules import may_do_step
from parties.models import Organisation

# A list that is over stays in Mon espace so long.
REMEMBERED = dt.timedelta(days=30)


@dataclass(frozen=True)
class Line:
    """A step of a list, for someone: how it is said, and whether it is theirs to do."""

    item: ChecklistItem
    label: str
    is_late: bool
    may_do: bool


def charter_in_force() -> Charter | None:
    return Charter.objects.order_by("-number").first()


def list_in_force() -> ChecklistTemplate | None:
    return ChecklistTemplate.objects.order_by("-number").first()


def steps_in_force() -> list[ChecklistStep]:
    """The steps of the hub's list today, in order."""
    template = list_in_force()
    return list(template.steps.order_by("rank", "pk")) if template else []


def lines_of(checklist: Checklist, actor: Actor, today: dt.date) -> list[Line]:
    """Its steps in the order of the list, backwards on departure. One query."""
    items = checklist.items.select_related("step", "owner", "charter")
    backwards = "" if checklist.is_arrival else "-"
    found = []
    for item in items.order_by(f"{backwards}step__rank", f"{backwards}pk"):
        item.checklist = checklist
        is_late = item.done_on is None and item.due_on < today
        found.append(Line(item, item.step.label(checklist.way), is_late, may_do_step(actor, item)))
    return found


def lists_of(organisation: Organisation, today: dt.date) -> ChecklistQuerySet:
    """All that the structure has begun, the last first."""
    lists = Checklist.objects.filter(organisation=organisation).with_progress(today)
    return lists.order_by("-begun_at", "-pk")


def lists_to_show(organisation_ids: Collection[int], today: dt.date) -> list[Checklist]:
    """Those of these structures that run, or were finished lately."""
    lists = Checklist.objects.filter(organisation__in=organisation_ids).with_progress(today)
    return [
        each
        for each in lists.order_by("-begun_at", "-pk")
        if each.closed_on is None or each.closed_on > today - REMEMBERED
    ]


def checklists_named(names: Collection[str]) -> dict[str, Thing]:
    """The lists, the charters and the hub's own list, as the log names them."""
    found = {}
    if ids := ids_of("members.checklist", names):
        for each in Checklist.objects.filter(pk__in=ids).select_related("organisation"):
            url = reverse("members:checklist", args=[each.public_id])
            found[f"members.checklist:{each.pk}"] = Thing(label=str(each), url=url)
    settings_url = reverse("members:arrival_settings")
    for label, model, words in (
        ("members.charter", Charter, _("Charte v%s")),
        ("members.checklisttemplate", ChecklistTemplate, _("Liste d’arrivée v%s")),
    ):
        if ids := ids_of(label, names):
            for pk, number in model.objects.filter(pk__in=ids).values_list("pk", "number"):
                found[f"{label}:{pk}"] = Thing(label=words % number, url=settings_url)
    return found
