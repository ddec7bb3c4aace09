"""A supplier's electronic invoice, from the bytes that were dropped: Factur-X, CII or UBL."""

import datetime as dt
import io
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext_lazy as _

from billing.enums import SupplierFormat, SupplierKind
from billing.money import to_cents
from hubs.refusals import Refusal

MAX_BYTES = 10 * 1024 * 1024
PDF = b"%PDF-"
# The names that a hybrid invoice may give its XML: Factur-X and its German twins.
EMBEDDED = ("factur-x.xml", "zugferd-invoice.xml", "xrechnung.xml")
CREDIT_NOTES = frozenset({"261", "381", "396", "502", "503"})
# What an amount, a quantity or a price stays below, then a rate of tax.
MOST, MOST_RATE = Decimal(1_000_000_000), Decimal(999)
# SIREN, then SIRET, in the list of schemes of ISO 6523.
SIREN, SIRET = "0002", "0009"


class FileRefused(Refusal):
    field = "file"


class FileTooBig(FileRefused):
    message = _("Ce fichier dépasse 10 Mo.")


class NotAnInvoice(FileRefused):
    message = _("Ce fichier n’est ni un PDF ni un XML. Déposez la facture telle que le fournisseur l’a envoyée.")


class NothingInside(FileRefused):
    message = _(
        "Ce PDF ne porte pas de facture électronique\u00a0: c’est une simple image de facture. "
        "Demandez au fournisseur sa version Factur-X, ou son fichier UBL."
    )


class BrokenPdf(FileRefused):
    message = _("Ce PDF est abîmé ou protégé par un mot de passe\u00a0: il ne se lit pas.")


class BrokenXml(FileRefused):
    message = _("Ce fichier XML est abîmé\u00a0: il ne se lit pas. Demandez au fournisseur de le renvoyer.")


class DeclaresEntities(FileRefused):
    message = _("Ce fichier XML contient une déclaration (DOCTYPE) qu’aucune facture ne porte. Il n’est pas lu.")


class NotStandard(FileRefused):
    message = _(
        "Ce fichier ne suit pas le format des factures électroniques. Le fournisseur doit le corriger. "
        "Détail pour lui\u00a0: %s"
    )


class AnotherCurrency(FileRefused):
    message = _("Cette facture est en %s\u00a0: seules les factures en euros sont lues.")


@dataclass(frozen=True)
class ReadLine:
    position: int
    description: str
    detail: str
    quantity: Decimal
    unit_price_excl: Decimal
    vat_category: str
    vat_rate: Decimal | None
    amount_excl: Decimal


@dataclass(frozen=True)
class ReadTax:
    category: str
    rate: Decimal | None
    base: Decimal
    amount: Decimal


@dataclass(frozen=True)
class ReadInvoice:
    """What the invoice says, in euros, as its supplier wrote it."""

    format: SupplierFormat
    kind: SupplierKind
    number: str
    issue_date: dt.date
    due_date: dt.date | None
    seller_name: str
    seller_siren: str
    seller_vat_number: str
    buyer_name: str
    buyer_siren: str
    order_number: str
    corrects_number: str
    payment_iban: str
    payment_reference: str
    total_excl: Decimal
    total_vat: Decimal
    total_incl: Decimal
    to_pay: Decimal
    lines: list[ReadLine] = field(default_factory=list)
    taxes: list[ReadTax] = field(default_factory=list)


def read_invoice(content: bytes) -> ReadInvoice:
    """Read it, checked against the schema of its format. Raises one of the FileRefused."""
    if len(content) > MAX_BYTES:
        raise FileTooBig
    if content[:1024].lstrip().startswith(PDF):
        return _read_xml(_xml_in(content), SupplierFormat.FACTUR_X)
    if content.lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n\x00").startswith(b"<"):
        return _read_xml(content, None)
    raise NotAnInvoice


def _xml_in(pdf: bytes) -> bytes:
    from pypdf import PdfReader

    # Its remarks on how a supplier's software writes PDFs are for nobody here.
    logging.getLogger("pypdf").setLevel(logging.ERROR)
    # A damaged file fails anywhere in the library: it raises what its own code meets there.
    try:
        carried = PdfReader(io.BytesIO(pdf)).attachments
        for name in EMBEDDED:
            if carried.get(name):
                return bytes(carried[name][0])
    except Exception as error:
        raise BrokenPdf from error
    raise NothingInside


