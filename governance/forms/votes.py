from decimal import Decimal
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from governance.enums import BallotKind, Choice, Counting, MajorityBase, Quorum, Threshold
from hubs.forms import DayField
from members.models import College, DuesScale


class ResolutionForm(forms.Form):
    """A resolution, as it will be put to the vote."""

    title = forms.CharField(label=_("Titre"), max_length=160)
    text = forms.CharField(label=_("Texte soumis au vote"), max_length=4000, widget=forms.Textarea(attrs={"rows": 5}))
    ballot = forms.ChoiceField(label=_("Scrutin"), choices=BallotKind.choices)
    counting = forms.ChoiceField(label=_("Décompte des voix"), choices=Counting.choices)
    threshold = forms.ChoiceField(label=_("Il faut"), choices=Threshold.choices)
    base = forms.ChoiceField(label=_("Sur la base"), choices=MajorityBase.choices)
    quorum = forms.ChoiceField(label=_("Quorum exigé"), choices=Quorum.choices)
    scale = forms.ModelChoiceField(
        DuesScale.objects.none(),
        label=_("Barème de cotisation adopté avec elle"),
        required=False,
        empty_label=_("aucun"),
        help_text=_("Si la résolution passe, ce barème est adopté par ce vote et ne change plus."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["scale"].queryset = DuesScale.objects.filter(adopted_on=None).order_by("label", "pk")


class HandsForm(forms.Form):
    """The hands of one college; `prefix` is its id."""

    in_favour = forms.IntegerField(label=_("Pour"), min_value=0, max_value=100_000)
    against = forms.IntegerField(label=_("Contre"), min_value=0, max_value=100_000)
    abstained = forms.IntegerField(label=_("Abstentions"), min_value=0, max_value=100_000)


class VoteForm(forms.Form):
    """One voice; `prefix` is the entry of the roll."""

    choice = forms.TypedChoiceField(
        label=_("Vote"), choices=Choice.choices, coerce=Choice, widget=forms.RadioSelect(attrs={"autocomplete": "off"})
    )


class VoicesForm(forms.Form):
    """A weight for each college that votes, from a day on. A college left empty has none."""

    starts_on = DayField(label=_("À partir du"), initial=timezone.localdate)

    def __init__(self, *args: Any, colleges: list[College], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.colleges = {f"college_{college.pk}": college for college in colleges}
        for name, college in self.colleges.items():
            self.fields[name] = forms.DecimalField(
                label=_("%s, en\u00a0%%") % college,
                required=False,
                min_value=Decimal("0.01"),
                max_value=100,
                max_digits=5,
                decimal_places=2,
                localize=True,
            )

    @property
    def percents(self) -> dict[College, Decimal]:
        return {
            college: self.cleaned_data[name]
            for name, college in self.colleges.items()
            if self.cleaned_data[name] is not None
        }


class WeightForm(forms.Form):
    """How many voices a member of the roll has."""

    weight = forms.IntegerField(label=_("Voix"), min_value=1, max_value=1000)
