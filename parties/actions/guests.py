"""Guests let in by many at a time, each by a link of their own."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from hubs.actors import Actor
from parties.actions.invitations import GuestKnown, InvitedAlready, invite_to_structure
from parties.actions.people import RoleHeld
from parties.enums import LinkRole
from parties.models import Invitation, Organisation


@dataclass(frozen=True)
class Guest:
    """Whom to let in for a time: a name, and a mail where there is one."""

    given_name: str
    family_name: str
    email: str = ""

    def __str__(self) -> str:
        return f"{self.given_name} {self.family_name}"


@transaction.atomic
def invite_guests(
    *, organisation: Organisation, guests: Sequence[Guest], ends_on: dt.date, by: Actor, now: dt.datetime
) -> list[Invitation]:
    """A link for each of them until `ends_on`, left out: for all, or for none.

    Raises what `invite_to_structure` raises, about `guests` and with the name of whom it is about.
    """
    Organisation.objects.select_for_update(of=("self",), no_key=True).get(pk=organisation.pk)
    made = []
    for guest in guests:
        try:
            made.append(
                invite_to_structure(
                    organisation=organisation, given_name=guest.given_name, family_name=guest.family_name,
                    email=guest.email, role=LinkRole.GUEST, ends_on=ends_on, by=by, now=now,
                )
            )  # fmt: skip
        except (RoleHeld, InvitedAlready, GuestKnown) as refusal:
            words = _("%(person)s\u00a0: %(why)s") % {"person": guest, "why": refusal.message}
            raise type(refusal)(words, field="guests") from refusal
    return made
