"""What an invoice says on paper: seller and buyer as frozen on the day, mentions that the law asks for."""

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from billing import transfers
from billing.credits import totals_of
from billing.enums import InvoiceKind, VatCategory
from billing.models import Account, BuyerProfile, Debit, Instalment, Invoice, Issuer
from billing.money import ZERO, Totals
from hubs import french
from hubs.scope import current_hub

PAYMENT_TERMS = "Par virement, en rappelant la référence ci-contre, ou par chèque à l’ordre de {name}."
DEBIT_TERMS = (
    "Sera prélevée le {day} sur le compte {iban}, selon le mandat {rum} (ICS\u00a0{ics}). Vous n’avez rien à faire."
)
IN_PARTS = "À payer en {count} fois\u00a0: {dates}."
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
        "address": issuer.address,
        "postcode": issuer.postcode,
        "town": issuer.town,
        "einvoice_address": issuer.einvoice_address,
        "rna": issuer.rna,
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


def buyer_of(account: Account, profile: BuyerProfile | None = None) -> dict[str, Any]:
    """The buyer as the invoice will always show them: of a person the name alone, kept ten years (RGPD, art. 5-1-c)."""
    organisation = account.organisation
    if organisation is None:
        return {"name": str(account.person), "address_lines": [], "siren": "", "vat_number": "", "is_person": True}
    profile = profile or BuyerProfile()
    return {
        "name": organisation.name,
        "address_lines": organisation.address_lines,
        "address": organisation.address,
        "postcode": organisation.postcode,
        "town": organisation.town,
        "siren": organisation.siren,
        "siret": organisation.siret,
        "vat_number": organisation.vat_number,
        "vat_status": profile.vat_status,
        "email": organisation.billing_email,
        "einvoice_address": profile.einvoice_address,
        "reference": profile.reference,
        "order_number": profile.order_number,
        "is_public": profile.is_public,
        "service_code": profile.service_code,
        "is_person": False,
    }


def profiles_of(accounts: Iterable[Account]) -> dict[int, BuyerProfile]:
    """What structures ask to read on their invoices, by account id; one query."""
    ids = {account.pk for account in accounts}
    return {profile.account_id: profile for profile in BuyerProfile.objects.filter(account__in=ids)}


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


