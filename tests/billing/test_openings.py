"""Starting mid-year: accounts kept elsewhere come in by files with other people's columns (HU12)."""

import datetime as dt
import io
import re
from decimal import Decimal

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import Workbook

from billing import actions, queries
from billing.models import Account, Deposit, Invoice, Issuer, Mandate, OpeningMapping, Payment
from hubs.models import AuditEntry, Run
from hubs.scope import open_hub
from parties.models import Organisation
from tests.billing.banks import ICS
from tests.billing.factories import (
    AccountFactory,
    ChargeFactory,
    IssuerFactory,
    MandateFactory,
    VatRuleFactory,
    issued,
)
from tests.billing.test_views import rows_of, said
from tests.parties.factories import OrganisationFactory, PersonFactory

START = "/gestion/reglages/reprise/"
DOLIBARR = (
    "Export Dolibarr du 28/02/2026;;;;;\n"
    "Réf. facture;Tiers;Date facturation;Date échéance;Total TTC;Montant réglé\n"
    "FA2512-0114;Compagnie nord;31/12/2025;30/01/2026;1 120,00 €;120,00\n"
    "FA2601-0003;Zéphyr;15/01/2026;14/02/2026;75,50;\n"
)


@pytest.fixture(autouse=True)
def second_of_march():
    with time_machine.travel(dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC), tick=True):
        yield


@pytest.fixture
def office(nord, sign_in):
    """The accountant of « nord », whose association invoices."""
    with open_hub(nord.hub):
        IssuerFactory()
        VatRuleFactory()
        OrganisationFactory(name="Zéphyr", email="zephyr@nord.example")
    return sign_in(nord, "accountant")


def drop(browser, kind: str, content: str | bytes, name: str = "reprise.csv"):
    """Drop a file; the page of its columns."""
    content = content.encode() if isinstance(content, str) else content
    return browser.post(f"{START}{kind}/", {"file": SimpleUploadedFile(name, content)}, follow=True)


def say(browser, page, **changes: str):
    """Say the columns as they are proposed, but for the changes; the dry run."""
    form = page.context["form"]
    given = {name: form.initial.get(name, field.initial) or "" for name, field in form.fields.items()}
    return browser.post(page.request["PATH_INFO"], given | changes, follow=True)


def dry_run(browser, kind: str, content: str | bytes, **changes: str):
    return say(browser, drop(browser, kind, content), **changes)


def confirm(browser, dry, **options: str):
    return browser.post(dry.request["PATH_INFO"], options, follow=True)


def fates(dry) -> list[tuple[int, str]]:
    return [(fate.line, str(fate.outcome)) for fate in dry.context["plan"].fates]


def problems(dry) -> list[tuple[str, str]]:
    return [problem for fate in dry.context["plan"].fates for problem in fate.problems]


def balance_of(cast, name: str) -> Decimal:
    with open_hub(cast.hub):
        return Account.objects.with_balance().get(organisation__name=name).balance


@pytest.mark.feature("HU12")
def test_open_invoices_come_in_from_a_file_of_another_tool(nord, office):
    assert "Factures à encaisser" in said(office.get(START))

    columns = drop(office, "invoices", DOLIBARR)
    assert "1 120,00 €" in said(columns)
    dry = say(office, columns, column_0="number", column_5="paid")
    assert fates(dry) == [(3, "new"), (4, "new")]
    assert "1 120,00 € du 31 décembre 2025, reste 1 000,00 €" in said(dry)
    assert "ne s’efface plus" in said(dry)
    with open_hub(nord.hub):
        assert Invoice.objects.count() == 0
    done = confirm(office, dry)
    assert "C’est repris" in said(done)

    with open_hub(nord.hub):
        invoice = Invoice.objects.with_due().get(number="FA2512-0114")
        assert (invoice.is_opening, invoice.due, invoice.due_date) == (True, Decimal("1000.00"), dt.date(2026, 1, 30))
        assert Payment.objects.get().method == "opening"
        assert AuditEntry.objects.filter(verb="billing.invoice_opened").count() == 2
    account = office.get(f"/gestion/facturation/comptes/{invoice.account_id}/")
    assert "Facture FA2512-0114" in said(account)
    page = said(office.get(f"/gestion/facturation/factures/{invoice.pk}/"))
    assert ("reprise d’avant le portail" in page, "Télécharger le PDF" in page) == (True, False)
    late = said(office.get("/gestion/facturation/", {"state": "late"}))
    assert "FA2601-0003" in late


