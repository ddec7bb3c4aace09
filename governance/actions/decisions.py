"""The register of decisions: entered once, for good; then who sees to each, and whether it is done."""

import datetime as dt
from typing import Any

from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from governance.models import Assembly, Decision
from governance.rules import runs_assemblies
from hubs.actions import record
from hubs.actors import Actor
from hubs.models import Hub
from hubs.refusals import NotAllowed, Refusal, refusing
from hubs.scope import current_hub_id


class NobodyInCharge(Refusal):
    message = _("Dites à qui la décision est confiée.")
    field = "who"


def _check(by: Actor) -> None:
    if not runs_assemblies(by):
        raise NotAllowed(_("La coordination tient le registre des décisions."))


@transaction.atomic
def enter_decision(*, by: Actor, **given: Any) -> Decision:
    """A line of the register, under the next number of the hub; `given` are its fields. Raises NobodyInCharge."""
    _check(by)
    Hub.objects.select_for_update(of=("self",), no_key=True).get(pk=current_hub_id())
    last = Decision.objects.aggregate(number=models.Max("number"))["number"] or 0
    with refusing({"governance_decision_due_of_someone": NobodyInCharge}):
        made = Decision.objects.create(number=last + 1, **given)
    held = made.assembly or made.meeting
    record(by=by, verb="governance.decided", thing=made, after={"decided_on": made.decided_on}, concerns=held)
    return made


@transaction.atomic
def note_decision(*, assembly: Assembly, on: dt.date, by: Actor, **given: Any) -> Decision:
    """What a meeting decided without a resolution: the relevé of a Bureau. Raises NobodyInCharge."""
    return enter_decision(assembly=assembly, decided_on=on, by=by, **given)


@transaction.atomic
def entrust_decision(*, decision: Decision, who: str, due_on: dt.date | None, by: Actor) -> Decision:
    """Say who sees to it, and until when: it comes in « À faire ». Raises NobodyInCharge."""
    _check(by)
    kept = Decision.objects.select_for_update(of=("self",), no_key=True).get(pk=decision.pk)
    before = {"who": kept.who, "due_on": kept.due_on}
    kept.who, kept.due_on = who, due_on
    with refusing({"governance_decision_due_of_someone": NobodyInCharge}):
        kept.save(update_fields=["who", "due_on"])
    record(by=by, verb="governance.decision_entrusted", thing=kept, before=before, after={"who": who, "due_on": due_on})
    return kept


@transaction.atomic
def finish_decision(*, decision: Decision, on: dt.date, by: Actor) -> Decision:
    """Note that it is done; twice changes nothing."""
    _check(by)
    kept = Decision.objects.select_for_update(of=("self",), no_key=True).get(pk=decision.pk)
    if kept.done_on is None:
        kept.done_on = on
        kept.save(update_fields=["done_on"])
        record(by=by, verb="governance.decision_done", thing=kept, after={"done_on": on})
    return kept
