"""Meetings, as the coordination lists them and as the invited read them."""

import datetime as dt

from django.db.models import BooleanField, Count, Exists, ExpressionWrapper, OuterRef, Q, QuerySet
from django.utils.crypto import constant_time_compare

from governance.models import Invitee, Meeting, Minutes
from governance.tokens import invitee_token
from hubs.actors import Actor

LINK_LASTS = dt.timedelta(days=365)


def meetings_listed(now: dt.datetime) -> QuerySet[Meeting]:
    """The meetings, the last first, with how many are invited, and whether their report is published."""
    published = Minutes.objects.filter(meeting=OuterRef("pk"), published_at__isnull=False)
    counted = Meeting.objects.annotate(
        is_held=ExpressionWrapper(Q(starts_at__lte=now), BooleanField()),
        invited=Count("invitees"),
        is_reported=Exists(published),
    )
    return counted.order_by("-starts_at", "-pk")


def meetings_of(actor: Actor) -> QuerySet[Meeting]:
    """The meetings that this person was invited to, the last first."""
    if actor.person_id is None:
        return Meeting.objects.none()
    same = Q(person=actor.person_id) | Q(person__merged_into=actor.person_id)
    called = Invitee.objects.filter(same, called_at__isnull=False)
    return Meeting.objects.filter(pk__in=called.values("meeting")).order_by("-starts_at", "-pk")


def invitee_at(token: str, now: dt.datetime) -> Invitee | None:
    """Whose link this is: of someone who was invited, and has no account; for a year after the meeting."""
    pk = token.partition("-")[0]
    if not pk.isdecimal() or len(pk) > 18:
        return None
    called = Invitee.objects.filter(called_at__isnull=False, meeting__starts_at__gt=now - LINK_LASTS)
    found = called.for_display().select_related("meeting").filter(pk=pk).first()
    if found is None or found.signs_in or not constant_time_compare(token, invitee_token(found)):
        return None
    return found