@pytest.mark.feature("HU12")
def test_the_same_file_twice_changes_nothing_and_its_columns_are_known(nord, office):
    confirm(office, dry_run(office, "invoices", DOLIBARR, column_0="number", column_5="paid"))

    again = drop(office, "invoices", DOLIBARR)
    assert [field.initial for field in again.context["form"].fields.values()] == [
        "number", "holder", "on", "due_on", "amount", "paid",
    ]  # fmt: skip
    dry = say(office, again)

    assert fates(dry) == [(3, "unchanged"), (4, "unchanged")]
    assert "Il n’y a rien à reprendre" in said(dry)
    refused = confirm(office, dry)
    assert refused.status_code == 422
    with open_hub(nord.hub):
        assert Invoice.objects.count() == 2
        assert OpeningMapping.objects.get().columns["ref facture"] == "number"


@pytest.mark.feature("HU12")
def test_each_line_has_its_fate_and_the_wrong_ones_come_back_as_a_file(nord, office):
    with open_hub(nord.hub):
        OrganisationFactory(name="Les Deux", siret="", email="a@deux.example")
        OrganisationFactory(name="Les Deux", siret="", email="b@deux.example")
    head = "Client;Courriel;Numéro;Date;Échéance;Montant;Déjà payé\n"
    dry = dry_run(
        office,
        "invoices",
        head
        + "Zéphyr;;1;31/12/2025;;10;\n"
        + "Inconnue;;2;31/12/2025;;10;\n"
        + "Les Deux;;3;31/12/2025;;10;\n"
        + "Les Deux;b@deux.example;4;31/12/2025;;10;\n"
        + "Zéphyr;;5;31/02/2025;;10;\n"
        + "Zéphyr;;6;31/12/2025;01/12/2025;10;\n"
        + "Zéphyr;;7;31/12/2025;;10;11\n"
        + "Zéphyr;;1;31/12/2025;;10;\n"
        + "Zéphyr;;FA-2026-00042;31/01/2026;;10;\n"
        + "Zéphyr;;8;31/12/2027;;-5;\n"
        + "Zéphyr;;9;31/12/2025;;100000000;\n",
    )

    assert [outcome for _line, outcome in fates(dry)] == [
        "new", "wrong", "ambiguous", "new", "wrong", "wrong", "wrong", "wrong", "wrong", "wrong", "wrong",
    ]  # fmt: skip
    assert [title for title, _text in problems(dry)] == [
        "Structure ou personne",
        "Structure ou personne",
        "Date",
        "Échéance",
        "Déjà payé",
        "Numéro",
        "Numéro",
        "Montant TTC",
        "Montant TTC",
    ]
    assert confirm(office, dry).status_code == 422
    confirm(office, dry, only_good="1")
    with open_hub(nord.hub):
        assert set(Invoice.objects.values_list("number", flat=True)) == {"1", "4"}
    mend = office.get(f"{dry.request['PATH_INFO']}a-corriger.csv")
    lines = rows_of(mend)
    assert (len(lines), lines[0][-1], lines[1][0]) == (10, "À corriger", "Inconnue")
    assert "Personne ne répond à ce nom" in lines[1][-1]


@pytest.mark.feature("HU12")
def test_balances_come_in_either_way_and_are_not_counted_twice(nord, office):
    with open_hub(nord.hub):
        ahead = PersonFactory(given_name="Léa", family_name="Roux")
    content = "Nom;Solde\nZéphyr;75,50\nRoux Léa;-20\nCompagnie nord;0\n"

    dry = dry_run(office, "balances", content)
    assert [outcome for _line, outcome in fates(dry)] == ["new", "new", "unchanged"]
    confirm(office, dry)

    assert balance_of(nord, "Zéphyr") == Decimal("75.50")
    with open_hub(nord.hub):
        account = Account.objects.get(person=ahead)
        assert queries.held(account.pk) == Decimal("20.00")
        zephyr = Account.objects.get(organisation__name="Zéphyr")
        assert queries.statement(zephyr).movements[0].label == "Solde repris"
    again = dry_run(office, "balances", content.replace("75,50", "80"))
    assert [outcome for _line, outcome in fates(again)] == ["wrong", "unchanged", "unchanged"]
    invoices = dry_run(office, "invoices", "Client;Numéro;Date;Montant\nZéphyr;9;31/12/2025;10\n")
    assert "y serait comptée deux fois" in said(invoices)


def test_a_balance_does_not_repeat_the_invoices_that_came_first(nord, office):
    confirm(office, dry_run(office, "invoices", "Client;Numéro;Date;Montant\nZéphyr;9;31/12/2025;10\n"))

    dry = dry_run(office, "balances", "Nom;Solde\nZéphyr;10\n")

    assert "son solde les compterait deux fois" in said(dry)


