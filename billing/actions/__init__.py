"""What billing does for the other apps and for its pages."""

from billing.actions.charges import (
    AlreadyInvoiced,
    NothingToReverse,
    UnknownVatRule,
    account_for,
    charge,
    reverse,
)

__all__ = [
    "AlreadyInvoiced",
    "NothingToReverse",
    "UnknownVatRule",
    "account_for",
    "charge",
    "reverse",
]
