"""The pages of the books, driven as their users drive them."""

import csv
import datetime as dt
import hashlib
import io
import zipfile
from decimal import Decimal

import pytest
import time_machine
from django.db import connection

from billing import actions
from billing.actions.ledger import furnish_books
from billing.models import BooksArchive, BooksYear, JournalEntry, JournalLine, LedgerRule, Payment
from documents.storage import private_storage
from hubs.actors import system
from hubs.scope import open_hub
from tests.billing.factories import AccountFactory, IssuerFactory, VatRuleFactory, issued
from tests.billing.test_views import rows_of, said

BOOKS = "/gestion/comptabilite/"
PAGES = ("", "balance/", "tva/", "recettes/", "exercices/", "exercices/ouvrir/", "exercices/arret/", "integrite/")
TODAY = dt.date(2026, 11, 20)


@pytest.fixture(autouse=True)
def twentieth_of_november():
    with time_machine.travel(dt.datetime(2026, 11, 20, 9, tzinfo=dt.UTC), tick=True):
        yield


@pytest.fixture
def shop(nord):
    """« nord » keeps its books, and the account of its member structure has one invoice of 120 €."""
    with open_hub(nord.hub):
        IssuerFactory()
        VatRuleFactory()
        furnish_books(starts_on=dt.date(2020, 1, 1), today=TODAY)
        account = AccountFactory(organisation=nord.organisation)
        issued(account, "100.00")
        return account


def pay(nord, account, amount) -> None:
    with open_hub(nord.hub):
        actions.record_payment(
            account=account, received_on=TODAY, amount=Decimal(amount), method="transfer",
            by=system(nord.hub.pk), today=TODAY,
        )  # fmt: skip


def year_of(nord) -> str:
    with open_hub(nord.hub):
        return f"{BOOKS}exercices/{BooksYear.objects.get().pk}/"


@pytest.mark.feature("BI12")
def test_the_accountant_takes_the_file_of_eighteen_columns(nord, shop, sign_in):
    browser = sign_in(nord, "accountant")
    page = said(browser.get(year_of(nord)))
    assert "Écritures au format des 18 colonnes" in page
    assert "Sans écriture : 1, factures et avoirs." in page

    answer = browser.post(f"{year_of(nord)}ecritures/18-colonnes/")

    assert 'filename="900274184FEC20261231.txt"' in answer.headers["Content-Disposition"]
    rows = [row.split("\t") for row in answer.content.decode().split("\r\n")]
    assert [(row[0], row[2], row[4], row[11], row[12]) for row in rows[1:-1]] == [
        ("VE", "1", "411000", "120,00", "0,00"), ("VE", "1", "706100", "0,00", "100,00"),
        ("VE", "1", "445711", "0,00", "20,00"),
    ]  # fmt: skip
    sage = rows_of(browser.post(f"{year_of(nord)}ecritures/montant-sens/"))
    assert [row[5:7] for row in sage[1:]] == [["120", "D"], ["100", "C"], ["20", "C"]]
    assert browser.post(f"{year_of(nord)}ecritures/autre/").status_code == 404


def test_a_file_that_would_be_refused_is_not_offered(nord, shop, sign_in):
    with open_hub(nord.hub):
        issuer = BooksYear.objects.get().issuer
        issuer.siren = issuer.siret = ""
        issuer.save()

    answer = sign_in(nord, "accountant").post(f"{year_of(nord)}ecritures/18-colonnes/")

    assert answer.status_code == 422
    assert "Le nom du fichier n’est pas le SIREN" in said(answer)


