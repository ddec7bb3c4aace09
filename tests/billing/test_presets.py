import datetime as dt
from decimal import Decimal

import pytest
from stdnum import iban
from stdnum.fr import siren, siret, tva

from billing.actions import account_for, charge
from billing.enums import VatCategory
from billing.models import Issuer, VatRule
from billing.presets import furnish
from hubs.actors import system
from tests.parties.factories import OrganisationFactory

TODAY = dt.date(2026, 11, 2)


@pytest.mark.parametrize("preset", ["la-coursive", "petit-pole"])
def test_a_preset_gives_an_issuer_whose_numbers_are_right(hub, preset):
    furnish(preset, TODAY)

    issuer = Issuer.objects.live(TODAY).get()
    assert siren.is_valid(issuer.siren)
    assert siret.is_valid(issuer.siret)
    assert iban.is_valid(issuer.iban)
    assert not issuer.vat_number or tva.is_valid(issuer.vat_number)
    assert set(VatRule.objects.live(TODAY).values_list("code", flat=True)) == {
        "service-20", "hors-champ", "formation", "franchise-293b",
    }  # fmt: skip


def test_a_hub_under_franchise_sells_the_same_service_without_tax(hub):
    furnish("petit-pole", TODAY)

    sold = charge(
        by=system(hub.pk), account=account_for(organisation=OrganisationFactory()), source="spaces.booking:1",
        kind="booking", period=TODAY, on=TODAY, description="Salle", unit_price_excl=Decimal("10.00"),
        vat_code="service-20",
    )  # fmt: skip

    assert (sold.vat_category, sold.amount_incl) == (VatCategory.EXEMPT, Decimal("10.00"))
    assert sold.exemption_text == "TVA non applicable, art. 293 B du CGI"


def test_a_preset_that_billing_does_not_know_gets_nothing(hub):
    furnish("autre", TODAY)

    assert (Issuer.objects.count(), VatRule.objects.count()) == (0, 0)
