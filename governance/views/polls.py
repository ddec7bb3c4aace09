"""Consultations: asked and decided by the coordination, answered by members."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from governance import actions
from governance.forms.decisions import AnswerForm, DecideForm, PollForm
from governance.models import Poll, PollAnswer
from governance.queries import advice_of, answering
from governance.rules import runs_assemblies
from hubs.refusals import Refusal
from hubs.rules import open_to, person_of_hub

FORM = ["GET", "HEAD", "POST"]


@require_safe
@open_to(runs_assemblies)
def polls(request: HttpRequest) -> HttpResponse:
    context = {"polls": Poll.objects.order_by("-closes_at", "-pk")[:100], "now": timezone.now()}
    return render(request, "governance/polls.html", context)


@require_http_methods(FORM)
@open_to(runs_assemblies)
def ask(request: HttpRequest) -> HttpResponse:
    form = PollForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.ask_poll(by=request.actor, now=timezone.now(), **form.cleaned_data)  # type: ignore[attr-defined]
        except Refusal as refusal:
            refusal.tell(form)
        else:
            messages.success(request, _("La consultation est ouverte\u00a0: les membres la lisent dans Mon espace."))
            return redirect("governance:poll", made.public_id)
    return render(request, "governance/poll_form.html", {"form": form}, status=422 if form.errors else 200)


@require_http_methods(FORM)
@open_to(runs_assemblies)
def poll(request: HttpRequest, public_id: str) -> HttpResponse:
    """The answers and their reasons; posted, once the deadline is past, what is decided and why."""
    found, now = get_object_or_404(Poll, public_id=public_id), timezone.now()
    form = DecideForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.decide_poll(
                poll=found,
                by=request.actor,  # type: ignore[attr-defined]
                now=now,
                today=timezone.localdate(now),
                **form.cleaned_data,
            )
        except Refusal as refusal:
            refusal.tell(form)
        else:
            messages.success(request, _("La décision est au registre, et les membres la lisent."))
            return redirect("governance:poll", public_id)
    context = {"poll": found, "advice": advice_of(found), "form": form, "is_over": now >= found.closes_at}
    return render(request, "governance/poll.html", context, status=422 if form.errors else 200)


@require_safe
@open_to(person_of_hub)
def my_polls(request: HttpRequest) -> HttpResponse:
    context = {"polls": Poll.objects.order_by("-closes_at", "-pk")[:50], "now": timezone.now()}
    return render(request, "governance/my_polls.html", context)


@require_http_methods(FORM)
@open_to(person_of_hub)
def my_poll(request: HttpRequest, public_id: str) -> HttpResponse:
    """Answer for each member one speaks for; then read what was decided, and why."""
    found, now = get_object_or_404(Poll, public_id=public_id), timezone.now()
    actor = request.actor  # type: ignore[attr-defined]
    held = answering(actor, timezone.localdate(now))
    known = {answer.membership_id: answer for answer in PollAnswer.objects.filter(poll=found, membership__in=held)}
    lines, status = [], 200
    for membership in held:
        answer = known.get(membership.pk)
        is_asked = request.method == "POST" and request.POST.get("membership") == str(membership.pk)
        initial = {"advice": answer.advice, "reason": answer.reason} if answer else None
        form = AnswerForm(request.POST if is_asked else None, prefix=str(membership.pk), initial=initial)
        if is_asked and form.is_valid():
            try:
                actions.answer_poll(poll=found, membership=membership, by=actor, now=now, **form.cleaned_data)
            except Refusal as refusal:
                refusal.tell(form)
            else:
                messages.success(request, _("Votre avis est noté. Il se change jusqu’à la fin des réponses."))
                return redirect("governance:my_poll", public_id)
        status = 422 if is_asked else status
        lines.append((membership, answer, form))
    context = {"poll": found, "lines": lines, "is_over": now >= found.closes_at}
    return render(request, "governance/my_poll.html", context, status=status)
