"""The lists of arrival and of departure: the hub writes its model, each structure walks its own."""

import datetime as dt
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from hubs import languages
from hubs.actions import record, send_mail
from hubs.actors import Actor
from hubs.leaves import calendar
from hubs.models import Mail
from hubs.queries import absolute
from hubs.refusals import NotAllowed, Refusal, refusing
from hubs.scope import current_hub
from members.actions.colleges import check_keeps
from members.enums import CheckKind, CheckSide, Way
from members.models import Charter, Checklist, ChecklistItem, ChecklistStep, ChecklistTemplate
from members.presets import FIRST_STEPS
from members.rules import follows_arrivals, may_do_step
from parties.enums import LinkRole
from parties.models import Link, Organisation, Person


class SameCharter(Refusal):
    message = _("Ce texte est déjà celui de la charte.")
    field = "text"


class CharterListed(Refusal):
    message = _("La charte est déjà dans la liste.")
    field = "kind"


class StepUnsaid(Refusal):
    message = _("Dites l’étape à l’arrivée, au départ, ou aux deux.")
    field = "arrival"


class OnArrivalOnly(Refusal):
    message = _("La charte et l’assurance se demandent à l’arrivée.")
    field = "departure"


# The rules of a step, as the database holds them.
STEP_RULES = {
    "members_checkliststep_one_charter": CharterListed,
    "members_checkliststep_is_said": StepUnsaid,
    "members_checkliststep_arrives": OnArrivalOnly,
}


class ListEmpty(Refusal):
    message = _("La liste du pôle n’a pas d’étape dans ce sens\u00a0: écrivez-la d’abord dans les réglages.")
    field = "way"


class ListUnderWay(Refusal):
    message = _("Cette structure a déjà une liste en cours dans ce sens.")
    field = "way"


class StepDone(Refusal):
    message = _("Cette étape est déjà faite. Rechargez la page.")


class CharterStays(Refusal):
    message = _("Une charte acceptée le reste\u00a0: cela ne se défait pas.")


class CharterMissing(Refusal):
    message = _("Le pôle n’a pas encore écrit sa charte.")


class CharterChanged(Refusal):
    message = _("La charte a changé entre-temps\u00a0: relisez-la, puis acceptez cette version.")


class InsuranceUntold(Refusal):
    message = _("Dites jusqu’à quand l’assurance court\u00a0: après aujourd’hui.")
    field = "insured_until"


class DoneInTheFuture(Refusal):
    message = _("Ce jour n’est pas encore venu.")
    field = "on"


@transaction.atomic
def write_charter(*, text: str, by: Actor, now: dt.datetime) -> Charter:
    """A new version of the charter. Who accepted another keeps having accepted that one. Raises SameCharter."""
    check_keeps(by)
    last = Charter.objects.select_for_update(of=("self",), no_key=True).order_by("-number").first()
    if last is not None and last.text == text:
        raise SameCharter
    with refusing({"members_charter_once": SameCharter}):
        charter = Charter.objects.create(number=last.number + 1 if last else 1, text=text, written_at=now)
    record(by=by, verb="members.charter_written", thing=charter, after={"number": charter.number})
    return charter


@transaction.atomic
def write_first_list(*, by: Actor, now: dt.datetime) -> ChecklistTemplate:
    """The list that a hub begins with, to be changed. Where there is one already, it is that one."""
    check_keeps(by)
    if kept := ChecklistTemplate.objects.order_by("-number").first():
        return kept
    made = ChecklistTemplate.objects.create(number=1, written_at=now)
    with languages.of_hub():
        ChecklistStep.objects.bulk_create(
            ChecklistStep(
                template=made, rank=rank, kind=kind, side=side, arrival=str(arrival), departure=str(back), days=days
            )
            for rank, (kind, side, arrival, back, days) in enumerate(FIRST_STEPS, start=1)
        )
    record(by=by, verb="members.list_written", thing=made, after={"number": 1})
    return made


