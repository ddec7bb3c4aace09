from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from hubs.parts import NavItem, hub_apps


def hub(request: HttpRequest) -> dict[str, Any]:
    """What every page of a hub reads: the hub, who looks, and the menus of the three places."""
    current = getattr(request, "hub", None)
    if current is None:
        return {"hub": None, "actor": None, "navs": {}}
    return {
        "hub": current,
        "actor": request.actor,  # type: ignore[attr-defined]
        "navs": {place: SimpleLazyObject(lambda place=place: _nav(request, place)) for place in ("public", "member", "staff")},
    }


def _nav(request: HttpRequest, place: str) -> list[dict[str, Any]]:
    actor = request.actor  # type: ignore[attr-defined]
    items: list[NavItem] = [
        item
        for app in hub_apps(request.hub)  # type: ignore[attr-defined]
        for item in getattr(app, f"{place}_nav")
        if item.rule(actor)
    ]
    urls = [(item, reverse(item.url_name)) for item in sorted(items, key=lambda item: item.rank)]
    here = max((url for _, url in urls if request.path.startswith(url)), key=len, default="")
    return [
        {"label": item.label, "url": url, "icon": item.icon, "active": url == here} for item, url in urls
    ]
