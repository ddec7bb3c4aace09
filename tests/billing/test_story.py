"""A quarter of La Coursive's money as its people live it: every step is a link, a button or a field of a page."""

import datetime as dt
import io
from collections import defaultdict

import pytest
import time_machine
from facturx import get_facturx_xml_from_pdf

from billing.einvoice.checker import check_xml
from documents.rendering import Pdf
from tests.billing.banks import OTHER_IBAN, camt054
from tests.billing.pole import D, Pole, amount_of, euros, la_coursive, table_of
from tests.billing.statements import table
from tests.documents.checks import assert_conforms
from tests.visitor import Visitor

PRORATED = "16 jours sur 31, du 16 au 31 octobre 2026 inclus, à 310,00 € par mois"


@pytest.fixture
def at():
    """`at(11, 3)`: nine in the morning of 3 November 2026."""
    with time_machine.travel(dt.datetime(2026, 10, 1, 9, tzinfo=dt.UTC), tick=False) as clock:

        def moved(month: int, day: int, year: int = 2026) -> dt.date:
            clock.move_to(dt.datetime(year, month, day, 9, tzinfo=dt.UTC))
            return dt.date(year, month, day)

        yield moved


def call_dues(aurelie: Visitor, pole: Pole) -> None:
    for name in ("Zutique", "Radio Quetsche"):
        aurelie.open("/gestion/structures/")
        aurelie.click(name)
        aurelie.click("Saisir une année")
        aurelie.press("Enregistrer les chiffres", year="2025", fte="2,5")
    aurelie.open("/gestion/membres/cotisations/")
    aurelie.click("Voir les barèmes")
    aurelie.click("Écrire un barème")
    aurelie.press(
        "Noter le barème", label="Barème 2026", fiscal_year="2026", basis="fte", late_rule="full",
        brackets="0 = 300\n6 = 800",
    )  # fmt: skip
    aurelie.click("Noter l’adoption")
    aurelie.press("Noter l’adoption", on="2026-03-30", adopted_by="l’assemblée générale ordinaire")
    aurelie.open("/gestion/membres/cotisations/")
    aurelie.click("Appeler 2 cotisations")
    assert "2 cotisations sont appelées." in aurelie.press("Appeler 2 cotisations")
    pole.work()


def sign_mandate(zoe: Visitor) -> None:
    zoe.open("/mon-espace/compte/")
    zoe.click("Prélèvement")
    assert "est signé" in zoe.press("Signer le mandat", iban=OTHER_IBAN, agreed="on")


def book_three_hours(rachid: Visitor) -> None:
    rachid.open("/mon-espace/reserver/")
    rachid.press("Filtrer", day="2026-10-08", starts="14:00", ends="17:00")
    rachid.click("Grande salle")
    assert "54,00 €" in rachid.words
    assert "C’est réservé" in rachid.press("Réserver : Grande salle", title="Émission publique")


def account_of(bruno: Visitor, name: str) -> None:
    bruno.open("/gestion/facturation/comptes/")
    bruno.click(name)


def let_an_office(bruno: Visitor) -> None:
    """From the 16th, with a deposit: the studio has bought nothing yet, so that its account is opened first."""
    bruno.open("/gestion/facturation/comptes/")
    bruno.click("Ouvrir un compte")
    bruno.press("Ouvrir le compte", who="Studio Papier calque")
    bruno.click("Ajouter une somme régulière")
    told = bruno.press(
        "Voir ce qui sera facturé", kind="rent", label="Loyer du bureau 12", amount_excl="310", starts_on="2026-10-16"
    )
    assert PRORATED in told and "160,00 € HT" in told
    bruno.press("Commencer la somme régulière")
    account_of(bruno, "Studio Papier calque")
    bruno.click("Demander un dépôt…")
    bruno.press("Demander ce dépôt", label="Bureau 12", amount="620")


def receive_deposit(bruno: Visitor) -> None:
    account_of(bruno, "Studio Papier calque")
    bruno.click("Bureau 12")
    bruno.click("Noter ce qui est reçu…")
    assert "620,00 €" in bruno.press("Noter la somme reçue")


