"""Cards of members: each membership has one, whose code is made with it."""

import datetime as dt
from collections.abc import Collection

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from hubs.actions import record
from hubs.actors import Actor
from hubs.refusals import NotAllowed
from members.models import MemberCard, Membership
from members.rules import takes_certificates


@transaction.atomic
def make_cards(*, memberships: Collection[Membership], by: Actor, now: dt.datetime) -> list[MemberCard]:
    """The cards of these memberships, in their order; those that have none get one. Twice gives the same codes.

    NotAllowed unless `by` keeps the members, or is the holder of each.
    """
    if not all(takes_certificates(by, each.organisation_id, each.person_id) for each in memberships):
        raise NotAllowed(_("Une carte se prend par les personnes de la structure."))
    made = MemberCard.objects.filter(membership__in=memberships)
    lacking = set(memberships) - {card.membership for card in made.select_related("membership")}
    # Someone may make the same cards at this moment: theirs are found again below.
    MemberCard.objects.bulk_create(
        [MemberCard(membership=each, made_at=now) for each in memberships if each in lacking], ignore_conflicts=True
    )
    for each in memberships:
        if each in lacking:
            record(by=by, verb="members.card_made", thing=each.member, after={"fiscal_year": each.fiscal_year.label})
    cards = {card.membership_id: card for card in made.all()}
    for each in memberships:
        cards[each.pk].membership = each
    return [cards[each.pk] for each in memberships]
