"""What waits around a meeting: people to invite before, a report to publish after."""

import datetime as dt

from django.db.models import Count, Exists, F, OuterRef, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from governance.models import Meeting, Minutes
from hubs.parts import Todo

# So long before the meeting its invitations come up, and so long after it its report stays.
AHEAD = dt.timedelta(days=14)
AFTER = dt.timedelta(days=60)


def meetings_waiting(now: dt.datetime) -> list[Todo]:
    """The meetings of the next two weeks with people to invite, and those held without a published report. One query."""
    published = Minutes.objects.filter(meeting=OuterRef("pk"), published_at__isnull=False)
    told = Q(invitees__called_at__gte=F("changed_at"))
    near = (
        Meeting.objects.filter(called_off_at=None, starts_at__gt=now - AFTER, starts_at__lte=now + AHEAD)
        .annotate(to_call=Count("invitees", filter=~told), is_reported=Exists(published))
        .order_by("starts_at", "pk")
    )
    return [
        _to_report(each) if each.starts_at <= now else _to_call(each)
        for each in near
        if (each.to_call if each.starts_at > now else not each.is_reported)
    ]


def _to_call(meeting: Meeting) -> Todo:
    count = meeting.to_call  # type: ignore[attr-defined]
    words = ngettext("%(count)s personne reste à inviter.", "%(count)s personnes restent à inviter.", count)
    return Todo(
        f"governance.meeting:{meeting.pk}",
        _("Réunions"),
        meeting.title,
        words % {"count": count},
        reverse("governance:meeting", args=[meeting.public_id]),
        timezone.localdate(meeting.starts_at),
        verb=_("Inviter"),
    )


def _to_report(meeting: Meeting) -> Todo:
    return Todo(
        f"governance.report:{meeting.pk}",
        _("Réunions"),
        meeting.title,
        _("La réunion a eu lieu\u00a0: son compte rendu n’est pas publié."),
        reverse("governance:report", args=[meeting.public_id]),
        timezone.localdate(meeting.starts_at),
        verb=_("Écrire le compte rendu"),
    )
