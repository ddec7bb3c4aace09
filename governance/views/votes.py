"""/mon-espace/assemblees/…/votes/: members vote, for themselves and for whoever gave them a proxy."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from governance import actions
from governance.enums import AssemblyState, BallotKind, ResolutionState
from governance.forms.votes import VoteForm
from governance.models import Assembly, Minutes, Resolution
from governance.queries import is_called, tallies_of, voices_in_hand, voted_among
from hubs.refusals import Refusal
from hubs.rules import open_to, person_of_hub


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(person_of_hub)
def my_votes(request: HttpRequest, public_id: str) -> HttpResponse:
    """The votes that are open, a form for each voice; then the results that have been told."""
    assembly = get_object_or_404(Assembly.objects.exclude(state=AssemblyState.DRAFT), public_id=public_id)
    actor = request.actor  # type: ignore[attr-defined]
    voices = voices_in_hand(actor, assembly.pk)
    found = list(
        Resolution.objects.filter(assembly=assembly)
        .exclude(state=ResolutionState.DRAFT)
        .select_related("assembly")
        .order_by("rank")
    )
    status, open_votes = 200, []
    for each in found:
        if each.state != ResolutionState.OPEN or each.ballot == BallotKind.HANDS:
            continue
        voted = voted_among(each, [voice.entry for voice in voices])
        lines = []
        for voice in voices:
            name = f"{each.pk}-{voice.entry.pk}"
            is_asked = request.method == "POST" and request.POST.get("voice") == name
            form = VoteForm(request.POST if is_asked else None, prefix=name)
            if is_asked and form.is_valid():
                try:
                    actions.cast_vote(resolution=each, entry=voice.entry, by=actor, **form.cleaned_data)
                except Refusal as refusal:
                    messages.error(request, str(refusal.message))
                else:
                    messages.success(request, _("Le vote de %s est noté.") % voice.entry.name)
                return redirect("governance:my_votes", public_id)
            status = 422 if is_asked else status
            lines.append((voice, voted.get(voice.entry.pk), name, form))
        open_votes.append((each, lines))
    if request.method == "POST" and status == 200:
        messages.error(request, str(actions.VoteNotOpen.message))
        return redirect("governance:my_votes", public_id)
    told = [each for each in found if each.state == ResolutionState.PUBLISHED]
    tallies = tallies_of(assembly, told)
    may_vote = any(cast is None for _each, lines in open_votes for _voice, cast, _name, _form in lines)
    context = {
        "assembly": assembly,
        # The next vote or result comes by itself, except under the hand of who is voting.
        "waits": assembly.state == AssemblyState.OPEN and not may_vote,
        "voices": voices,
        "open_votes": open_votes,
        "raised": [each for each in found if each.state == ResolutionState.OPEN and each.ballot == BallotKind.HANDS],
        "has_minutes": is_called(assembly, actor)
        and Minutes.objects.filter(assembly=assembly, published_at__isnull=False).exists(),
        "told": [(each, tallies[each.pk]) for each in told],
    }
    return render(request, "governance/my_votes.html", context, status=status)
