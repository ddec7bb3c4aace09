from billing.forms.books import LedgerRuleForm, NewYearForm, PeriodForm, RevenueForm, StopForm, YearForm
from billing.forms.credits import CreditForm
from billing.forms.einvoice import BuyerForm, HandInForm
from billing.forms.issuers import IssuerForm, SuccessorForm, VatRuleForm
from billing.forms.payments import PaymentForm, ReasonForm
from billing.forms.quotes import AnswerForm, ChargeQuoteForm, DepositInvoiceForm, QuoteForm, StaffAnswerForm
from billing.forms.recurring import ChargeForm, EndForm, PriceForm, RecurringForm, day_after
from billing.forms.suppliers import PaidForm, SupplierFileForm

__all__ = [
    "AnswerForm",
    "BuyerForm",
    "ChargeForm",
    "ChargeQuoteForm",
    "CreditForm",
    "DepositInvoiceForm",
    "EndForm",
    "HandInForm",
    "IssuerForm",
    "LedgerRuleForm",
    "NewYearForm",
    "PaidForm",
    "PaymentForm",
    "PeriodForm",
    "PriceForm",
    "QuoteForm",
    "ReasonForm",
    "RecurringForm",
    "RevenueForm",
    "StaffAnswerForm",
    "StopForm",
    "SuccessorForm",
    "SupplierFileForm",
    "VatRuleForm",
    "YearForm",
    "day_after",
]