@pytest.mark.feature("BI6")
def test_nothing_is_dated_before_the_day_at_which_the_books_were_stopped(nord, shop, sign_in):
    browser = sign_in(nord, "accountant")
    assert "Arrêter les comptes…" in said(browser.get(f"{BOOKS}exercices/"))
    assert browser.get(f"{BOOKS}exercices/arret/").context["form"]["until"].value() == dt.date(2026, 10, 31)

    stopped = browser.post(f"{BOOKS}exercices/arret/", {"until": "2026-10-31", "reason": ""}, follow=True)
    assert "Les comptes sont arrêtés au 31 octobre 2026" in said(stopped)

    form = {"received_on": "2026-10-31", "amount": "12,00", "method": "cash", "reference": "reçu 4", "note": ""}
    page = browser.get(f"/gestion/facturation/comptes/{shop.pk}/")
    form["token"] = str(page.context["form"]["token"].value())
    refused = browser.post(f"/gestion/facturation/comptes/{shop.pk}/", form)
    assert refused.status_code == 422
    assert refused.context["form"].errors["received_on"] == [
        "Les comptes sont arrêtés au 31\u00a0octobre 2026\u00a0: datez ce paiement du 1er\u00a0novembre ou après."
    ]
    assert 'value="reçu 4"' in refused.text
    with open_hub(nord.hub):
        assert Payment.objects.count() == 0

    browser.post(f"/gestion/facturation/comptes/{shop.pk}/", form | {"received_on": "2026-11-01"})
    with open_hub(nord.hub):
        assert Payment.objects.count() == 1


@pytest.mark.parametrize(
    ("form", "field"),
    [({"until": "2026-11-20"}, "until"), ({"until": ""}, "until"), ({"until": "2026-09-30", "reason": ""}, "reason")],
)
def test_a_wrong_lock_date_says_so_beside_its_field(nord, shop, sign_in, form, field):
    browser = sign_in(nord, "accountant")
    browser.post(f"{BOOKS}exercices/arret/", {"until": "2026-10-31"})

    answer = browser.post(f"{BOOKS}exercices/arret/", form)

    assert (answer.status_code, list(answer.context["form"].errors)) == (422, [field])


@pytest.mark.feature("BI6")
def test_a_year_closes_then_reopens_with_a_reason(nord, shop, sign_in):
    assert sign_in(nord, "accountant").post(f"{year_of(nord)}cloture/").status_code == 422

    with time_machine.travel(dt.datetime(2027, 1, 15, 9, tzinfo=dt.UTC), tick=True):
        browser = sign_in(nord, "accountant")
        assert "Les comptes seront arrêtés au 31 décembre 2026" in said(browser.get(f"{year_of(nord)}cloture/"))
        assert "L’exercice 2026 est clos." in said(browser.post(f"{year_of(nord)}cloture/", follow=True))
        assert browser.post(f"{year_of(nord)}reouverture/", {"reason": ""}).status_code == 422
        reopened = browser.post(f"{year_of(nord)}reouverture/", {"reason": "oubli"}, follow=True)
    assert "L’exercice 2026 est rouvert." in said(reopened)


def test_a_hub_without_a_chart_is_led_to_its_first_entries(nord, sign_in):
    with open_hub(nord.hub):
        VatRuleFactory()
        issued(AccountFactory())
    browser = sign_in(nord, "coordinator")
    assert "Aucun plan comptable" in said(browser.get(BOOKS))

    settings = browser.post(f"{BOOKS}plan/", follow=True)
    assert "706000 Prestations de services" in said(settings)
    assert "Encaissements chèque 511200" in said(settings)
    assert "TVA collectée 5,5 % 445713" in said(settings)
    done = browser.post(f"{BOOKS}ecrire/", follow=True)

    assert "1 écriture ajoutée aux journaux." in said(done)
    with open_hub(nord.hub):
        assert JournalEntry.objects.count() == 1
    opened = browser.post(
        f"{BOOKS}exercices/ouvrir/", {"starts_on": "2027-01-01", "last_day": "2027-12-31"}, follow=True
    )
    assert "L’exercice 2027 est ouvert." in said(opened)
    wrong = browser.post(f"{BOOKS}exercices/ouvrir/", {"starts_on": "2027-06-01", "last_day": "2028-05-31"})
    assert (wrong.status_code, list(wrong.context["form"].errors)) == (422, ["starts_on"])


def test_the_journals_are_filtered_and_leave_as_a_file(nord, shop, sign_in):
    pay(nord, shop, "120.00")
    browser = sign_in(nord, "accountant")
    browser.post(f"{BOOKS}ecrire/")

    assert "VE 1" in said(browser.get(BOOKS))
    bank = said(browser.get(BOOKS, {"journal": "BQ"}))
    assert ("BQ 1" in bank, "VE 1" in bank) == (True, False)
    rows = rows_of(browser.get(BOOKS, {"account": "706", "export": "csv"}))
    assert [row[:4] for row in rows[1:]] == [["VE", "1", "06/10/2026", "706100"]]
    assert len(rows_of(browser.get(BOOKS, {"account": "compagnie", "export": "csv"}))) == 3


