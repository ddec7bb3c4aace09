"""What the log and the runs name of votes, minutes and decisions."""

from collections.abc import Callable, Collection
from typing import Any

from django.urls import reverse

from governance.models import Decision, Minutes, Poll, Resolution
from hubs.parts import Thing, ids_of

_URLS: dict[type[Any], Callable[[Any], str]] = {
    Resolution: lambda each: reverse("governance:resolution", args=[each.assembly.public_id, each.pk]),
    Minutes: lambda each: reverse(
        "governance:report" if each.meeting_id else "governance:minutes", args=[each.about.public_id]
    ),
    Decision: lambda each: reverse("governance:decision", args=[each.number]),
    Poll: lambda each: reverse("governance:poll", args=[each.public_id]),
}
_NEEDED: dict[type[Any], tuple[str, ...]] = {Resolution: ("assembly",), Minutes: ("assembly", "meeting")}


def votes_named(names: Collection[str]) -> dict[str, Thing]:
    """One query for each kind of thing that is named."""
    found: dict[str, Thing] = {}
    for model, url_of in _URLS.items():
        label = model._meta.label_lower
        ids = ids_of(label, names)
        rows = model.objects.filter(pk__in=ids).select_related(*_NEEDED.get(model, ())) if ids else ()
        found |= {f"{label}:{each.pk}": Thing(label=str(each), url=url_of(each)) for each in rows}
    return found
