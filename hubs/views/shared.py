"""The pages that several apps feed, and those of the ground. À faire is in `todos.py`."""

import math
import sys
from itertools import chain

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from hubs import logs
from hubs.colour import accent_css
from hubs.limits import TooMany
from hubs.models import Hub
from hubs.parts import Card, hub_apps
from hubs.queries import address_of
from hubs.rules import anyone, known, open_to, person_of_hub


def instance_home(request: HttpRequest) -> HttpResponse:
    """The bare host of the instance: the hubs it holds, by name and address, and nothing else of them."""
    if request.path != "/":
        return _told(404, None)
    hubs = [
        {"name": hub.name, "tagline": hub.tagline, "url": address_of(hub)} for hub in Hub.objects.order_by("name", "pk")
    ]
    return render(request, "hubs/instance.html", {"hubs": hubs})


@require_safe
@open_to(anyone)
@cache_control(public=True, max_age=31_536_000, immutable=True)
def style(request: HttpRequest, accent: str) -> HttpResponse:
    """The tokens that a hub's colour sets, as a stylesheet."""
    try:
        css = accent_css(f"#{accent}")
    except ValueError as error:
        raise Http404 from error
    return HttpResponse(css, content_type="text/css; charset=utf-8")


@require_safe
@open_to(anyone)
def home(request: HttpRequest) -> HttpResponse:
    cards = _in_order(app.home_cards(request.actor) for app in hub_apps(request.hub))
    return render(request, "hubs/home.html", {"cards": cards})


@require_safe
@open_to(person_of_hub)
def after_login(request: HttpRequest) -> HttpResponse:
    """Staff begin at à faire, everyone else at mon espace."""
    return HttpResponseRedirect(reverse("hubs:staff_home" if request.actor.is_staff else "hubs:member_home"))


@require_safe
@open_to(known)
def member_home(request: HttpRequest) -> HttpResponse:
    cards = _in_order(app.member_cards(request.actor) for app in hub_apps(request.hub))
    return render(request, "hubs/member_home.html", {"cards": cards})


def too_many(request: HttpRequest, refusal: TooMany) -> HttpResponse:
    """What one who tries too often reads: when to try again."""
    wait = max(1, math.ceil((refusal.until - timezone.now()).total_seconds()))
    response = render(request, "429.html", {"until": refusal.until, "minutes": math.ceil(wait / 60)}, status=429)
    response["Retry-After"] = str(wait)
    return response


def server_error(request: HttpRequest) -> HttpResponse:
    """The page of a failure, in the hub's name; it asks the database for nothing more, which may be the failure."""
    from hubs import away  # it shows our stylesheet

    if away.is_away(request, sys.exc_info()[1]):
        return away.away(request)
    page = render_to_string("500.html", {"hub": getattr(request, "hub", None), "request_id": logs.request_id()})
    return HttpResponse(page, status=500)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _told(400, getattr(request, "hub", None))


def _told(status: int, hub: Hub | None) -> HttpResponse:
    return HttpResponse(render_to_string(f"{status}.html", {"hub": hub}), status=status)


def _in_order(cards) -> list[Card]:
    return sorted(chain.from_iterable(cards), key=lambda card: card.rank)
