from billing.forms.issuers import IssuerForm, SuccessorForm, VatRuleForm
from billing.forms.payments import PaymentForm, ReasonForm

__all__ = ["IssuerForm", "PaymentForm", "ReasonForm", "SuccessorForm", "VatRuleForm"]
