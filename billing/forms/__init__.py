from billing.forms.bank import AsideForm, BankAccountForm, ColumnsForm, DirectForm, PartForm, SlipForm, StatementForm
from billing.forms.books import LedgerRuleForm, NewYearForm, PeriodForm, RevenueForm, StopForm, YearForm
from billing.forms.credits import CreditForm
from billing.forms.debits import AnnounceForm, BankReturnForm, BatchDepositForm, FailForm
from billing.forms.deposits import DepositForm, GiveBackForm, KeepForm, ReceiveForm, RefundForm, SetAgainstForm
from billing.forms.einvoice import BuyerForm, HandInForm, SendingForm
from billing.forms.issuers import FirstIssuerForm, IssuerForm, SuccessorForm, VatRuleForm
from billing.forms.mandates import PaperMandateForm, SignMandateForm
from billing.forms.openings import LastNumberForm, OpeningColumnsForm, OpeningFileForm
from billing.forms.payments import PaymentForm, ReasonForm
from billing.forms.quotes import AnswerForm, ChargeQuoteForm, DepositInvoiceForm, HolderForm, QuoteForm, StaffAnswerForm
from billing.forms.recurring import ChargeForm, EndForm, PriceForm, RecurringForm, day_after
from billing.forms.reminders import (
    CallForm,
    DetailForm,
    DisputeAnswerForm,
    DisputeForm,
    EqualPartsForm,
    ExceptionForm,
    LevelForm,
    PenaltyRateForm,
    PolicyForm,
    ScheduleForm,
    StatementPeriodForm,
)
from billing.forms.suppliers import PaidForm, SupplierFileForm

__all__ = [
    "AnnounceForm",
    "AnswerForm",
    "AsideForm",
    "BankAccountForm",
    "BankReturnForm",
    "BatchDepositForm",
    "BuyerForm",
    "CallForm",
    "ChargeForm",
    "ChargeQuoteForm",
    "ColumnsForm",
    "CreditForm",
    "DepositForm",
    "DepositInvoiceForm",
    "DetailForm",
    "DirectForm",
    "DisputeAnswerForm",
    "DisputeForm",
    "EndForm",
    "EqualPartsForm",
    "ExceptionForm",
    "FailForm",
    "FirstIssuerForm",
    "GiveBackForm",
    "HandInForm",
    "HolderForm",
    "IssuerForm",
    "KeepForm",
    "LastNumberForm",
    "LedgerRuleForm",
    "LevelForm",
    "NewYearForm",
    "OpeningColumnsForm",
    "OpeningFileForm",
    "PaidForm",
    "PaperMandateForm",
    "PartForm",
    "PaymentForm",
    "PenaltyRateForm",
    "PeriodForm",
    "PolicyForm",
    "PriceForm",
    "QuoteForm",
    "ReasonForm",
    "ReceiveForm",
    "RecurringForm",
    "RefundForm",
    "RevenueForm",
    "ScheduleForm",
    "SendingForm",
    "SetAgainstForm",
    "SignMandateForm",
    "SlipForm",
    "StaffAnswerForm",
    "StatementForm",
    "StatementPeriodForm",
    "StopForm",
    "SuccessorForm",
    "SupplierFileForm",
    "VatRuleForm",
    "YearForm",
    "day_after",
]
