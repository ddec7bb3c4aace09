"""Gestion: the week, bookings taken by phone, places with their hours and prices."""

import datetime as dt
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import Count, Prefetch, Q
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from hubs import french
from hubs.refusals import Refusal
from hubs.rules import open_to
from spaces import actions, planning, queries, rules
from spaces.enums import PayerKind, PlaceKind, PricePer
from spaces.forms import CancelForm, ClosureForm, HoursForm, PhoneForm, PoolForm, PriceForm
from spaces.models import Booking, OpeningHours, Pool, Price, Site, Unit
from spaces.slots import FIRST_DAY, LAST_DAY
from spaces.views.member import (
    booking_of,
    kinds_in_use,
    later,
    monday_asked,
    next_hour,
    units_of_kind,
    week_context,
)

FORM = ["GET", "HEAD", "POST"]


def _posted(request: HttpRequest) -> QueryDict | None:
    """What was sent, be it nothing at all; None when the page is only looked at."""
    return request.POST if request.method == "POST" else None


@require_safe
@open_to(rules.keeps_the_diary)
def week(request: HttpRequest) -> HttpResponse:
    """Everybody's week, and one click on a free hour to note a booking."""
    now = timezone.now()
    kind = _kind_asked(request)

    def day_url(date: dt.date) -> str:
        return f"{reverse('spaces:staff_day')}?{urlencode({'day': date.isoformat(), 'kind': kind})}"

    context = week_context(request, monday_asked(request, now), kind, now, _phone_urls(), day_url)
    return render(request, "spaces/staff_week.html", {**context, "day_url": day_url(timezone.localdate(now))})


def _kind_asked(request: HttpRequest) -> str:
    return request.GET["kind"] if request.GET.get("kind") in PlaceKind.values else PlaceKind.ROOM


def _phone_urls() -> planning.BookUrl:
    """Where a booking of a unit is noted; its day and hour follow."""
    phone_url = reverse("spaces:phone")
    return lambda unit: f"{phone_url}?place={unit.pool_id}&unit={unit.pk}&"


@require_safe
@open_to(rules.keeps_the_diary)
def day(request: HttpRequest) -> HttpResponse:
    """The plan of the day: every place of a kind, who is where, and each free stretch to book."""
    now = timezone.now()
    kind, shown_day = _kind_asked(request), _day_asked(request, now)
    units = units_of_kind(kind, shown_day)[: planning.LARGEST_TABLE]
    plan = units and planning.day_plan(day=shown_day, units=units, actor=request.actor, book_url=_phone_urls(), now=now)
    around = {
        name: f"?{urlencode({'day': (shown_day + dt.timedelta(days=days)).isoformat(), 'kind': kind})}"
        for name, days in (("before", -1), ("after", 1))
    }
    context = {
        "plan": plan,
        "units": units,
        "day": shown_day,
        "kinds": kinds_in_use(kind, {"day": shown_day.isoformat()}),
        "week_url": f"{reverse('spaces:staff_week')}?{urlencode({'week': shown_day.isoformat(), 'kind': kind})}",
        **around,
    }
    return render(request, "spaces/staff_day.html", context)


def _day_asked(request: HttpRequest, now: dt.datetime) -> dt.date:
    try:
        asked = dt.date.fromisoformat(request.GET.get("day", ""))
    except ValueError:
        return timezone.localdate(now)
    return min(max(asked, FIRST_DAY), LAST_DAY - dt.timedelta(days=1))


@require_http_methods(FORM)
@open_to(rules.keeps_the_diary)
def phone(request: HttpRequest) -> HttpResponse:
    """A booking taken by phone or at the desk, for any structure."""
    now = timezone.now()
    if request.method == "POST":
        form = PhoneForm(request.POST)
        if form.is_valid() and (booking := _book(request, form, now)):
            slot = french.slot(booking.starts_at, booking.ends_at)
            messages.success(
                request,
                _("Noté pour %(who)s\u00a0: %(unit)s, %(slot)s.")
                % {"who": booking.organisation, "unit": booking.unit, "slot": slot},
            )
            day = timezone.localdate(booking.starts_at)
            asked = {"week": day.isoformat(), "kind": booking.unit.pool.kind}
            return redirect(f"{reverse('spaces:staff_week')}?{urlencode(asked)}")
        return _show_phone(request, form, status=422)
    day, starts, ends = next_hour(now)
    asked = {"day": day.isoformat(), "starts": f"{starts:%H:%M}", **request.GET.dict()}
    asked.setdefault("ends", later(asked["starts"], 60) or f"{ends:%H:%M}")
    return _show_phone(request, PhoneForm(initial=asked))


