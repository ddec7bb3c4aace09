"""Mon espace: find a place, book it, look at one's bookings, cancel one."""

import datetime as dt
from collections.abc import Callable
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from hubs import french
from hubs.refusals import NotAllowed, Refusal
from hubs.rules import open_to
from parties.actions import remember_acting_for
from parties.models import Organisation, Person
from spaces import actions, planning, queries, rules
from spaces.enums import PayerKind, PlaceKind
from spaces.forms import BookForm, FindForm
from spaces.models import Booking, Pool, Unit
from spaces.slots import FIRST_DAY, LAST_DAY, Slot

# Cards on a page of « Réserver ».
PLACES = 20


def next_hour(now: dt.datetime) -> tuple[dt.date, dt.time, dt.time]:
    """What the search proposes: today's next full hour for two hours, or tomorrow at 9 h."""
    local = timezone.localtime(now)
    if local.hour >= 18:
        return local.date() + dt.timedelta(days=1), dt.time(9), dt.time(11)
    start = max(local.hour + 1, 9)
    return local.date(), dt.time(start), dt.time(start + 2)


def first_payer(request: HttpRequest, day: dt.date) -> PayerKind:
    """The price kind shown in lists: that of the structure one acts for, the remembered one first."""
    organisation_id = request.actor.first_acted_for
    return queries.payer_kind(organisation_id, day) if organisation_id else PayerKind.EXTERNAL


def acting_for(request: HttpRequest) -> Organisation | None:
    return Organisation.objects.filter(pk=request.actor.first_acted_for).first()


@require_safe
@open_to(rules.may_book)
def find(request: HttpRequest) -> HttpResponse:
    """When, how many, what kind; then every place with its price and its free hours."""
    now = timezone.now()
    day, starts, ends = next_hour(now)
    asked = {"day": day, "starts": f"{starts:%H:%M}", "ends": f"{ends:%H:%M}", **request.session.get("find", {})}
    if request.GET:
        asked |= request.GET.dict()
        kept = {key: request.GET[key] for key in ("kind", "seats") if key in request.GET}
        if kept != request.session.get("find"):
            request.session["find"] = kept
    form = FindForm(asked)
    valid = form.is_valid()
    shown_day = form.cleaned_data.get("day") or day
    times = queries.free_times(
        day=shown_day,
        slot=form.slot,
        payer=first_payer(request, shown_day),
        kind=form.cleaned_data.get("kind", ""),
        seats=form.cleaned_data.get("seats") or 1,
    )
    # What is free when it is asked for comes first; the order of the places is kept.
    times = sorted(times, key=lambda time: form.slot is not None and not time.free_units)
    page = Paginator(times, PLACES).get_page(request.GET.get("page"))
    query = {key: value for key, value in asked.items() if key not in ("day", "page") and value}
    days = [max(timezone.localdate(now), shown_day - dt.timedelta(days=2)) + dt.timedelta(days=n) for n in range(7)]
    context = {
        "form": form,
        "day": shown_day,
        "slot": form.slot,
        "page": page,
        "places": [_place(time, form, shown_day, now) for time in page],
        "days": [
            {"day": each, "url": f"?{urlencode({'day': each.isoformat(), **query})}", "active": each == shown_day}
            for each in days
        ],
    }
    return render(request, "spaces/find.html", context, status=200 if valid else 422)


def _place(time: queries.FreeTime, form: FindForm, day: dt.date, now: dt.datetime) -> dict:
    starts, ends = form.cleaned_data.get("starts"), form.cleaned_data.get("ends")
    return {
        "name": time.pool.name,
        "facts": planning.facts(time),
        "state": planning.state(time, form.slot, now) if form.slot else None,
        "price": time.price,
        "bar": planning.day_bar(time, day=day, now=now),
        "url": planning.place_url(time.pool, day, starts, ends),
    }


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(rules.may_book)
def place(request: HttpRequest, public_id: str) -> HttpResponse:
    """One place: its day, the price of the hours asked for, and the button that books them."""
    pool = get_object_or_404(Pool.objects.live(timezone.localdate()).select_related("site"), public_id=public_id)
    now = timezone.now()
    if request.method == "POST":
        form = BookForm(request.POST, actor=request.actor)
        if form.is_valid() and (booking := _book(request, pool, form, now)):
            messages.success(
                request,
                _("C’est réservé\u00a0: %(unit)s, %(slot)s.")
                % {"unit": booking.unit, "slot": french.slot(booking.starts_at, booking.ends_at)},
            )
            return redirect("spaces:booking", booking.public_id)
        return _show_place(request, pool, form, now, status=422)
    day, starts, _ends = next_hour(now)
    organisation = acting_for(request)
    asked = {
        "day": day.isoformat(),
        "starts": f"{starts:%H:%M}",
        "organisation": organisation.pk if organisation else None,
        **request.GET.dict(),
    }
    asked.setdefault("ends", later(asked["starts"], max(60, pool.min_minutes)))
    form = BookForm(initial=asked, actor=request.actor)
    return _show_place(request, pool, form, now, asked=asked)


