"""From facts to CII XML at profile EN 16931, as the French rules want it (XP Z12-012)."""

import datetime as dt
from decimal import Decimal
from typing import Any

from billing.einvoice.facts import Facts, Line
from billing.enums import BuyerVat, InvoiceKind, VatCategory
from billing.money import ZERO, totals
from billing.papers import DISCOUNT, INDEMNITY, LATE_PENALTY, PAYMENT_TERMS
from documents.metadata import ExtensionSchema, Property
from hubs.exports import plain

FILE_NAME = "factur-x.xml"
FACTUR_X = ExtensionSchema(
    title="Factur-X PDFA Extension Schema",
    namespace="urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#",
    prefix="fx",
    properties=(
        Property("DocumentFileName", FILE_NAME, "Text", "The name of the embedded XML document"),
        Property("DocumentType", "INVOICE", "Text", "The type of the hybrid document in capital letters"),
        Property("Version", "1.0", "Text", "The version of the standard applying to the embedded XML document"),
        Property("ConformanceLevel", "EN 16931", "Text", "The conformance level of the embedded XML document"),
    ),
)

SIREN, SIRET, EMAIL = "0002", "0009", "EM"
# The French address of electronic invoicing, that begins with the SIREN.
FRENCH_ADDRESS = "0225"
TYPE_CODES = {
    InvoiceKind.INVOICE: "380",
    InvoiceKind.DUES: "380",
    InvoiceKind.CREDIT_NOTE: "381",
    InvoiceKind.DEPOSIT: "386",
}
# Services; « already paid » when nothing is left to pay.
SERVICES, ALREADY_PAID = "S1", "S2"
# UN/ECE recommendation 20; what is not named is « one ».
UNITS = {
    "minute": "MIN", "heure": "HUR", "jour": "DAY", "semaine": "WEE", "mois": "MON", "année": "ANN", "an": "ANN",
    "km": "KMT", "m²": "MTK", "kg": "KGM",
}  # fmt: skip
TRANSFER, DIRECT_DEBIT = "30", "59"
ON_DEBITS, ON_PAYMENT = "5", "72"
NO_INDEMNITY = "Aucune indemnité forfaitaire n’est demandée à un particulier."
NOTHING_ON_DUES = "Ni pénalité ni indemnité de retard sur une cotisation."
COLLECTED = "Prélevé sur votre compte bancaire à l’échéance."
CREDITED = "Déduit de ce que vous devez, ou remboursé."


def cii_xml(facts: Facts) -> bytes:
    """The XML, not checked: billing.einvoice.checker does it, in a process of its own."""
    # Slow to import, and needed by workers only.
    from facturx import generate_cii_xml

    xml: bytes = generate_cii_xml(_fields(facts), level="en16931", check_xsd=False, check_schematron="")
    return xml


def treatment(facts: Facts) -> str:
    """What the tax office is told of it (note BAR): sent to a business, or reported only."""
    if facts.is_out_of_scope:
        return "OUTOFSCOPE"
    buyer = facts.buyer
    subject = buyer.get("siren") and buyer.get("vat_status") != BuyerVat.EXEMPT
    return "B2B" if subject or buyer.get("is_public") else "B2C"


def _fields(facts: Facts) -> dict[str, Any]:
    """Keyed by the terms of EN 16931; the library wants amounts as text, and changes what it is given."""
    buyer = facts.buyer
    fields: dict[str, Any] = {
        "BT-1": facts.number,
        "BT-2": facts.issue_date,
        "BT-3": TYPE_CODES[InvoiceKind(facts.kind)],
        "BT-5": "EUR",
        "BT-10": buyer.get("service_code") or buyer.get("reference") or "",
        "BT-13": buyer.get("order_number", ""),
        "BT-23": ALREADY_PAID if facts.is_settled else SERVICES,
        "BT-72": max((line.on for line in facts.lines), default=facts.issue_date),
        "BT-106": _cents(facts.total_excl),
        "BT-109": _cents(facts.total_excl),
        "BT-110": _cents(facts.total_vat),
        "BT-112": _cents(facts.total_incl),
        "BT-115": _cents(facts.total_incl - facts.paid),
        "BG-1": _notes(facts),
        "BG-4": _seller(facts),
        "BG-7": _buyer(facts),
        "BG-23": _taxes(facts),
        "BG-25": [_line(rank, line) for rank, line in enumerate(facts.lines, start=1)],
    }
    return fields | _settlement(facts)


def _settlement(facts: Facts) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    if facts.total_vat:
        fields["BT-8"] = ON_DEBITS if facts.seller["vat_on_debits"] else ON_PAYMENT
    if facts.paid or facts.is_settled:
        fields["BT-113"] = _cents(facts.paid)
    if facts.corrects:
        number, day = facts.corrects
        return fields | {"BG-3": [{"BT-25": number, "BT-26": day}], "BT-20": CREDITED}
    # BR-FR-CO-09: what is paid already is due on the day it was paid.
    fields["BT-9"] = facts.issue_date if facts.is_settled else facts.due_date
    if (mandate := facts.mandate) and not facts.is_settled:
        fields |= {"BT-81": DIRECT_DEBIT, "BT-83": facts.number, "BT-20": COLLECTED}
        return fields | {"BT-89": mandate.rum, "BT-90": mandate.ics, "BT-91": mandate.iban}
    if iban := facts.seller["iban"]:
        name = facts.seller["name"]
        fields |= {"BT-81": TRANSFER, "BT-83": facts.number, "BT-84": iban, "BT-20": PAYMENT_TERMS.format(name=name)}
        if bic := facts.seller["bic"]:
            fields["BT-86"] = bic
    return fields


