from collections.abc import Callable
from typing import Any

from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from hubs.actors import Actor
from parties.guests import invitation_of
from parties.queries import actor_of, guest_of


class ActorMiddleware:
    """Sets `request.actor`, built once per request, when first read."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.actor = SimpleLazyObject(lambda: _actor(request))  # type: ignore[attr-defined]
        return self.get_response(request)


def _actor(request: HttpRequest) -> Actor:
    today = timezone.localdate()
    if request.user.is_authenticated:
        return actor_of(request.user, today)  # type: ignore[arg-type]
    invitation_id = invitation_of(request)
    return actor_of(None, today) if invitation_id is None else guest_of(invitation_id, today)


class ComeInMiddleware(LoginRequiredMiddleware):
    """Asks visitors to sign in. A guest, who came in by a link, has no account and is no visitor."""

    def process_view(
        self, request: HttpRequest, view_func: Any, view_args: Any, view_kwargs: Any
    ) -> HttpResponseBase | None:
        if request.actor.is_guest:  # type: ignore[attr-defined]
            return None
        return super().process_view(request, view_func, view_args, view_kwargs)