@transaction.atomic
def add_step(
    *, kind: CheckKind, side: CheckSide, arrival: str, departure: str, days: int, by: Actor, now: dt.datetime
) -> ChecklistStep:
    """A step at the end of the hub's list. Raises CharterListed, StepUnsaid, OnArrivalOnly."""
    template, _same = _writable(by, now)
    rank = (template.steps.aggregate(last=Max("rank"))["last"] or 0) + 1
    with refusing(STEP_RULES):
        step = ChecklistStep.objects.create(
            template=template, rank=rank, kind=kind, side=_side(kind, side), arrival=arrival, departure=departure,
            days=days,
        )  # fmt: skip
    _note(by, step, after={"arrival": arrival, "departure": departure, "days": days})
    return step


@transaction.atomic
def change_step(
    *, step: ChecklistStep, kind: CheckKind, side: CheckSide, arrival: str, departure: str, days: int, by: Actor,
    now: dt.datetime,
) -> ChecklistStep:  # fmt: skip
    """Say a step otherwise, for the structures to come. Raises CharterListed, StepUnsaid, OnArrivalOnly, StepGone."""
    kept = _writable_step(step, by, now)
    before = {"arrival": kept.arrival, "departure": kept.departure, "days": kept.days}
    kept.kind, kept.side, kept.arrival, kept.departure, kept.days = kind, _side(kind, side), arrival, departure, days
    with refusing(STEP_RULES):
        kept.save()
    _note(by, kept, before=before, after={"arrival": arrival, "departure": departure, "days": days})
    return kept


@transaction.atomic
def remove_step(*, step: ChecklistStep, by: Actor, now: dt.datetime) -> None:
    """Ask it of nobody any more; the lists begun keep it. Raises StepGone."""
    kept = _writable_step(step, by, now)
    _note(by, kept, before={"arrival": kept.arrival, "departure": kept.departure})
    kept.delete()


@transaction.atomic
def raise_step(*, step: ChecklistStep, by: Actor, now: dt.datetime) -> None:
    """Put it before the one that it follows; the first stays the first. Raises StepGone."""
    kept = _writable_step(step, by, now)
    steps = list(kept.template.steps.order_by("rank", "pk"))
    at = steps.index(kept)
    if at:
        steps[at - 1 : at + 1] = steps[at], steps[at - 1]
    for rank, each in enumerate(steps, start=1):
        each.rank = rank
    ChecklistStep.objects.bulk_update(steps, ["rank"])
    _note(by, kept, after={"rank": kept.rank})


class StepGone(Refusal):
    message = _("Cette étape n’est plus dans la liste. Rechargez la page.")


def _side(kind: CheckKind, side: CheckSide) -> CheckSide:
    return CheckSide.MEMBER if kind == CheckKind.CHARTER else side


def _note(by: Actor, step: ChecklistStep, **values: Any) -> None:
    record(by=by, verb="members.list_changed", thing=step.template, **values)


def _writable(by: Actor, now: dt.datetime) -> tuple[ChecklistTemplate, dict[int, int]]:
    """The hub's list, held until the end; once a structure has begun with it, its next version.

    With the new ids of the steps, by the old ones.
    """
    check_keeps(by)
    last = ChecklistTemplate.objects.select_for_update(of=("self",)).order_by("-number").first()
    if last is not None and not last.lists.exists():
        return last, {}
    made = ChecklistTemplate.objects.create(number=last.number + 1 if last else 1, written_at=now)
    steps = list(last.steps.order_by("rank", "pk")) if last else []
    olds = [step.pk for step in steps]
    for step in steps:
        step.pk, step.template = None, made
        step._state.adding = True
    news = ChecklistStep.objects.bulk_create(steps)
    record(by=by, verb="members.list_written", thing=made, after={"number": made.number})
    return made, dict(zip(olds, (step.pk for step in news), strict=True))


def _writable_step(step: ChecklistStep, by: Actor, now: dt.datetime) -> ChecklistStep:
    template, new_ids = _writable(by, now)
    found = template.steps.filter(pk=new_ids.get(step.pk, step.pk)).first()
    if found is None:
        raise StepGone
    found.template = template
    return found