def later(starts: str, minutes: int) -> str:
    """`starts` and so long after, within the day: what a form proposes as the end. Nothing for no hour."""
    try:
        begins = dt.time.fromisoformat(starts)
    except ValueError:
        return ""
    ends = min(begins.hour * 60 + begins.minute + minutes, 23 * 60 + 45)
    return f"{ends // 60:02d}:{ends % 60:02d}"


def _book(request: HttpRequest, pool: Pool, form: BookForm, now: dt.datetime) -> Booking | None:
    data = form.cleaned_data
    try:
        booking = actions.book(
            pool=pool,
            slot=form.slot,
            organisation=data["organisation"],
            by=request.actor,
            now=now,
            person=Person.objects.get(pk=request.actor.person_id),
            title=data["title"],
            request_key=data["request_key"],
        )
    except Refusal as refusal:
        refusal.tell(form)
        return None
    if data["organisation"].pk != request.actor.acted_for:
        remember_acting_for(person_id=request.actor.person_id, organisation=data["organisation"])
    return booking


def _show_place(
    request: HttpRequest, pool: Pool, form: BookForm, now: dt.datetime, asked: dict | None = None, status: int = 200
) -> HttpResponse:
    """The page, or for htmx its part that tells the price."""
    probe = BookForm(
        {**(asked or form.data.dict()), "request_key": "00000000-0000-0000-0000-000000000000"}, actor=request.actor
    )
    probe.is_valid()
    organisation = probe.cleaned_data.get("organisation") or acting_for(request)
    day = probe.cleaned_data.get("day") or timezone.localdate(now)
    payer = queries.payer_kind(organisation, day) if organisation else PayerKind.EXTERNAL
    time = next(iter(queries.free_times(day=day, slot=probe.slot, payer=payer, pool=pool)), None)
    context = {
        "pool": pool,
        "form": form,
        "day": day,
        "slot": probe.slot,
        "free": time.free_units if time else 0,
        "quote": time.quote if time else None,
        "price": time.price if time else None,
        "payer": payer.label,
        "free_until": probe.slot.start - dt.timedelta(hours=pool.free_cancel_hours) if probe.slot else None,
        "now": now,
        "bar": planning.day_bar(time, day=day, now=now) if time else None,
        "alternatives": _alternatives(pool, probe.slot, payer) if probe.slot and time and not time.free_units else [],
    }
    template = "spaces/place.html#price" if request.htmx and request.method == "GET" else "spaces/place.html"
    return render(request, template, context, status=status)


def _alternatives(pool: Pool, slot: Slot, payer: PayerKind) -> list[dict]:
    start, end = timezone.localtime(slot.start), timezone.localtime(slot.end)
    return [
        {"pool": other, "url": planning.place_url(other, start.date(), start.time(), end.time())}
        for other in queries.alternatives(pool, slot, payer)
    ]


@require_safe
@open_to(rules.may_book)
def week(request: HttpRequest) -> HttpResponse:
    """The week of one kind of place: free hours to tap, « Occupé » for what is another's."""
    now = timezone.now()
    kind = request.GET.get("kind") if request.GET.get("kind") in PlaceKind.values else PlaceKind.ROOM
    monday = monday_asked(request, now)

    before, after = reverse("spaces:place", args=["0" * 12]).split("0" * 12)

    def book_url(unit: Unit) -> str:
        return f"{before}{unit.pool.public_id}{after}?"

    def day_url(date: dt.date) -> str:
        return f"{reverse('spaces:find')}?{urlencode({'day': date.isoformat(), 'kind': kind})}"

    context = week_context(request, monday, kind, now, book_url, day_url)
    return render(request, "spaces/week.html", context)


