"""The pages, driven as their users drive them."""

import csv
import datetime as dt
import io
import re
from decimal import Decimal

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from billing.models import Account, Charge, Invoice, Issuer, Payment
from documents.storage import read
from hubs.models import Mail, RunItem
from hubs.scope import open_hub
from parties.enums import LinkRole
from parties.models import Organisation
from tests.billing.factories import (
    AccountFactory,
    ChargeFactory,
    IssuerFactory,
    PaymentFactory,
    VatRuleFactory,
    issued,
    issued_for,
)
from tests.parties.factories import LinkFactory, OrganisationFactory

OCTOBER = "/gestion/facturation/mois/2026-10/"


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
        return AccountFactory(organisation=nord.organisation)


def said(response) -> str:
    """The text of a page, tags and typographic spaces made plain."""
    text = re.sub(r"<[^>]+>", " ", response.content.decode())
    return " ".join(text.replace("\u00a0", " ").replace("\u202f", " ").split())


def rows_of(response) -> list[list[str]]:
    return list(csv.reader(io.StringIO(response.content.decode("utf-8-sig")), delimiter=";"))


# --- The month -----------------------------------------------------------------------------------


@pytest.mark.feature("BI3")
def test_the_accountant_closes_a_month_in_three_steps(nord, shop, sign_in, work):
    with open_hub(nord.hub):
        ChargeFactory(account=shop, quantity=Decimal(3), unit_price_excl=Decimal("10.03"))
        ChargeFactory(account__organisation__name="Sans adresse", account__organisation__address="",
                      account__organisation__postcode="", account__organisation__town="")  # fmt: skip
    browser = sign_in(nord, "accountant")

    assert "Clore octobre 2026" in said(browser.get("/gestion/facturation/"))
    first = said(browser.get(OCTOBER))
    assert "Sans adresse : l’adresse de la structure manque" in first
    assert "1 facture à préparer, 36,11 € TTC." in first

    preview = browser.post(OCTOBER, follow=True)
    assert "1 facture, 36,11 € TTC. Rien n’est encore émis." in said(preview)
    for words in ("Compagnie nord", "mardi 6 octobre, 9 h à 12 h", "3 heure × 10,03 €", "30,09 € + 6,02 € = 36,11 €"):
        assert words in said(preview), words
    with open_hub(nord.hub):
        drafts = list(Invoice.objects.values())
    browser.post(OCTOBER)
    with open_hub(nord.hub):
        assert list(Invoice.objects.values()) == drafts
        assert drafts[0]["number"] is None

    seen = re.search(r'name="vu" value="(\w+)"', preview.content.decode()).group(1)
    last = browser.get(f"{OCTOBER}emission/", {"vu": seen})
    assert "1 facture de 36,11 € TTC sera émise, datée du 2 novembre 2026." in said(last)
    assert "ne se modifie plus" in said(last)
    result = browser.post(f"{OCTOBER}emission/", {"seen": seen}, follow=True)
    assert result.redirect_chain == [(f"{OCTOBER}resultat/", 302)]
    assert "numéro à venir" in said(result)
    assert 'hx-trigger="every 2s"' in result.content.decode()

    work(nord.hub)
    after = browser.get(f"{OCTOBER}resultat/")
    assert "Tout est émis." in said(after)
    assert "FA-2026-00001" in said(after)
    assert "every 2s" not in after.content.decode()
    # Opened again, the month shows its result.
    assert browser.get(OCTOBER).headers["Location"] == f"{OCTOBER}resultat/"


