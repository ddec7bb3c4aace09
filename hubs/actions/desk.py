"""Who sees to what this morning, and what everybody is told."""

import datetime as dt

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from hubs.actions.audit import record
from hubs.actors import Actor, system
from hubs.enums import AnnouncementKind, Audience
from hubs.models import Announcement, Hub, TodoClaim
from hubs.parts import Todo, todos_of
from hubs.refusals import NotAllowed, Refusal, refusing
from hubs.rules import coordinator, staff
from hubs.scope import current_hub, current_hub_id


class SeenTo(Refusal):
    """Someone else took it meanwhile. The message names them."""

    message = _("Quelqu’un s’en occupe déjà.")


class EndsBeforeItStarts(Refusal):
    message = _("L’annonce finit après avoir commencé.")
    field = "last_day"


class EndedAlready(Refusal):
    message = _("Cette annonce est déjà finie.")


@transaction.atomic
def take_on(*, todo: Todo, by: Actor, now: dt.datetime, instead_of: int | None = None) -> TodoClaim:
    """« Je m’en occupe ». A note on the desk and not an act: all see it, the log does not keep it.

    `instead_of` is the account of whom one takes over from, as the page showed; anyone else is refused.
    Raises SeenTo.
    """
    if not staff(by) or by.user_id is None:
        raise NotAllowed
    claim, is_new = TodoClaim.objects.select_for_update(of=("self",)).get_or_create(
        key=todo.key, defaults={"user_id": by.user_id, "who": by.name, "since": now}
    )
    if is_new or claim.user_id == by.user_id:
        return claim
    if claim.user_id != instead_of:
        raise SeenTo(_("%(who)s s’en occupe déjà.") % {"who": claim.who})
    claim.user_id, claim.who, claim.since = by.user_id, by.name, now
    claim.save(update_fields=["user", "who", "since"])
    return claim


def hand_back(*, key: str, by: Actor) -> None:
    """Nobody sees to it any more; what others took stays theirs."""
    if not staff(by):
        raise NotAllowed
    TodoClaim.objects.filter(key=key, user=by.user_id).delete()


def forget_claims() -> None:
    """Drop the claims on what is no longer to do in the open hub."""
    waiting = {todo.key for todo in todos_of(current_hub(), system(current_hub_id()))}
    TodoClaim.objects.exclude(key__in=waiting).delete()


def _check(by: Actor) -> None:
    if not coordinator(by):
        raise NotAllowed


@transaction.atomic
def announce(
    *, text: str, kind: AnnouncementKind, audience: Audience, starts_on: dt.date, ends_on: dt.date, by: Actor
) -> Announcement:
    """Tell something at the top of the pages, `ends_on` left out. Raises EndsBeforeItStarts."""
    _check(by)
    if ends_on <= starts_on:
        raise EndsBeforeItStarts
    hub = _locked_hub()
    with refusing({"hubs_announcement_period": EndsBeforeItStarts}):
        made = Announcement.objects.create(
            text=text, kind=kind, audience=audience, starts_on=starts_on, ends_on=ends_on
        )
    _note_last_end(hub)
    after = {"text": text, "kind": kind, "audience": audience, "starts_on": starts_on, "ends_on": ends_on}
    record(by=by, verb="hubs.announced", thing=made, after=after, concerns=hub)
    return made


@transaction.atomic
def end_announcement(*, announcement: Announcement, by: Actor, today: dt.date) -> Announcement:
    """Stop telling it today; one that has not begun is never told. Raises EndedAlready."""
    _check(by)
    hub = _locked_hub()
    kept = Announcement.objects.select_for_update(of=("self",)).get(pk=announcement.pk)
    if kept.ends_on <= today:
        raise EndedAlready
    before, kept.ends_on = kept.ends_on, max(today, kept.starts_on)
    kept.save(update_fields=["ends_on"])
    _note_last_end(hub)
    after = {"ends_on": kept.ends_on}
    record(by=by, verb="hubs.announcement_ended", thing=kept, before={"ends_on": before}, after=after, concerns=hub)
    return kept


def _locked_hub() -> Hub:
    """The hub, held: two announcements leave the later of their ends."""
    return Hub.objects.select_for_update(of=("self",), no_key=True).get(pk=current_hub_id())


def _note_last_end(hub: Hub) -> None:
    hub.announcing_until = Announcement.objects.aggregate(last=Max("ends_on"))["last"]
    hub.save(update_fields=["announcing_until"])
