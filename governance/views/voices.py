"""/gestion/reglages/poids-des-colleges/: what each college weighs in a vote by colleges."""

from itertools import groupby
from operator import attrgetter

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from governance import actions
from governance.forms.votes import VoicesForm
from governance.models import CollegeVoice
from governance.rules import runs_assemblies
from hubs.refusals import Refusal
from hubs.rules import open_to
from members.models import College


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(runs_assemblies)
def voices(request: HttpRequest) -> HttpResponse:
    """The sets of weights, the latest first, and the form of the next."""
    colleges = list(College.objects.unended(timezone.localdate()).filter(votes=True).order_by("rank", "pk"))
    form = VoicesForm(request.POST if request.method == "POST" else None, colleges=colleges)
    if request.method == "POST" and form.is_valid():
        try:
            actions.set_voices(
                starts_on=form.cleaned_data["starts_on"],
                percents=form.percents,
                by=request.actor,  # type: ignore[attr-defined]
            )
        except Refusal as refusal:
            refusal.tell(form)
        else:
            messages.success(request, _("Les poids des collèges sont notés."))
            return redirect("governance:voices")
    rows = CollegeVoice.objects.select_related("college").order_by("-starts_on", "college__rank", "pk")
    sets = [(day, list(group)) for day, group in groupby(rows, key=attrgetter("starts_on"))]
    context = {"form": form, "sets": sets, "today": timezone.localdate()}
    return render(request, "governance/voices.html", context, status=422 if form.errors else 200)
