"""What two structures of the demo attested, and the cards of all its members."""

import datetime as dt

from billing.models import Issuer
from hubs.actors import system
from hubs.scope import current_hub
from members.actions import issue_certificate, make_cards
from members.models import Certificate
from members.parts import certificate_kinds
from members.queries import members_chosen
from parties.models import Link

TAKERS = 2


def fill(today: dt.date) -> None:
    """Each certificate that the two first members may take today, and every card. Twice changes nothing."""
    hub = current_hub()
    if Certificate.objects.exists() or not Issuer.objects.live(today).exists():
        return
    by, now = system(hub.pk), dt.datetime.combine(today, dt.time(9), tzinfo=hub.zone)
    members = list(members_chosen(today))
    make_cards(memberships=members, by=by, now=now)
    # Whoever signs in to the demo finds some.
    signing_in = set(
        Link.objects.acting(today).filter(person__user__isnull=False).values_list("organisation_id", flat=True)
    )
    structures = [each.organisation for each in members if each.organisation is not None]
    for holder in sorted(structures, key=lambda each: each.pk not in signing_in)[:TAKERS]:
        for kind in certificate_kinds(hub).values():
            for period in kind.periods(holder, today)[:1]:
                issue_certificate(kind=kind.key, holder=holder, period=period.key, by=by, today=today, now=now)
