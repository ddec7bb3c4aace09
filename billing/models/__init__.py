from billing.models.account import Account, Charge
from billing.models.books import BooksArchive, BooksYear, JournalEntry, JournalLine, LedgerAccount, LedgerRule, LockDate
from billing.models.card import CardPayment
from billing.models.einvoice import BuyerProfile, ChorusDeposit, DraftCheck
from billing.models.invoice import Invoice, InvoiceLine, MonthClose, NumberSeries
from billing.models.issuer import Issuer, VatRule
from billing.models.payment import Allocation, Payment
from billing.models.quote import Quote, QuoteLine
from billing.models.recurring import HeldBack, RecurringCharge, RecurringPrice, RecurringSkip
from billing.models.seal import Seal, SealCheck
from billing.models.supplier import SupplierInvoice, SupplierInvoiceLine, SupplierInvoiceTax

__all__ = [
    "Account",
    "Allocation",
    "BooksArchive",
    "BooksYear",
    "BuyerProfile",
    "CardPayment",
    "Charge",
    "ChorusDeposit",
    "DraftCheck",
    "HeldBack",
    "Invoice",
    "InvoiceLine",
    "Issuer",
    "JournalEntry",
    "JournalLine",
    "LedgerAccount",
    "LedgerRule",
    "LockDate",
    "MonthClose",
    "NumberSeries",
    "Payment",
    "Quote",
    "QuoteLine",
    "RecurringCharge",
    "RecurringPrice",
    "RecurringSkip",
    "Seal",
    "SealCheck",
    "SupplierInvoice",
    "SupplierInvoiceLine",
    "SupplierInvoiceTax",
    "VatRule",
]
