"""What the log and the mails name of meetings and of those invited to them."""

from collections.abc import Collection

from django.urls import reverse

from governance.models import Invitee, Meeting
from hubs.parts import Thing, ids_of


def meetings_named(names: Collection[str]) -> dict[str, Thing]:
    """One query for each kind."""
    found: dict[str, Thing] = {}
    if ids := ids_of("governance.meeting", names):
        for each in Meeting.objects.filter(pk__in=ids):
            found[f"governance.meeting:{each.pk}"] = Thing(
                str(each), reverse("governance:meeting", args=[each.public_id])
            )
    if ids := ids_of("governance.invitee", names):
        for invitee in Invitee.objects.filter(pk__in=ids).select_related("meeting").for_display():
            found[f"governance.invitee:{invitee.pk}"] = Thing(
                label=str(invitee),
                url=reverse("governance:meeting", args=[invitee.meeting.public_id]),
                addresses=[invitee.address] if invitee.address else [],
                user_id=invitee.person.user_id if invitee.person else None,
            )
    return found