@pytest.mark.feature("BI4")
def test_the_number_comes_with_the_issue_and_the_month_can_be_sent_to_the_accountant(nord, shop, sign_in, work):
    with open_hub(nord.hub):
        ChargeFactory(account=shop)
        ChargeFactory(account__organisation__name="=HYPERLINK(1)")
    browser = sign_in(nord, "coordinator")
    browser.post(OCTOBER)
    with open_hub(nord.hub):
        draft = Invoice.objects.first()
    assert "Projet de facture" in said(browser.get(reverse("billing:invoice", args=[draft.pk])))
    assert browser.get(reverse("billing:invoice_pdf", args=[draft.pk])).status_code == 404

    browser.post(f"{OCTOBER}emission/")
    work(nord.hub)

    rows = rows_of(browser.get(f"{OCTOBER}resultat.csv"))
    assert [(row[0], row[1], row[3], row[-1]) for row in rows] == [
        ("Numéro", "Date", "Structure", "TTC"),
        ("FA-2026-00001", "02/11/2026", "'=HYPERLINK(1)", "12"),
        ("FA-2026-00002", "02/11/2026", "Compagnie nord", "12"),
    ]
    pdf = browser.get(reverse("billing:invoice_pdf", args=[draft.pk]))
    assert pdf.content.startswith(b"%PDF")
    assert re.match(r'attachment; filename="FA-2026-0000[12]\.pdf"', pdf.headers["Content-Disposition"])


def test_the_result_is_asked_again_as_a_partial(nord, shop, sign_in):
    with open_hub(nord.hub):
        ChargeFactory(account=shop)
    browser = sign_in(nord, "accountant")
    browser.post(f"{OCTOBER}emission/")

    partial = browser.get(f"{OCTOBER}resultat/", headers={"HX-Request": "true"}).content.decode()

    assert partial.strip().startswith('<div id="emission"')
    assert "<html" not in partial
    assert "0 sur 2" in partial


def test_a_month_that_changed_since_the_preview_is_not_issued(nord, shop, sign_in):
    with open_hub(nord.hub):
        ChargeFactory(account=shop)
    browser = sign_in(nord, "accountant")
    preview = browser.post(OCTOBER, follow=True)
    seen = re.search(r'name="vu" value="(\w+)"', preview.content.decode()).group(1)
    with open_hub(nord.hub):
        ChargeFactory(account=shop)

    response = browser.post(f"{OCTOBER}emission/", {"seen": seen})

    assert (response.status_code, "Des sommes ont changé depuis votre aperçu" in said(response)) == (422, True)
    with open_hub(nord.hub):
        assert Invoice.objects.issued().count() == 0


def test_the_second_to_issue_a_month_is_told_and_sees_its_result(nord, shop, sign_in):
    with open_hub(nord.hub):
        ChargeFactory(account=shop)
    sign_in(nord, "coordinator").post(f"{OCTOBER}emission/")

    response = sign_in(nord, "accountant").post(f"{OCTOBER}emission/", follow=True)

    assert "Ce mois est déjà émis." in said(response)
    with open_hub(nord.hub):
        assert RunItem.objects.count() == 1


def test_what_failed_is_started_again_by_one_click(nord, shop, sign_in, work):
    with open_hub(nord.hub):
        ChargeFactory(account=shop)
    browser = sign_in(nord, "accountant")
    browser.post(f"{OCTOBER}emission/")
    with open_hub(nord.hub):
        RunItem.objects.update(state="failed", error="disque plein")

    assert "1 élément n’a pas abouti" in said(browser.get(f"{OCTOBER}resultat/"))
    assert "1 élément est relancé." in said(browser.post(f"{OCTOBER}reprise/", follow=True))
    work(nord.hub)
    assert "Tout est émis." in said(browser.get(f"{OCTOBER}resultat/"))


def test_a_hub_with_no_issuer_says_why_nothing_leaves_and_what_to_fill_in(nord, shop, sign_in):
    with open_hub(nord.hub):
        ChargeFactory(account=shop)
        Issuer.objects.update(ends_on=dt.date(2020, 2, 1))
    browser = sign_in(nord, "accountant")

    assert "Aucun organisme n’émet de factures pour le pôle" in said(browser.get(OCTOBER))
    assert "Ce pôle n’émet pas encore de factures" in said(browser.get("/gestion/reglages/emetteur/"))
    typed = {
        "legal_name": "Le Pôle", "legal_form": "Association loi 1901", "siren": "900 274 184", "address": "1 rue Haute",
        "postcode": "21000", "town": "Dijon", "iban": "FR76 3000 6000 0112 3456 7890 180", "payment_days": "30",
        "vat_regime": "normal",
        "starts_on": "2026-01-01",
    }  # fmt: skip
    wrong = browser.post("/gestion/reglages/emetteur/", typed)
    assert (wrong.status_code, "Cet IBAN ne tombe pas juste" in said(wrong)) == (422, True)
    assert "FR76 3000 6000 0112 3456 7890 180" in wrong.content.decode()

    typed["iban"] = "FR76 3000 6000 0112 3456 7890 189"
    assert browser.post("/gestion/reglages/emetteur/", typed).status_code == 302
    assert "1 facture à préparer" in said(browser.get(OCTOBER))