def _show_phone(request: HttpRequest, form: PhoneForm, status: int = 200) -> HttpResponse:
    unit = (_posted(request) or request.GET).get("unit", "")
    return render(request, "spaces/phone.html", {"form": form, "unit": unit}, status=status)


def _book(request: HttpRequest, form: PhoneForm, now: dt.datetime) -> Booking | None:
    data = form.cleaned_data
    wanted = request.POST.get("unit", "")
    unit = (
        Unit.objects.filter(pk=wanted, pool=data["place"]).first() if wanted.isdecimal() and len(wanted) < 20 else None
    )
    try:
        return actions.book(
            pool=data["place"],
            slot=form.slot,
            organisation=data["organisation"],
            unit=unit,
            by=request.actor,
            now=now,
            title=data["title"],
            request_key=data["request_key"],
        )
    except Refusal as refusal:
        refusal.tell(form)
        return None


@require_http_methods(FORM)
@open_to(rules.keeps_the_diary)
def booking(request: HttpRequest, public_id: str) -> HttpResponse:
    """One booking: who, what was agreed, and cancelling it with or without its price."""
    found = booking_of(request, public_id)
    now = timezone.now()
    form = CancelForm(_posted(request))
    if request.method == "POST" and form.is_valid():
        try:
            actions.cancel(booking=found, by=request.actor, now=now, **form.cleaned_data)
        except Refusal as refusal:
            refusal.tell(form)
        else:
            messages.success(request, _("La réservation est annulée, le créneau est rendu."))
            return redirect("spaces:staff_booking", found.public_id)
    context = {
        "booking": found,
        "form": form,
        "due": actions.cost_of_cancelling(found, now=now),
        "may_waive": rules.may_waive(request.actor),
        "hides_amounts": not rules.sees_amounts(request.actor),
        "price": queries.price_of(found, timezone.localdate(found.starts_at)),
    }
    return render(request, "spaces/staff_booking.html", context, status=422 if form.errors else 200)


@require_safe
@open_to(rules.keeps_the_diary)
def places(request: HttpRequest) -> HttpResponse:
    today = timezone.localdate()
    live = Q(units__ends_on=None) | Q(units__ends_on__gt=today)
    pools = Pool.objects.live(today).select_related("site").annotate(unit_count=Count("units", filter=live)).by_rank()
    week = Prefetch("hours", OpeningHours.objects.order_by("weekday", "opens", "pk"))
    sites = Site.objects.live(today).order_by("name", "pk").prefetch_related(week)
    context = {"pools": pools, "sites": sites, "manages": rules.manages_places(request.actor)}
    return render(request, "spaces/staff_places.html", context)


@require_http_methods(FORM)
@open_to(rules.manages_places)
def new_place(request: HttpRequest) -> HttpResponse:
    form = PoolForm(_posted(request))
    if request.method == "POST" and form.is_valid():
        try:
            pool = actions.open_pool(
                pool=form.save(commit=False),
                units=form.cleaned_data["units"],
                by=request.actor,
                on=timezone.localdate(),
            )
        except Refusal as refusal:
            refusal.tell(form)
        else:
            messages.success(request, _("%(pool)s est ouvert. Donnez-lui ses prix.") % {"pool": pool})
            return redirect("spaces:staff_place", pool.pk)
    return render(request, "spaces/place_form.html", {"form": form, "pool": None}, status=422 if form.errors else 200)


def _pool(pk: int) -> Pool:
    return get_object_or_404(Pool.objects.select_related("site"), pk=pk)


