"""The resolutions of an assembly, as staff write them, put them to the vote and tell their results."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from governance import actions
from governance.enums import AssemblyState, BallotKind, Counting, ResolutionState
from governance.forms.votes import HandsForm, ResolutionForm, WeightForm
from governance.models import Assembly, CollegeVoice, HandCount, Resolution, RollEntry
from governance.queries import lone_voters, tallies_of, tally_of, turnout_of, voices_here_of
from governance.rules import keeps_desk, runs_assemblies
from hubs.actors import Actor
from hubs.refusals import Refusal
from hubs.rules import open_to
from members.models import College

FORM = ["GET", "HEAD", "POST"]
FIELDS = ("title", "text", "ballot", "counting", "threshold", "base", "quorum", "scale")


def _resolution(public_id: str, pk: int) -> Resolution:
    found = Resolution.objects.select_related("assembly", "scale")
    return get_object_or_404(found, assembly__public_id=public_id, pk=pk)


@require_safe
@open_to(keeps_desk)
def resolutions(request: HttpRequest, public_id: str) -> HttpResponse:
    """Every resolution, in order, with the result of those that are voted."""
    assembly = get_object_or_404(Assembly, public_id=public_id)
    found = list(Resolution.objects.filter(assembly=assembly).order_by("rank"))
    tallies = tallies_of(assembly, found)
    context = {
        "assembly": assembly,
        "rows": [(each, tallies.get(each.pk)) for each in found],
        "may_write": runs_assemblies(request.actor)  # type: ignore[attr-defined]
        and assembly.state not in (AssemblyState.CLOSED, AssemblyState.CANCELLED),
    }
    return render(request, "governance/resolutions.html", context)


@require_http_methods(FORM)
@open_to(runs_assemblies)
def write(request: HttpRequest, public_id: str) -> HttpResponse:
    assembly = get_object_or_404(Assembly, public_id=public_id)
    weighs = CollegeVoice.objects.exists()
    form = ResolutionForm(request.POST or None, initial={"counting": Counting.COLLEGES if weighs else Counting.HEADS})
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.write_resolution(assembly=assembly, by=request.actor, **form.cleaned_data)  # type: ignore[attr-defined]
        except Refusal as refusal:
            refusal.tell(form)
        else:
            messages.success(request, _("La résolution est notée. Elle se modifie jusqu’à l’ouverture de son vote."))
            return redirect("governance:resolution", public_id, made.pk)
    return _form_page(request, form, assembly, _("Écrire une résolution"))


@require_http_methods(FORM)
@open_to(runs_assemblies)
def change(request: HttpRequest, public_id: str, pk: int) -> HttpResponse:
    found = _resolution(public_id, pk)
    form = ResolutionForm(request.POST or None, initial={name: getattr(found, name) for name in FIELDS})
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_resolution(resolution=found, by=request.actor, **form.cleaned_data)  # type: ignore[attr-defined]
        except Refusal as refusal:
            refusal.tell(form)
        else:
            messages.success(request, _("La résolution est corrigée."))
            return redirect("governance:resolution", public_id, pk)
    return _form_page(request, form, found.assembly, _("Corriger la résolution"))


def _form_page(request: HttpRequest, form: ResolutionForm, assembly: Assembly, title: str) -> HttpResponse:
    context = {"form": form, "assembly": assembly, "title": title}
    return render(request, "governance/resolution_form.html", context, status=422 if form.errors else 200)


@require_http_methods(FORM)
@open_to(keeps_desk)
def resolution(request: HttpRequest, public_id: str, pk: int) -> HttpResponse:
    """One resolution: its text, how its vote goes, its result; posted, the hands that staff counted."""
    found = _resolution(public_id, pk)
    may_run = runs_assemblies(request.actor)  # type: ignore[attr-defined]
    is_open = found.state == ResolutionState.OPEN
    hands = _hands_forms(request, found) if is_open and found.ballot == BallotKind.HANDS else []
    if request.method == "POST":
        if not hands:
            messages.error(request, str(actions.VoteNotOpen.message))
            return redirect("governance:resolution", public_id, pk)
        if _note_hands(found, hands, request.actor):  # type: ignore[attr-defined]
            messages.success(request, _("Les mains levées sont notées. Elles se corrigent jusqu’à la clôture."))
            return redirect("governance:resolution", public_id, pk)
    context = {
        "assembly": found.assembly,
        "resolution": found,
        "may_run": may_run,
        "hands": hands,
        "turnout": turnout_of(found) if is_open and not hands else None,
        "tally": tally_of(found) if found.is_counted else None,
        "lone": lone_voters(found) if found.ballot == BallotKind.SECRET and not found.is_counted else [],
    }
    status = 422 if any(form.errors for _college, _voices, form in hands) else 200
    return render(request, "governance/resolution.html", context, status=status)


def _hands_forms(request: HttpRequest, found: Resolution) -> list[tuple[College, int, HandsForm]]:
    """For each college of the room, the voices there and the form of its hands."""
    room = voices_here_of(found.assembly)
    known = {count.college_id: count for count in HandCount.objects.filter(resolution=found)}
    colleges = College.objects.filter(pk__in={*room, *known}).order_by("rank", "pk")
    return [
        (
            college,
            room.get(college.pk, 0),
            HandsForm(
                request.POST if request.method == "POST" else None,
                prefix=str(college.pk),
                initial=vars(known[college.pk]) if college.pk in known else None,
            ),
        )
        for college in colleges
    ]


def _note_hands(found: Resolution, hands: list[tuple[College, int, HandsForm]], by: Actor) -> bool:
    """Whether all were noted; what was refused is told on the forms."""
    valid = [form.is_valid() for _college, _voices, form in hands]
    if not all(valid):
        return False
    for college, _voices, form in hands:
        try:
            actions.count_hands(resolution=found, college=college, by=by, **form.cleaned_data)
        except actions.TooManyHands as refusal:
            refusal.tell(form)
    return not any(form.errors for _college, _voices, form in hands)


@require_POST
@open_to(runs_assemblies)
def step(request: HttpRequest, public_id: str, pk: int) -> HttpResponse:
    """`do` is what becomes of the resolution: up, drop, open, close or publish."""
    found, by = _resolution(public_id, pk), request.actor  # type: ignore[attr-defined]
    now = timezone.now()
    steps: dict[str, tuple[Callable[[], object], str]] = {
        "up": (lambda: actions.raise_resolution(resolution=found, by=by), _("La résolution est remontée.")),
        "drop": (lambda: actions.drop_resolution(resolution=found, by=by), _("La résolution est retirée.")),
        "open": (lambda: actions.open_resolution(resolution=found, by=by, now=now), _("Le vote est ouvert.")),
        "close": (lambda: actions.close_resolution(resolution=found, by=by, now=now), _("Le vote est clos.")),
        "publish": (lambda: actions.publish_result(resolution=found, by=by), _("Le résultat est proclamé.")),
    }
    asked = request.POST.get("do", "")
    try:
        if asked not in steps:
            raise actions.NotThere
        act, words = steps[asked]
        act()
        messages.success(request, words)
    except Refusal as refusal:
        messages.error(request, str(refusal.message))
    if asked in ("up", "drop"):
        return redirect("governance:resolutions", public_id)
    return redirect("governance:resolution", public_id, pk)


@require_http_methods(FORM)
@open_to(runs_assemblies)
def weights(request: HttpRequest, public_id: str) -> HttpResponse:
    """How many voices each member of the roll has, until it is frozen."""
    assembly = get_object_or_404(Assembly, public_id=public_id)
    form = WeightForm(request.POST if request.method == "POST" else None)
    asked = request.POST.get("entry", "")
    if request.method == "POST":
        wanted = int(asked) if asked.isdecimal() and len(asked) < 19 else 0
        entry = get_object_or_404(RollEntry, pk=wanted, assembly=assembly)
        if form.is_valid():
            try:
                actions.set_weight(entry=entry, by=request.actor, **form.cleaned_data)  # type: ignore[attr-defined]
            except Refusal as refusal:
                refusal.tell(form)
            else:
                messages.success(request, _("Les voix sont notées."))
                return redirect("governance:weights", public_id)
    context = {
        "assembly": assembly,
        "form": form,
        "asked": asked,
        "is_open": assembly.state in (AssemblyState.DRAFT, AssemblyState.CONVENED),
        "roll": RollEntry.objects.filter(assembly=assembly, votes=True)
        .select_related("college")
        .order_by("college__rank", "name", "pk"),
    }
    return render(request, "governance/weights.html", context, status=422 if form.errors else 200)
