"""The pages of what goes by the platform, driven as their users drive them."""

import datetime as dt

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from billing.models import Invoice, PlatformArrival, PlatformLink, SupplierInvoice, TransmissionStatus
from hubs.scope import open_hub
from tests.billing.factories import AccountFactory, ChargeFactory, IssuerFactory, VatRuleFactory, issued
from tests.billing.platform_server import PlatformServer, life_cycle
from tests.billing.supplied import cii
from tests.billing.test_views import OCTOBER, said

SETTINGS = "/gestion/reglages/facture-electronique/"
SUPPLIERS = "/gestion/facturation/fournisseurs/"
BUYER = "732829320"


@pytest.fixture(autouse=True)
def second_of_november():
    with time_machine.travel(dt.datetime(2026, 11, 2, 9, tzinfo=dt.UTC), tick=True):
        yield


@pytest.fixture
def server(nord, settings):
    server = PlatformServer()
    settings.EINVOICE_ACCOUNTS = {nord.hub.slug: server.account}
    yield server
    server.close()


@pytest.fixture
def shop(nord, server):
    """The hub « nord » sells to a structure that has a SIREN."""
    with open_hub(nord.hub):
        IssuerFactory()
        VatRuleFactory()
        return AccountFactory(organisation__siren=BUYER)


@pytest.fixture
def sent(nord, shop, work):
    """The hub sends since October: its invoice has left, and its clock says the 2 November."""
    with open_hub(nord.hub):
        PlatformLink.objects.create(sends_from=dt.date(2026, 10, 1))
        invoice = issued(shop)
    work(nord.hub)
    return invoice


def page_of(invoice: Invoice) -> str:
    return f"/gestion/facturation/factures/{invoice.pk}/"


@pytest.mark.feature("BI13")
def test_the_accountant_chooses_a_day_and_the_month_leaves_by_the_platform(nord, shop, server, sign_in, work):
    with open_hub(nord.hub):
        ChargeFactory(account=shop)
    browser = sign_in(nord, "accountant")
    page = said(browser.get(SETTINGS))
    for words in (
        "Plateforme d’essai",
        "vos factures ne partent pas encore par elle",
        "Adresse de réception 900274184",
    ):
        assert words in page, words

    wrong = browser.post(SETTINGS, {"sends_from": "2026-11-01"})
    assert (wrong.status_code, "Choisissez aujourd’hui ou un jour à venir" in said(wrong)) == (422, True)
    assert 'value="2026-11-01"' in wrong.content.decode()
    kept = browser.post(SETTINGS, {"sends_from": "2026-11-02"}, follow=True)
    assert "vos factures partent par elle depuis le 2 novembre 2026" in said(kept)
    browser.post(OCTOBER)
    work(nord.hub)
    browser.post(f"{OCTOBER}emission/")
    work(nord.hub)

    assert [flow["name"] for flow in server.sent] == ["FA-2026-00001.pdf"]
    with open_hub(nord.hub):
        invoice = Invoice.objects.get()
    assert "remise à la plateforme" in said(browser.get(page_of(invoice)))
    stopped = browser.post(SETTINGS, {"sends_from": ""}, follow=True)
    assert "plus rien ne part par la plateforme" in said(stopped)


@pytest.mark.feature("BI13")
def test_what_became_of_an_invoice_is_read_on_its_page_and_a_refusal_is_recalled(nord, server, sent, sign_in, work):
    browser = sign_in(nord, "accountant")
    assert "La plateforme n’en a encore rien dit." in said(browser.get(page_of(sent)))
    server.tell(life_cycle(sent.number, "200", at="20261102090000"))
    server.tell(
        life_cycle(sent.number, "210", at="20261102093000", reason="MONTANTTOTAL_ERR", note="Le devis disait 80 €")
    )

    run = browser.post(f"{SETTINGS}releve/", follow=True)
    assert "Relève de la plateforme" in said(run)
    work(nord.hub)

    page = said(browser.get(page_of(sent)))
    for words in (
        "2 novembre 2026 à 9 h Déposée",
        "le montant total est faux ; Le devis disait 80 €",
        "Refusée par le client",
    ):
        assert words in page, words
    assert "Envoyer de nouveau" not in page
    assert "FA-2026-00001 est refusée par le client" in said(browser.get("/gestion/"))
    assert "Elles attendent votre réponse" in said(browser.get(SETTINGS))
    browser.post(f"{page_of(sent)}plateforme/traitee/")
    assert "refusée par le client" not in said(browser.get("/gestion/"))
    again = browser.post(f"{page_of(sent)}plateforme/traitee/", follow=True)
    assert "Il n’y a rien à traiter ici" in said(again)


@pytest.mark.feature("BI13")
def test_what_the_platform_rejected_is_sent_again(nord, server, sent, sign_in, work):
    server.refuse(server.sent[0], "InvalidSchema", "Fichier illisible chez nous")
    browser = sign_in(nord, "coordinator")
    browser.post(f"{SETTINGS}releve/")
    work(nord.hub)
    page = said(browser.get(page_of(sent)))
    assert ("Irrecevable" in page, "Elle n’est arrivée à personne." in page) == (True, True)

    told = browser.post(f"{page_of(sent)}plateforme/", follow=True)
    assert "FA-2026-00001 repart à la plateforme." in said(told)
    assert "Elle attend d’être remise" in said(told)
    work(nord.hub)

    assert len(server.sent) == 2
    assert "Elle n’est arrivée à personne." not in said(browser.get(page_of(sent)))
    refused = browser.post(f"{page_of(sent)}plateforme/", follow=True)
    assert "n’est pas de celles que la plateforme a rejetées" in said(refused)


