"""Consultations between assemblies: asked, answered with reasons, decided with reasons."""

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from governance.actions.decisions import enter_decision
from governance.enums import PollAdvice
from governance.models import Poll, PollAnswer
from governance.rules import runs_assemblies, speaks_for
from hubs.actions import record
from hubs.actors import Actor
from hubs.refusals import NotAllowed, Refusal, refusing
from members.models import Membership


class PollOver(Refusal):
    message = _("Cette consultation est close\u00a0: elle ne prend plus de réponse.")


class PollStillOpen(Refusal):
    message = _("Attendez la fin des réponses pour décider.")


class ReasonAsked(Refusal):
    message = _("Dites pourquoi vous n’êtes pas d’accord.")
    field = "reason"


class DeadlinePast(Refusal):
    message = _("Choisissez un moment à venir\u00a0: il faut du temps pour répondre.")
    field = "closes_at"


@transaction.atomic
def ask_poll(*, title: str, text: str, closes_at: dt.datetime, by: Actor, now: dt.datetime) -> Poll:
    """Raises DeadlinePast."""
    if not runs_assemblies(by):
        raise NotAllowed(_("La coordination consulte les membres."))
    if closes_at <= now:
        raise DeadlinePast
    poll = Poll.objects.create(title=title, text=text, closes_at=closes_at)
    record(by=by, verb="governance.poll_asked", thing=poll, after={"closes_at": closes_at})
    return poll


@transaction.atomic
def answer_poll(
    *, poll: Poll, membership: Membership, advice: PollAdvice, reason: str, by: Actor, now: dt.datetime
) -> PollAnswer:
    """What a member thinks; again changes it, until the deadline. Raises PollOver, ReasonAsked."""
    if not speaks_for(by, membership.organisation_id, membership.person_id):
        raise NotAllowed(_("Qui administre la structure répond pour elle."))
    if now >= poll.closes_at:
        raise PollOver
    refusals: dict[str, type[Refusal]] = {
        "governance_poll_decided": PollOver,
        "governance_pollanswer_says_why": ReasonAsked,
    }
    with refusing(refusals):
        answer, _is_new = PollAnswer.objects.update_or_create(
            poll=poll, membership=membership, defaults={"advice": advice, "reason": reason}
        )
    record(by=by, verb="governance.poll_answered", thing=poll, after={"advice": advice}, concerns=membership.member)
    return answer


@transaction.atomic
def decide_poll(*, poll: Poll, decision: str, reasons: str, by: Actor, now: dt.datetime, today: dt.date) -> Poll:
    """Say what is decided and why, once the deadline is past; it enters the register. Raises PollStillOpen, PollOver."""
    if not runs_assemblies(by):
        raise NotAllowed(_("La coordination note ce qui est décidé."))
    kept = Poll.objects.select_for_update(of=("self",), no_key=True).get(pk=poll.pk)
    if kept.decided_on is not None:
        raise PollOver
    if now < kept.closes_at:
        raise PollStillOpen
    kept.decided_on, kept.decision, kept.reasons = today, decision, reasons
    kept.save(update_fields=["decided_on", "decision", "reasons"])
    enter_decision(title=kept.title, text=f"{decision}\n\n{reasons}", decided_on=today, poll=kept, by=by)
    record(by=by, verb="governance.poll_decided", thing=kept)
    return kept
