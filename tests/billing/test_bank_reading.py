"""What banks give, read: each format, and what must be refused."""

import datetime as dt
import io
from decimal import Decimal

import pytest
from openpyxl import Workbook

from billing.bank import helloasso, table
from billing.bank.base import BalanceWrong, NotEuros, StatementRefused
from billing.bank.reading import read_statement, recognise
from parties.imports.sheets import FileEmpty, FileRefused, NotATable, read_sheet
from tests.billing import statements as given

D = dt.date


def told(read) -> list[tuple[dt.date, Decimal, str]]:
    return [(line.on, line.amount, line.label) for line in read.lines]


@pytest.mark.parametrize(
    ("content", "lines"),
    [
        (
            given.COOPERATIVE.encode("latin-1"),
            [
                (D(2026, 10, 5), Decimal("120.00"), "VIR COMPAGNIE DES DÉFERLANTES FA 2026 1"),
                (D(2026, 10, 12), Decimal("-8.50"), "FRAIS TENUE DE COMPTE"),
                (D(2026, 10, 20), Decimal("1338.70"), "REMISE CHEQUES 0001"),
            ],
        ),
        (
            given.POSTAL.encode("utf-16"),
            [
                (D(2026, 10, 20), Decimal("84.00"), "VIREMENT DE LES TISSERANDES"),
                (D(2026, 10, 5), Decimal("-42.00"), "PRELEVEMENT ASSURANCE"),
            ],
        ),
        (
            given.MUTUEL.encode("utf-8-sig"),
            [
                (D(2026, 10, 5), Decimal("100.00"), "VIR SEPA DUPONT"),
                (D(2026, 10, 6), Decimal("-12.50"), "COTIS CARTE"),
                (D(2026, 10, 7), Decimal("20.00"), "VIR SEPA MARTIN"),
            ],
        ),
    ],
    ids=["coopératif", "postale", "mutuel"],
)
def test_the_csv_of_small_associations_banks_is_read_as_it_is(content, lines):
    read = read_statement(content)

    assert (recognise(content), told(read), read.stopping) == ("csv", lines, [])


def test_a_workbook_is_read_like_a_csv():
    book = Workbook()
    book.active.append(["Date", "Libellé", "Montant"])
    book.active.append([dt.date(2026, 10, 5), "VIR DUPONT", 120.5])
    file = io.BytesIO()
    book.save(file)

    assert told(read_statement(file.getvalue())) == [(D(2026, 10, 5), Decimal("120.50"), "VIR DUPONT")]


def test_a_table_whose_headers_say_nothing_is_read_once_its_columns_are_told():
    content = b"Quand;Qui;Combien\n05/10/2026;DUPONT;120,00\n"
    with pytest.raises(StatementRefused):
        read_statement(content)

    columns = table.Columns(header=["Quand", "Qui", "Combien"], columns={"date": 0, "label": 1, "amount": 2})

    assert told(read_statement(content, columns)) == [(D(2026, 10, 5), Decimal("120.00"), "DUPONT")]


def test_lines_that_cannot_be_read_are_told_one_by_one():
    content = given.table(
        ("05/10/2026", "bon", "1,00"),
        ("32/10/2026", "jour", "1,00"),
        ("05/10/2026", "montant", "dix"),
        ("", "Total", "2"),
    )

    read = read_statement(content)

    assert [(each.place, each.stops) for each in read.unread] == [(3, True), (4, True), (5, False)]
    assert "n’est pas une date" in read.unread[0].why


def test_a_running_balance_that_jumps_is_refused():
    with pytest.raises(BalanceWrong, match="ligne 3"):
        read_statement(given.MUTUEL.replace("1 087,50", "1 090,00").encode())


