"""How the hub chases: its levels, whether they leave by themselves, and the rate of its penalties."""

import datetime as dt
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from billing.models import PenaltyRate, ReminderLevel, ReminderPolicy
from billing.reminders import unknown_placeholders
from billing.rules import require_accounts
from hubs.actions import record
from hubs.actors import Actor
from hubs.refusals import Refusal, refusing


class LevelsOutOfOrder(Refusal):
    message = _("Un niveau vient après ceux qui le précèdent, et avant ceux qui le suivent.")
    field = "days"


class LevelWithoutText(Refusal):
    message = _("Écrivez le texte du courriel.")
    field = "text"


class UnknownPlaceholder(Refusal):
    message = _("Ces mots entre accolades ne veulent rien dire ici.")
    field = "text"


class LevelOver(Refusal):
    message = _("Ce niveau n’existe plus.")


class RateOutOfRange(Refusal):
    message = _("Indiquez un taux entre 0 et 100\u00a0%.")
    field = "rate"


@transaction.atomic
def set_reminder_level(
    *,
    rank: int,
    days: int,
    title: str,
    by: Actor,
    today: dt.date,
    text: str = "",
    attach_statement: bool = False,
    says_penalties: bool = False,
    is_human: bool = False,
) -> ReminderLevel:
    """Say what this level is from today; what was sent keeps the level it was sent under.

    Raises LevelsOutOfOrder, LevelWithoutText, UnknownPlaceholder.
    """
    require_accounts(by)
    levels = list(ReminderLevel.objects.live(today).select_for_update(of=("self",)).order_by("rank"))
    if any((level.rank < rank) != (level.days < days) for level in levels if level.rank != rank):
        raise LevelsOutOfOrder
    if is_human:
        text, attach_statement, says_penalties = "", False, False
    elif not text:
        raise LevelWithoutText
    # The title is also the name of the level, which lists show as it is.
    for field, unknown in (("text", unknown_placeholders(text)), ("title", unknown_placeholders(title, allowed=()))):
        if unknown:
            message = _("Ces mots entre accolades ne veulent rien dire ici\u00a0: %(words)s.")
            raise UnknownPlaceholder(message % {"words": ", ".join(unknown)}, field=field)
    before = next((level for level in levels if level.rank == rank), None)
    if before is not None:
        _end(before, today)
    level = ReminderLevel.objects.create(
        rank=rank,
        days=days,
        title=title,
        text=text,
        attach_statement=attach_statement,
        says_penalties=says_penalties,
        is_human=is_human,
        starts_on=today,
    )
    record(
        by=by,
        verb="billing.reminder_level_set",
        thing=level,
        before={"days": before.days, "title": before.title, "text": before.text} if before else None,
        after={"rank": rank, "days": days, "title": title, "text": text},
    )
    return level


def _end(level: ReminderLevel, today: dt.date) -> None:
    level.ends_on = today
    level.save(update_fields=["ends_on"])


@transaction.atomic
def end_reminder_level(*, rank: int, by: Actor, today: dt.date) -> ReminderLevel:
    """From today nobody is told anything at this level. Raises LevelOver."""
    require_accounts(by)
    level = ReminderLevel.objects.live(today).select_for_update(of=("self",)).filter(rank=rank).first()
    if level is None:
        raise LevelOver
    _end(level, today)
    record(by=by, verb="billing.reminder_level_ended", thing=level, before={"rank": rank, "days": level.days})
    return level


@transaction.atomic
def set_reminder_policy(*, is_on: bool, digest: bool, by: Actor) -> ReminderPolicy:
    """Whether reminders leave each morning, and the team's digest each week."""
    require_accounts(by)
    policy, _is_new = ReminderPolicy.objects.select_for_update(of=("self",)).get_or_create()
    before = {"is_on": policy.is_on, "digest": policy.digest}
    policy.is_on, policy.digest = is_on, digest
    policy.save(update_fields=["is_on", "digest"])
    after = {"is_on": is_on, "digest": digest}
    record(by=by, verb="billing.reminder_policy_set", thing=policy, before=before, after=after)
    return policy


@transaction.atomic
def set_penalty_rate(*, rate: Decimal, starts_on: dt.date, by: Actor) -> PenaltyRate:
    """The yearly rate of late penalties from a day to the next one known, past days included. Raises RateOutOfRange."""
    require_accounts(by)
    rates = list(PenaltyRate.objects.select_for_update(of=("self",)).order_by("starts_on", "pk"))
    before = next((each for each in rates if _covers(each, starts_on)), None)
    following = next((each for each in rates if each.starts_on > starts_on and each.ends_on != each.starts_on), None)
    with refusing({"billing_penaltyrate_positive": RateOutOfRange}):
        if before is not None:
            before.ends_on = starts_on
            before.save(update_fields=["ends_on"])
        made = PenaltyRate.objects.create(
            rate=rate, starts_on=starts_on, ends_on=following.starts_on if following else None
        )
    record(
        by=by,
        verb="billing.penalty_rate_set",
        thing=made,
        before={"rate": before.rate} if before else None,
        after={"rate": rate, "starts_on": starts_on},
    )
    return made


def _covers(rate: PenaltyRate, day: dt.date) -> bool:
    return rate.starts_on <= day and (rate.ends_on is None or day < rate.ends_on)
