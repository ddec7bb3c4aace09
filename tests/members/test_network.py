"""A network of bodies that are legally distinct, on one instance: each its own money, one person at home in both (ME14)."""

import uuid
from dataclasses import replace

import pytest
from django.urls import reverse

from billing.models import Account, Invoice
from hubs.scope import open_hub
from members.models import Certificate
from parties.enums import LinkRole
from tests.billing.factories import VatRuleFactory
from tests.billing.test_no_legal_body import ASSOCIATION, ISSUER, SCIC, on
from tests.billing.test_views import said
from tests.parties.factories import LinkFactory, PersonFactory
from tests.spaces.factories import PoolFactory, SiteFactory
from tests.spaces.test_views_member import form, page_of

OCTOBER = ["2026-10"]


@pytest.fixture
def network(nord, sud):
    """Two hubs with a room each, at 10 and at 30 € an hour; whoever administers a structure in one does in the other."""
    with open_hub(sud.hub):
        person = PersonFactory(user=nord.administrator.user, given_name="Inès", family_name="Double")
        LinkFactory(person=person, organisation=sud.organisation, role=LinkRole.ADMINISTRATOR)
    rooms = {}
    for cast, price in ((nord, 10), (sud, 30)):
        with open_hub(cast.hub):
            VatRuleFactory()
            rooms[cast.hub.slug] = PoolFactory(site=SiteFactory(), name=f"Salle de {cast.hub.slug}", external=price)
    return {"nord": (nord, rooms["nord"], ASSOCIATION), "sud": (replace(sud, administrator=person), rooms["sud"], SCIC)}


@pytest.mark.feature("ME14")
def test_each_body_invoices_numbers_and_is_paid_by_itself_and_one_person_sees_both(network, sign_in, work):
    with on(10, 1):
        for cast, _room, body in network.values():
            written = sign_in(cast, "coordinator").post(ISSUER, body | {"starts_on": "2026-10-01"}, follow=True)
            assert "C’est noté." in said(written)
    with on(10, 5):
        for cast, room, _body in network.values():
            booked = sign_in(cast, "administrator").post(page_of("place", room), form(cast.organisation), follow=True)
            assert "C’est réservé" in said(booked)
    with on(11, 2):
        for cast, _room, _body in network.values():
            accountant = sign_in(cast, "accountant")
            accountant.post(reverse("billing:month", args=OCTOBER))
            accountant.post(reverse("billing:month_issue", args=OCTOBER))
            work(cast.hub)
        papers = {slug: _told(*each, sign_in) for slug, each in network.items()}

    assert papers == {
        "nord": ("FA-2026-00001", "Les Amis du pôle", "24,00", "AT-2026-00001"),
        "sud": ("FA-2026-00001", "Le Pôle SCIC", "72,00", "AT-2026-00001"),
    }
    with on(11, 3):
        nord, _room, _body = network["nord"]
        with open_hub(nord.hub):
            account = Account.objects.get()
        accountant = sign_in(nord, "accountant")
        payment = {"amount": "24,00", "received_on": "2026-11-03", "method": "cheque", "token": str(uuid.uuid4())}
        accountant.post(reverse("billing:account", args=[account.pk]), payment)
        owed = {slug: _owed(cast, sign_in) for slug, (cast, _room, _body) in network.items()}
    assert owed == {"nord": False, "sud": True}


def _told(cast, _room, body, sign_in) -> tuple[str, str, str, str]:
    """The one invoice that the member reads there, who issued it and how much; the number of a certificate taken."""
    member = sign_in(cast, "administrator")
    with open_hub(cast.hub):
        invoice = Invoice.objects.issued().get()
    page = said(member.get(reverse("billing:my_invoice", args=[invoice.pk])))
    amount = next(each for each in ("24,00", "72,00") if f"{each} €" in page)
    member.post(reverse("members:certificates"), {"kind": "spaces.rooms", "period": "2026"})
    with open_hub(cast.hub):
        certificate = Certificate.objects.get()
    assert certificate.seller["siren"] == body["siren"].replace(" ", "")
    assert invoice.number in page
    return invoice.number, invoice.seller["name"], amount, certificate.number


def _owed(cast, sign_in) -> bool:
    return "Ce qui est dû, et pourquoi" in said(sign_in(cast, "administrator").get("/mon-espace/compte/", follow=True))


def test_what_is_of_the_other_body_is_not_there(network, sign_in, sud):
    nord, _room, _body = network["nord"]
    with open_hub(sud.hub):
        account = Account.objects.create(organisation=sud.organisation)

    assert sign_in(nord, "accountant").get(reverse("billing:account", args=[account.pk])).status_code == 404
    mine = sign_in(nord, "administrator").get("/mon-espace/structure/").text
    assert "Compagnie nord" in mine and "Compagnie sud" not in mine