def close_month(bruno: Visitor, pole: Pole, name: str) -> None:
    """Someone else had the last page open, and clicks too."""
    bruno.open("/gestion/facturation/")
    bruno.click(f"Clore {name}")
    bruno.press("Préparer l’aperçu")
    pole.work()
    bruno.open(bruno.path)
    assert "Chaque projet passe le contrôle de la facture électronique." in bruno.words
    bruno.press("Passer à l’émission")
    aurelie = pole.visitor("Aurélie")
    aurelie.open(bruno.path)
    bruno.press("Émettre")
    pole.work()
    assert "Tout est émis." in bruno.open(bruno.path)
    issued = bruno.rows()
    assert "déjà" in aurelie.press("Émettre")
    pole.work()
    bruno.open(bruno.path)
    assert bruno.rows() == issued


def mend_what_stops(bruno: Visitor) -> None:
    """The month says what is missing and leads there."""
    bruno.open("/gestion/facturation/")
    stopped = bruno.click("Clore octobre 2026")
    assert "Studio Papier calque : l’adresse de la structure manque" in stopped
    bruno.click("Compléter la fiche", near="Studio Papier calque")
    bruno.press("Enregistrer la fiche", address="12 rue des Ateliers", postcode="21000", town="Dijon")


def invoices(bruno: Visitor) -> list[dict[str, str]]:
    """All of them, as the list gives them to a spreadsheet."""
    bruno.open("/gestion/facturation/")
    return table_of(bruno.take("CSV"))


def assert_no_hole(rows: list[dict[str, str]]) -> None:
    """Each series, year by year, counts from one and misses none."""
    series: dict[str, list[int]] = defaultdict(list)
    for row in rows:
        name, _dash, rank = row["Numéro"].rpartition("-")
        series[name].append(int(rank))
    assert {name: sorted(ranks) for name, ranks in series.items()} == {
        name: list(range(1, len(ranks) + 1)) for name, ranks in series.items()
    }


def number_of(bruno: Visitor, who: str, kind: str) -> str:
    return next(row["Numéro"] for row in invoices(bruno) if (row["Pour"], row["Nature"]) == (who, kind))


def announce(bruno: Visitor) -> None:
    bruno.open("/gestion/facturation/prelevements/")
    assert "2 prélèvements sont annoncés." in bruno.press("Annoncer ces prélèvements")


def hand_to_the_bank(bruno: Visitor, words: str, amount: str) -> None:
    bruno.open("/gestion/facturation/prelevements/")
    bruno.click("Faire le fichier…", near=words)
    bruno.press("Faire le fichier")
    assert f">{amount}<".encode() in bruno.take("Télécharger le fichier")
    bruno.press("Noter le dépôt")


def collect(bruno: Visitor, words: str) -> None:
    bruno.open("/gestion/facturation/prelevements/")
    bruno.click(words)
    assert "1 paiement est noté." in bruno.press("Noter l’encaissement")


def read_return(bruno: Visitor, number: str) -> None:
    """The bank gives the debit back: its file is dropped, read and applied."""
    bruno.open("/gestion/facturation/prelevements/")
    bruno.click("Lire un retour de la banque")
    told = bruno.press("Lire le fichier", file=("retour.xml", camt054((number, "AM04", "240.00"))))
    assert "1 facture sera due de nouveau" in told
    assert "1 rejet est noté." in bruno.press("Noter ces rejets")


def match_the_bank(bruno: Visitor, *rows: tuple[str, str, str]) -> None:
    """Drop the CSV of the bank, look, import, then take what is proposed for each line."""
    bruno.open("/gestion/facturation/banque/")
    bruno.click("Ajouter le compte bancaire")
    bruno.press("Ajouter le compte")
    bruno.press("Voir ce qui va se passer", file=("novembre.csv", table(*rows)))
    bruno.press(f"Importer les {len(rows)} lignes")
    bruno.press("Accepter", near="C’est le dépôt de Studio Papier calque")
    bruno.press("Accepter", near="Payer FA-2026-00002, Studio Papier calque")
    bruno.press("Mettre de côté", near="Mettre de côté : frais bancaires")
    bruno.press("Accepter", near="Ce sont les prélèvements du 17 novembre : 1 paiement")
    bruno.press("Accepter", near="Ce sont les prélèvements du 2 décembre : 1 paiement")
    assert "Rien à rapprocher" in bruno.press("Accepter", near="C’est le rejet déjà noté du prélèvement")