# --- Invoices ------------------------------------------------------------------------------------


@pytest.mark.feature("BI5")
def test_an_issued_invoice_offers_a_credit_note_and_no_edit(nord, shop, sign_in, work):
    with open_hub(nord.hub):
        invoice = issued(shop)
    browser = sign_in(nord, "accountant")
    page = browser.get(reverse("billing:invoice", args=[invoice.pk]))
    assert "Établir un avoir…" in said(page)
    url = reverse("billing:credit", args=[invoice.pk])
    assert "Facture FA-2026-00001 : 120,00 € TTC, dont 120,00 € restent à créditer." in said(browser.get(url))
    assert browser.post(url, {"reason": ""}).status_code == 422

    after = browser.post(url, {"what": "rest", "reason": "Salle fermée ce jour-là"}, follow=True)
    work(nord.hub)

    assert "Avoir AV-2026-00001" in said(after)
    assert "Salle fermée ce jour-là" in said(after)
    page = said(browser.get(reverse("billing:invoice", args=[invoice.pk])))
    assert "Annulée par AV-2026-00001" in page
    assert "Établir un avoir…" not in page
    again = browser.post(url, {"what": "rest", "reason": "encore"})
    assert (again.status_code, "Il ne reste rien à créditer sur cette facture." in said(again)) == (422, True)


@pytest.mark.feature("BI5")
def test_a_part_of_an_invoice_is_credited_and_counted_before_the_click(nord, shop, sign_in, work):
    with open_hub(nord.hub):
        invoice = issued_for([ChargeFactory(account=shop, quantity=Decimal(3)), ChargeFactory(account=shop)])
        hours, one = invoice.lines.order_by("position")
    browser = sign_in(nord, "accountant")
    url = reverse("billing:credit", args=[invoice.pk])
    form = {"what": "part", "reason": "Une heure de trop", f"quantity_{hours.pk}": "1", f"amount_{one.pk}": "2,50"}

    counted = browser.post(url, form | {"preview": "1"})
    wrong = browser.post(url, form | {f"quantity_{hours.pk}": "4"})
    both = browser.post(url, form | {f"amount_{hours.pk}": "1"})

    assert counted.status_code == 200
    for words in ("Total HT 12,50 €", "TVA 20 % sur 12,50 € 2,50 €", "Total TTC 15,00 €", "Restera à créditer 33,00 €"):
        assert words in said(counted), words
    assert (wrong.status_code, "Il reste 30,00 € HT à créditer sur « Salle de réunion »." in said(wrong)) == (422, True)
    assert "Une heure de trop" in wrong.content.decode()
    assert "la quantité ou le montant, pas les deux" in said(both)
    with open_hub(nord.hub):
        assert Invoice.objects.count() == 1

    browser.post(url, form)
    work(nord.hub)
    page = said(browser.get(reverse("billing:invoice", args=[invoice.pk])))
    for words in ("Réduite par AV-2026-00001", "Reste à payer 33,00 €", "Établir un avoir…"):
        assert words in page, words
    with open_hub(nord.hub):
        assert "AV-2026-00001 de 15,00\u00a0€ TTC, à déduire de la facture FA-2026-00001" in Mail.objects.last().text
    member = sign_in(nord, "employee")
    assert "33,00 € à régler" in said(member.get("/mon-espace/compte/"))
    assert "Déjà crédité 15,00 €" in said(member.get(reverse("billing:my_invoice", args=[invoice.pk])))
    listed = said(browser.get("/gestion/facturation/", {"state": "unpaid"}))
    assert ("33,00 €" in listed, "annulée par un avoir" in listed) == (True, False)


