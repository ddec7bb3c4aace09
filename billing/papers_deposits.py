"""What the papers of a deposit say: the request for it, and its final account."""

import datetime as dt
from typing import Any

from django.utils.translation import gettext as _

from billing.enums import DepositMoveKind, DepositNature
from billing.models import Deposit, DepositMove
from billing.money import ZERO
from billing.papers import buyer_of, seller_of

REQUEST, STATEMENT = "deposit_request", "deposit_statement"
TITLES = {
    (REQUEST, DepositNature.SECURITY): "Demande de dépôt de garantie",
    (REQUEST, DepositNature.KEY): "Demande de caution",
    (STATEMENT, DepositNature.SECURITY): "Solde du dépôt de garantie",
    (STATEMENT, DepositNature.KEY): "Solde de la caution",
}
TERMS = "Par virement, en rappelant la référence ci-contre, ou par chèque à l’ordre de {name}."
NOT_AN_INVOICE = (
    "Cette somme n’est pas le prix d’une prestation\u00a0: elle ne porte pas de TVA et n’est pas une facture. "
    "Elle reste à vous, et vous est rendue en fin d’occupation, moins ce qui serait dû."
)


def title_of_paper(deposit: Deposit, kind: str) -> str:
    return TITLES[kind, DepositNature(deposit.nature)]


def moves_of(deposit: Deposit) -> list[DepositMove]:
    """The moves that count, oldest first, each with what is held after it."""
    moves = list(DepositMove.objects.live().filter(deposit=deposit).in_order())
    held = ZERO
    for move in moves:
        held += move.signed
        move.held_after = held
    return moves


def words_of(move: DepositMove) -> str:
    """« Reçu par virement, VIR 12 », « Retenu : porte à repeindre »"""
    kind = DepositMoveKind(move.kind)
    if kind == DepositMoveKind.RECEIVED:
        words = _("Reçu par %s") % move.get_method_display()
    elif kind == DepositMoveKind.REFUNDED:
        words = _("Rendu par %s") % move.get_method_display()
    elif kind == DepositMoveKind.KEPT:
        words = _("Retenu\u00a0: %s") % move.reason
    else:
        words = _("Imputé sur la facture %s") % move.reference
    details = [words]
    if move.reference and kind in (DepositMoveKind.RECEIVED, DepositMoveKind.REFUNDED):
        details.append(move.reference)
    if move.paid_to:
        details.append(_("compte %s") % move.paid_to)
    return ", ".join(details)


def deposit_paper(deposit: Deposit, kind: str, on: dt.date) -> dict[str, Any]:
    """What templates/billing/deposit_pdf.html shows."""
    seller, buyer = seller_of(deposit.issuer), buyer_of(deposit.account)
    moves = moves_of(deposit)
    held = moves[-1].held_after if moves else ZERO
    return {
        "issuer": seller,
        "deposit": {
            "kind": kind,
            "title": title_of_paper(deposit, kind),
            "buyer_name": buyer["name"],
            "buyer_address_lines": buyer["address_lines"],
            "label": deposit.label,
            "reference": deposit.reference,
            "on": on,
            "asked_on": deposit.asked_on,
            "amount": deposit.amount,
            "to_receive": deposit.amount - sum((m.amount for m in moves if m.kind == DepositMoveKind.RECEIVED), ZERO),
            "moves": [(move.on, words_of(move), move.signed, move.held_after) for move in moves],
            "held": held,
            "terms": TERMS.format(name=seller["name"]),
            "mention": NOT_AN_INVOICE,
        },
    }
