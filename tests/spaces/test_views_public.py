"""The places as a visitor sees them."""

import pytest
from django.urls import reverse

from billing.models import VatRule
from hubs.scope import open_hub
from spaces.enums import PayerKind, PricePer
from tests.spaces.factories import PoolFactory, PriceFactory
from tests.spaces.pages import text

pytestmark = pytest.mark.usefixtures("monday")
PLACES = reverse("spaces:places")


def test_a_visitor_reads_places_and_their_prices_with_tax(nord, room, sign_in):
    with open_hub(nord.hub):
        PriceFactory(pool=room, per=PricePer.DAY, amount=60)
        PriceFactory(pool=room, payer=PayerKind.RESIDENT, amount=777)
        PoolFactory(name="Atelier", site=room.site, seats=8)

    page = sign_in(nord).get(PLACES)

    assert page.status_code == 200
    assert "Salle Boutaric Salle · 12 personnes 12,00 € TTC la heure · 72,00 € TTC la journée" in text(page)
    assert "Atelier Salle · 8 personnes Réservé aux structures membres." in text(page)
    assert [amount for amount in ("777", "932") if amount in page.text] == []  # the residents' price


def test_places_of_another_hub_are_not_there(nord, sud, room, sign_in):
    page = sign_in(sud).get(PLACES)

    assert "Ce pôle n’a pas encore décrit ses espaces." in text(page)
    assert "Salle Boutaric" not in page.text


def test_a_place_closed_for_good_is_gone(nord, room, sign_in, monday):
    with open_hub(nord.hub):
        room.ends_on = monday.date()
        room.save()

    assert "Salle Boutaric" not in sign_in(nord).get(PLACES).text


@pytest.mark.parametrize("rows", [1, 3])
def test_queries_do_not_grow_with_places(nord, room, sign_in, django_assert_num_queries, rows):
    with open_hub(nord.hub):
        for _n in range(rows - 1):
            PoolFactory(site=room.site, external=10)
    visitor = sign_in(nord)
    visitor.get(PLACES)

    with django_assert_num_queries(10):
        visitor.get(PLACES)


def test_the_page_is_read_only(nord, room, sign_in):
    assert sign_in(nord).post(PLACES).status_code == 405
    with open_hub(nord.hub):
        assert VatRule.objects.count() == 1