@pytest.mark.parametrize("count", [1, 3])
def test_the_journals_ask_as_much_for_one_entry_as_for_three(nord, shop, sign_in, count, django_assert_num_queries):
    with open_hub(nord.hub):
        for _ in range(count - 1):
            issued(AccountFactory())
        actions.post_entries(by=system(nord.hub.pk))
    browser = sign_in(nord, "accountant")
    browser.get(BOOKS)

    with django_assert_num_queries(20):
        browser.get(BOOKS)


def test_the_balance_ties_with_the_accounts_to_the_cent(nord, shop, sign_in):
    browser = sign_in(nord, "accountant")
    before = said(browser.get(f"{BOOKS}balance/"))
    assert "Non : ces comptes diffèrent." in before
    assert "120,00 € dus, 0,00 € écrits" in before

    browser.post(f"{BOOKS}ecrire/")
    after = said(browser.get(f"{BOOKS}balance/"))
    assert "Oui, au centime près, compte par compte." in after
    assert "445711 TVA collectée à 20 % 0,00 € 20,00 € −20,00 €" in after
    rows = rows_of(browser.get(f"{BOOKS}balance/", {"year": year_of(nord).split("/")[-2], "export": "csv"}))
    assert [row[0] for row in rows[1:]] == ["411000", "445711", "706100", f"C{shop.pk:06d}"]


def test_the_tax_is_told_by_both_options(nord, shop, sign_in):
    pay(nord, shop, "60.00")
    browser = sign_in(nord, "accountant")

    october = browser.get(f"{BOOKS}tva/")
    november = browser.get(f"{BOOKS}tva/", {"first": "2026-11-01", "last": "2026-11-30"})

    assert "20 % 100,00 € 20,00 € 0,00 € 0,00 €" in said(october)
    assert "d’après les encaissements" in said(october)
    assert "20 % 0,00 € 0,00 € 50,00 € 10,00 €" in said(november)
    assert rows_of(browser.get(f"{BOOKS}tva/", {"first": "2026-11-01", "last": "2026-11-30", "export": "csv"}))[1] == [
        "20\u00a0%", "0", "0", "50", "10",
    ]  # fmt: skip
    assert browser.get(f"{BOOKS}tva/", {"first": "2026-11-30", "last": "2026-11-01"}).status_code == 422


def test_what_a_year_brought_is_drawn_by_month_and_told_by_source(nord, shop, sign_in):
    browser = sign_in(nord, "accountant")
    browser.post(f"{BOOKS}ecrire/")

    page = said(browser.get(f"{BOOKS}recettes/"))

    assert "706100 Mises à disposition d’espaces et de matériel ESPACES 100,00 €" in page
    assert "Aucune recette écrite ici" in said(browser.get(f"{BOOKS}recettes/", {"analytic": "FORMATION"}))


