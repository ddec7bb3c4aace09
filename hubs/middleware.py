import logging
from collections.abc import Callable
from itertools import chain
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, InterfaceError, OperationalError, connection, transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.urls import resolve
from django.utils import translation
from django.utils.cache import patch_vary_headers

from hubs.languages import spoken
from hubs.models import Hub
from hubs.parts import is_open
from hubs.queries import bare, hub_at
from hubs.roles import SeesEveryHub, is_held
from hubs.scope import open_hub
from hubs.views.shared import instance_home, unavailable

log = logging.getLogger(__name__)

GetResponse = Callable[[HttpRequest], HttpResponse]


class HealthMiddleware:
    """`/healthz`: the process answers. `/readyz`: it can work, as the right role. On any host."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path == "/healthz":
            return HttpResponse("ok\n", content_type="text/plain")
        if request.path == "/readyz":
            return self._ready()
        return self.get_response(request)

    def _ready(self) -> HttpResponse:
        try:
            held = is_held(connection)
        except SeesEveryHub:
            held = False
        except DatabaseError:
            return HttpResponse("database\n", status=503, content_type="text/plain")
        if not held:
            return HttpResponse("role\n", status=503, content_type="text/plain")
        return HttpResponse("ready\n", content_type="text/plain")


class PlainTextMiddleware:
    """Refuses the NUL character wherever it comes: PostgreSQL keeps none, and no person types one."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "\0" in request.path:
            return HttpResponse("Page introuvable.\n", status=404, content_type="text/plain; charset=utf-8")
        asked = chain.from_iterable((name, *values) for name, values in request.GET.lists())
        if any("\0" in text for text in (*asked, *request.COOKIES.values())):
            return HttpResponse("Adresse illisible.\n", status=400, content_type="text/plain; charset=utf-8")
        return self.get_response(request)


class HubMiddleware:
    """Opens the hub that the host names, around the whole request.

    The view itself runs in an inner transaction, left with its error: a page that fails writes
    nothing, and the error page can still read the hub in the outer one.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        # By host, as last seen: while the database is away, pages still say so in the hub's name and colour.
        self.seen: dict[str, Hub] = {}

    def __call__(self, request: HttpRequest) -> HttpResponse:
        host = "" if settings.PINNED_HUB else bare(request.get_host())
        if settings.MAINTENANCE:
            return self._unavailable(request, host)
        try:
            return self._answer(request, host)
        except (OperationalError, InterfaceError):
            log.exception("the database is away")
            return self._unavailable(request, host)

    def _answer(self, request: HttpRequest, host: str) -> HttpResponse:
        request.inner = None  # type: ignore[attr-defined]
        hub = hub_at(request.get_host())
        if hub is None:
            return self._instance_page(request)
        request.hub = self.seen[host] = hub  # type: ignore[attr-defined]
        with open_hub(hub, self._language(request, hub)):
            response = self.get_response(request)
            self._leave(request, None)
            self._keep_private(request, response)
        patch_vary_headers(response, ["Host"])
        return response

    def _language(self, request: HttpRequest, hub: Hub | None) -> str:
        return spoken(hub, request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME))

    def _unavailable(self, request: HttpRequest, host: str) -> HttpResponse:
        if request.path.startswith("/style/"):  # a colour is in its address, and needs no database
            match = resolve(request.path)
            return match.func(request, *match.args, **match.kwargs)
        hub = self.seen.get(host)
        with translation.override(self._language(request, hub)):
            return unavailable(hub)

    def _keep_private(self, request: HttpRequest, response: HttpResponse) -> None:
        """A page of someone signed in is kept by no cache, nor shown by the next person's « back »."""
        user = getattr(request, "user", None)
        if not response.has_header("Cache-Control") and user is not None and user.is_authenticated:
            response["Cache-Control"] = "private, no-store"

    def _instance_page(self, request: HttpRequest) -> HttpResponse:
        if bare(request.get_host()) != settings.INSTANCE_HOST:
            return HttpResponse("Aucun pôle à cette adresse.\n", status=404, content_type="text/plain; charset=utf-8")
        return instance_home(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> None:
        # Before anyone is asked to sign in: what a hub has switched off does not exist there.
        namespace = request.resolver_match.namespace if request.resolver_match else ""
        if namespace and not is_open(namespace, request.hub):  # type: ignore[attr-defined]
            raise Http404
        request.inner = transaction.atomic()  # type: ignore[attr-defined]
        request.inner.__enter__()  # type: ignore[attr-defined]

    def process_exception(self, request: HttpRequest, exception: Exception) -> None:
        self._leave(request, exception)

    def _leave(self, request: HttpRequest, exception: Exception | None) -> None:
        inner, request.inner = request.inner, None  # type: ignore[attr-defined]
        if inner is not None:
            inner.__exit__(type(exception) if exception else None, exception, None)


class RuleMiddleware:
    """Asks the rule that the view declares. A view without one opens to nobody."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponseBase | None:
        rule = getattr(view, "rule", None)
        if rule is None or not rule(request.actor):  # type: ignore[attr-defined]
            raise PermissionDenied
        return None