def credit_an_hour(bruno: Visitor, number: str) -> None:
    """One of the three hours was not held."""
    bruno.open("/gestion/facturation/")
    bruno.click(number)
    bruno.click("Établir un avoir…")
    given = {"what": "part", bruno.field("Quantité"): "1", "reason": "Salle fermée le mardi"}
    assert "18,00 €" in bruno.press("Calculer l’avoir", **given)
    assert "L’avoir AV-2026-00001 est établi." in bruno.press("Établir l’avoir")


def chase(bruno: Visitor) -> None:
    bruno.open("/gestion/facturation/")
    bruno.click("Relances")
    assert "Radio Quetsche" in bruno.words
    bruno.press("Envoyer maintenant")


def pay_at_the_desk(bruno: Visitor, name: str, amount: str) -> None:
    account_of(bruno, name)
    assert f"{amount},00 € reçus" in bruno.press("Noter le paiement", amount=amount, method="cheque", reference="0041")


def read_balance(bruno: Visitor) -> dict[str, D]:
    """What the accounts owe is what is written; the balance of 2026 by account, its two sides being equal."""
    bruno.open("/gestion/facturation/comptes/")
    owed = sum(D(row["Solde"].replace(",", ".")) for row in table_of(bruno.take("CSV")))
    bruno.open("/gestion/comptabilite/")
    if "Écrire maintenant" in bruno.words:
        bruno.press("Écrire maintenant")
    bruno.click("Balance")
    assert "Oui, au centime près, compte par compte." in bruno.words
    assert f"{euros(owed)} Dû d’après les comptes des membres {euros(owed)} Dû d’après les journaux" in bruno.words
    bruno.press("Filtrer", year="2026, La Coursive Boutaric")
    *rows, total = bruno.rows()
    assert total[1] == total[2]
    return {row[0].split()[0]: amount_of(row[3]) for row in rows}


def read_fec(bruno: Visitor) -> dict[str, D]:
    """The balance of each account by the eighteen columns of 2026; each journal balances."""
    bruno.open("/gestion/comptabilite/")
    bruno.click("Exercices")
    bruno.click("2026")
    lines = table_of(bruno.press_for_file("Télécharger les 18 colonnes"), delimiter="\t")
    accounts: dict[str, D] = defaultdict(D)
    journals: dict[str, D] = defaultdict(D)
    for line in lines:
        balance = D(line["Debit"].replace(",", ".")) - D(line["Credit"].replace(",", "."))
        accounts[line["CompteNum"]] += balance
        journals[line["JournalCode"]] += balance
    assert journals == {"VE": 0, "BQ": 0}
    return accounts


def close_year(bruno: Visitor) -> None:
    bruno.click("Clore l’exercice…")
    assert "L’exercice 2026 est clos." in bruno.press("Clore l’exercice")


def check_seals(bruno: Visitor, pole: Pole) -> None:
    pole.seal()
    bruno.open("/gestion/comptabilite/")
    bruno.click("Intégrité")
    bruno.press("Vérifier maintenant")
    pole.work()
    bruno.open("/gestion/comptabilite/")
    assert "rien n’a changé" in bruno.click("Intégrité")


def check_papers(bruno: Visitor) -> dict[str, D]:
    """Each invoice as it was downloaded: an archive that a screen reader reads, with an XML that is valid."""
    totals = {}
    for row in invoices(bruno):
        bruno.open("/gestion/facturation/")
        bruno.click(row["Numéro"])
        content, xml = bruno.take("Télécharger le PDF"), bruno.take("XML")
        assert_conforms(Pdf(content=content, sha256="", pages=0))
        assert get_facturx_xml_from_pdf(io.BytesIO(content), check_schematron=False) == ("factur-x.xml", xml)
        assert check_xml(xml) == [], row["Numéro"]
        totals[row["Numéro"]] = D(row["TTC"].replace(",", "."))
    return totals


def read_mine(rachid: Visitor) -> bytes:
    """The member is up to date, knows what was paid, and keeps the paper."""
    rachid.open("/mon-espace/")
    rachid.click("Compte")
    assert "Le compte est à jour" in rachid.words
    assert "Grande salle" in rachid.words
    return rachid.take("Facture FA-2026-00001 PDF, 2 novembre 2026")


