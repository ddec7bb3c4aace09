"""The pages of electronic invoices, driven as their users drive them."""

import datetime as dt

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from billing.models import Account, BuyerProfile, ChorusDeposit, Invoice, VatRule
from hubs.scope import open_hub
from parties.models import Organisation
from tests.billing.factories import (
    AccountFactory,
    BuyerProfileFactory,
    ChargeFactory,
    IssuerFactory,
    VatRuleFactory,
    issued,
)
from tests.billing.test_views import OCTOBER, said

CHORUS = "/gestion/facturation/chorus-pro/"
READY = "/gestion/reglages/facture-electronique/"


@pytest.fixture(autouse=True)
def second_of_november():
    with time_machine.travel(dt.datetime(2026, 11, 2, 9, tzinfo=dt.UTC), tick=True):
        yield


@pytest.fixture
def shop(nord):
    """The hub « nord » sells: its issuer, its rules, and the account of its member structure."""
    with open_hub(nord.hub):
        IssuerFactory()
        VatRuleFactory()
        VatRuleFactory(out_of_scope=True)
        return AccountFactory(organisation=nord.organisation)


def public_invoice(hub) -> Invoice:
    with open_hub(hub):
        account = AccountFactory(organisation__siren="732829320", organisation__siret="73282932000074")
        BuyerProfileFactory(account=account, public=True)
        return issued(account)


@pytest.mark.feature("BI13")
def test_the_preview_tells_how_far_the_check_is_and_what_it_found(nord, shop, sign_in, work):
    with open_hub(nord.hub):
        ChargeFactory(account=shop)
        wrong = ChargeFactory(account__organisation__siren="732829320", account__organisation__name="Fautive").account
        BuyerProfileFactory(account=wrong, einvoice_address="900315623")
    browser = sign_in(nord, "accountant")

    during = browser.post(OCTOBER, follow=True)
    assert "Contrôle des factures électroniques 0 sur 2" in said(during)
    assert f'hx-get="{OCTOBER}controle/"' in during.content.decode()

    work(nord.hub)
    after = browser.get(f"{OCTOBER}controle/", headers={"HX-Request": "true"})
    assert "Chaque projet passe le contrôle de la facture électronique." in said(after)
    assert "1 point à corriger est mis de côté." in said(after)
    assert "hx-get" not in after.content.decode()
    month = browser.get(OCTOBER)
    assert "Fautive : L’adresse de facturation électronique de la structure ne commence pas" in said(month)

    mend = f"/gestion/facturation/comptes/{wrong.pk}/facturation/"
    assert f'href="{mend}"' in month.content.decode()
    browser.post(mend, {"vat_status": "taxable", "einvoice_address": "732 829 320"})
    browser.post(OCTOBER)
    work(nord.hub)
    assert "Aucune anomalie sur ce mois." in said(browser.get(OCTOBER))


def test_a_preview_that_nobody_checks_offers_to(nord, shop, sign_in):
    with open_hub(nord.hub):
        ChargeFactory(account=shop)

    page = said(sign_in(nord, "accountant").get(f"{OCTOBER}apercu/"))

    assert "Des projets n’ont pas passé le contrôle" in page
    assert "Contrôler maintenant" in page


@pytest.mark.feature("BI15")
def test_a_month_with_dues_makes_two_documents_that_the_member_reads(nord, shop, sign_in, work):
    with open_hub(nord.hub):
        ChargeFactory(account=shop)
        ChargeFactory(account=shop, description="Cotisation", vat_rule=VatRule.objects.get(code="hors-champ"))
    browser = sign_in(nord, "accountant")

    preview = browser.post(OCTOBER, follow=True)
    assert "2 factures, 22,00 € TTC." in said(preview)
    assert "appel de cotisation" in said(preview)
    browser.post(f"{OCTOBER}emission/")
    work(nord.hub)

    assert "AC-2026-00001" in said(browser.get(f"{OCTOBER}resultat/"))
    with open_hub(nord.hub):
        dues = Invoice.objects.get(kind="dues")
    listed = said(browser.get("/gestion/facturation/?state=dues"))
    assert ("AC-2026-00001" in listed, "FA-2026-00001" in listed) == (True, False)
    member = sign_in(nord, "administrator")
    account = said(member.get("/mon-espace/compte/"))
    for words in ("22,00 € à régler", "Appel de cotisation AC-2026-00001", "Facture FA-2026-00001"):
        assert words in account, words
    assert "Appel de cotisation AC-2026-00001" in said(member.get(f"/mon-espace/compte/factures/{dues.pk}/"))


