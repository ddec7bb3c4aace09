"""What billing does for the other apps and for its pages."""

from billing.actions.charges import (
    AlreadyInvoiced,
    NothingToReverse,
    UnknownVatRule,
    account_for,
    charge,
    reverse,
)
from billing.actions.invoices import (
    AlreadyCredited,
    NotCreditable,
    credit_invoice,
    issue_invoice,
    render_invoice,
    send_invoice_again,
)
from billing.actions.months import (
    MonthAlreadyIssued,
    MonthNotBegun,
    NoIssuer,
    PreviewChanged,
    issue_month,
    preview_month,
    resume_month,
)
from billing.actions.payments import (
    PaymentCancelled,
    PaymentInFuture,
    cancel_payment,
    record_payment,
)

__all__ = [
    "AlreadyCredited",
    "AlreadyInvoiced",
    "MonthAlreadyIssued",
    "MonthNotBegun",
    "NoIssuer",
    "NotCreditable",
    "NothingToReverse",
    "PaymentCancelled",
    "PaymentInFuture",
    "PreviewChanged",
    "UnknownVatRule",
    "account_for",
    "cancel_payment",
    "charge",
    "credit_invoice",
    "issue_invoice",
    "issue_month",
    "preview_month",
    "record_payment",
    "render_invoice",
    "resume_month",
    "reverse",
    "send_invoice_again",
]
