from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from governance.enums import ContestKind
from governance.forms.files import UploadForm
from governance.models import Assembly, Proxy, RollContest, RollEntry
from members.models import College


class ProxyForm(forms.Form):
    """Who receives the voice of `giver`: a voter of the same college."""

    holder = forms.ModelChoiceField(RollEntry.objects.none(), label=_("Donner pouvoir à"), empty_label=_("Choisir…"))

    def __init__(self, *args: Any, giver: RollEntry, **kwargs: Any) -> None:
        super().__init__(*args, auto_id=f"id_{giver.pk}_%s", **kwargs)
        voters = RollEntry.objects.filter(assembly=giver.assembly_id, college=giver.college_id, votes=True)
        givers = Proxy.objects.live().filter(giver__assembly=giver.assembly_id).values("giver")
        self.fields["holder"].queryset = voters.exclude(pk=giver.pk).exclude(pk__in=givers).order_by("name")


class PaperProxyForm(UploadForm):
    """A proxy received on paper, as the coordination reads it."""

    giver = forms.ModelChoiceField(RollEntry.objects.none(), label=_("Donne pouvoir"), empty_label=_("Choisir…"))
    holder = forms.ModelChoiceField(RollEntry.objects.none(), label=_("Le reçoit"), empty_label=_("Choisir…"))
    brought_by = forms.CharField(label=_("Apporté par"), max_length=160)
    scan = forms.FileField(
        label=_("Le pouvoir signé"),
        required=False,
        help_text=_("PDF ou photo, 10\u00a0Mo au plus."),
        widget=forms.FileInput(attrs={"accept": ".pdf,.jpg,.jpeg,.png"}),
    )
    upload = "scan"

    def __init__(self, *args: Any, assembly: Assembly, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        voters = RollEntry.objects.filter(assembly=assembly, votes=True).order_by("name", "pk")
        for name in ("giver", "holder"):
            self.fields[name].queryset = voters


class ContestForm(forms.Form):
    """What is wrong about one member; `member` is chosen among those the reader speaks for."""

    member = forms.ChoiceField(label=_("Pour qui"))
    kind = forms.TypedChoiceField(
        label=_("Ce qui ne va pas"), choices=ContestKind.choices, coerce=ContestKind, widget=forms.RadioSelect
    )
    words = forms.CharField(label=_("Expliquez"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, members: dict[str, Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.members = members
        self.fields["member"].choices = [(key, str(member)) for key, member in members.items()]
        if len(members) == 1:
            self.fields["member"].initial = next(iter(members))
            self.fields["member"].widget = forms.HiddenInput()

    def clean_member(self) -> Any:
        return self.members[self.cleaned_data["member"]]


class AnswerForm(forms.Form):
    """Yes or no, and why."""

    granted = forms.TypedChoiceField(
        label=_("Votre réponse"),
        choices=[("oui", _("Accepter et corriger la liste")), ("non", _("Garder la liste telle qu’elle est"))],
        coerce=lambda value: value == "oui",
        widget=forms.RadioSelect,
    )
    college = forms.TypedChoiceField(label=_("Dans le collège"), required=False, empty_value=None)
    answer = forms.CharField(
        label=_("La raison, que le membre lira"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, *args: Any, contest: RollContest, colleges: Sequence[College], **kwargs: Any) -> None:
        super().__init__(*args, auto_id=f"id_{contest.pk}_%s", **kwargs)
        if contest.kind != ContestKind.COLLEGE:
            del self.fields["college"]
            return
        known = {str(college.pk): college for college in colleges}
        self.fields["college"].choices = [("", "—"), *((key, str(college)) for key, college in known.items())]
        self.fields["college"].coerce = known.__getitem__