@pytest.mark.feature("BI13")
def test_suppliers_invoices_arrive_by_the_platform(nord, server, shop, sign_in, work):
    server.supply(cii(), name="facture.xml")
    server.supply(b"%PDF-1.4 une image", name="image.pdf")
    browser = sign_in(nord, "accountant")
    browser.post(f"{SETTINGS}releve/")
    work(nord.hub)

    listed = browser.get(SUPPLIERS)
    for words in ("F2026-118", "Arrivées par la plateforme, et illisibles", "image.pdf"):
        assert words in said(listed), words
    with open_hub(nord.hub):
        assert SupplierInvoice.objects.count() == 1
        wrong = PlatformArrival.objects.exclude(fault="").get()
    file = f"/gestion/facturation/arrivees/{wrong.pk}/"
    assert browser.get(file).content == b"%PDF-1.4 une image"
    assert "Demander au fournisseur un fichier qui se lit" in said(browser.get("/gestion/"))
    browser.post(f"{file}traitee/")
    assert "illisibles" not in said(browser.get(SUPPLIERS))


@pytest.mark.feature("BI13")
def test_the_directory_is_asked_for_us_and_for_a_structure(nord, server, shop, sign_in):
    server.directory = [
        {"siren": BUYER, "addressingIdentifier": BUYER, "directoryLineStatus": "Enabled"},
        {"siren": BUYER, "addressingIdentifier": f"{BUYER}_ACHATS", "directoryLineStatus": "Upcoming"},
    ]
    browser = sign_in(nord, "accountant")
    buyer = f"/gestion/facturation/comptes/{shop.pk}/facturation/"
    assert "Chercher son SIREN dans l’annuaire" in said(browser.get(buyer))

    found = said(browser.post(f"{buyer}annuaire/", follow=True))
    nothing = said(browser.post(f"{SETTINGS}annuaire/", follow=True))
    server.wrong["/search"] = (429, b"")
    away = said(browser.post(f"{SETTINGS}annuaire/", follow=True))

    assert f"L’annuaire connaît le SIREN {BUYER} : {BUYER}, {BUYER}_ACHATS (pas encore ouverte)." in found
    assert "L’annuaire ne connaît pas le SIREN 900274184" in nothing
    assert "La plateforme ne répond pas." in away


@pytest.mark.feature("BI13")
def test_without_a_platform_nothing_is_called_and_the_page_says_what_to_do(nord, shop, settings, sign_in):
    settings.EINVOICE_ACCOUNTS = {}
    browser = sign_in(nord, "accountant")

    page = said(browser.get(SETTINGS))

    for words in ("aucune, tout se remet à la main", "Ouvrez un compte chez une plateforme agréée"):
        assert words in page, words
    assert "Envoyer les factures" not in page
    told = browser.post(f"{SETTINGS}releve/", follow=True)
    assert "Aucune plateforme n’est reliée à ce portail" in said(told)
    wrong = browser.post(SETTINGS, {"sends_from": "2027-09-01"})
    assert (wrong.status_code, "Aucune plateforme n’est reliée" in said(wrong)) == (422, True)


def test_nothing_is_called_by_looking(nord, server, sent, sign_in):
    browser = sign_in(nord, "accountant")
    server.asked.clear()

    for url in (SETTINGS, SUPPLIERS, page_of(sent), "/gestion/"):
        browser.get(url)

    assert server.asked == []


@pytest.mark.parametrize("rows", [1, 3])
def test_the_settings_cost_the_same_for_one_trouble_and_for_three(nord, server, shop, sign_in, work, rows):
    with open_hub(nord.hub):
        PlatformLink.objects.create(sends_from=dt.date(2026, 10, 1))
        invoices = [issued(shop) for _each in range(rows)]
    work(nord.hub)
    for each in invoices:
        server.tell(life_cycle(each.number, "210", reason="DEST_ERR"))
    browser = sign_in(nord, "accountant")
    browser.post(f"{SETTINGS}releve/")
    work(nord.hub)
    assert "refusée par le client" in said(browser.get("/gestion/"))
    browser.get(SETTINGS)

    with CaptureQueriesContext(connection) as captured:
        browser.get(SETTINGS)

    with open_hub(nord.hub):
        assert TransmissionStatus.objects.count() == rows
    assert len(captured) == 18


@pytest.mark.parametrize("who", ["adviser", "receptionist", "elected", "observer", "administrator"])
def test_the_others_do_nothing_of_it(nord, server, sent, sign_in, who):
    browser = sign_in(nord, who)

    for url in (
        SETTINGS, f"{SETTINGS}releve/", f"{SETTINGS}annuaire/", f"{page_of(sent)}plateforme/",
        f"{page_of(sent)}plateforme/traitee/", "/gestion/facturation/arrivees/1/traitee/",
    ):  # fmt: skip
        assert browser.post(url).status_code == 403, url


def test_another_hub_has_none_of_it(nord, sud, server, sent, sign_in, work):
    server.supply(b"%PDF-1.4 une image", name="image.pdf")
    sign_in(nord, "accountant").post(f"{SETTINGS}releve/")
    work(nord.hub)
    with open_hub(nord.hub):
        arrival = PlatformArrival.objects.get()
    browser = sign_in(sud, "accountant")
    file = f"/gestion/facturation/arrivees/{arrival.pk}/"

    assert browser.get(file).status_code == 404
    for url in (f"{page_of(sent)}plateforme/", f"{page_of(sent)}plateforme/traitee/", f"{file}traitee/"):
        assert browser.post(url).status_code == 404, url