@transaction.atomic
def begin_list(
    *, organisation: Organisation, way: Way, day: dt.date, by: Actor, now: dt.datetime, owner: Person | None = None
) -> Checklist:
    """Begin the list of a structure that arrives or leaves on `day`; those who administer it are told by mail.

    Its steps are those of the hub's list today, `owner` sees to those of the team; what falls on a closed day waits for
    the next one. Raises ListEmpty, ListUnderWay.
    """
    check_keeps(by)
    template = ChecklistTemplate.objects.select_for_update(of=("self",)).order_by("-number").first()
    steps = [step for step in template.steps.order_by("rank", "pk") if step.label(way)] if template else []
    if template is None or not steps:
        raise ListEmpty
    with refusing({"members_checklist_once": ListUnderWay}):
        made = Checklist.objects.create(template=template, organisation=organisation, way=way, day=day, begun_at=now)
    closed = calendar()
    ChecklistItem.objects.bulk_create(
        ChecklistItem(
            checklist=made,
            step=step,
            kind=step.kind,
            due_on=closed.open_day(step.due_on(way, day)),
            owner=owner if step.side == CheckSide.STAFF else None,
        )
        for step in steps
    )
    after = {"way": way, "day": day, "version": template.number}
    record(by=by, verb="members.list_begun", thing=made, after=after, concerns=organisation)
    _tell(made, timezone.localdate(now))
    return made


def _tell(checklist: Checklist, today: dt.date) -> Mail | None:
    """To those who administer the structure; nothing where nobody has an address."""
    links = Link.objects.live(today).filter(
        organisation=checklist.organisation_id, role=LinkRole.ADMINISTRATOR
    ).exclude(person__email="")  # fmt: skip
    to = sorted(set(links.values_list("person__email", flat=True)))
    if not to:
        return None
    context = {
        "hub": current_hub(),
        "checklist": checklist,
        "items": _items(checklist),
        "url": absolute(reverse("members:my_arrival")),
    }
    with languages.of_hub():
        subject = _("Votre arrivée à %s") if checklist.is_arrival else _("Votre départ de %s")
        text = render_to_string("members/mail/checklist.txt", context)
        return send_mail(to=to, subject=str(subject) % current_hub().name, text=text, about=checklist)


def _items(checklist: Checklist) -> list[tuple[str, ChecklistItem]]:
    items = checklist.items.filter(step__side=CheckSide.MEMBER).select_related("step").order_by("due_on", "step__rank")
    return [(item.step.label(checklist.way), item) for item in items]


@transaction.atomic
def do_step(
    *, item: ChecklistItem, by: Actor, today: dt.date, on: dt.date | None = None, insured_until: dt.date | None = None
) -> ChecklistItem:
    """Tick a step; sent twice, it is done once. The charter has `accept_charter`.

    Raises NotAllowed, DoneInTheFuture, InsuranceUntold, ListOver.
    """
    kept = _locked(item)
    if not may_do_step(by, kept) or kept.kind == CheckKind.CHARTER:
        raise NotAllowed
    if kept.done_on is not None:
        return kept
    day = on or today
    if day > today:
        raise DoneInTheFuture
    if kept.kind == CheckKind.INSURANCE and (insured_until is None or insured_until <= today):
        raise InsuranceUntold
    kept.done_on, kept.done_by = day, by.name
    kept.insured_until = insured_until if kept.kind == CheckKind.INSURANCE else None
    return _settle(kept, by, today, "members.step_done", {"done_on": day, "insured_until": kept.insured_until})


@transaction.atomic
def accept_charter(
    *, item: ChecklistItem, number: int, by: Actor, today: dt.date, who: Person | None = None, on: dt.date | None = None
) -> ChecklistItem:
    """« J’accepte la charte v3 », by someone who administers the structure, and for good.

    `number` is the version that the page showed. Staff note the one that `who` signed on paper, `on` that day.
    Raises NotAllowed, CharterMissing, CharterChanged, DoneInTheFuture, StepDone.
    """
    kept = _locked(item)
    if kept.kind != CheckKind.CHARTER:
        raise NotAllowed
    if who is None:
        if not may_do_step(by, kept):
            raise NotAllowed(_("Qui administre la structure accepte la charte pour elle."))
        assert by.person_id is not None  # noqa: S101 whoever administers a structure is someone
        who = Person.objects.get(pk=by.person_id)
    elif not follows_arrivals(by):
        raise NotAllowed
    charter = Charter.objects.order_by("-number").first()
    if charter is None:
        raise CharterMissing
    if charter.number != number:
        raise CharterChanged
    if kept.done_on is not None:
        if kept.charter_id == charter.pk and kept.accepted_by_id == who.pk:
            return kept
        raise StepDone
    day = on or today
    if day > today:
        raise DoneInTheFuture
    kept.done_on, kept.done_by, kept.charter, kept.accepted_by = day, str(who), charter, who
    return _settle(kept, by, today, "members.charter_accepted", {"version": number, "person": str(who), "done_on": day})


