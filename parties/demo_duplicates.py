"""What a hub of the demo has on file twice: a structure under two spellings, and someone with and without an address."""

import datetime as dt

from hubs.actors import system
from hubs.scope import current_hub_id
from parties.actions import add_person, create_organisation
from parties.models import Link, Organisation


def spell_twice(today: dt.date) -> None:
    """The last structure by name, and whoever administers it. Twice changes nothing."""
    by = system(current_hub_id())
    twice = Organisation.objects.live(today).filter(links__role="administrator").by_name().last()
    if twice is None or Organisation.objects.filter(name=f"Asso {twice.name}").exists():
        return
    create_organisation(
        name=f"Asso {twice.name}", legal_form=twice.legal_form, email=twice.email, town=twice.town, by=by
    )
    link = Link.objects.filter(organisation=twice, role="administrator").select_related("person").order_by("pk")[0]
    add_person(given_name=link.person.family_name, family_name=link.person.given_name, phone="03 80 00 00 00", by=by)