def _notes(facts: Facts) -> list[dict[str, str]]:
    seller = facts.seller
    indemnity, penalty = (NO_INDEMNITY if facts.buyer["is_person"] else INDEMNITY), LATE_PENALTY
    if facts.is_out_of_scope:
        indemnity = penalty = NOTHING_ON_DUES
    # The first three are asked for once each, whatever they say (BR-FR-05, BR-FR-06).
    notes = [("PMT", indemnity), ("PMD", penalty), ("AAB", DISCOUNT), ("BAR", treatment(facts))]
    if legal := ", ".join(text for text in (seller["legal_form"], seller["rcs_or_rna"]) if text):
        notes.append(("REG", legal))
    return [{"BT-21": code, "BT-22": text} for code, text in notes]


def _seller(facts: Facts) -> dict[str, Any]:
    seller = facts.seller
    party = _party(seller) | {"legal_info": seller["legal_form"]}
    siren, address = seller["siren"], seller.get("einvoice_address") or seller["siren"]
    if address:
        party |= {"einvoicing_addr": address, "einvoicing_addr_schemeid": FRENCH_ADDRESS}
    elif seller["email"]:
        party |= {"einvoicing_addr": seller["email"], "einvoicing_addr_schemeid": EMAIL}
    if not siren and seller.get("rna"):
        party["identifiers"] = {"": seller["rna"]}
    # A seller with no VAT number is known to the tax office by its SIREN (BR-E-02).
    if seller["vat_number"] and not facts.is_out_of_scope:
        party["vat_identifier"] = seller["vat_number"]
    elif not facts.is_out_of_scope:
        party["tax_identifier"] = siren or seller.get("rna", "")
    return party


def _buyer(facts: Facts) -> dict[str, Any]:
    buyer = facts.buyer
    party = _party(buyer)
    if treatment(facts) == "B2B":
        party["einvoicing_addr"] = buyer.get("einvoice_address") or buyer["siren"]
        party["einvoicing_addr_schemeid"] = FRENCH_ADDRESS
    elif buyer.get("email"):
        party |= {"einvoicing_addr": buyer["email"], "einvoicing_addr_schemeid": EMAIL}
    if buyer["vat_number"] and not facts.is_out_of_scope:
        party["vat_identifier"] = buyer["vat_number"]
    return party


def _party(said: Any) -> dict[str, Any]:
    """Name, numbers and address; all are in France, a person's address is that alone."""
    party = {
        "name": plain(said["name"]),
        "country_code": "FR",
        "addr_l1": plain(said.get("address", "")),
        "postcode": plain(said.get("postcode", "")),
        "city": plain(said.get("town", "")),
    }
    if siren := said["siren"]:
        party |= {"legal_identifier": siren, "legal_identifier_schemeid": SIREN}
    if siret := said.get("siret"):
        party["identifiers"] = {SIRET: siret}
    return party


def _taxes(facts: Facts) -> list[dict[str, str]]:
    """One breakdown per category and rate: two exemptions share theirs, each with its text (BR-E-01)."""
    found: dict[tuple[str, Decimal | None], dict[str, Any]] = {}
    for group in facts.credited or totals(facts.lines).groups:
        tax = found.setdefault((group.category, group.rate), {"base": ZERO, "amount": ZERO, "texts": []})
        tax["base"] += group.base
        tax["amount"] += group.amount
        tax["texts"] += [group.exemption_text] if group.exemption_text else []
    return [_tax(facts, category, rate, tax) for (category, rate), tax in found.items()]


def _tax(facts: Facts, category: str, rate: Decimal | None, tax: dict[str, Any]) -> dict[str, str]:
    fields = {"BT-116": _cents(tax["base"]), "BT-117": _cents(tax["amount"]), "BT-118": category}
    if category != VatCategory.OUT_OF_SCOPE:
        fields["BT-119"] = _rate(rate)
    if category not in (VatCategory.STANDARD, VatCategory.ZERO):
        codes = {line.exemption_code for line in facts.lines if line.vat_category == category and line.exemption_code}
        code = "VATEX-EU-O" if category == VatCategory.OUT_OF_SCOPE else codes.pop() if len(codes) == 1 else ""
        fields |= {"BT-120": " ; ".join(tax["texts"])} | ({"BT-121": code} if code else {})
    return fields


def _line(rank: int, line: Line) -> dict[str, Any]:
    """A discount is a negative quantity: a price never is (BR-27)."""
    day: dt.date = line.on
    fields = {
        "BT-126": str(rank),
        "BT-129": f"{line.quantity:.4f}",
        "BT-130": UNITS.get(line.unit_label.rstrip("s") if line.unit_label != "mois" else "mois", "C62"),
        "BT-131": _cents(line.amount_excl),
        "BT-134": day,
        "BT-135": day,
        "BT-146": f"{line.unit_price_excl:.4f}",
        "BT-151": line.vat_category,
        "BT-153": plain(line.description),
        "BT-154": plain(line.detail),
    }
    if line.vat_category != VatCategory.OUT_OF_SCOPE:
        fields["BT-152"] = _rate(line.vat_rate)
    return fields


def _cents(amount: Decimal) -> str:
    return f"{amount:.2f}"


def _rate(rate: Decimal | None) -> str:
    return f"{rate or ZERO:.2f}"
