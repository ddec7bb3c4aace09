"""/gestion/reglages/statuts/: what the statutes say of assemblies, from a day on."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from governance import actions
from governance.forms.assemblies import StatutesForm
from governance.models import Statutes
from governance.queries import statutes_on
from governance.rules import runs_assemblies
from governance.views.asked import FORM, posted
from hubs import french
from hubs.refusals import Refusal
from hubs.rules import open_to


@require_safe
@open_to(runs_assemblies)
def statutes(request: HttpRequest) -> HttpResponse:
    """The rules by date, the last first."""
    context = {"statutes": Statutes.objects.order_by("-starts_on", "pk"), "today": timezone.localdate()}
    return render(request, "governance/statutes.html", context)


@require_http_methods(FORM)
@open_to(runs_assemblies)
def statutes_add(request: HttpRequest) -> HttpResponse:
    """New rules from a day, the former ones proposed."""
    today = timezone.localdate()
    form = StatutesForm(posted(request), initial={"starts_on": today, **statutes_on(today).rules})
    if request.method == "POST" and form.is_valid():
        try:
            adopted = actions.adopt_statutes(by=request.actor, **form.cleaned_data)  # type: ignore[attr-defined]
        except Refusal as refusal:
            refusal.tell(form)
        else:
            words = _("Ces règles sont proposées pour les assemblées préparées à partir du %s.")
            messages.success(request, words % french.day(adopted.starts_on, year=True, weekday=False))
            return redirect("governance:statutes")
    return render(request, "governance/statutes_form.html", {"form": form}, status=422 if form.errors else 200)