@pytest.mark.feature("HU12")
def test_deposits_in_hand_come_in_from_a_workbook(nord, office):
    book = Workbook()
    book.active.append(["Locataire", "Local", "Caution versée", "Date", "Type"])
    book.active.append(["Zéphyr", "Bureau 12", 800, dt.datetime(2024, 9, 1), "Dépôt de garantie"])  # noqa: DTZ001
    book.active.append(["Zéphyr", "Atelier", 50, None, "caution"])
    file = io.BytesIO()
    book.save(file)

    changes = {"column_0": "holder", "column_2": "amount"}
    confirm(office, dry_run(office, "deposits", file.getvalue(), **changes))
    again = dry_run(office, "deposits", file.getvalue(), **changes)

    assert [outcome for _line, outcome in fates(again)] == ["unchanged", "unchanged"]
    with open_hub(nord.hub):
        held = Deposit.objects.with_held().order_by("-amount")
        assert [(each.label, each.nature, each.held, each.asked_on) for each in held] == [
            ("Bureau 12", "security", Decimal("800.00"), dt.date(2024, 9, 1)),
            ("Atelier", "key", Decimal("50.00"), dt.date(2026, 3, 2)),
        ]
    assert "850,00 €" in said(office.get("/gestion/facturation/depots/"))


MANDATES = (
    "Débiteur;RUM;IBAN;Date de signature;Dernière utilisation\n"
    "Zéphyr;ANCIEN-7;FR76 3000 6000 0112 3456 7890 189;12/03/2019;05/02/2026\n"
    "Compagnie nord;ANCIEN-8;FR76 3000 6000 0112 3456 7890 188;12/03/2019;\n"
)


@pytest.mark.feature("HU12")
def test_mandates_signed_elsewhere_go_on_under_their_reference(nord, office):
    with open_hub(nord.hub):
        Issuer.objects.update(ics=ICS)
    columns = {"column_0": "holder"}

    dry = dry_run(office, "mandates", MANDATES, **columns)
    assert fates(dry) == [(2, "new"), (3, "wrong")]
    assert [title for title, _text in problems(dry)] == ["IBAN"]
    confirm(office, dry, only_good="1")
    again = dry_run(office, "mandates", MANDATES, **columns)

    assert fates(again) == [(2, "unchanged"), (3, "wrong")]
    with open_hub(nord.hub):
        mandate = Mandate.objects.with_last_collection().get()
        assert (mandate.rum, mandate.signed_on, mandate.lapses_on) == (
            "ANCIEN-7", dt.date(2019, 3, 12), dt.date(2029, 2, 5),
        )  # fmt: skip
    assert "ANCIEN-7" in said(office.get("/gestion/facturation/mandats/"))


def test_a_second_mandate_of_an_account_or_of_a_reference_is_refused(nord, office):
    with open_hub(nord.hub):
        Issuer.objects.update(ics=ICS)
        MandateFactory(account__organisation=Organisation.objects.get(name="Zéphyr"), rum="ICI-1")

    dry = dry_run(
        office,
        "mandates",
        "Nom;RUM;IBAN;Signé le\n"
        "Zéphyr;AUTRE-1;FR7630006000011234567890189;12/03/2024\n"
        "Compagnie nord;ICI-1;FR7630006000011234567890189;12/03/2024\n",
    )

    assert problems(dry) == [
        ("Structure ou personne", "Ce compte a déjà un mandat signé, ICI-1\u00a0: révoquez-le d’abord."),
        ("Référence du mandat (RUM)", "Un autre mandat porte déjà cette référence."),
    ]


@pytest.mark.feature("HU12")
def test_our_numbers_go_on_after_the_last_one_given_elsewhere(nord, office):
    done = office.post(START, {"series": "FA", "last": "42", "last_date": "2026-02-27"}, follow=True)
    assert "Le prochain numéro sera FA-2026-00043." in said(done)
    with open_hub(nord.hub):
        first = issued(AccountFactory(), on=dt.date(2026, 2, 20))
        assert (first.number, first.issue_date) == ("FA-2026-00043", dt.date(2026, 2, 27))

    again = office.post(START, {"series": "FA", "last": "50", "last_date": "2026-02-27"})

    assert (again.status_code, "a déjà donné des numéros dans cette série" in said(again)) == (422, True)
    assert 'value="50"' in again.content.decode()


