"""/gestion/reglages/plan-comptable/: the accounts, and what is written on which."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from billing import actions
from billing.forms import LedgerRuleForm
from billing.models import LedgerAccount, LedgerRule
from billing.rules import accounts
from hubs.refusals import Refusal
from hubs.rules import open_to


@require_safe
@open_to(accounts)
def ledger(request: HttpRequest) -> HttpResponse:
    """Every rule with its days, and the chart."""
    context = {
        "rules": LedgerRule.objects.select_related("ledger_account").order_by("use", "key", "-starts_on", "-pk"),
        "chart": LedgerAccount.objects.order_by("number"),
        "today": timezone.localdate(),
    }
    return render(request, "billing/ledger.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(accounts)
def set_ledger_rule(request: HttpRequest) -> HttpResponse:
    """A rule from a day on. `?rule=` proposes the one in force, to be changed."""
    form = LedgerRuleForm(request.POST if request.method == "POST" else None, initial=_known(request))
    if request.method == "POST" and form.is_valid():
        try:
            rule = actions.set_ledger_rule(by=request.actor, **form.cleaned_data)
        except Refusal as refusal:
            refusal.tell(form)
        else:
            messages.success(
                request, _("«\u00a0%s\u00a0»\u00a0: c’est noté. Les écritures déjà passées restent.") % rule
            )
            return redirect("billing:ledger")
    return render(request, "billing/ledger_rule_form.html", {"form": form}, status=422 if form.errors else 200)


def _known(request: HttpRequest) -> dict[str, Any]:
    asked = request.GET.get("rule", "")
    wanted = int(asked) if asked.isdecimal() and len(asked) < 19 else 0
    rule = LedgerRule.objects.select_related("ledger_account").filter(pk=wanted).first()
    today = timezone.localdate()
    if rule is None:
        return {"starts_on": today}
    return {
        "use": rule.use,
        "key": rule.key,
        "number": rule.ledger_account.number,
        "analytic": rule.analytic,
        "starts_on": today,
    }
