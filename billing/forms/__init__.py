from billing.forms.credits import CreditForm
from billing.forms.einvoice import BuyerForm, HandInForm
from billing.forms.issuers import IssuerForm, SuccessorForm, VatRuleForm
from billing.forms.payments import PaymentForm, ReasonForm
from billing.forms.quotes import AnswerForm, ChargeQuoteForm, DepositInvoiceForm, QuoteForm, StaffAnswerForm
from billing.forms.suppliers import PaidForm, SupplierFileForm

__all__ = [
    "AnswerForm",
    "BuyerForm",
    "ChargeQuoteForm",
    "CreditForm",
    "DepositInvoiceForm",
    "HandInForm",
    "IssuerForm",
    "PaidForm",
    "PaymentForm",
    "QuoteForm",
    "ReasonForm",
    "StaffAnswerForm",
    "SuccessorForm",
    "SupplierFileForm",
    "VatRuleForm",
]