@pytest.mark.feature("BI12")
def test_the_year_leaves_as_one_archive_kept_thirty_days(nord, shop, sign_in, work):
    browser = sign_in(nord, "accountant")
    asked = browser.post(f"{year_of(nord)}archive/")
    with open_hub(nord.hub):
        archive = BooksArchive.objects.get()
    assert asked.headers["Location"].endswith(f"/{archive.run_id}/")
    assert browser.get(f"{BOOKS}archives/{archive.pk}/").status_code == 404

    work(nord.hub)

    page = browser.get(year_of(nord))
    assert f'href="{BOOKS}archives/{archive.pk}/"' in page.text
    file = zipfile.ZipFile(io.BytesIO(browser.get(f"{BOOKS}archives/{archive.pk}/").content))
    assert sorted(file.namelist()) == [
        "balance-auxiliaire.csv", "balance.csv", f"comptes/C{shop.pk:06d}.csv", "ecritures/900274184FEC20261231.txt",
        "ecritures/debit-credit.csv", "ecritures/montant-sens.csv", "empreintes-sha256.csv",
        "factures/FA-2026-00001.pdf", "sceaux.csv", "tva.csv",
    ]  # fmt: skip
    sums = list(csv.DictReader(io.StringIO(file.read("empreintes-sha256.csv").decode("utf-8-sig")), delimiter=";"))
    assert {row["fichier"]: row["sha256"] for row in sums} == {
        name: hashlib.sha256(file.read(name)).hexdigest() for name in file.namelist() if name != "empreintes-sha256.csv"
    }
    with open_hub(nord.hub):
        archive.refresh_from_db()
        key = archive.file.key
        month_later = dt.datetime(2026, 12, 21, tzinfo=dt.UTC)
        assert (actions.forget_archives(now=month_later - dt.timedelta(days=2)), private_storage().exists(key)) == (
            0,
            True,
        )
        assert actions.forget_archives(now=month_later) == 1
    assert browser.get(f"{BOOKS}archives/{archive.pk}/").status_code == 404


def test_the_chain_is_read_from_its_page_and_the_result_has_its_date(nord, shop, sign_in, work):
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    browser = sign_in(nord, "accountant")
    assert "Jamais vérifiée encore." in said(browser.get(f"{BOOKS}integrite/"))

    browser.post(f"{BOOKS}integrite/verifier/")
    work(nord.hub)

    assert "Le 20 novembre 2026 à 10 h, les sceaux ont été relus jusqu’au n° 1 : rien n’a changé." in said(
        browser.get(f"{BOOKS}integrite/")
    )


RULE = {"use": "sales", "key": "spaces.booking", "number": "706150", "label": "Salles", "analytic": "SALLES"}


def test_a_rule_changes_from_a_day_on_and_the_entries_written_stay(nord, shop, sign_in):
    browser = sign_in(nord, "accountant")
    with open_hub(nord.hub):
        known = LedgerRule.objects.get(use="sales", key="spaces")
    form = browser.get("/gestion/reglages/plan-comptable/noter/", {"rule": known.pk}).context["form"]
    assert (form["number"].value(), form["analytic"].value()) == ("706100", "ESPACES")
    browser.post(f"{BOOKS}ecrire/")

    done = browser.post("/gestion/reglages/plan-comptable/noter/", RULE | {"starts_on": "2026-10-10"}, follow=True)

    assert "706150 Salles" in said(done)
    with open_hub(nord.hub):
        issued(AccountFactory(), on=dt.date(2026, 10, 12))
        actions.post_entries(by=system(nord.hub.pk))
        sales = JournalLine.objects.filter(credit=100).order_by("pk")
        assert list(sales.values_list("ledger_account__number", "analytic")) == [
            ("706100", "ESPACES"), ("706150", "SALLES"),
        ]  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"number": "DIVERS"}, "number"),
        ({"label": ""}, "label"),
        ({"key": "spaces", "starts_on": "2020-01-01"}, "starts_on"),
    ],
)
def test_a_wrong_rule_keeps_what_was_typed(nord, shop, sign_in, changes, field):
    form = RULE | {"starts_on": "2026-10-10"} | changes

    answer = sign_in(nord, "accountant").post("/gestion/reglages/plan-comptable/noter/", form)

    assert (answer.status_code, list(answer.context["form"].errors)) == (422, [field])
    assert 'value="SALLES"' in answer.text


@pytest.mark.parametrize("name", ["adviser", "receptionist", "elected", "observer", "administrator", "guest"])
def test_the_books_are_for_those_who_keep_the_accounts(nord, shop, sign_in, name):
    browser = sign_in(nord, name)
    pages = [f"{BOOKS}{page}" for page in PAGES] + [year_of(nord), "/gestion/reglages/plan-comptable/"]

    assert {browser.get(page).status_code for page in pages} == {403}


def test_each_page_of_the_books_leads_to_the_others(nord, shop, sign_in):
    page = sign_in(nord, "coordinator").get(BOOKS).text

    for address in ("balance/", "tva/", "recettes/", "exercices/", "integrite/"):
        assert f'href="{BOOKS}{address}"' in page
