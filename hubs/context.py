from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django.utils.translation import get_language

from hubs import languages, pieces
from hubs.models import Announcement
from hubs.parts import hub_apps
from hubs.queries import announcements_for

# The three places, by how their addresses begin; the rest is public.
PLACES = {"/gestion/": "staff_nav", "/mon-espace/": "member_nav", "/composants/": "staff_nav"}
# Pages that belong together: each shows the others as tabs.
TABS = {
    "/gestion/facturation/": "money_nav",
    "/gestion/membres/": "roster_nav",
    "/gestion/reglages/": "settings_nav",
    "/gestion/suivi/": "follow_nav",
    "/mon-espace/moi/": "own_nav",
}

# In the session: the announcements that this browser has put away.
PUT_AWAY = "announcements_put_away"


def hub(request: HttpRequest) -> dict[str, Any]:
    """What every page of a hub reads: the hub, who looks, the menu of the place and the tabs of the page."""
    current = getattr(request, "hub", None)
    if current is None:
        return {"hub": None, "actor": None, "nav": [], "tabs": [[]], "announcements": [], "languages": []}
    place = _named(PLACES, request.path) or "public_nav"
    return {
        "hub": current,
        "actor": request.actor,  # type: ignore[attr-defined]
        "nav": SimpleLazyObject(lambda: _menu(request, place)),
        "languages": [
            {"code": code, "name": languages.NAMES[code], "is_current": code == get_language()}
            for code in current.languages
        ],
        "tabs": SimpleLazyObject(lambda: _tabs(request)),
        "announcements": SimpleLazyObject(lambda: _announcements(request, place)),
    }


def _announcements(request: HttpRequest, place: str) -> list[Announcement]:
    """What is told today, without what this browser has put away."""
    told = announcements_for(request.actor, place, timezone.localdate())  # type: ignore[attr-defined]
    put_away = request.session.get(PUT_AWAY, ()) if told else ()
    return [announcement for announcement in told if announcement.pk not in put_away]


def _named(menus: Mapping[str, str], path: str) -> str:
    return next((menu for start, menu in menus.items() if path.startswith(start)), "")


def _menu(request: HttpRequest, menu: str) -> list[pieces.NavItem]:
    if not menu:
        return []
    items = [item for app in hub_apps(request.hub) for item in getattr(app, menu) if item.rule(request.actor)]  # type: ignore[attr-defined]
    urls = [(item, reverse(item.url_name)) for item in sorted(items, key=lambda item: item.rank)]
    starts = [item.section or url for item, url in urls]
    here = max((start for start in starts if request.path.startswith(start)), key=len, default="")
    return [
        pieces.NavItem(str(item.label), url, item.icon, active=start == here, group=str(item.group))
        for (item, url), start in zip(urls, starts, strict=True)
    ]


def _tabs(request: HttpRequest) -> list[list[pieces.NavItem]]:
    """The groups of tabs, if they have some, then the tabs of the group where the page is."""
    items = _menu(request, _named(TABS, request.path))
    here = next((item.group for item in items if item.active), items[0].group if items else "")
    firsts = {item.group: item for item in reversed(items)}
    groups = [
        pieces.NavItem(name, firsts[name].url, active=name == here)
        for name in dict.fromkeys(item.group for item in items)
    ]
    return [groups, [item for item in items if item.group == here]]