@pytest.mark.feature("BI13")
def test_the_xml_is_downloaded_beside_the_pdf_by_staff_and_by_the_member(nord, sud, shop, sign_in, work):
    with open_hub(nord.hub):
        invoice = issued(shop)
        stranger_xml = reverse("billing:invoice_xml", args=[invoice.pk])
    accountant, member = sign_in(nord, "accountant"), sign_in(nord, "employee")
    assert accountant.get(stranger_xml).status_code == 404
    assert "XML" not in said(accountant.get(f"/gestion/facturation/factures/{invoice.pk}/"))

    work(nord.hub)

    for browser, page in (
        (accountant, f"/gestion/facturation/factures/{invoice.pk}/"),
        (member, f"/mon-espace/compte/factures/{invoice.pk}/"),
    ):
        assert f'href="{page}xml/"' in browser.get(page).content.decode()
        xml = browser.get(f"{page}xml/")
        assert xml.headers["Content-Disposition"].startswith('attachment; filename="FA-2026-00001.xml"')
        assert b"<rsm:CrossIndustryInvoice" in xml.content
    assert sign_in(sud, "accountant").get(stranger_xml).status_code == 404
    assert sign_in(nord, "stranger").get(f"/mon-espace/compte/factures/{invoice.pk}/xml/").status_code == 404


@pytest.mark.feature("BI14")
def test_staff_say_what_a_structure_wants_on_its_invoices(nord, shop, sign_in):
    browser = sign_in(nord, "accountant")
    url = f"/gestion/facturation/comptes/{shop.pk}/facturation/"
    account = f"/gestion/facturation/comptes/{shop.pk}/"
    assert f'href="{account}"' in browser.get("/gestion/facturation/comptes/").content.decode()
    assert f'href="{url}"' in browser.get(account).content.decode()
    typed = {"vat_status": "not_taxable", "order_number": "BC-7", "is_public": "on", "service_code": "SERV-12"}

    wrong = browser.post(url, typed | {"einvoice_address": "900315623"})
    assert (wrong.status_code, "commence par le SIREN" in said(wrong)) == (422, True)
    assert 'value="SERV-12"' in wrong.content.decode()
    browser.post(url, typed)

    with open_hub(nord.hub):
        profile = BuyerProfile.objects.get()
    assert (profile.account_id, profile.order_number, profile.service_code) == (shop.pk, "BC-7", "SERV-12")


@pytest.mark.feature("BI14")
def test_invoices_of_public_bodies_wait_until_they_are_handed_in(nord, shop, sign_in):
    assert "Aucune facture pour un organisme public" in said(sign_in(nord, "accountant").get(CHORUS))
    invoice = public_invoice(nord.hub)
    browser = sign_in(nord, "accountant")

    assert "Chorus Pro : 1 à déposer" in said(browser.get("/gestion/facturation/"))
    listed = browser.get(CHORUS)
    assert f'href="/gestion/facturation/factures/{invoice.pk}/pdf/"' in listed.content.decode()
    note, name = f"/gestion/facturation/factures/{invoice.pk}/depot/", f"{invoice.pk}-deposited_on"
    wrong = browser.post(note, {name: "2026-11-03"})
    assert (wrong.status_code, "le jour où il est fait, ou après" in said(wrong)) == (422, True)
    browser.post(note, {name: "2026-11-02"})

    assert "déposée le 2 novembre 2026" in said(browser.get(CHORUS))
    assert "à déposer" not in said(browser.get("/gestion/facturation/"))
    with open_hub(nord.hub):
        assert ChorusDeposit.objects.get().invoice == invoice


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_for_chorus_costs_the_same_for_one_row_and_for_three(nord, shop, sign_in, rows):
    for number in range(rows):
        with open_hub(nord.hub):
            account = AccountFactory(organisation__siren="732829320", organisation__siret=f"7328293200007{number}")
            BuyerProfileFactory(account=account, is_public=True)
            Organisation.objects.filter(pk=account.organisation_id).update(siret="")
            issued(account)
    browser = sign_in(nord, "accountant")
    browser.get(CHORUS)

    with CaptureQueriesContext(connection) as captured:
        browser.get(CHORUS)

    assert len(captured) == 11


@pytest.mark.feature("BI13")
def test_the_settings_say_what_is_ready_for_the_reform(nord, shop, sign_in):
    browser = sign_in(nord, "accountant")

    page = said(browser.get(READY))

    assert f'href="{READY}"' in browser.get("/gestion/reglages/tva/").content.decode()
    for words in (
        "prêt L’émetteur est connu par son SIREN", "à l’adresse 900274184", "à faire Les structures facturées",
        "à faire Une plateforme agréée", "1 structure n’en a pas",
    ):  # fmt: skip
        assert words in page, words


@pytest.mark.parametrize("who", ["adviser", "receptionist", "elected", "observer", "administrator"])
def test_the_others_open_none(nord, shop, sign_in, who):
    browser = sign_in(nord, who)
    with open_hub(nord.hub):
        account = Account.objects.get()

    for url in (CHORUS, READY, f"{OCTOBER}controle/", f"/gestion/facturation/comptes/{account.pk}/facturation/"):
        assert browser.get(url).status_code == 403, url


def test_a_person_and_another_hub_have_no_page_of_their_invoicing(nord, sud, shop, sign_in):
    with open_hub(nord.hub):
        person = AccountFactory(of_person=True)
    page = "/gestion/facturation/comptes/{}/facturation/"

    assert sign_in(nord, "accountant").get(page.format(person.pk)).status_code == 404
    assert sign_in(sud, "accountant").get(page.format(shop.pk)).status_code == 404
