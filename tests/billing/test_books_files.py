"""The file in eighteen columns: to the byte, and what our own reading finds in a bad one."""

import datetime as dt
from decimal import Decimal

import pytest
import time_machine

from billing import actions, queries
from billing.actions.ledger import furnish_books
from billing.books.checks import faults
from billing.books.columns import COLUMNS, eighteen_columns, file_name, one_amount, two_sides
from billing.models import BooksYear
from hubs.actors import system
from tests.billing.factories import AccountFactory, issued

FIRST, LAST = dt.date(2026, 1, 1), dt.date(2026, 12, 31)
NAME = "900274184FEC20261231.txt"

GOLDEN = """\
VE|ventes|1|20261006|411000|Adhérents, usagers et clients|{aux}|Le Théâtre, la Scène|FA-2026-00001|20261006|Facture FA-2026-00001, Le Théâtre, la Scène|120,00|0,00|AAA|20261120|20261120||
VE|ventes|1|20261006|706100|Mises à disposition d’espaces et de matériel|||FA-2026-00001|20261006|Facture FA-2026-00001, Le Théâtre, la Scène|0,00|100,00|||20261120||
VE|ventes|1|20261006|445711|TVA collectée à 20 %|||FA-2026-00001|20261006|Facture FA-2026-00001, Le Théâtre, la Scène|0,00|20,00|||20261120||
CA|caisse|1|20261120|530000|Caisse|||reçu 12|20261120|Paiement, Le Théâtre, la Scène|120,00|0,00|||20261120||
CA|caisse|1|20261120|411000|Adhérents, usagers et clients|{aux}|Le Théâtre, la Scène|reçu 12|20261120|Paiement, Le Théâtre, la Scène|0,00|120,00|AAA|20261120|20261120||
"""


@pytest.fixture
def year(selling):
    """One invoice of 120 €, paid in cash with a tab in its reference."""
    with time_machine.travel(dt.datetime(2026, 11, 20, 9, tzinfo=dt.UTC), tick=True):
        furnish_books(starts_on=dt.date(2020, 1, 1), today=dt.date(2026, 11, 20))
        account = AccountFactory(organisation__name="Le Théâtre, la Scène")
        issued(account, "100.00")
        actions.record_payment(
            account=account, received_on=dt.date(2026, 11, 20), amount=Decimal(120), method="cash",
            reference="reçu\t12", by=system(selling.pk), today=dt.date(2026, 11, 20),
        )  # fmt: skip
        actions.post_entries(by=system(selling.pk))
        yield BooksYear.objects.select_related("issuer").get()


def test_the_file_is_as_the_law_describes_it_to_the_byte(year):
    content = eighteen_columns(queries.lines_of_year(year))

    aux = next(iter(queries.auxiliary_balance(year))).number
    golden = "\t".join(COLUMNS) + "\n" + GOLDEN.format(aux=aux).replace("|", "\t")
    assert content.decode() == golden.replace("\n", "\r\n")
    assert (file_name(year), faults(NAME, content, FIRST, LAST)) == (NAME, [])


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("Debit\tCredit", "Credit\tDebit", "Les dix-huit colonnes"),
        ("120,00\t0,00\tAAA", "120.00\t0,00\tAAA", "Ligne 2\u00a0: un montant s’écrit avec une virgule"),
        ("120,00\t0,00\tAAA", "119,00\t0,00\tAAA", "L’écriture 1 du journal VE n’est pas équilibrée."),
        ("VE\tventes\t1\t", "VE\tventes\t2\t", "Ligne 2\u00a0: l’écriture 2 du journal VE ne suit pas la précédente."),
        ("\t20261006\t411000", "\t20251006\t411000", "Ligne 2\u00a0: EcritureDate est hors de l’exercice."),
        ("\t411000\t", "\tDIVERS\t", "Ligne 2\u00a0: le compte DIVERS ne suit pas le plan comptable."),
        ("\tAAA\t20261120\t", "\tAAA\t\t", "Ligne 2\u00a0: un lettrage va avec sa date."),
        ("\tFA-2026-00001\t", "\t\t", "Ligne 2\u00a0: PieceRef est vide."),
        ("\r\n", "\n", "Les lignes ne se terminent pas toutes par CRLF."),
        ("CA\tcaisse", "CA caisse", "Ligne 5\u00a0: 17 colonnes au lieu de 18."),
    ],
)
def test_what_an_accountants_software_would_refuse_is_found(year, old, new, fault):
    content = eighteen_columns(queries.lines_of_year(year)).decode()

    assert faults(NAME, content.replace(old, new).encode(), FIRST, LAST)[0].startswith(fault)


@pytest.mark.parametrize("name", ["FEC20261231.txt", "900274184FEC20261130.txt"])
def test_a_wrong_name_is_found(year, name):
    content = eighteen_columns(queries.lines_of_year(year))

    assert faults(name, content, FIRST, LAST) == [
        f"Le nom du fichier n’est pas le SIREN, «\u00a0FEC\u00a0» et le dernier jour\u00a0: {name}."
    ]


def test_the_two_plain_files_say_the_same_in_their_own_columns(year):
    aux = next(iter(queries.auxiliary_balance(year))).number
    header, rows = two_sides(queries.lines_of_year(year))
    assert dict(zip(header, next(rows), strict=True)) == {
        "Journal": "VE", "Date": dt.date(2026, 10, 6), "Pièce": "FA-2026-00001", "Compte": "411000",
        "Compte auxiliaire": aux, "Nom du tiers": "Le Théâtre, la Scène",
        "Libellé": "Facture FA-2026-00001, Le Théâtre, la Scène", "Débit": Decimal(120), "Crédit": Decimal(0),
        "Code analytique": "", "Lettrage": "AAA",
    }  # fmt: skip

    header, rows = one_amount(queries.lines_of_year(year))
    assert [(row[2], row[5], row[6]) for row in rows] == [
        (aux, Decimal(120), "D"), ("706100", Decimal(100), "C"), ("445711", Decimal(20), "C"),
        ("530000", Decimal(120), "D"), (aux, Decimal(120), "C"),
    ]  # fmt: skip
