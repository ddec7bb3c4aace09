import datetime as dt
import re
from decimal import Decimal

import pytest

from billing.enums import SupplierFormat, SupplierKind
from billing.reception import reading
from billing.reception.reading import read_invoice
from tests.billing import supplied

BOMB = b"""<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]><Invoice>&b;</Invoice>"""


@pytest.mark.parametrize(
    ("content", "written"),
    [
        (supplied.cii(), SupplierFormat.CII),
        (supplied.ubl(), SupplierFormat.UBL),
        (supplied.pdf(supplied.cii()), SupplierFormat.FACTUR_X),
    ],
    ids=["cii", "ubl", "factur-x"],
)
def test_the_three_formats_say_the_same(content, written):
    told = read_invoice(content)

    assert (told.format, told.kind, told.number) == (written, SupplierKind.INVOICE, "F2026-118")
    assert (told.issue_date, told.due_date) == (dt.date(2026, 11, 3), dt.date(2026, 12, 3))
    assert (told.seller_name, told.seller_siren, told.buyer_siren) == ("Imprimerie du Parc", "552100554", "900274184")
    assert (told.total_excl, told.total_vat, told.total_incl) == (
        Decimal("300.30"),
        Decimal("45.52"),
        Decimal("345.82"),
    )
    assert [(line.description, line.quantity, line.amount_excl) for line in told.lines] == [
        ("Affiches A3", Decimal(2), Decimal("200.00")),
        ("Livrets", Decimal(10), Decimal("100.30")),
    ]
    assert [(tax.rate, tax.amount) for tax in told.taxes] == [
        (Decimal("20.00"), Decimal("40.00")),
        (Decimal("5.50"), Decimal("5.52")),
    ]


def test_a_credit_note_names_what_it_corrects():
    corrects = [{"BT-25": "F2026-101", "BT-26": dt.date(2026, 10, 3)}]

    told = read_invoice(supplied.cii(**{"BT-3": "381", "BG-3": corrects}))

    assert (told.kind, told.corrects_number) == (SupplierKind.CREDIT_NOTE, "F2026-101")


@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        (b"", reading.NotAnInvoice),
        (b"PK\x03\x04 un classeur", reading.NotAnInvoice),
        (supplied.pdf(), reading.NothingInside),
        (supplied.pdf(supplied.cii(), name="conditions.xml"), reading.NothingInside),
        (b"%PDF-1.7 tronqu\xc3\xa9", reading.BrokenPdf),
        (supplied.cii()[:-40], reading.BrokenXml),
        (supplied.cii().replace(b"UTF-8", b"UTF-16", 1), reading.BrokenXml),
        (BOMB, reading.DeclaresEntities),
        (b"<facture><total>12</total></facture>", reading.NotStandard),
        (supplied.cii().replace(b"IssueDateTime", b"IssuedAt"), reading.NotStandard),
        (supplied.cii(**{"BT-5": "USD"}), reading.AnotherCurrency),
        (b"<" + b" " * reading.MAX_BYTES, reading.FileTooBig),
        (re.sub(rb"/F \d+ 0 R", b"/F 1 0 R", supplied.pdf(supplied.cii())), reading.BrokenPdf),
        (supplied.cii().replace(b"345.82", b"9" * 12), reading.NotStandard),
        (supplied.cii().replace(b">2<", b">-1000000000<"), reading.NotStandard),
        (supplied.cii().replace(b">20.00<", b">2000<"), reading.NotStandard),
    ],
    ids=[
        "empty", "workbook", "plain-pdf", "other-attachment", "broken-pdf", "cut", "wrong-encoding", "bomb",
        "not-an-invoice", "off-schema", "dollars", "too-big", "wrong-object", "huge-total", "huge-quantity", "huge-rate",
    ],
)  # fmt: skip
def test_what_is_no_invoice_is_refused_with_a_reason(content, refusal):
    with pytest.raises(refusal) as told:
        read_invoice(content)

    assert told.value.field == "file"
    assert str(told.value.message)
