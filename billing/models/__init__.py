from billing.models.account import Account, Charge
from billing.models.arrangement import ArrangedInvoice, ArrangedPart, Arrangement
from billing.models.bank import BankLine, BankStatement, Match
from billing.models.books import BooksArchive, BooksYear, JournalEntry, JournalLine, LedgerAccount, LedgerRule, LockDate
from billing.models.card import CardPayment
from billing.models.debit import BankReturn, Debit, DebitBatch
from billing.models.deposit import Deposit, DepositMove
from billing.models.einvoice import BuyerProfile, ChorusDeposit, DraftCheck
from billing.models.invoice import Invoice, InvoiceLine, MonthClose, NumberSeries
from billing.models.issuer import Issuer, VatRule
from billing.models.mandate import Mandate
from billing.models.minimis import DeclaredAid, MarketPrice, MinimisCertificate, MinimisRegime
from billing.models.opening import OpeningMapping
from billing.models.payment import Allocation, Payment
from billing.models.platform import PlatformArrival, PlatformLink, Transmission, TransmissionStatus
from billing.models.quote import Quote, QuoteLine
from billing.models.receipt import Receipt
from billing.models.recurring import HeldBack, RecurringCharge, RecurringPrice, RecurringSkip
from billing.models.refund import Refund
from billing.models.reminder import Dispute, PenaltyRate, Reminder, ReminderException, ReminderLevel, ReminderPolicy
from billing.models.schedule import Instalment, Schedule
from billing.models.seal import Seal, SealCheck
from billing.models.slip import ChequeSlip, Payout, PayoutPayment, SlipCheque
from billing.models.supplier import SupplierInvoice, SupplierInvoiceLine, SupplierInvoiceTax
from billing.models.treasury import BankAccount, ColumnMapping

__all__ = [
    "Account",
    "Allocation",
    "ArrangedInvoice",
    "ArrangedPart",
    "Arrangement",
    "BankAccount",
    "BankLine",
    "BankReturn",
    "BankStatement",
    "BooksArchive",
    "BooksYear",
    "BuyerProfile",
    "CardPayment",
    "Charge",
    "ChequeSlip",
    "ChorusDeposit",
    "ColumnMapping",
    "Debit",
    "DebitBatch",
    "DeclaredAid",
    "Deposit",
    "DepositMove",
    "Dispute",
    "DraftCheck",
    "HeldBack",
    "Instalment",
    "Invoice",
    "InvoiceLine",
    "Issuer",
    "JournalEntry",
    "JournalLine",
    "LedgerAccount",
    "LedgerRule",
    "LockDate",
    "Mandate",
    "MarketPrice",
    "Match",
    "MinimisCertificate",
    "MinimisRegime",
    "MonthClose",
    "NumberSeries",
    "OpeningMapping",
    "Payment",
    "Payout",
    "PayoutPayment",
    "PenaltyRate",
    "PlatformArrival",
    "PlatformLink",
    "Quote",
    "QuoteLine",
    "Receipt",
    "RecurringCharge",
    "RecurringPrice",
    "RecurringSkip",
    "Refund",
    "Reminder",
    "ReminderException",
    "ReminderLevel",
    "ReminderPolicy",
    "Schedule",
    "Seal",
    "SealCheck",
    "SlipCheque",
    "SupplierInvoice",
    "SupplierInvoiceLine",
    "SupplierInvoiceTax",
    "Transmission",
    "TransmissionStatus",
    "VatRule",
]
