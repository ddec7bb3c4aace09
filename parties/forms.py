import datetime as dt
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from parties.actions import CONTACT_FIELDS
from parties.enums import LinkRole
from parties.figures import FIGURES
from parties.models import Organisation, Person, Trade, YearFigures

WHO = ("given_name", "family_name", "email", "phone")
IDENTITY = ("name", "legal_form", "siret", "siren", "vat_number", "founded_on")


def _model_fields(model: type, names: tuple[str, ...]) -> dict[str, forms.Field]:
    """The form fields of these columns; addresses of sites are https unless said."""
    return {
        name: model._meta.get_field(name).formfield(**({"assume_scheme": "https"} if name == "website" else {}))  # type: ignore[attr-defined]
        for name in names
    }


class ContactForm(forms.Form):
    """What a structure's own administrators correct."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields |= _model_fields(Organisation, CONTACT_FIELDS)
        self.fields["invoice_email"].help_text = _("Laissez vide si c’est la même.")


class OrganisationForm(ContactForm):
    """The whole identity of a structure, for staff."""

    def __init__(self, *args: Any, organisation: Organisation | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        identity = _model_fields(Organisation, IDENTITY)
        for name in ("siret", "siren", "vat_number"):
            # Room for the spaces people type; the action takes them out.
            identity[name] = forms.CharField(label=identity[name].label, max_length=30, required=False)
        identity["siret"].help_text = _("Quatorze chiffres. Facultatif\u00a0: un projet n’en a pas toujours.")
        identity["siren"].help_text = _("Neuf chiffres\u00a0; tiré du SIRET s’il est donné.")
        trades = list(Trade.objects.order_by("name", "pk").values_list("name", flat=True))
        help_text = _("Déjà dans la liste\u00a0: %s.") % ", ".join(trades) if trades else ""
        others = Organisation.objects.by_name()
        if organisation is not None:
            others = others.exclude(pk=organisation.pk)
        own = {
            "trade": forms.CharField(label=_("Métier"), max_length=80, required=False, help_text=help_text),
            "hosted_by": forms.ModelChoiceField(
                others, label=_("Portée par"), required=False, empty_label=_("personne"),
                help_text=_("La coopérative qui signe et facture pour un projet en portage."),
            ),
        }  # fmt: skip
        self.fields = {**identity, **own, **self.fields}


class IntroduceForm(forms.Form):
    """A person and the role given in the structure."""

    role = forms.ChoiceField(label=_("Rôle"), choices=LinkRole.choices, initial=LinkRole.EMPLOYEE)
    title = forms.CharField(label=_("Fonction"), max_length=80, required=False)
    starts_on = forms.DateField(label=_("Depuis le"))
    last_day = forms.DateField(label=_("Dernier jour"), required=False, help_text=_("S’il est déjà connu."))
    with_account = forms.BooleanField(
        label=_("Lui ouvrir un accès au portail"),
        required=False,
        help_text=_("Un courriel lui dit comment se connecter, par un code et sans mot de passe."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields = _model_fields(Person, WHO) | self.fields

    @property
    def given(self) -> dict[str, Any]:
        """What the action takes: the role ends the day after its last."""
        given = dict(self.cleaned_data)
        last_day = given.pop("last_day")
        return given | {"ends_on": last_day and last_day + dt.timedelta(days=1)}


class PersonForm(forms.Form):
    """Who someone is, whatever their roles."""

    def __init__(self, *args: Any, person: Person, **kwargs: Any) -> None:
        super().__init__(*args, initial={name: getattr(person, name) for name in WHO}, **kwargs)
        self.fields |= _model_fields(Person, WHO)
        if person.user_id is not None:
            self.fields["email"].help_text = _(
                "Où lui écrire. L’adresse qui lui sert à se connecter reste celle de l’ouverture de son accès."
            )


class AccountForm(forms.Form):
    email = forms.EmailField(
        label=_("Adresse électronique"),
        help_text=_("Un courriel y part, qui dit comment se connecter, par un code et sans mot de passe."),
    )


class EndRoleForm(forms.Form):
    last_day = forms.DateField(
        label=_("Dernier jour"), help_text=_("Le lendemain, les droits qui viennent de ce rôle s’arrêtent.")
    )

    def clean_last_day(self) -> dt.date:
        if self.cleaned_data["last_day"] == dt.date.max:
            raise forms.ValidationError(_("Choisissez une date plus proche."))
        return self.cleaned_data["last_day"]

    @property
    def ends_on(self) -> dt.date:
        return self.cleaned_data["last_day"] + dt.timedelta(days=1)


class FiguresForm(forms.Form):
    """The figures of one year; what is left empty is unknown."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields |= _model_fields(YearFigures, ("year", *FIGURES))
        for name in FIGURES:
            # « 3,7 » as well as « 3.7 ».
            self.fields[name].localize = True
            self.fields[name].widget = forms.TextInput(attrs={"inputmode": "decimal"})
            self.fields[name].widget.is_localized = True


class AddressForm(forms.Form):
    """The address one will sign in with."""

    email = forms.EmailField(label=_("Nouvelle adresse électronique"))

    def __init__(self, *args: Any, current: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.current = current

    def clean_email(self) -> str:
        email = self.cleaned_data["email"].lower()
        if email == self.current:
            raise forms.ValidationError(_("C’est déjà votre adresse."))
        return email


class AddressCodeForm(forms.Form):
    code = forms.CharField(label=_("Code reçu"), max_length=20)