def _read_xml(content: bytes, carried_as: SupplierFormat | None) -> ReadInvoice:
    from facturx import get_flavor, parse_ubl_cii_xml
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        raise BrokenXml from error
    if root.getroottree().docinfo.doctype:
        raise DeclaresEntities
    # The library raises bare Exception for whatever does not follow the schema.
    try:
        flavor = get_flavor(root)
        said = parse_ubl_cii_xml(root)
    except Exception as error:
        detail = str(error).splitlines()[-1][:200]
        raise NotStandard(NotStandard.message % detail) from error
    if said.get("BT-5") != "EUR":
        raise AnotherCurrency(AnotherCurrency.message % said.get("BT-5", "?"))
    written = SupplierFormat.UBL if flavor.startswith("ubl") else SupplierFormat.CII
    try:
        return _told(said, carried_as or written)
    except (KeyError, InvalidOperation) as error:
        raise NotStandard(NotStandard.message % error) from error


def _told(said: Mapping[str, Any], written: SupplierFormat) -> ReadInvoice:
    seller, buyer = said.get("BG-4", {}), said.get("BG-7", {})
    corrected = said.get("BG-3") or [{}]
    return ReadInvoice(
        format=written,
        kind=SupplierKind.CREDIT_NOTE if said["BT-3"] in CREDIT_NOTES else SupplierKind.INVOICE,
        number=said["BT-1"][:80],
        issue_date=said["BT-2"],
        due_date=said.get("BT-9"),
        seller_name=seller["name"][:160],
        seller_siren=_siren_of(seller),
        seller_vat_number=seller.get("vat_identifier", "")[:20],
        buyer_name=buyer.get("name", "")[:160],
        buyer_siren=_siren_of(buyer),
        order_number=said.get("BT-13", "")[:80],
        corrects_number=corrected[0].get("BT-25", "")[:80],
        payment_iban=_first(said.get("BT-84")).replace(" ", "")[:34],
        payment_reference=said.get("BT-83", "")[:140],
        total_excl=to_cents(_number(said["BT-109"])),
        total_vat=to_cents(_number(said.get("BT-110", "0"))),
        total_incl=to_cents(_number(said["BT-112"])),
        to_pay=to_cents(_number(said["BT-115"])),
        lines=[_line(position, line) for position, line in enumerate(said.get("BG-25", []), start=1)],
        taxes=[_tax(tax) for tax in said.get("BG-23", [])],
    )


def _first(value: Any) -> str:
    """Several accounts may be given: the first is the one to pay."""
    return str(value[0] if isinstance(value, list) and value else value or "")


def _siren_of(party: Mapping[str, Any]) -> str:
    scheme, number = party.get("legal_identifier_schemeid"), party.get("legal_identifier", "").replace(" ", "")
    return number[:9] if scheme in (SIREN, SIRET, None) and number[:9].isdigit() else ""


def _line(position: int, line: Mapping[str, Any]) -> ReadLine:
    return ReadLine(
        position=position,
        description=line.get("BT-153", "")[:200],
        detail=line.get("BT-154", "")[:300],
        quantity=_number(line["BT-129"]),
        unit_price_excl=_number(line.get("BT-146", "0")),
        vat_category=line.get("BT-151", "")[:2],
        vat_rate=_rate(line.get("BT-152")),
        amount_excl=to_cents(_number(line["BT-131"])),
    )


def _tax(tax: Mapping[str, Any]) -> ReadTax:
    return ReadTax(
        category=tax.get("BT-118", "")[:2],
        rate=_rate(tax.get("BT-119")),
        base=to_cents(_number(tax.get("BT-116", "0"))),
        amount=to_cents(_number(tax.get("BT-117", "0"))),
    )


def _rate(value: str | None) -> Decimal | None:
    return None if value is None else _number(value, most=MOST_RATE)


def _number(text: str, most: Decimal = MOST) -> Decimal:
    """Raises InvalidOperation, with what was written, for what no invoice says and no column holds."""
    number = Decimal(text)
    if abs(number) >= most:
        raise InvalidOperation(text[:40])
    return number
