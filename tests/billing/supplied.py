"""Electronic invoices as suppliers would send them, made by the library that the product reads them with."""

import datetime as dt
import io
from typing import Any

from facturx import generate_cii_xml, generate_ubl_xml
from pypdf import PdfWriter

PRINTER = {
    "name": "Imprimerie du Parc",
    "legal_identifier": "552100554",
    "legal_identifier_schemeid": "0002",
    "vat_identifier": "FR89552100554",
    "addr_l1": "3 rue des Presses",
    "postcode": "21000",
    "city": "Dijon",
    "country_code": "FR",
}
# SIREN of IssuerFactory.
US = {
    "name": "Association du pôle",
    "legal_identifier": "900274184",
    "legal_identifier_schemeid": "0002",
    "addr_l1": "9 place Galilée",
    "postcode": "21000",
    "city": "Dijon",
    "country_code": "FR",
}


def said(**changes: Any) -> dict[str, Any]:
    """Two posters at 100 € and 20 %, ten booklets at 10.03 € and 5.5 %: 345.82 € by 3 December 2026."""
    return {
        "BT-1": "F2026-118",
        "BT-2": dt.date(2026, 11, 3),
        "BT-3": "380",
        "BT-5": "EUR",
        "BT-9": dt.date(2026, 12, 3),
        "BT-72": dt.date(2026, 10, 31),
        "BT-81": "58",
        "BT-83": "F2026-118",
        "BT-84": "FR7630006000011234567890189",
        "BG-4": dict(PRINTER),
        "BG-7": dict(US),
        "BG-25": [
            {
                "BT-126": "1", "BT-129": "2", "BT-130": "C62", "BT-131": "200.00", "BT-146": "100.00", "BT-151": "S",
                "BT-152": "20.00", "BT-153": "Affiches A3",
            },
            {
                "BT-126": "2", "BT-129": "10", "BT-130": "C62", "BT-131": "100.30", "BT-146": "10.03", "BT-151": "S",
                "BT-152": "5.50", "BT-153": "Livrets",
            },
        ],
        "BG-23": [
            {"BT-116": "200.00", "BT-117": "40.00", "BT-118": "S", "BT-119": "20.00"},
            {"BT-116": "100.30", "BT-117": "5.52", "BT-118": "S", "BT-119": "5.50"},
        ],
        "BT-106": "300.30",
        "BT-109": "300.30",
        "BT-110": "45.52",
        "BT-112": "345.82",
        "BT-115": "345.82",
    } | changes  # fmt: skip


def cii(**changes: Any) -> bytes:
    return generate_cii_xml(said(**changes), check_schematron=False, level="en16931")


def ubl(**changes: Any) -> bytes:
    return generate_ubl_xml(said(**changes), check_schematron=False, level="en16931")


def pdf(carrying: bytes | None = None, name: str = "factur-x.xml") -> bytes:
    writer = PdfWriter()
    writer.add_blank_page(width=200, height=200)
    if carrying is not None:
        writer.add_attachment(name, carrying)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()
