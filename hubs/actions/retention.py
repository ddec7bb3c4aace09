"""How long each kind of data is kept, and the nights that keep to it."""

import datetime as dt
import logging
from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from hubs import rules
from hubs.actions.audit import record
from hubs.actors import Actor
from hubs.models import Hub, Retention, RetentionNight
from hubs.models.personal import months_before
from hubs.personal import Keeping, keepings
from hubs.refusals import NotAllowed, Refusal, refusing
from hubs.scope import open_hub

log = logging.getLogger(__name__)

BATCH = 200
REPORTED = dt.timedelta(days=365)


class NotWithinLaw(Refusal):
    field = "months"


class NoSuchKind(Refusal):
    message = "Le portail ne garde rien de tel."


def months_kept(keeping: Keeping, on: dt.date) -> int:
    """The period in force that day: the hub's, or the one a new hub starts with."""
    chosen = Retention.objects.live(on).filter(kind=keeping.key).values_list("months", flat=True).first()
    return chosen if chosen is not None else keeping.default


@transaction.atomic
def change_retention(*, kind: str, months: int, by: Actor, on: dt.date) -> Retention:
    """Keep this kind of data for so many months, from that day on; the period before stays on record.

    Raises NotAllowed, NoSuchKind, NotWithinLaw.
    """
    if not rules.coordinator(by):
        raise NotAllowed
    keeping = next((each for each in keepings() if each.key == kind and each.is_set), None)
    if keeping is None:
        raise NoSuchKind
    if not keeping.least <= months <= keeping.most:
        raise NotWithinLaw(_not_within(keeping))
    before = months_kept(keeping, on)
    current = Retention.objects.live(on).filter(kind=kind).select_for_update(of=("self",)).first()
    if current is not None and current.starts_on == on:
        current.delete()
    elif current is not None:
        current.ends_on = on
        current.save(update_fields=["ends_on"])
    with refusing({"hubs_retention_within_law": lambda: NotWithinLaw(_not_within(keeping))}):
        chosen = Retention.objects.create(
            kind=kind, months=months, least=keeping.least, most=keeping.most, starts_on=on
        )
    record(
        by=by,
        verb="hubs.retention_changed",
        thing=chosen,
        before={"kind": str(keeping.title), "months": before},
        after={"kind": str(keeping.title), "months": months},
    )
    return chosen


def _not_within(keeping: Keeping) -> str:
    return _("Entre %(least)s et %(most)s mois\u00a0: %(ground)s") % {
        "least": keeping.least,
        "most": keeping.most,
        "ground": keeping.ground,
    }


def keep_to_periods(*, hub: Hub, now: dt.datetime) -> None:
    """Let go of what has had its time, kind by kind and in batches, each its own transaction with its count.

    Killed anywhere, the next call goes on where it stood; called twice, the second finds nothing. A kind that
    fails is told on its line and does not stop the others.
    """
    with open_hub(hub):
        kinds = [keeping for keeping in keepings() if keeping.let_go is not None]
        RetentionNight.objects.filter(day__lt=timezone.localdate(now) - REPORTED).delete()
    for keeping in kinds:
        try:
            _keep_to_period(hub, keeping, now)
        except Exception as error:
            log.exception("hub %s: %s was not let go", hub.slug, keeping.key)
            with open_hub(hub):
                _report(keeping, now, error=str(error)[:300])


def _keep_to_period(hub: Hub, keeping: Keeping, now: dt.datetime) -> None:
    with open_hub(hub):
        before = time_of(keeping, now)
        warned = keeping.warn(before, now) if keeping.warn is not None else 0
        _report(keeping, now, warned=warned, error="")
    last = 0
    while True:
        with open_hub(hub):
            rows = _next_rows(keeping, before, now, after=last)
            if not rows:
                return
            done = keeping.let_go(rows, now) if keeping.let_go is not None else 0
            _report(keeping, now, done=done, held=len(rows) - done)
        last = rows[-1].pk


def _next_rows(keeping: Keeping, before: dt.datetime, now: dt.datetime, *, after: int) -> Sequence[Any]:
    if keeping.due is None:
        return ()
    return list(keeping.due(before, now).filter(pk__gt=after).order_by("pk")[:BATCH])


def time_of(keeping: Keeping, now: dt.datetime) -> dt.datetime:
    """What is older than this moment has had its time."""
    return months_before(now, months_kept(keeping, timezone.localdate(now))) if keeping.is_set else now


def _report(
    keeping: Keeping, now: dt.datetime, *, done: int = 0, held: int = 0, warned: int = 0, error: str | None = None
) -> None:
    night, _is_new = RetentionNight.objects.get_or_create(kind=keeping.key, day=timezone.localdate(now))
    changes: dict[str, Any] = {"done": F("done") + done, "held": F("held") + held, "warned": F("warned") + warned}
    if error is not None:
        changes["error"] = error
        # What is held tonight is counted from nothing by each run of the night.
        changes["held"] = held
    RetentionNight.objects.filter(pk=night.pk).update(**changes)
