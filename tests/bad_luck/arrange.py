"""What the tests put into an instance. Runs inside it: `python -m tests.bad_luck.arrange FUNCTION JSON`."""

import datetime as dt
import json
import sys
from decimal import Decimal
from typing import Any

import django
from django.utils import timezone

PASSWORD = "motdepasse-solide"


def hub(slug: str, members: int = 1, invoices: int = 0, units: int = 1) -> dict[str, Any]:
    """A hub with its accountant, so many members who book, a room of so many units, and last month's charges."""
    from hubs.scope import open_hub
    from tests.hubs.factories import HubFactory, HubSettingsFactory
    from tests.members.factories import CollegeFactory, FiscalYearFactory
    from tests.spaces.factories import ALWAYS, PoolFactory, SiteFactory

    made = HubFactory(slug=slug, name=f"Pôle {slug}", accent="#0b6e4f")
    with open_hub(made):
        HubSettingsFactory()
        CollegeFactory(name="Structures membres")
        year = FiscalYearFactory(year=timezone.localdate().year)
        pool = PoolFactory(
            site=SiteFactory(hours=ALWAYS, closed_on_holidays=False), name="Salle Boutaric", units=units, external=10
        )
        return {
            "slug": slug,
            "id": made.pk,
            "place": pool.public_id,
            "fiscal_year": year.pk,
            "month": _charges(invoices),
            "staff": _staff(slug),
            "members": [_member(slug, rank) for rank in range(members)],
        }


def _charges(count: int) -> str:
    """One charge for each of so many structures, last month, which is « 2026-10 »."""
    from tests.billing.factories import AccountFactory, ChargeFactory, IssuerFactory, VatRuleFactory
    from tests.parties.factories import OrganisationFactory

    IssuerFactory()
    VatRuleFactory()
    last_month = (timezone.localdate().replace(day=1) - dt.timedelta(days=1)).replace(day=1)
    for rank in range(count):
        account = AccountFactory(organisation=OrganisationFactory(name=f"Structure {rank:03d}"))
        ChargeFactory(account=account, kind="rent", on=last_month, unit_price_excl=Decimal(10 + rank))
    return f"{last_month:%Y-%m}"


def _staff(slug: str) -> dict[str, str]:
    """The coordinator, who has a password."""
    from tests.hubs.factories import StaffRoleFactory, UserFactory
    from tests.parties.factories import PersonFactory

    person = PersonFactory(user=UserFactory(email=f"coordination@{slug}.example", password=PASSWORD))
    StaffRoleFactory(user=person.user)
    return {"email": person.user.email, "session": _session(slug, person.user)}


def _member(slug: str, rank: int) -> dict[str, Any]:
    from parties.enums import LinkRole
    from tests.hubs.factories import UserFactory
    from tests.parties.factories import LinkFactory, OrganisationFactory, PersonFactory

    organisation = OrganisationFactory(name=f"Compagnie {rank:03d}")
    person = PersonFactory(user=UserFactory(email=f"membre{rank}@{slug}.example", password=None))
    LinkFactory(person=person, organisation=organisation, role=LinkRole.ADMINISTRATOR)
    return {"organisation": organisation.pk, "session": _session(slug, person.user)}


def _session(slug: str, user: Any) -> str:
    """The cookie of someone signed in."""
    from django.test import Client

    client = Client(headers={"host": f"{slug}.localhost"})
    client.force_login(user)
    return client.cookies["coursive"].value


if __name__ == "__main__":
    django.setup()
    sys.stdout.write(json.dumps(globals()[sys.argv[1]](**json.loads(sys.argv[2]))))
