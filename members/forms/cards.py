from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from members.enums import MemberKind, Printed
from members.models import College
from members.sheets import CARDS, LABELS, Layout


class ChooseForm(forms.Form):
    """Whose cards or labels are printed. By GET: what it chooses is told before anything is printed."""

    who = forms.TypedChoiceField(
        label=_("Pour"), choices=Printed.choices, coerce=Printed, required=False, empty_value=None
    )
    college = forms.ModelChoiceField(College.objects.none(), label=_("Collège"), required=False, empty_label=_("tous"))
    kind = forms.TypedChoiceField(
        label=_("Lien"),
        choices=[("", _("tous")), *MemberKind.choices],
        coerce=MemberKind,
        required=False,
        empty_value=None,
    )

    def __init__(self, *args: Any, everyone: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["college"].queryset = College.objects.live(timezone.localdate()).by_rank()
        if everyone:
            self.fields["who"].choices = [("", _("tous les membres")), *Printed.choices]

    @property
    def chosen(self) -> dict[str, Any]:
        """What was chosen; what no filter knows chooses nothing."""
        self.is_valid()
        return {name: self.cleaned_data.get(name) for name in self.fields}


class CardsForm(forms.Form):
    """On which sheet, from which place."""

    first = forms.IntegerField(
        label=_("Commencer à la place n°"),
        min_value=1,
        initial=1,
        help_text=_(
            "Les places se comptent de gauche à droite, puis de haut en bas\u00a0: une planche entamée ressert."
        ),
    )

    # What is drawn in a few seconds, while one waits.
    most = 160

    @property
    def layout(self) -> Layout:
        return CARDS

    def refuse_too_many(self, count: int) -> bool:
        """Whether there are more than one file holds, which the form then says."""
        if count > self.most:
            words = _("Plus de %(n)s à imprimer\u00a0: choisissez un collège ou un lien.") % {"n": self.most}
            self.add_error(None, words)
        return count > self.most

    def clean(self) -> dict[str, Any]:
        first = self.cleaned_data.get("first")
        if first is not None and "sheet" not in self.errors and first > self.layout.per_sheet:
            words = _("Une planche a %(n)s places.") % {"n": self.layout.per_sheet}
            self.add_error("first", words)
        return self.cleaned_data


class LabelsForm(CardsForm):
    sheet = forms.ChoiceField(
        label=_("Planche"),
        choices=[
            ("21", _("21 étiquettes de 63,5 × 38,1 mm, trois par rang")),
            ("14", _("14 étiquettes de 99,1 × 38,1 mm, deux par rang")),
        ],
        initial="21",
        widget=forms.RadioSelect,
    )
    field_order = ("sheet", "first")
    most = 600

    @property
    def layout(self) -> Layout:
        return LABELS[self.cleaned_data["sheet"]]
