"""Reminders of renewal: what leaves next and why, what was sent, and when they leave."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from billing.calendar import is_sending_day, next_sending_day
from hubs.refusals import Refusal
from hubs.rules import open_to
from members import actions
from members.forms.renewals import RenewalPolicyForm
from members.models import RenewalReminder
from members.queries import renewal_plan, renewal_policy
from members.rules import keeps_memberships

PER_PAGE = 50


@require_safe
@open_to(keeps_memberships)
def renewals(request: HttpRequest) -> HttpResponse:
    """The next sending, and the log, the last first."""
    today, policy = timezone.localdate(), renewal_policy()
    day = today if is_sending_day(today) else next_sending_day(today)
    log = RenewalReminder.objects.select_related(
        "membership__organisation", "membership__person", "membership__fiscal_year", "mail"
    ).order_by("-sent_on", "-pk")
    context = {
        "policy": policy,
        "plan": renewal_plan(day, policy),
        "day": day,
        "may_send": day == today,
        "page": Paginator(log, PER_PAGE).get_page(request.GET.get("page")),
    }
    return render(request, "members/renewals.html", context)


@require_POST
@open_to(keeps_memberships)
def send_renewals(request: HttpRequest) -> HttpResponse:
    """Now, without waiting for the morning."""
    try:
        actions.start_renewals(by=request.actor, today=timezone.localdate())  # type: ignore[attr-defined]
    except Refusal as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, _("Les rappels partent."))
    return redirect("members:renewals")


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(keeps_memberships)
def renewal_settings(request: HttpRequest) -> HttpResponse:
    policy = renewal_policy()
    initial = {"is_on": policy.is_on, "days_before": policy.days_before, "days_after": policy.days_after}
    form = RenewalPolicyForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        actions.set_renewal_policy(by=request.actor, **form.cleaned_data)  # type: ignore[attr-defined]
        messages.success(request, _("Les rappels de renouvellement sont réglés."))
        return redirect("members:renewal_settings")
    return render(request, "members/renewal_settings.html", {"form": form}, status=422 if form.errors else 200)