def test_a_payment_is_noted_on_the_page_of_the_invoice(nord, shop, sign_in):
    with open_hub(nord.hub):
        invoice = issued(shop)
    browser = sign_in(nord, "accountant")
    url = reverse("billing:invoice", args=[invoice.pk])
    form = {
        "received_on": "2026-11-02", "amount": "50,00", "method": "cheque", "reference": "n° 123",
        "token": "6a1bb8b0-0000-4000-8000-000000000001",
    }  # fmt: skip

    wrong = browser.post(url, form | {"received_on": "2026-11-03"})
    assert (wrong.status_code, "Ce jour n’est pas encore passé." in said(wrong)) == (422, True)
    assert "n° 123" in wrong.content.decode()
    after = browser.post(url, form, follow=True)
    browser.post(url, form)

    assert "50,00 € reçus le 2 novembre : c’est noté." in said(after)
    assert "Reste à payer 70,00 €" in said(browser.get(url))
    with open_hub(nord.hub):
        payment = Payment.objects.get()
    cancel = reverse("billing:cancel_payment", args=[payment.pk])
    browser.post(cancel, {"reason": "chèque perdu"})
    assert "Reste à payer 120,00 €" in said(browser.get(url))


def test_the_list_filters_and_leaves_as_csv_and_xlsx(nord, shop, sign_in):
    with open_hub(nord.hub):
        paid = issued(AccountFactory(organisation__name="Élan"), on=dt.date(2026, 8, 6))
        PaymentFactory(account=paid.account, amount=Decimal("1.00"))
        issued(AccountFactory(organisation__name="=1+1"), on=dt.date(2026, 9, 6))
        issued(shop)
    browser = sign_in(nord, "accountant")

    def numbers(**filters: str) -> list[str]:
        response = browser.get("/gestion/facturation/", filters | {"export": "csv"})
        return [row[0] for row in rows_of(response)[1:]]

    assert numbers() == ["FA-2026-00003", "FA-2026-00002", "FA-2026-00001"]
    assert numbers(who="elan") == ["FA-2026-00001"]
    assert numbers(month="2026-10") == ["FA-2026-00003"]
    assert numbers(state="late") == ["FA-2026-00002", "FA-2026-00001"]
    assert numbers(state="paid") == []
    sheet = load_workbook(io.BytesIO(browser.get("/gestion/facturation/", {"export": "xlsx"}).content)).active
    assert [(row[0].value, row[2].value, row[2].data_type, row[7].value) for row in sheet.iter_rows(min_row=2)] == [
        ("FA-2026-00003", "Compagnie nord", "s", 120),
        ("FA-2026-00002", "'=1+1", "s", 120),
        ("FA-2026-00001", "Élan", "s", 120),
    ]
    assert "en retard 120,00 €" in said(browser.get("/gestion/facturation/", {"month": "2026-09"}))
    page = said(browser.get("/gestion/facturation/", {"who": "élan"}))
    assert ("FA-2026-00001" in page, "FA-2026-00002" in page) == (True, False)


@pytest.mark.parametrize(("url", "queries"), [("/gestion/facturation/", 15), ("/gestion/facturation/comptes/", 11)])
@pytest.mark.parametrize("rows", [1, 3])
def test_a_list_costs_the_same_for_one_row_and_for_three(nord, sign_in, url, queries, rows):
    with open_hub(nord.hub):
        IssuerFactory()
        for _ in range(rows):
            issued(AccountFactory())
    browser = sign_in(nord, "accountant")

    with CaptureQueriesContext(connection) as captured:
        page = browser.get(url)

    assert page.content.count(b"<tr>") == rows + 1
    assert len(captured) == queries


def test_the_accounts_say_who_owes(nord, shop, sign_in):
    with open_hub(nord.hub):
        issued(shop)
        PaymentFactory(account=AccountFactory(organisation__name="En avance"))
        AccountFactory(organisation__name="À jour")
    browser = sign_in(nord, "accountant")

    page = said(browser.get("/gestion/facturation/comptes/"))
    assert "Compagnie nord doit 120,00 € À jour à jour En avance en avance de 50,00 €" in page
    assert rows_of(browser.get("/gestion/facturation/comptes/", {"export": "csv", "state": "owes"}))[1:] == [
        ["Compagnie nord", "120"]
    ]
    assert "120,00 € à régler" in said(browser.get(reverse("billing:account", args=[shop.pk])))