@pytest.mark.parametrize("version", ["02", "08"])
def test_camt_053_is_read_in_its_two_versions(version):
    party = "<Pty><Nm>{name}</Nm></Pty>" if version == "08" else "<Nm>{name}</Nm>"
    status = "<Sts><Cd>BOOK</Cd></Sts>" if version == "08" else "<Sts>BOOK</Sts>"
    content = given.camt(
        [
            given.entry(
                "120.00", label="Loyer", end_to_end="FA-2026-00001", reference="R1", party=party, status=status
            ),
            given.entry("-20.00", label="Assurance", name="Maif", party=party, status=status),
            given.entry("999.00", status=status.replace("BOOK", "PDNG")),
        ],
        closing="1100.00",
        version=version,
    )

    read = read_statement(content)

    first, second = read.lines
    assert (first.amount, first.label, first.counterparty, first.end_to_end_id, first.bank_reference) == (
        Decimal("120.00"), "Loyer", "Les Tisserandes", "FA-2026-00001", "R1",
    )  # fmt: skip
    assert (second.amount, second.counterparty) == (Decimal("-20.00"), "Maif")
    assert (read.opening, read.closing, read.account) == (Decimal("1000.00"), Decimal("1100.00"), given.IBAN)
    assert (read.first_day, read.last_day) == (D(2026, 10, 1), D(2026, 10, 31))


def test_cfonb_and_ofx_say_the_same_as_camt():
    expected = [(D(2026, 10, 6), Decimal("120.00")), (D(2026, 10, 7), Decimal("-8.50"))]

    cfonb, ofx = read_statement(given.CFONB), read_statement(given.OFX)

    assert (
        [(line.on, line.amount) for line in cfonb.lines] == expected == [(line.on, line.amount) for line in ofx.lines]
    )
    assert (cfonb.opening, cfonb.closing, ofx.closing) == (Decimal("1000.00"), Decimal("1111.50"), Decimal("1111.50"))
    assert cfonb.lines[0].label == "VIR LES TISSERANDES FACTURE FA-2026-00001"
    assert ofx.lines[1].label == "FRAIS & COMMISSIONS"
    assert cfonb.is_of(given.IBAN)
    assert ofx.is_of(given.IBAN)
    assert not cfonb.is_of("FR1420041010050500013M02606")


BOMB = b"""<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol "lol"><!ENTITY lol2 "&lol;&lol;&lol;">]>
<Document><BkToCstmrStmt><Stmt><Id>&lol2;</Id></Stmt></BkToCstmrStmt></Document>"""


@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        (b"", FileEmpty),
        (b"  \n ", FileEmpty),
        (b"\x89PNG\r\n", NotATable),
        (b"une phrase sans colonne", NotATable),
        (BOMB, StatementRefused),
        (given.camt(closing="1119.99"), BalanceWrong),
        (given.camt(currency="CHF"), NotEuros),
        (given.camt()[:700], StatementRefused),
        (b"<Document><Autre/></Document>", StatementRefused),
        (given.CFONB.replace(b"01200{", b"01200Z"), StatementRefused),
        (given.CFONB.replace(b"EUR", b"USD"), NotEuros),
        (given.CFONB.replace(b"11115{", b"11116{"), BalanceWrong),
        (given.OFX.replace(b"<CURDEF>EUR", b"<CURDEF>USD"), NotEuros),
        (given.OFX.replace(b"+120,00", b"cent"), StatementRefused),
        (b'<!DOCTYPE x [<!ENTITY a "a">]>' + given.OFX, StatementRefused),
    ],
)
def test_what_is_not_a_statement_is_refused_in_words(content, refusal):
    with pytest.raises(refusal) as refused:
        read_statement(content)

    assert isinstance(refused.value, FileRefused)
    assert str(refused.value.message)


def test_the_export_of_helloasso_makes_its_transfers():
    content = given.HELLOASSO.encode()
    (payout,), left_out = helloasso.read(content)

    assert recognise(content) == "helloasso"
    assert (payout.reference, payout.gross, payout.fees, payout.net) == (
        "V-77", Decimal("150.00"), Decimal("2.50"), Decimal("147.50"),
    )  # fmt: skip
    assert [(paid.payer, paid.amount) for paid in payout.payments] == [
        ("Les Tisserandes", Decimal("120.00")),
        ("Jean Petit", Decimal("30.00")),
    ]
    assert len(left_out) == 1


def test_a_bank_statement_is_not_taken_for_helloasso():
    assert not helloasso.looks_like(read_sheet(given.COOPERATIVE.encode()))
