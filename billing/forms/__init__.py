from billing.forms.einvoice import (
    BuyerForm,
    DepositForm,
)
from billing.forms.issuers import (
    IssuerForm,
    SuccessorForm,
    VatRuleForm,
)
from billing.forms.payments import (
    PaymentForm,
    ReasonForm,
)
from billing.forms.suppliers import (
    PaidForm,
    ReceiveForm,
)

__all__ = [
    "BuyerForm",
    "DepositForm",
    "IssuerForm",
    "PaidForm",
    "PaymentForm",
    "ReasonForm",
    "ReceiveForm",
    "SuccessorForm",
    "VatRuleForm",
]
from billing.forms.credits import CreditForm
from billing.forms.issuers import IssuerForm, SuccessorForm, VatRuleForm
from billing.forms.payments import PaymentForm, ReasonForm
from billing.forms.quotes import AnswerForm, ChargeQuoteForm, DepositForm, QuoteForm, StaffAnswerForm

__all__ = [
    "AnswerForm",
    "ChargeQuoteForm",
    "CreditForm",
    "DepositForm",
    "IssuerForm",
    "PaymentForm",
    "QuoteForm",
    "ReasonForm",
    "StaffAnswerForm",
    "SuccessorForm",
    "VatRuleForm",
]