# --- Who may -------------------------------------------------------------------------------------


def staff_urls(account: Account, invoice: Invoice, payment: Payment) -> list[str]:
    return [
        "/gestion/facturation/",
        "/gestion/reglages/emetteur/",
        "/gestion/facturation/comptes/",
        "/gestion/facturation/comptes/ouvrir/",
        OCTOBER,
        f"{OCTOBER}apercu/",
        f"{OCTOBER}emission/",
        f"{OCTOBER}resultat/",
        f"{OCTOBER}resultat.csv",
        reverse("billing:account", args=[account.pk]),
        reverse("billing:invoice", args=[invoice.pk]),
        reverse("billing:credit", args=[invoice.pk]),
        reverse("billing:cancel_payment", args=[payment.pk]),
    ]


@pytest.fixture
def staff_pages(nord, shop):
    with open_hub(nord.hub):
        return staff_urls(shop, issued(shop), PaymentFactory(account=shop))


@pytest.mark.parametrize("who", ["coordinator", "accountant"])
def test_those_who_keep_the_accounts_open_every_page(nord, staff_pages, sign_in, who):
    browser = sign_in(nord, who)

    assert {url: browser.get(url, follow=True).status_code for url in staff_pages} == dict.fromkeys(staff_pages, 200)


@pytest.mark.parametrize("who", ["adviser", "receptionist", "elected", "observer", "administrator", "stranger"])
def test_the_others_open_none(nord, staff_pages, sign_in, who):
    browser = sign_in(nord, who)

    assert {url: browser.get(url).status_code for url in staff_pages} == dict.fromkeys(staff_pages, 403)


def test_another_hubs_ids_do_not_exist(nord, sud, shop, sign_in):
    with open_hub(nord.hub):
        invoice, payment = issued(shop), PaymentFactory(account=shop)
    browser = sign_in(sud, "accountant")
    urls = [*staff_urls(shop, invoice, payment)[-4:], reverse("billing:invoice_pdf", args=[invoice.pk])]

    assert {url: browser.get(url).status_code for url in urls} == dict.fromkeys(urls, 404)


def test_nobody_reads_an_account_without_signing_in(nord, shop, sign_in):
    response = sign_in(nord).get("/mon-espace/compte/")

    assert (response.status_code, "/compte/connexion/" in response.headers["Location"]) == (302, True)


# --- Mon espace ----------------------------------------------------------------------------------


@pytest.mark.feature("BI19")
def test_a_member_reads_one_account_for_all_that_the_hub_sells(nord, shop, sign_in, work):
    with open_hub(nord.hub):
        invoice = issued(shop)
        PaymentFactory(account=shop, amount=Decimal("20.00"), received_on=dt.date(2026, 10, 20))
        ChargeFactory(account=shop, source="trainings.enrolment:3", description="Formation", on=dt.date(2026, 11, 1))
        issued(AccountFactory(organisation__name="Une autre structure"), "999.00")
    work(nord.hub)
    browser = sign_in(nord, "employee")

    page = said(browser.get("/mon-espace/compte/"))

    for words in (
        "100,00 € à régler",
        "Facture FA-2026-00001 6 octobre 2026 120,00 € 120,00 €",
        "Paiement par virement 20 octobre 2026 20,00 € 100,00 €",
        "Salle de réunion mardi 6 octobre, 9 h à 12 h",
        "TVA 20 % sur 100,00 € 20,00 €",
        "Formation",
        "Total à venir, TTC 12,00 €",
    ):
        assert words in page, words
    assert "999" not in page
    pdf = browser.get(reverse("billing:my_invoice_pdf", args=[invoice.pk]))
    with open_hub(nord.hub):
        assert pdf.content == read(Mail.objects.order_by("pk").first().attachments[0]["key"])
    assert "Pourquoi ce montant" in said(browser.get(reverse("billing:my_invoice", args=[invoice.pk])))


