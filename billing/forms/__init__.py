from billing.forms.bank import AsideForm, BankAccountForm, ColumnsForm, DirectForm, PartForm, SlipForm, StatementForm
from billing.forms.books import LedgerRuleForm, NewYearForm, PeriodForm, RevenueForm, StopForm, YearForm
from billing.forms.credits import CreditForm
from billing.forms.debits import AnnounceForm, BankReturnForm, BatchDepositForm, FailForm
from billing.forms.deposits import DepositForm, GiveBackForm, KeepForm, ReceiveForm, RefundForm, SetAgainstForm
from billing.forms.einvoice import BuyerForm, HandInForm
from billing.forms.issuers import FirstIssuerForm, IssuerForm, SuccessorForm, VatRuleForm
from billing.forms.mandates import PaperMandateForm, SignMandateForm
from billing.forms.openings import LastNumberForm, OpeningColumnsForm, OpeningFileForm
from billing.forms.payments import PaymentForm, ReasonForm
from billing.forms.quotes import AnswerForm, ChargeQuoteForm, DepositInvoiceForm, QuoteForm, StaffAnswerForm
from billing.forms.recurring import ChargeForm, EndForm, PriceForm, RecurringForm, day_after
from billing.forms.suppliers import PaidForm, SupplierFileForm

__all__ = [
    "AnnounceForm",
    "AnswerForm",
    "AsideForm",
    "BankAccountForm",
    "BankReturnForm",
    "BatchDepositForm",
    "BuyerForm",
    "ChargeForm",
    "ChargeQuoteForm",
    "ColumnsForm",
    "CreditForm",
    "DepositForm",
    "DepositInvoiceForm",
    "DirectForm",
    "EndForm",
    "FailForm",
    "FirstIssuerForm",
    "GiveBackForm",
    "HandInForm",
    "IssuerForm",
    "KeepForm",
    "LastNumberForm",
    "LedgerRuleForm",
    "NewYearForm",
    "OpeningColumnsForm",
    "OpeningFileForm",
    "PaidForm",
    "PaperMandateForm",
    "PartForm",
    "PaymentForm",
    "PeriodForm",
    "PriceForm",
    "QuoteForm",
    "ReasonForm",
    "ReceiveForm",
    "RecurringForm",
    "RefundForm",
    "RevenueForm",
    "SetAgainstForm",
    "SignMandateForm",
    "SlipForm",
    "StaffAnswerForm",
    "StatementForm",
    "StopForm",
    "SuccessorForm",
    "SupplierFileForm",
    "VatRuleForm",
    "YearForm",
    "day_after",
]
