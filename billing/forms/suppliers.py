from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from hubs.forms import DayField


class SupplierFileForm(forms.Form):
    file = forms.FileField(
        label=_("Facture électronique"),
        help_text=_("Le PDF Factur-X ou le fichier XML (CII, UBL) du fournisseur, 10 Mo au plus."),
        widget=forms.FileInput(attrs={"accept": ".pdf,.xml"}),
    )


class PaidForm(forms.Form):
    paid_on = DayField(label=_("Payée le"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, initial={"paid_on": timezone.localdate()}, **kwargs)
