from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from governance.enums import MeetingKind
from governance.forms.assemblies import AgendaForm, PaperForm
from governance.forms.decisions import MinutesForm
from hubs.forms import MomentField
from parties.models import Person


class MeetingForm(AgendaForm):
    """A meeting of the Bureau, the board or the steering committee; its points may be written later."""

    kind = forms.TypedChoiceField(label=_("Nature"), choices=MeetingKind.choices, coerce=MeetingKind)
    title = forms.CharField(label=_("Titre"), max_length=160)
    starts_at = MomentField(label=_("Jour et heure"), widget=forms.DateTimeInput(attrs={"type": "datetime-local"}))
    place = forms.CharField(label=_("Lieu"), max_length=200, required=False)
    agenda = forms.CharField(
        label=_("Ordre du jour"),
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text=_("Un point par ligne, dans l’ordre. Il part avec l’invitation."),
    )
    field_order = ("kind", "title", "starts_at", "place", "agenda")

    def clean_agenda(self) -> str:  # type: ignore[override]
        return "\n".join(super().clean_agenda())


class InviteeForm(forms.Form):
    """Someone on file, or a name and an address."""

    person = forms.ModelChoiceField(
        Person.objects.none(),
        label=_("Personne"),
        required=False,
        to_field_name="public_id",
        empty_label=_("quelqu’un qui n’est pas dans la liste"),
    )
    name = forms.CharField(label=_("Nom"), max_length=120, required=False)
    email = forms.EmailField(
        label=_("Adresse électronique"),
        required=False,
        help_text=_("Sans adresse, aucun courriel ne part\u00a0: prévenez cette personne vous-même."),
    )
    represents = forms.CharField(
        label=_("Au nom de"), max_length=160, required=False, help_text=_("«\u00a0Région Bretagne\u00a0», par exemple.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].queryset = Person.objects.known().by_name()

    def clean_email(self) -> str:
        return self.cleaned_data["email"].lower()

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if "person" in data and data["person"] is None and not data.get("name") and "name" not in self.errors:
            self.add_error("name", _("Écrivez un nom, ou choisissez quelqu’un dans la liste."))
        return data


class MeetingPaperForm(PaperForm):
    """A file for the invited, and what it is."""

    title = forms.CharField(label=_("Titre"), max_length=160, help_text=_("«\u00a0Bilan à mi-année\u00a0»"))


class ReportForm(MinutesForm):
    """What was said at a meeting, and who signs its report."""

    words = forms.CharField(
        label=_("Déroulé"),
        max_length=20_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 12}),
        help_text=_(
            "Les échanges, en quelques paragraphes. L’ordre du jour, les présences et les décisions s’ajoutent seuls."
        ),
    )
    field_order = ("words", "chair", "secretary")