@require_http_methods(FORM)
@open_to(rules.manages_places)
def change_place(request: HttpRequest, pk: int) -> HttpResponse:
    pool = _pool(pk)
    today = timezone.localdate()
    form = PoolForm(_posted(request), instance=pool, initial={"units": pool.units.live(today).count()})
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_pool(
                pool=form.save(commit=False), units=form.cleaned_data["units"], by=request.actor, on=today
            )
        except Refusal as refusal:
            refusal.tell(form)
        else:
            messages.success(request, _("C’est enregistré. Les réservations déjà prises gardent leurs conditions."))
            return redirect("spaces:staff_place", pk)
    return render(
        request, "spaces/place_form.html", {"form": form, "pool": _pool(pk)}, status=422 if form.errors else 200
    )


@require_http_methods(FORM)
@open_to(rules.manages_places)
def staff_place(request: HttpRequest, pk: int) -> HttpResponse:
    """A place with its prices of today and to come, and a new one from a day on."""
    pool = _pool(pk)
    today = timezone.localdate()
    form = PriceForm(_posted(request), initial={"starts_on": today})
    if request.method == "POST" and form.is_valid():
        try:
            actions.set_price(
                pool=pool,
                payer=PayerKind(form.cleaned_data["payer"]),
                per=PricePer(form.cleaned_data["per"]),
                amount=form.cleaned_data["amount"],
                vat_code=form.cleaned_data["vat"].code,
                starts_on=form.cleaned_data["starts_on"],
                by=request.actor,
            )
        except Refusal as refusal:
            refusal.tell(form)
        else:
            messages.success(request, _("Le prix est noté. Les réservations déjà prises gardent le leur."))
            return redirect("spaces:staff_place", pk)
    prices = Price.objects.filter(Q(ends_on=None) | Q(ends_on__gt=today), pool=pool)
    context = {
        "pool": pool,
        "units": pool.units.live(today).order_by("pk"),
        "prices": prices.order_by("payer", "per", "starts_on", "pk"),
        "today": today,
        "form": form,
    }
    return render(request, "spaces/staff_place.html", context, status=422 if form.errors else 200)


def _site(pk: int) -> Site:
    return get_object_or_404(Site.objects.all(), pk=pk)


@require_http_methods(FORM)
@open_to(rules.manages_places)
def hours(request: HttpRequest, pk: int) -> HttpResponse:
    """The site's week of opening hours."""
    site = _site(pk)
    form = HoursForm(_posted(request), initial=_filled(site))
    if request.method == "POST" and form.is_valid():
        actions.set_hours(site=site, stretches=form.stretches(), by=request.actor)
        messages.success(request, _("Les horaires sont enregistrés."))
        return redirect("spaces:staff_places")
    return render(request, "spaces/hours.html", {"site": site, "form": form}, status=422 if form.errors else 200)


def _filled(site: Site) -> dict[str, dt.time]:
    initial: dict[str, dt.time] = {}
    part: dict[int, int] = {}
    for row in site.hours.order_by("weekday", "opens", "pk"):
        part[row.weekday] = part.get(row.weekday, 0) + 1
        initial[f"opens_{row.weekday}_{part[row.weekday]}"] = row.opens
        initial[f"closes_{row.weekday}_{part[row.weekday]}"] = row.closes
    return initial


@require_http_methods(FORM)
@open_to(rules.manages_places)
def closures(request: HttpRequest, pk: int) -> HttpResponse:
    """Days on which the site is closed."""
    site = _site(pk)
    form = ClosureForm(_posted(request))
    if request.method == "POST" and form.is_valid():
        actions.close_site_for(
            site=site,
            starts_on=form.cleaned_data["starts_on"],
            ends_on=form.cleaned_data["last_day"] + dt.timedelta(days=1),
            reason=form.cleaned_data["reason"],
            by=request.actor,
        )
        messages.success(request, _("La fermeture est notée."))
        return redirect("spaces:closures", pk)
    today = timezone.localdate()
    coming = site.closures.filter(ends_on__gt=today).order_by("starts_on", "pk")
    context = {
        "site": site,
        "form": form,
        "closures": [{"closure": each, "last_day": each.ends_on - dt.timedelta(days=1)} for each in coming],
    }
    return render(request, "spaces/closures.html", context, status=422 if form.errors else 200)
