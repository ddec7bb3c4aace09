"""When PostgreSQL does not answer: a page that says so, by what this process remembers of the hub."""

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import resolve
from django.utils import translation

from hubs.languages import spoken
from hubs.models import Hub
from hubs.queries import bare
from hubs.views.shared import style

RETRY_AFTER = 20
# PostgreSQL is gone or not yet back, has no connection left, ended a statement or chose us in a deadlock.
AWAY = (OperationalError, InterfaceError)
_seen: dict[str, Hub] = {}


def remember(request: HttpRequest) -> None:
    """Keep the hub that this host shows, for the day when nobody can be asked."""
    hub = getattr(request, "hub", None)
    if hub is not None:
        _seen[_name(request)] = hub


def _name(request: HttpRequest) -> str:
    # A pinned instance answers to any host: one entry, however many are tried.
    return settings.PINNED_HUB or bare(request.get_host())


def is_away(request: HttpRequest, error: BaseException | None) -> bool:
    """Whether this request fails for want of a database; so do the errors that come after that one."""
    request.away = isinstance(error, AWAY) or getattr(request, "away", False)  # type: ignore[attr-defined]
    return request.away  # type: ignore[attr-defined, no-any-return]


def away(request: HttpRequest) -> HttpResponse:
    """503: the whole page, or for htmx the words alone. Asks the database for nothing."""
    match = resolve(request.path_info) if request.path_info.startswith("/style/") else None
    if match is not None and match.view_name == "hubs:style":
        return style(request, **match.kwargs)
    hub = getattr(request, "hub", None) or _seen.get(_name(request))
    template = "503.html#words" if request.headers.get("HX-Request") else "503.html"
    with translation.override(spoken(hub, request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME))):
        page = render_to_string(template, {"hub": hub, "sent": request.method not in ("GET", "HEAD")})
    return HttpResponse(page, status=503, headers={"Retry-After": str(RETRY_AFTER), "Cache-Control": "no-store"})
