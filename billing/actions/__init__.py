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
    NoRecipient,
    NotCreditable,
    credit_invoice,
    issue_invoice,
    render_invoice,
    send_invoice_again,
)
from billing.actions.issuers import (
    AlreadyInvoicedThen,
    AnotherBody,
    IssuerBeforeOther,
    IssuerPlanned,
    describe_issuer,
    succeed_issuer,
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
    AmountNotPositive,
    PaymentCancelled,
    PaymentInFuture,
    cancel_payment,
    record_payment,
)
from billing.actions.rates import ExemptionUnsaid, RuleInThePast, WrongRate, set_vat_rule

__all__ = [
    "AlreadyCredited",
    "AlreadyInvoiced",
    "AlreadyInvoicedThen",
    "AmountNotPositive",
    "AnotherBody",
    "ExemptionUnsaid",
    "IssuerBeforeOther",
    "IssuerPlanned",
    "MonthAlreadyIssued",
    "MonthNotBegun",
    "NoIssuer",
    "NoRecipient",
    "NotCreditable",
    "NothingToReverse",
    "PaymentCancelled",
    "PaymentInFuture",
    "PreviewChanged",
    "RuleInThePast",
    "UnknownVatRule",
    "WrongRate",
    "account_for",
    "cancel_payment",
    "charge",
    "credit_invoice",
    "describe_issuer",
    "issue_invoice",
    "issue_month",
    "preview_month",
    "record_payment",
    "render_invoice",
    "resume_month",
    "reverse",
    "send_invoice_again",
    "set_vat_rule",
    "succeed_issuer",
]
