"""A hub with no legal body becomes an association, then a SCIC, and keeps its history (HU3)."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import time_machine
from django.urls import reverse

from billing.models import Charge, Invoice, Issuer
from hubs.scope import open_hub
from spaces.models import Pool
from tests.billing.factories import VatRuleFactory
from tests.billing.test_views import said
from tests.spaces.factories import PARIS, PoolFactory, SiteFactory
from tests.spaces.test_views_member import form, page_of

ISSUER = "/gestion/reglages/emetteur/"
ASSOCIATION = {
    "legal_name": "Les Amis du pôle", "legal_form": "Association loi 1901", "vat_regime": "normal", "siren": "900 274 184",
    "address": "9 place Galilée", "postcode": "21000", "town": "Dijon", "payment_days": "30",
    "starts_on": "2026-10-12",
}  # fmt: skip
SCIC = ASSOCIATION | {
    "legal_name": "Le Pôle SCIC", "legal_form": "SCIC SA", "vat_regime": "normal", "siren": "900 315 623", "starts_on": "2026-11-01",
}  # fmt: skip


@contextmanager
def on(month: int, day: int) -> Iterator[None]:
    """It is half past eight of that day of 2026, in the hub's time."""
    with time_machine.travel(dt.datetime(2026, month, day, 8, 30, tzinfo=PARIS), tick=False):
        yield


@pytest.fixture
def room(nord) -> Pool:
    """A room at 10 € an hour, and nobody who invoices."""
    with open_hub(nord.hub):
        VatRuleFactory()
        return PoolFactory(site=SiteFactory(), name="Salle Boutaric", external=10)


@pytest.mark.feature("HU3")
def test_a_hub_with_no_legal_body_charges_then_invoices_from_its_day_then_under_another(nord, room, sign_in, work):
    def book(day: str) -> None:
        booked = sign_in(nord, "employee").post(page_of("place", room), form(nord.organisation, day=day), follow=True)
        assert "C’est réservé" in said(booked)

    def issue(month: str) -> str:
        browser = sign_in(nord, "accountant")
        browser.post(reverse("billing:month", args=[month]))
        browser.post(reverse("billing:month_issue", args=[month]))
        work(nord.hub)
        return said(browser.get(reverse("billing:month_result", args=[month])))

    with on(10, 5):
        book("2026-10-06")
        mine = said(sign_in(nord, "employee").get("/mon-espace/compte/", follow=True))
        browser = sign_in(nord, "accountant")
        month = said(browser.get(reverse("billing:month", args=["2026-10"])))
        refused = browser.post(reverse("billing:month_issue", args=["2026-10"]))
        who = said(browser.get(ISSUER))
    assert "Total à venir, TTC 24,00 €" in mine
    assert "Aucun organisme n’émet de factures pour le pôle au 6 octobre 2026 : 24,00 € TTC restent" in month
    assert (refused.status_code, "Renseignez d’abord l’émetteur" in said(refused)) == (422, True)
    assert "Ce pôle n’émet pas encore de factures" in who

    with on(10, 10):
        done = sign_in(nord, "coordinator").post(ISSUER, ASSOCIATION, follow=True)
        assert "C’est noté." in said(done)
    with on(10, 12):
        book("2026-10-13")
    with on(10, 20):
        sign_in(nord, "coordinator").post(f"{ISSUER}suivant/", SCIC)
    with on(11, 2):
        book("2026-11-03")
        month = said(sign_in(nord, "accountant").get(reverse("billing:month", args=["2026-10"])))
        october = issue("2026-10")
    with on(12, 1):
        november = issue("2026-11")
        mine = said(sign_in(nord, "employee").get("/mon-espace/compte/", follow=True))

    assert "24,00 € TTC ont été vendus avant que Les Amis du pôle ne commence à facturer, le 12 octobre 2026" in month
    assert ("FA-2026-00001" in october, "FA-2026-00001" in november) == (True, True)
    with open_hub(nord.hub):
        told = Invoice.objects.issued().order_by("pk").prefetch_related("lines")
        assert [(each.seller["name"], each.number, each.lines.get().on) for each in told] == [
            ("Les Amis du pôle", "FA-2026-00001", dt.date(2026, 10, 13)),
            ("Le Pôle SCIC", "FA-2026-00001", dt.date(2026, 11, 3)),
        ]
        assert Charge.objects.unbilled().get().on == dt.date(2026, 10, 6)
        assert list(Issuer.objects.order_by("pk").values_list("starts_on", "ends_on")) == [
            (dt.date(2026, 10, 12), dt.date(2026, 11, 1)),
            (dt.date(2026, 11, 1), None),
        ]
    assert "Total à venir, TTC 24,00 €" in mine


def test_the_first_day_never_meets_that_of_another(nord, sign_in):
    with on(12, 1):
        browser = sign_in(nord, "coordinator")
        browser.post(ISSUER, ASSOCIATION | {"starts_on": "2026-01-01"})
        with open_hub(nord.hub):
            Issuer.objects.update(ends_on=dt.date(2026, 11, 1))

        proposed = browser.get(ISSUER).context["form"].initial["starts_on"]
        wrong = browser.post(ISSUER, SCIC | {"starts_on": "2026-10-31"})

    assert proposed == dt.date(2026, 11, 1)
    assert (wrong.status_code, list(wrong.context["form"].errors)) == (422, ["starts_on"])
