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
    # Whoever makes the same cards at the same moment waits here, and finds them.
    rows = Membership.objects.filter(pk__in=[each.pk for each in memberships])
    list(rows.select_for_update(of=("self",), no_key=True).order_by("pk"))
    cards = {card.membership_id: card for card in MemberCard.objects.filter(membership__in=memberships)}
    for each in memberships:
        if each.pk not in cards:
            cards[each.pk] = MemberCard.objects.create(membership=each, made_at=now)
            record(by=by, verb="members.card_made", thing=each.member, after={"fiscal_year": each.fiscal_year.label})
        cards[each.pk].membership = each
    return [cards[each.pk] for each in memberships]
