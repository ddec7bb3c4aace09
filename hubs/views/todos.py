"""/gestion/: what needs a decision this morning, and who sees to it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from hubs import actions
from hubs.leaves import calendar, covered_by, leaves_on
from hubs.models import TodoClaim
from hubs.parts import Todo, todos_of
from hubs.refusals import Refusal
from hubs.rules import open_to, staff

VIEWS = (("", gettext_lazy("Tout")), ("moi", gettext_lazy("À moi")), ("personne", gettext_lazy("À personne")))


@dataclass(frozen=True)
class Line:
    """A line of à faire, and who said they see to it."""

    todo: Todo
    claim: TodoClaim | None
    is_mine: bool
    # Whom this person stands in for, when the absent one said that they see to it.
    instead_of: str = ""
    is_to_come: bool = False
    is_put_off: bool = False

    @property
    def kind(self) -> str:
        return str(self.todo.kind)


@require_safe
@open_to(staff)
def todo(request: HttpRequest) -> HttpResponse:
    """What needs a decision today, by kind, oldest first; htmx asks for the list alone after each click."""
    asked = request.GET.get("pour", "")
    lines = _lines(request)
    context = {
        "lines": [line for line in lines if _is_for(line, asked)],
        "total": len(lines),
        "asked": asked,
        "views": VIEWS,
        "today": timezone.localdate(),
    }
    template = "hubs/staff_home.html#todos" if request.htmx else "hubs/staff_home.html"
    return render(request, template, context)


def _lines(request: HttpRequest) -> list[Line]:
    """With those of the absent whom one stands in for; what fell due while the hub is closed waits for its end."""
    todos = todos_of(request.hub, request.actor)
    claims = _claims(todos)
    mine, today = request.actor.user_id, timezone.localdate()
    leaves = leaves_on(today)
    covered = covered_by(mine, leaves)
    closed = calendar()
    lines = []
    for todo in todos:
        claim = claims.get(todo.key)
        absent = leaves[claim.user_id].who if claim is not None and claim.user_id in covered else ""
        since = closed.open_day(todo.since)
        lines.append(
            Line(
                replace(todo, since=since),
                claim,
                is_mine=claim is not None and claim.user_id == mine,
                instead_of=absent,
                is_to_come=since > today,
                is_put_off=since > todo.since,
            )
        )
    return lines


def _claims(todos: Sequence[Todo]) -> dict[str, TodoClaim]:
    found = TodoClaim.objects.filter(key__in=[todo.key for todo in todos]) if todos else ()
    return {claim.key: claim for claim in found}


def _is_for(line: Line, asked: str) -> bool:
    return {"moi": line.is_mine or bool(line.instead_of), "personne": line.claim is None}.get(asked, True)


@require_POST
@open_to(staff)
def see_to(request: HttpRequest) -> HttpResponse:
    """« Je m’en occupe », on a line that this person sees; a second click gives it back."""
    key = request.POST.get("ligne", "")
    try:
        if request.POST.get("geste") == "rendre":
            actions.hand_back(key=key, by=request.actor)
        else:
            _take(request, key)
    except Refusal as refusal:
        messages.warning(request, str(refusal.message))
    return back_to_todos(request)


def _take(request: HttpRequest, key: str) -> None:
    todo = next((each for each in todos_of(request.hub, request.actor) if each.key == key), None)
    if todo is None:
        messages.info(request, _("Ce n’est plus à faire."))
        return
    shown = request.POST.get("a_la_place_de", "")
    instead_of = int(shown) if shown.isdecimal() and len(shown) < 19 else None
    actions.take_on(todo=todo, by=request.actor, now=timezone.now(), instead_of=instead_of)


def back_to_todos(request: HttpRequest) -> HttpResponseRedirect:
    """À faire again, filtered as it was."""
    asked = request.POST.get("pour", "")
    known = asked and asked in dict(VIEWS)
    return redirect(reverse("hubs:staff_home") + (f"?pour={asked}" if known else ""))