def monday_asked(request: HttpRequest, now: dt.datetime) -> dt.date:
    try:
        asked = dt.date.fromisoformat(request.GET.get("week", ""))
    except ValueError:
        asked = timezone.localdate(now)
    return planning.monday_of(min(max(asked, FIRST_DAY), LAST_DAY))


def units_of_kind(kind: str, on: dt.date) -> list[Unit]:
    """The units of that day, in the order of their places, one more than a page shows."""
    units = Unit.objects.live(on).filter(pool__kind=kind).select_related("pool")
    return list(units.order_by("pool__rank", "pool__name", "pk")[: planning.LARGEST_TABLE + 1])


def week_context(
    request: HttpRequest,
    monday: dt.date,
    kind: str,
    now: dt.datetime,
    book_url: planning.BookUrl,
    day_url: Callable[[dt.date], str],
) -> dict:
    """What the week pages of members and of staff share: a grid by the hour, or for many units a table of boxes."""
    units = units_of_kind(kind, monday + dt.timedelta(days=6))
    shown = units[: planning.LARGEST_TABLE]
    drawn = {"monday": monday, "units": shown, "actor": request.actor, "book_url": book_url, "now": now}
    fits = len(shown) <= planning.LARGEST_GRID
    around = {
        name: f"?{urlencode({'week': (monday + dt.timedelta(days=days)).isoformat(), 'kind': kind})}"
        for name, days in (("before", -7), ("after", 7))
    }
    return {
        "grid": planning.week_grid(**drawn) if shown and fits else None,
        "table": planning.week_table(**drawn, day_url=day_url) if not fits else None,
        "monday": monday,
        "sunday": monday + dt.timedelta(days=6),
        "left_out": len(units) > len(shown),
        "kinds": kinds_in_use(kind, {"week": monday.isoformat()}),
        **around,
    }


def kinds_in_use(kind: str, asked: dict[str, str]) -> list[dict]:
    """The kinds of place there are, as links that keep what is asked."""
    used = set(Pool.objects.live(timezone.localdate()).values_list("kind", flat=True).distinct())
    return [
        {"label": label, "url": f"?{urlencode({**asked, 'kind': value})}", "active": value == kind}
        for value, label in PlaceKind.choices
        if value in used
    ]


@require_safe
@open_to(rules.may_book)
def bookings(request: HttpRequest) -> HttpResponse:
    """The bookings of the structures one acts for: to come, then those gone by."""
    now = timezone.now()
    mine = queries.bookings_of(request.actor).for_display()
    context = {
        "coming": mine.filter(ends_at__gt=now).order_by("starts_at", "pk")[:100],
        "past": Paginator(mine.filter(ends_at__lte=now).order_by("-starts_at", "-pk"), 20).get_page(
            request.GET.get("page")
        ),
    }
    return render(request, "spaces/bookings.html", context)


def booking_of(request: HttpRequest, public_id: str) -> Booking:
    """The booking, if the actor may read it: another's is as if it did not exist."""
    found = get_object_or_404(Booking.objects.for_display(), public_id=public_id)
    if not rules.may_read(request.actor, found):
        raise Http404
    return found


@require_safe
@open_to(rules.may_book)
def booking(request: HttpRequest, public_id: str) -> HttpResponse:
    found = booking_of(request, public_id)
    now = timezone.now()
    context = {"booking": found, "price": queries.price_of(found, timezone.localdate(found.starts_at)), "now": now}
    return render(request, "spaces/booking.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(rules.may_book)
def cancel(request: HttpRequest, public_id: str) -> HttpResponse:
    """What cancelling costs now, and the button."""
    found = booking_of(request, public_id)
    now = timezone.now()
    error = ""
    if request.method == "POST":
        try:
            actions.cancel(booking=found, by=request.actor, now=now)
        except NotAllowed as refusal:
            raise Http404 from refusal
        except Refusal as refusal:
            error = str(refusal.message)
        else:
            messages.success(request, _("La réservation est annulée, le créneau est rendu."))
            return redirect(reverse("spaces:bookings"))
    day = timezone.localdate(found.starts_at)
    due = actions.cost_of_cancelling(found, now=now)
    context = {"booking": found, "due": due, "price": queries.price_of(found, day), "error": error}
    return render(request, "spaces/cancel.html", context, status=422 if error else 200)
