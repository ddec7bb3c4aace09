"""What a quote and a pro forma invoice say on paper. Neither is an invoice, and the paper says so."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from billing.models import Account, Issuer, Quote
from billing.money import Totals, totals
from billing.papers import buyer_of, rate_label, seller_of, vat_groups
from hubs import french

APPROVAL = "Bon pour accord, avec la date, le nom et la signature"
PRO_FORMA = "Facture pro forma – ne vaut pas facture"


def paper_of_quote(quote: Quote) -> dict[str, Any]:
    """What templates/billing/quote_pdf.html shows of a sent quote: what was offered on the day."""
    seller, buyer = quote.frozen
    day = french.day(quote.valid_until, year=True, weekday=False)
    return _paper(
        seller,
        buyer,
        list(quote.lines.order_by("position")),
        heading=f"Devis {quote.number}",
        subject=quote.title,
        date=quote.sent_on,
        valid_until=quote.valid_until,
        mentions=[
            *([quote.note] if quote.note else []),
            f"Ce devis est gratuit et vaut jusqu’au {day} inclus.",
            "Il s’accepte depuis votre espace sur le portail, ou par le retour de cette page signée.",
        ],
        approval=APPROVAL,
    )


def pro_forma_of_quote(quote: Quote, issuer: Issuer, today: dt.date) -> dict[str, Any]:
    """A quote, sent or not, as the invoice that it would make."""
    seller, buyer = quote.frozen if quote.is_sent else (seller_of(issuer), buyer_of(quote.account))
    return _pro_forma(seller, buyer, list(quote.lines.order_by("position")), quote.title, today)


def pro_forma_of_lines(
    account: Account, issuer: Issuer, lines: Iterable[Any], subject: str, today: dt.date
) -> dict[str, Any]:
    """What the close of a month would invoice to an account."""
    return _pro_forma(seller_of(issuer), buyer_of(account), list(lines), subject, today)


def _pro_forma(
    seller: dict[str, Any], buyer: dict[str, Any], lines: list[Any], subject: str, today: dt.date
) -> dict[str, Any]:
    mentions = [
        "Ce document ne porte pas de numéro, ne se règle pas et n’ouvre pas droit à déduction de la TVA\u00a0: "
        "la facture suivra."
    ]
    return _paper(
        seller, buyer, lines, heading="Facture pro forma", subject=subject, date=today, valid_until=None,
        mentions=mentions, standing=PRO_FORMA,
    )  # fmt: skip


def _paper(
    seller: dict[str, Any],
    buyer: dict[str, Any],
    lines: list[Any],
    *,
    heading: str,
    subject: str,
    date: dt.date | None,
    valid_until: dt.date | None,
    mentions: list[str],
    standing: str = "",
    approval: str = "",
) -> dict[str, Any]:
    sums: Totals = totals(lines)
    return {
        "issuer": seller,
        "paper": {
            "heading": heading,
            "standing": standing,
            "subject": subject,
            "date": date,
            "valid_until": valid_until,
            "buyer_name": buyer["name"],
            "buyer_address_lines": buyer["address_lines"],
            "buyer_siren": buyer["siren"],
            "buyer_vat_number": buyer["vat_number"],
            "lines": [
                {
                    "description": line.description,
                    "detail": getattr(line, "detail", ""),
                    "quantity": line.quantity,
                    "unit_label": line.unit_label,
                    "unit_price_excl": line.unit_price_excl,
                    "vat_label": rate_label(line.vat_category, line.vat_rate),
                    "amount_excl": line.amount_excl,
                }
                for line in lines
            ],
            "vat_groups": vat_groups(sums),
            "total_excl": sums.excl,
            "total_vat": sums.vat,
            "total_incl": sums.incl,
            "mentions": mentions,
            "approval": approval,
        },
    }


def quote_title(quote: Quote) -> str:
    """« Devis DE-2026-00004 », « Brouillon de devis »"""
    return _("Devis %s") % quote.number if quote.number else _("Brouillon de devis")