@pytest.mark.feature("BI1", "BI2", "BI3", "BI4", "BI5", "BI7", "BI8", "BI10", "BI11", "BI12", "BI13", "BI15", "BI19")
def test_a_quarter_of_la_coursive_is_closed_from_its_pages(db, at, work):
    pole = Pole(la_coursive(), work)

    # October: dues by the scale that was adopted, a mandate, hours, a training, and a studio that arrives on the 16th.
    at(10, 5)
    call_dues(pole.visitor("Aurélie"), pole)
    sign_mandate(pole.visitor("Zoé"))
    book_three_hours(pole.visitor("Rachid"))
    bruno = pole.accountant()
    account_of(bruno, "Zutique")
    bruno.click("Ajouter une somme")
    bruno.press(
        "Ajouter la somme", on="2026-10-09", description="Formation Écrire pour la scène", unit_price_excl="240",
        vat_code="Formation, exonérée",
    )  # fmt: skip
    let_an_office(bruno)
    at(10, 15)
    receive_deposit(pole.accountant())

    at(11, 2)
    bruno = pole.accountant()
    mend_what_stops(bruno)
    close_month(bruno, pole, "octobre 2026")
    assert PRORATED in bruno.click("FA-2026-00002")

    # Zutique is debited of its dues and of its training; its bank gives the training back.
    at(11, 3)
    announce(pole.accountant())
    pole.work()
    at(11, 12)
    hand_to_the_bank(pole.accountant(), "17 novembre 2026", "300.00")
    at(11, 25)
    bruno = pole.accountant()
    collect(bruno, "17 novembre")
    hand_to_the_bank(bruno, "2 décembre 2026", "240.00")
    at(12, 3)
    collect(pole.accountant(), "2 décembre")
    at(12, 4)
    bruno = pole.accountant()
    training, room, rent = (
        number_of(bruno, who, "facture") for who in ("Zutique", "Radio Quetsche", "Studio Papier calque")
    )
    read_return(bruno, training)

    # The room was closed for an hour. The rent came by a transfer, with the deposit and what the bank debited.
    credit_an_hour(bruno, room)
    match_the_bank(
        bruno,
        ("15/10/2026", "VIR STUDIO PAPIER CALQUE DEPOT BUREAU", "620,00"),
        ("16/11/2026", f"VIR STUDIO PAPIER CALQUE {rent}", "192,00"),
        ("17/11/2026", "FRAIS TENUE DE COMPTE", "-8,50"),
        ("17/11/2026", "REMISE PRELEVEMENTS", "300,00"),
        ("02/12/2026", "REMISE PRELEVEMENTS", "240,00"),
        ("04/12/2026", f"REJET PRELEVEMENT {training}", "-240,00"),
    )

    # November is closed, and who is late is chased, then pays at the desk.
    at(12, 5)
    pole.night()
    close_month(pole.accountant(), pole, "novembre 2026")
    at(12, 15)
    chase(pole.accountant())
    pole.work()
    assert pole.mails_to("factures@rachid.example")[-1].startswith("Une facture vous a peut-être échappé")
    at(12, 18)
    pay_at_the_desk(pole.accountant(), "Radio Quetsche", "336")

    # December is closed in January, then the year: what the pages say, the journals and the file say too.
    at(1, 5, 2027)
    pole.night()
    bruno = pole.accountant()
    close_month(bruno, pole, "décembre 2026")
    balance = read_balance(bruno)
    assert balance == {
        "165000": D("-620"), "411000": D("612"), "445711": D("-100"), "511200": D("336"), "512000": D("1112"),
        "706000": D("-710"), "706100": D("-30"), "756000": D("-600"),
    }  # fmt: skip
    assert read_fec(bruno) == balance
    close_year(bruno)
    check_seals(bruno, pole)
    assert_no_hole(invoices(bruno))
    assert check_papers(bruno) == {
        "AC-2026-00001": D("300"), "AC-2026-00002": D("300"), "FA-2026-00001": D("54"), "FA-2026-00002": D("192"),
        "FA-2026-00003": D("240"), "FA-2026-00004": D("372"), "AV-2026-00001": D("-18"), "FA-2027-00001": D("372"),
    }  # fmt: skip
    assert read_mine(pole.visitor("Rachid")).startswith(b"%PDF-")
