"""What the slip of cheques and the receipt say on paper."""

from typing import Any

from billing.models import ChequeSlip, Receipt
from billing.papers import seller_of


def slip_paper(slip: ChequeSlip) -> dict[str, Any]:
    """Every cheque with its payer and its number, and the total."""
    cheques = slip.cheques.select_related("payment__account__organisation", "payment__account__person").order_by("pk")
    return {
        "issuer": seller_of(slip.bank_account.issuer),
        "slip": slip,
        "bank_account": slip.bank_account,
        "cheques": [
            {
                "payer": str(cheque.payment.account),
                "reference": cheque.payment.reference,
                "received_on": cheque.payment.received_on,
                "amount": cheque.payment.amount,
            }
            for cheque in cheques
        ],
    }


def receipt_paper(receipt: Receipt) -> dict[str, Any]:
    """What was received, from whom, how, and for which invoices on the day."""
    payment = receipt.payment
    allocations = payment.allocations.live().select_related("invoice").order_by("pk")
    return {
        "issuer": receipt.seller,
        "receipt": receipt,
        "payer": receipt.payer,
        "payment": payment,
        "method": {"cash": "en espèces", "cheque": "par chèque"}[payment.method],
        "invoices": [(allocation.invoice.number, allocation.amount) for allocation in allocations],
    }