@transaction.atomic
def waive_step(*, item: ChecklistItem, by: Actor, today: dt.date) -> ChecklistItem:
    """« Sans objet »: this structure has no use for that step. Raises NotAllowed, StepDone."""
    kept = _locked(item)
    if not follows_arrivals(by):
        raise NotAllowed
    if kept.done_on is not None:
        if kept.is_waived:
            return kept
        raise StepDone
    kept.done_on, kept.done_by, kept.is_waived = today, by.name, True
    return _settle(kept, by, today, "members.step_waived", {"done_on": today})


@transaction.atomic
def undo_step(*, item: ChecklistItem, by: Actor) -> ChecklistItem:
    """Ticked by mistake: to do again, and the list with it. Raises NotAllowed, CharterStays, ListUnderWay."""
    kept = _locked(item)
    if not follows_arrivals(by):
        raise NotAllowed
    if kept.charter_id is not None:
        raise CharterStays
    if kept.done_on is None:
        return kept
    before = {"done_on": kept.done_on, "insured_until": kept.insured_until}
    kept.done_on, kept.done_by, kept.is_waived, kept.insured_until = None, "", False, None
    kept.save()
    if kept.checklist.closed_on is not None:
        kept.checklist.closed_on = None
        with refusing({"members_checklist_once": ListUnderWay}):
            kept.checklist.save(update_fields=["closed_on"])
    _record_step(by, "members.step_undone", kept, before=before)
    return kept


@transaction.atomic
def plan_step(*, item: ChecklistItem, due_on: dt.date, owner: Person | None, by: Actor) -> ChecklistItem:
    """By when, and who of the team sees to it. Raises NotAllowed."""
    kept = _locked(item)
    if not follows_arrivals(by):
        raise NotAllowed
    before = {"due_on": kept.due_on, "owner": str(kept.owner or "")}
    kept.due_on, kept.owner = due_on, owner
    kept.save(update_fields=["due_on", "owner"])
    _record_step(by, "members.step_planned", kept, before=before, after={"due_on": due_on, "owner": str(owner or "")})
    return kept


@transaction.atomic
def close_list(*, checklist: Checklist, by: Actor, today: dt.date) -> Checklist:
    """Leave what is left of it: each step that is not done is of no use. Twice changes nothing."""
    if not follows_arrivals(by):
        raise NotAllowed
    kept = _locked_list(checklist.pk)
    for item in kept.items.filter(done_on=None).order_by("pk"):
        waive_step(item=item, by=by, today=today)
    kept.refresh_from_db()
    return kept


def _locked_list(pk: int) -> Checklist:
    rows = Checklist.objects.select_related("organisation", "template")
    return rows.select_for_update(of=("self",), no_key=True).get(pk=pk)


def _locked(item: ChecklistItem) -> ChecklistItem:
    """The step as it is now; its list is held, so that the last of two steps done at once closes it."""
    checklist = _locked_list(item.checklist_id)
    kept = ChecklistItem.objects.select_related("step", "owner").get(pk=item.pk)
    kept.checklist = checklist
    return kept


def _settle(kept: ChecklistItem, by: Actor, today: dt.date, verb: str, after: dict[str, Any]) -> ChecklistItem:
    kept.save()
    _record_step(by, verb, kept, after=after)
    if not kept.checklist.items.filter(done_on=None).exists():
        kept.checklist.closed_on = today
        kept.checklist.save(update_fields=["closed_on"])
    return kept


def _record_step(by: Actor, verb: str, item: ChecklistItem, **values: Any) -> None:
    label = item.step.label(item.checklist.way)
    after = {"step": label} | values.pop("after", {})
    record(by=by, verb=verb, thing=item.checklist, after=after, concerns=item.checklist.organisation, **values)