def test_our_numbers_never_meet_one_that_was_brought_in(nord, office):
    office.post(START, {"series": "FA", "last": "42", "last_date": "2026-02-27"})
    confirm(office, dry_run(office, "invoices", "Client;Numéro;Date;Montant\nZéphyr;FA-2026-00042;27/02/2026;10\n"))

    lower = office.post(START, {"series": "FA", "last": "41", "last_date": "2026-02-27"})

    assert (lower.status_code, "porte un numéro plus grand" in said(lower)) == (422, True)


def test_a_draft_of_the_month_does_not_stand_in_the_way(nord, office):
    with open_hub(nord.hub):
        account = AccountFactory(organisation__name="Rivage")
        ChargeFactory(account=account, on=dt.date(2026, 2, 10))
        actions.preview_month(month=dt.date(2026, 2, 1), by=nord.actor("accountant"))

    confirm(office, dry_run(office, "invoices", "Client;Numéro;Date;Montant\nRivage;9;31/12/2025;10\n"))

    assert balance_of(nord, "Rivage") == Decimal("10.00")


def test_money_in_advance_pays_what_comes_in(nord, office):
    confirm(office, dry_run(office, "balances", "Nom;Solde\nZéphyr;-30\n"))

    confirm(office, dry_run(office, "invoices", "Client;Numéro;Date;Montant;Payé\nZéphyr;9;31/12/2025;100;60\n"))

    with open_hub(nord.hub):
        assert Invoice.objects.with_due().get().due == Decimal("10.00")


def test_columns_that_say_nothing_or_the_same_are_told(office):
    page = drop(office, "invoices", "A;B;C\nZéphyr;9;10\n")

    wrong = office.post(page.request["PATH_INFO"], {"column_0": "holder", "column_1": "holder"})

    assert wrong.status_code == 422
    assert "Dites quelle colonne contient : Numéro, Date, Montant TTC." in said(wrong)
    assert "est déjà dite ainsi" in said(wrong)
    # Not said yet: the dry run sends back to the columns.
    assert office.get(page.request["PATH_INFO"].removesuffix("colonnes/")).status_code == 302


@pytest.mark.parametrize("content", [b"", b"\x89PNG\r\n", b"Client;Montant\n"])
def test_a_file_that_is_no_table_is_refused_beside_its_field(office, content):
    response = drop(office, "balances", content or b" ")

    assert (response.status_code, response.context["form"].errors.keys()) == (422, {"file"})


def test_a_long_file_is_a_run_that_leads_to_its_result(nord, office, work, monkeypatch):
    monkeypatch.setattr(actions, "LATER_FROM", 1)
    dry = dry_run(office, "invoices", DOLIBARR, column_0="number", column_5="paid")

    page = confirm(office, dry)
    confirm(office, dry)
    with open_hub(nord.hub):
        assert (Invoice.objects.count(), Run.objects.count()) == (0, 1)
    work(nord.hub)

    assert re.search(
        r'href="/gestion/reglages/reprise/fichier/\w+/resultat/"', office.get(page.request["PATH_INFO"]).text
    )
    with open_hub(nord.hub):
        assert Invoice.objects.count() == 2


def test_an_import_that_fails_halfway_writes_nothing(nord, office, monkeypatch):
    dry = dry_run(office, "invoices", DOLIBARR, column_0="number", column_5="paid")
    with open_hub(nord.hub):
        Issuer.objects.update(ends_on=dt.date(2026, 3, 1))

    failed = confirm(office, dry)

    assert failed.status_code == 422
    with open_hub(nord.hub):
        assert (Invoice.objects.count(), Payment.objects.count()) == (0, 0)


def test_a_hub_with_no_legal_body_is_told_to_say_who_is_owed(nord, office):
    with open_hub(nord.hub):
        Issuer.objects.update(ends_on=dt.date(2026, 1, 1))

    assert "Personne n’encaisse encore pour le pôle" in said(office.get(START))
    assert "Personne n’encaisse encore pour le pôle" in said(office.get(f"{START}invoices/"))


def test_a_file_is_its_owners_alone_and_models_are_there(nord, office, sign_in):
    page = drop(office, "invoices", DOLIBARR)

    assert sign_in(nord, "coordinator").get(page.request["PATH_INFO"]).status_code == 404
    assert sign_in(nord, "receptionist").get(START).status_code == 403
    assert rows_of(office.get(f"{START}balances/modele.csv"))[0] == [
        "Structure ou personne", "SIRET", "Courriel", "Solde dû", "Date",
    ]  # fmt: skip
    assert office.get(f"{START}balances/modele.pdf").status_code == 404
    assert office.get(f"{START}inconnu/").status_code == 404