def vat_groups(sums: Totals) -> list[dict[str, Any]]:
    """The tax by rate, as pages and papers show it."""
    return [
        {
            "label": rate_label(group.category, group.rate),
            "base": group.base,
            "amount": group.amount,
            "exemption_text": group.exemption_text,
        }
        for group in sums.groups
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
    out_of_scope = any(line.vat_category == VatCategory.OUT_OF_SCOPE for line in lines)
    terms, code, is_debited = _how_to_pay(invoice, invoice.total_incl - paid)
    return {
        # BR-O-02: what is out of scope bears no VAT number.
        "issuer": seller | {"vat_number": ""} if out_of_scope else seller,
        "invoice": {
            "kind": invoice.kind,
            "out_of_scope": out_of_scope,
            "number": invoice.number or "",
            "issue_date": invoice.issue_date,
            "due_date": invoice.due_date,
            "period_label": month_name(invoice.period),
            "corrects_number": corrected.number if corrected else "",
            "corrects_date": corrected.issue_date if corrected else None,
            "corrects_dues": bool(corrected and corrected.is_dues),
            "buyer_name": buyer["name"],
            "buyer_address_lines": buyer["address_lines"],
            "delivery_address_lines": [],
            "buyer_siren": buyer["siren"],
            "buyer_siret": buyer.get("siret", "") if buyer.get("is_public") else "",
            "buyer_vat_number": "" if out_of_scope else buyer["vat_number"],
            "buyer_reference": buyer.get("reference", ""),
            "order_number": buyer.get("order_number", ""),
            "service_code": buyer.get("service_code", ""),
            "nature": "Cotisation" if out_of_scope else "Prestations de services",
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
            "vat_groups": vat_groups(totals_of(invoice, lines)),
            "total_excl": invoice.total_excl,
            "total_vat": invoice.total_vat,
            "total_incl": invoice.total_incl,
            "paid_amount": paid,
            "due_amount": invoice.total_incl - paid,
            "payment_terms": terms,
            "is_debited": is_debited,
            "transfer_code": code,
            "payment_reference": "" if corrected else invoice.number,
            # A member who pays dues late owes what the statutes say: C. com. L441-10 is about sales.
            "late_penalty_text": "" if corrected or out_of_scope else LATE_PENALTY,
            "indemnity_text": "" if corrected or out_of_scope or is_person else INDEMNITY,
            "discount_text": "" if corrected or out_of_scope else DISCOUNT,
            "vat_on_debits": seller["vat_on_debits"] and invoice.total_vat != ZERO,
            "legal_mentions": _mentions(invoice, buyer, out_of_scope=out_of_scope),
        },
    }


def _how_to_pay(invoice: Invoice, due: Decimal) -> tuple[str, str, bool]:
    """The words, the code of a transfer as a picture, and whether the bank is asked instead."""
    seller, _buyer = invoice.frozen
    if invoice.is_credit_note:
        return "", "", False
    debit = Debit.objects.expected().filter(invoice=invoice).first()
    if debit is not None:
        day = french.day(debit.collect_on, year=True, weekday=False)
        mandate = debit.mandate
        words = DEBIT_TERMS.format(day=day, iban=mandate.masked_iban, rum=mandate.rum, ics=mandate.ics)
        return words, "", True
    code, terms, parts = "", PAYMENT_TERMS.format(name=seller["name"]), agreed_parts(invoice)
    if parts:
        dates = [
            f"{french.euros(part.amount)} le {french.day(part.due_on, year=True, weekday=False)}" for part in parts
        ]
        terms = f"{terms} {IN_PARTS.format(count=len(parts), dates=', '.join(dates))}"
        due = min(due, parts[0].amount)
    if due > 0 and seller["iban"]:
        code = transfers.data_uri(**transfer_of(invoice, due))
    return terms, code, False


def agreed_parts(invoice: Invoice) -> list[Instalment]:
    """The dates agreed to pay it, in order; none where it has its own alone."""
    parts = Instalment.objects.filter(schedule__invoice=invoice, schedule__ended_at=None)
    return list(parts.order_by("position"))


def transfer_of(invoice: Invoice, due: Decimal) -> dict[str, Any]:
    """The transfer that pays this much of an issued invoice, as `billing.transfers` draws it."""
    seller, _buyer = invoice.frozen
    return {
        "name": seller["name"],
        "iban": seller["iban"],
        "bic": seller["bic"],
        "amount": due,
        "reference": invoice.number,
    }


def _mentions(invoice: Invoice, buyer: dict[str, Any], *, out_of_scope: bool) -> list[str]:
    mentions = [f"Motif de l’avoir\u00a0: {invoice.reason}"] if invoice.is_credit_note else []
    if invoice.quote is not None:
        mentions.append(f"Acompte sur le devis {invoice.quote.number}. La facture finale le déduira.")
        # CGI 269-2-c: paid before the service, the tax is due when the money comes in.
        if invoice.total_vat:
            mentions.append("La TVA est exigible à l’encaissement de l’acompte.")
    if out_of_scope:
        mentions.append("Cotisation hors champ de la TVA.")
    if buyer.get("is_public"):
        mentions.append("Facture destinée à un organisme public, déposée sur Chorus Pro.")
    return mentions


def title_of(invoice: Invoice) -> str:
    """« Facture FA-2026-00042 », « Projet de facture »"""
    if not invoice.is_issued:
        return _("Projet d’appel de cotisation") if invoice.is_dues else _("Projet de facture")
    if invoice.is_opening_balance:
        return _("Solde repris")
    words = {
        InvoiceKind.INVOICE: _("Facture %(number)s"),
        InvoiceKind.DUES: _("Appel de cotisation %(number)s"),
        InvoiceKind.DEPOSIT: _("Facture d’acompte %(number)s"),
        InvoiceKind.CREDIT_NOTE: _("Avoir %(number)s"),
    }
    return words[InvoiceKind(invoice.kind)] % {"number": invoice.number}