def test_a_member_of_another_structure_finds_nothing(nord, shop, sign_in):
    with open_hub(nord.hub):
        invoice = issued(AccountFactory())
        other = invoice.account.organisation
        draft = Invoice.objects.create(
            account=shop, issuer=invoice.issuer, period=invoice.period, total_excl=0, total_vat=0, total_incl=0
        )
    browser = sign_in(nord, "administrator")
    urls = [
        reverse("billing:my_invoice", args=[invoice.pk]),
        reverse("billing:my_invoice_pdf", args=[invoice.pk]),
        reverse("billing:structure_account", args=[other.public_id]),
        # Of one's own structure, but not issued.
        reverse("billing:my_invoice", args=[draft.pk]),
    ]

    assert [browser.get(url).status_code for url in urls] == [404, 404, 404, 404]


def test_who_acts_for_several_structures_chooses(nord, shop, sign_in):
    with open_hub(nord.hub):
        second = OrganisationFactory(name="Zutique")
        LinkFactory(person=nord.employee, organisation=second, role=LinkRole.ADMINISTRATOR)
        issued(shop)
    browser = sign_in(nord, "employee")

    page = said(browser.get("/mon-espace/compte/"))

    assert "Compagnie nord 120,00 € à régler Zutique à jour" in page
    assert "Rien sur ce compte" in said(browser.get(reverse("billing:structure_account", args=[second.public_id])))
    own = browser.get(reverse("billing:structure_account", args=[nord.organisation.public_id]))
    assert "120,00 € à régler" in said(own)


def test_a_person_reads_their_own_account_with_tax(nord, shop, sign_in):
    with open_hub(nord.hub):
        ChargeFactory(account=AccountFactory(organisation=None, person=nord.stranger))
    browser = sign_in(nord, "stranger")

    page = said(browser.get("/mon-espace/compte/"))

    assert "Salle de réunion mardi 6 octobre, 9 h à 12 h 12,00 €" in page
    assert "10,00 €" not in page
    assert browser.get("/mon-espace/compte/moi/").status_code == 200
    assert sign_in(nord, "employee").get("/mon-espace/compte/moi/").status_code == 404


# --- What billing adds to the shared pages ----------------------------------------------------------


def test_a_fare_reminds_of_the_month_and_of_mails_that_did_not_leave(nord, shop, sign_in, work):
    with open_hub(nord.hub):
        issued(shop, on=dt.date(2026, 9, 6))
    work(nord.hub)
    with open_hub(nord.hub):
        Mail.objects.update(state="failed", failure="refused")
        ChargeFactory(account=shop)
    accountant = sign_in(nord, "accountant")

    page = said(accountant.get("/gestion/"))
    assert "Clore octobre 2026" in page
    assert "Facture FA-2026-00001 – Association du pôle Pour " in page
    assert "l’adresse est refusée par le serveur de la personne." in page
    assert "Clore octobre 2026" not in said(sign_in(nord, "receptionist").get("/gestion/"))

    accountant.post(f"{OCTOBER}emission/")
    assert "Clore octobre 2026" not in said(accountant.get("/gestion/"))


def test_mon_espace_has_the_account_in_one_line(nord, shop, sign_in):
    with open_hub(nord.hub):
        issued(shop)

    assert "Compagnie nord 120,00 € à régler" in said(sign_in(nord, "employee").get("/mon-espace/"))


def test_a_module_that_is_off_has_no_page(nord, shop, sign_in):
    nord.hub.modules = ["members"]
    nord.hub.save()

    assert sign_in(nord, "accountant").get("/gestion/facturation/").status_code == 404
    assert sign_in(nord, "employee").get("/mon-espace/compte/").status_code == 404


def test_nothing_is_written_by_looking(nord, staff_pages, sign_in):
    browser = sign_in(nord, "accountant")
    with open_hub(nord.hub):
        ChargeFactory()

    def state() -> tuple:
        with open_hub(nord.hub):
            return (
                Invoice.objects.count(),
                Charge.objects.count(),
                RunItem.objects.count(),
                Organisation.objects.count(),
            )

    before = state()
    for url in staff_pages:
        browser.get(url)
        browser.head(url)

    assert state() == before
