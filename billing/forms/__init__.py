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

__all__ = ["CreditForm", "IssuerForm", "PaymentForm", "ReasonForm", "SuccessorForm", "VatRuleForm"]
