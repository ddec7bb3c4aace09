from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from governance.enums import AssemblyKind
from governance.models import Proxy, RollEntry


class AssemblyForm(forms.Form):
    """An assembly, with what the statutes say of it."""

    kind = forms.TypedChoiceField(label=_("Nature"), choices=AssemblyKind.choices, coerce=AssemblyKind)
    title = forms.CharField(label=_("Titre"), max_length=160)
    starts_at = forms.DateTimeField(label=_("Jour et heure"))
    place = forms.CharField(label=_("Lieu"), max_length=200, required=False)
    roll_on = forms.DateField(label=_("Votent les membres au"))
    proxies_per_holder = forms.IntegerField(
        label=_("Pouvoirs par personne, au plus"), min_value=0, max_value=99, initial=1
    )
    quorum_percent = forms.IntegerField(
        label=_("Quorum par collège, en pourcentage"), min_value=0, max_value=100, initial=0
    )


class ProxyForm(forms.Form):
    """Who receives the voice of `giver`: a voter of the same college."""

    holder = forms.ModelChoiceField(RollEntry.objects.none(), label=_("Donner pouvoir à"), empty_label=None)

    def __init__(self, *args: Any, giver: RollEntry, **kwargs: Any) -> None:
        super().__init__(*args, auto_id=f"id_{giver.pk}_%s", **kwargs)
        voters = RollEntry.objects.filter(assembly=giver.assembly_id, college=giver.college_id, votes=True)
        givers = Proxy.objects.live().filter(giver__assembly=giver.assembly_id).values("giver")
        self.fields["holder"].queryset = voters.exclude(pk=giver.pk).exclude(pk__in=givers).order_by("name")
