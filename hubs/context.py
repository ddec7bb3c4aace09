from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from hubs import pieces
from hubs.parts import hub_apps

# The three places, by how their addresses begin; the rest is public.
PLACES = {"/gestion/": "staff_nav", "/mon-espace/": "member_nav", "/composants/": "staff_nav"}


def hub(request: HttpRequest) -> dict[str, Any]:
    """What every page of a hub reads: the hub, who looks, and the menu of the place."""
    current = getattr(request, "hub", None)
    if current is None:
        return {"hub": None, "actor": None, "nav": []}
    return {"hub": current, "actor": request.actor, "nav": SimpleLazyObject(lambda: _nav(request))}  # type: ignore[attr-defined]


def _nav(request: HttpRequest) -> list[pieces.NavItem]:
    place = next((menu for start, menu in PLACES.items() if request.path.startswith(start)), "public_nav")
    items = [item for app in hub_apps(request.hub) for item in getattr(app, place) if item.rule(request.actor)]  # type: ignore[attr-defined]
    urls = [(item, reverse(item.url_name)) for item in sorted(items, key=lambda item: item.rank)]
    here = max((url for _, url in urls if request.path.startswith(url)), key=len, default="")
    return [pieces.NavItem(str(item.label), url, item.icon, active=url == here) for item, url in urls]
