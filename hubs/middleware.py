import time
from collections.abc import Callable
from itertools import chain
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.cache import patch_vary_headers

from hubs import away, health, logs, metrics
from hubs.languages import spoken
from hubs.limits import TooMany
from hubs.parts import is_open
from hubs.queries import bare, hub_at
from hubs.rules import anyone
from hubs.scope import open_hub
from hubs.second_factor import lacks_second_factor
from hubs.views.shared import instance_home, too_many

GetResponse = Callable[[HttpRequest], HttpResponse]


class HealthMiddleware:
    """The first of all: names the request, counts and logs it, and answers what watches the site, on any host.

    `/healthz`: the process answers. `/readyz`: it can work, as the right role. `/metrics`: what it did.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path == "/healthz":
            return _plain("ok\n")
        if request.path == "/readyz":
            return self._ready()
        if request.path == "/metrics" and metrics.may_read(request):
            return HttpResponse(metrics.exposition(), content_type="text/plain; version=0.0.4; charset=utf-8")
        start = time.perf_counter()
        # Only behind our proxy, which writes its own over a visitor's.
        token = logs.begin_request(request, given=request.headers.get("X-Request-ID", "") if settings.HTTPS else "")
        try:
            response = self.get_response(request)
            seconds = time.perf_counter() - start
            metrics.count(response.status_code, seconds)
            if response.status_code >= 400 or not request.path.startswith(settings.STATIC_URL):
                logs.tell_access(request, response.status_code, seconds)
            response["X-Request-ID"] = request.request_id  # type: ignore[attr-defined]
            response["Permissions-Policy"] = settings.PERMISSIONS_POLICY
        finally:
            logs.end_request(token)
        return response

    def _ready(self) -> HttpResponse:
        if missing := health.missing():
            return _plain(f"{missing}\n", status=503)
        return _plain("ready\n" if health.valkey_answers() else "ready\nvalkey is away\n")


def _plain(text: str, status: int = 200) -> HttpResponse:
    return HttpResponse(text, status=status, content_type="text/plain; charset=utf-8")


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


class AwayMiddleware:
    """Remembers the hubs that this process shows, for the page that says that the database is away."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.MAINTENANCE:
            return away.away(request)
        response = self.get_response(request)
        away.remember(request)
        return response


class HubMiddleware:
    """Opens the hub that the host names, around the whole request.

    The view itself runs in an inner transaction, left with its error: a page that fails writes
    nothing, and the error page can still read the hub in the outer one.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.inner = None  # type: ignore[attr-defined]
        hub = hub_at(request.get_host())
        if hub is None:
            return self._instance_page(request)
        request.hub = hub  # type: ignore[attr-defined]
        language = spoken(hub, request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME))
        with open_hub(hub, host=bare(request.get_host()), language=language):
            try:
                response = self.get_response(request)
            except BaseException as ended:
                # What Django turns into no page, as the end of a worker: left too, or the connection stays in it.
                self._leave(request, ended)
                raise
            self._leave(request, None)
            self._keep_private(request, response)
        patch_vary_headers(response, ["Host"])
        return response

    def _keep_private(self, request: HttpRequest, response: HttpResponse) -> None:
        """A page of someone who came in is kept by no cache, nor shown by the next person's « back »."""
        user, actor = getattr(request, "user", None), getattr(request, "actor", None)
        if user is None or response.has_header("Cache-Control"):
            return
        if user.is_authenticated or (actor is not None and actor.is_known):
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

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        self._leave(request, exception)
        return too_many(request, exception) if isinstance(exception, TooMany) else None

    def _leave(self, request: HttpRequest, exception: BaseException | None) -> None:
        inner, request.inner = request.inner, None  # type: ignore[attr-defined]
        if inner is not None:
            inner.__exit__(type(exception) if exception else None, exception, None)


class RuleMiddleware:
    """Asks the rule that the view declares. A view without one opens to nobody.

    Staff of whom the hub asks a second step at sign-in are led to set one up first.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponseBase | None:
        rule = getattr(view, "rule", None)
        if rule is None or not rule(request.actor):  # type: ignore[attr-defined]
            raise PermissionDenied
        if rule is not anyone and not self._sets_up(request) and lacks_second_factor(request.hub, request.actor):  # type: ignore[attr-defined]
            return redirect("mfa_index")
        return None

    def _sets_up(self, request: HttpRequest) -> bool:
        """Whether the page is one by which a second step is set up: those of allauth carry its names."""
        return (request.resolver_match.url_name or "").startswith(("mfa_", "account_"))  # type: ignore[union-attr]
