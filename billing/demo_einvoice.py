"""What the demo sells beside rooms: a public body that is invoiced by Chorus Pro."""

import datetime as dt
from decimal import Decimal

from billing.actions import account_for, charge, describe_buyer
from billing.enums import BuyerVat
from billing.models import Account, VatRule
from hubs.actors import Actor
from hubs.enums import LegalForm
from parties.models import Organisation

SERVICE_CODE = "CULTURE-02"


def sell(*, month: dt.date, by: Actor) -> None:
    """The hire of a room by a public body, in `month` and in the one after."""
    account = _public_body(by)
    after = (month + dt.timedelta(days=32)).replace(day=1)
    for day in (month + dt.timedelta(days=11), after + dt.timedelta(days=11)):
        charge(
            by=by, account=account, source="billing.demo:salle", kind="rent", period=day, on=day,
            description="Location de la grande salle", detail="Rencontres de la lecture publique", unit_label="jour",
            unit_price_excl=Decimal("180.0000"), vat_code="service-20",
        )  # fmt: skip


def can_sell(day: dt.date) -> bool:
    """Whether the hub has the rule that this sells under."""
    return VatRule.objects.live(day).filter(code="service-20").exists()


def _public_body(by: Actor) -> Account:
    organisation = Organisation.objects.create(
        name="Communauté de communes des Deux-Rivières", legal_form=LegalForm.PUBLIC, siren="200099125",
        siret="20009912500011", email="marches@deux-rivieres.example", address="1 place de la République",
        postcode="21800", town="Quetigny",
    )  # fmt: skip
    account = account_for(organisation=organisation)
    values = {
        "vat_status": BuyerVat.EXEMPT, "reference": "", "order_number": "EJ-2026-0412", "einvoice_address": "",
        "is_public": True, "needs_service_code": True, "service_code": SERVICE_CODE,
    }  # fmt: skip
    describe_buyer(account=account, values=values, by=by)
    return account
