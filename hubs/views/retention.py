"""/gestion/reglages/conservation/: how long each kind of data is kept, and what the last night let go."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from hubs import actions
from hubs.actions.retention import months_kept, time_of
from hubs.forms import RetentionForm
from hubs.models import Retention, RetentionNight
from hubs.personal import Keeping, duration, keepings
from hubs.refusals import Refusal
from hubs.rules import coordinator, open_to


@dataclass(frozen=True)
class Kept:
    """A kind of data as the page shows it: its period, its last night, what is next."""

    keeping: Keeping
    period: str
    bounds: str
    night: RetentionNight | None
    due: int


def _kept(keeping: Keeping, nights: dict[str, RetentionNight]) -> Kept:
    now = timezone.now()
    due = keeping.due(time_of(keeping, now), now).count() if keeping.due is not None else 0
    bounds = {"least": duration(keeping.least), "most": duration(keeping.most)}
    return Kept(
        keeping=keeping,
        period=duration(months_kept(keeping, timezone.localdate())) if keeping.is_set else str(keeping.fixed),
        bounds=_("de %(least)s à %(most)s") % bounds if keeping.is_set else "",
        night=nights.get(keeping.key),
        due=due,
    )


@require_safe
@open_to(coordinator)
def retention(request: HttpRequest) -> HttpResponse:
    last = RetentionNight.objects.order_by("-day", "-pk").values_list("day", flat=True).first()
    nights = {night.kind: night for night in RetentionNight.objects.filter(day=last)}
    context = {"kept": [_kept(keeping, nights) for keeping in keepings()], "last": last}
    return render(request, "hubs/retention.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(coordinator)
def retention_change(request: HttpRequest, kind: str) -> HttpResponse:
    """The period of one kind of data, between what the law wants and what it allows."""
    keeping = next((each for each in keepings() if each.key == kind and each.is_set), None)
    if keeping is None:
        raise Http404
    today = timezone.localdate()
    form = RetentionForm(request.POST or None, keeping=keeping, initial={"months": months_kept(keeping, today)})
    if request.method == "POST" and form.is_valid():
        try:
            chosen = actions.change_retention(kind=kind, on=today, by=request.actor, **form.cleaned_data)  # type: ignore[attr-defined]
        except Refusal as refusal:
            refusal.tell(form)
        else:
            told = {"what": keeping.title, "period": duration(chosen.months)}
            messages.success(request, _("%(what)s\u00a0: %(period)s, dès cette nuit.") % told)
            return redirect("hubs:retention")
    past = Retention.objects.filter(kind=kind).order_by("-starts_on", "-pk")
    context = {"form": form, "keeping": keeping, "past": [(row, duration(row.months)) for row in past]}
    return render(request, "hubs/retention_change.html", context, status=422 if form.errors else 200)
