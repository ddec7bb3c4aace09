"""What an invoice says on paper: seller and buyer as frozen on the day, mentions that the law asks for."""

import datetime as dt
from decimal import Decimal
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from billing.enums import VatCategory
from billing.models import Account, Invoice, InvoiceLine, Issuer
from billing.money import ZERO, totals
from hubs import french
from hubs.scope import current_hub

PAYMENT_TERMS = "Par virement, en rappelant la référence ci-contre, ou par chèque à l’ordre de {name}."
DISCOUNT = "Pas d’escompte pour paiement anticipé."
# C. com. L441-10 and D441-5.
LATE_PENALTY = (
    "En cas de retard, des pénalités sont dues au taux de refinancement de la Banque centrale européenne "
    "majoré de 10\u00a0points."
)
INDEMNITY = "Un retard entraîne aussi une indemnité forfaitaire de 40\u00a0€ pour frais de recouvrement."


def month_name(month: dt.date) -> str:
    """« octobre 2026 »"""
    return date_format(month, "F Y")


def seller_of(issuer: Issuer) -> dict[str, Any]:
    """The issuer as the invoice will always show it."""
    form = f"{issuer.legal_form} au capital de {issuer.capital}" if issuer.capital else issuer.legal_form
    return {
        "name": issuer.legal_name,
        "legal_form": form,
        "address_lines": [issuer.address, f"{issuer.postcode} {issuer.town}"],
        "siren": issuer.siren,
        "siret": issuer.siret,
        "vat_number": issuer.vat_number,
        "rcs_or_rna": f"RNA\u00a0{issuer.rna}" if issuer.rna else "",
        "email": issuer.email,
        "website": issuer.website,
        "iban": issuer.iban,
        "bic": issuer.bic,
        "vat_on_debits": issuer.vat_on_debits,
        "accent": current_hub().accent,
        "logo_data_uri": "",
    }


def buyer_of(account: Account) -> dict[str, Any]:
    """The buyer as the invoice will always show them."""
    organisation = account.organisation
    if organisation is None:
        return {"name": str(account.person), "address_lines": [], "siren": "", "vat_number": "", "is_person": True}
    return {
        "name": organisation.name,
        "address_lines": organisation.address_lines,
        "siren": organisation.siren,
        "vat_number": organisation.vat_number,
        "is_person": False,
    }


def rate_label(category: str, rate: Decimal | None) -> str:
    """« 20 % », « exonérée », « hors champ »"""
    if category == VatCategory.STANDARD and rate is not None:
        return f"{french.number(rate.normalize() + 0)}\u00a0%"
    return str(VatCategory(category).label)


def supplier_rate(category: str, rate: Decimal | None) -> str:
    """The same, of a category that may be none of ours."""
    if category in VatCategory.values:
        return rate_label(category, rate)
    return category if rate is None else f"{french.number(rate.normalize() + 0)}\u00a0%"


def vat_groups(lines: list[InvoiceLine]) -> list[dict[str, Any]]:
    return [
        {
            "label": rate_label(group.category, group.rate),
            "base": group.base,
            "amount": group.amount,
            "exemption_text": group.exemption_text,
        }
        for group in totals(lines).groups
    ]


def paper_of(invoice: Invoice) -> dict[str, Any]:
    """What templates/billing/invoice_pdf.html shows: what was true when the invoice was issued.

    `paid` is what the account had in hand that day; later payments are for the account page.
    """
    seller, buyer = invoice.frozen
    lines = list(invoice.lines.order_by("position"))
    paid = invoice.paid_on_issue
    corrected = invoice.corrects
    is_person = buyer["is_person"]
    return {
        "issuer": seller,
        "invoice": {
            "kind": invoice.kind,
            "number": invoice.number or "",
            "issue_date": invoice.issue_date,
            "due_date": invoice.due_date,
            "period_label": month_name(invoice.period),
            "corrects_number": corrected.number if corrected else "",
            "corrects_date": corrected.issue_date if corrected else None,
            "buyer_name": buyer["name"],
            "buyer_address_lines": buyer["address_lines"],
            "delivery_address_lines": [],
            "buyer_siren": buyer["siren"],
            "buyer_vat_number": buyer["vat_number"],
            "buyer_reference": "",
            "nature": "Prestations de services",
            "lines": [
                {
                    "description": line.description,
                    "detail": line.detail,
                    "quantity": line.quantity,
                    "unit_label": line.unit_label,
                    "unit_price_excl": line.unit_price_excl,
                    "vat_label": rate_label(line.vat_category, line.vat_rate),
                    "amount_excl": line.amount_excl,
                }
                for line in lines
            ],
            "vat_groups": vat_groups(lines),
            "total_excl": invoice.total_excl,
            "total_vat": invoice.total_vat,
            "total_incl": invoice.total_incl,
            "paid_amount": paid,
            "due_amount": invoice.total_incl - paid,
            "payment_terms": "" if corrected else PAYMENT_TERMS.format(name=seller["name"]),
            "payment_reference": "" if corrected else invoice.number,
            "late_penalty_text": "" if corrected else LATE_PENALTY,
            "indemnity_text": "" if corrected or is_person else INDEMNITY,
            "discount_text": "" if corrected else DISCOUNT,
            "vat_on_debits": seller["vat_on_debits"] and invoice.total_vat != ZERO,
            "legal_mentions": [f"Motif de l’avoir\u00a0: {invoice.reason}"] if corrected else [],
        },
    }


def title_of(invoice: Invoice) -> str:
    """« Facture FA-2026-00042 », « Projet de facture »"""
    if not invoice.is_issued:
        return _("Projet de facture")
    words = _("Avoir %(number)s") if invoice.is_credit_note else _("Facture %(number)s")
    return words % {"number": invoice.number}
