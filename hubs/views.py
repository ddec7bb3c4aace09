"""The pages that several apps feed, and those of the ground."""

from itertools import chain

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods, require_safe

from hubs import actions
from hubs.colour import accent_css
from hubs.forms import IdentityForm, LegalForm
from hubs.models import Hub, HubSettings, Run
from hubs.parts import Card, hub_apps
from hubs.queries import address_of, run_with_progress
from hubs.refusals import Refusal
from hubs.rules import anyone, coordinator, open_to, person_of_hub, staff


def instance_home(request: HttpRequest) -> HttpResponse:
    """The bare host of the instance: the hubs it holds, by name and address, and nothing else of them."""
    if request.path != "/":
        return HttpResponse("Page introuvable.\n", status=404, content_type="text/plain; charset=utf-8")
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
@open_to(person_of_hub)
def member_home(request: HttpRequest) -> HttpResponse:
    cards = _in_order(app.member_cards(request.actor) for app in hub_apps(request.hub))
    return render(request, "hubs/member_home.html", {"cards": cards})


@require_safe
@open_to(staff)
def staff_home(request: HttpRequest) -> HttpResponse:
    """À faire: what needs a decision today, by kind, oldest first."""
    todos = sorted(
        chain.from_iterable(app.todos(request.actor) for app in hub_apps(request.hub)),
        key=lambda todo: (str(todo.kind), todo.since),
    )
    return render(request, "hubs/staff_home.html", {"todos": todos, "today": timezone.localdate()})


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(coordinator)
def identity(request: HttpRequest) -> HttpResponse:
    """The hub's name, colour, contact and modules."""
    hub = request.hub
    shown = {field: getattr(hub, field) for field in IdentityForm.base_fields}
    form = IdentityForm(request.POST if request.method == "POST" else None, initial=shown)
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_hub(by=request.actor, **form.cleaned_data)
        except Refusal as refusal:
            refusal.tell(form)
        else:
            messages.success(request, _("C’est enregistré."))
            return redirect("hubs:identity")
    context = {"form": form, "settings": HubSettings.objects.order_by("-starts_on", "-pk")}
    return render(request, "hubs/identity.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(coordinator)
def legal(request: HttpRequest) -> HttpResponse:
    """What the hub is in law, from a day on."""
    today = timezone.localdate()
    current = HubSettings.objects.live(today).first()
    shown = {
        "legal_form": current.legal_form if current else "",
        "fiscal_year_starts_month": current.fiscal_year_starts_month if current else 1,
        "starts_on": today,
    }
    form = LegalForm(request.POST if request.method == "POST" else None, initial=shown)
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_settings(by=request.actor, **form.cleaned_data)
        except Refusal as refusal:
            refusal.tell(form)
        else:
            messages.success(request, _("C’est noté. Ce qui valait avant reste au journal."))
            return redirect("hubs:identity")
    return render(request, "hubs/legal.html", {"form": form}, status=422 if form.errors else 200)


@require_safe
@open_to(staff)
def run(request: HttpRequest, run_id: int) -> HttpResponse:
    """How far a run has come; htmx asks for the named partial until it is done."""
    try:
        current = run_with_progress(run_id)
    except Run.DoesNotExist as error:
        raise Http404 from error
    finished = current.done + current.failed == current.total
    links = [link for app in hub_apps(request.hub) if (link := app.run_link(current))]
    template = "hubs/run.html#progress" if request.htmx else "hubs/run.html"
    context = {
        "run": current,
        "finished": finished,
        "link": links[0] if links else "",
        "failures": current.items.filter(state="failed").order_by("pk")[:50],
    }
    return render(request, template, context)


def server_error(request: HttpRequest) -> HttpResponse:
    """The page of a failure, in the hub's name; it asks the database for nothing more."""
    page = render_to_string("500.html", {"hub": getattr(request, "hub", None)})
    return HttpResponse(page, status=500)


def _in_order(cards) -> list[Card]:
    return sorted(chain.from_iterable(cards), key=lambda card: card.rank)
