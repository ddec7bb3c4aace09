from billing.models.account import Account, Charge
from billing.models.card import CardPayment
from billing.models.einvoice import BuyerProfile, ChorusDeposit, DraftCheck
from billing.models.invoice import Invoice, InvoiceLine, MonthClose, NumberSeries
from billing.models.issuer import Issuer, VatRule
from billing.models.payment import Allocation, Payment
from billing.models.quote import Quote, QuoteLine
from billing.models.recurring import HeldBack, RecurringCharge, RecurringPrice, RecurringSkip
from billing.models.supplier import SupplierInvoice, SupplierInvoiceLine, SupplierInvoiceTax

__all__ = [
    "Account",
    "Allocation",
    "BuyerProfile",
    "CardPayment",
    "Charge",
    "ChorusDeposit",
    "DraftCheck",
    "HeldBack",
    "Invoice",
    "InvoiceLine",
    "Issuer",
    "MonthClose",
    "NumberSeries",
    "Payment",
    "Quote",
    "QuoteLine",
    "RecurringCharge",
    "RecurringPrice",
    "RecurringSkip",
    "SupplierInvoice",
    "SupplierInvoiceLine",
    "SupplierInvoiceTax",
    "VatRule",
]
