import datetime as dt
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from hubs.enums import Role
from hubs.forms import DayField
from parties.actions import CONTACT_FIELDS
from parties.enums import LinkRole, RelationKind
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
        identity["legal_form"].choices = [
            ("", _("Choisir…")),
            *((key, name) for key, name in identity["legal_form"].choices if key),
        ]
        for name in ("siret", "siren", "vat_number"):
            # Room for the spaces people type; the action takes them out.
            identity[name] = forms.CharField(label=identity[name].label, max_length=30, required=False)
        identity["siret"].help_text = _("Quatorze chiffres. Un projet n’en a pas toujours.")
        identity["siren"].help_text = _("Neuf chiffres\u00a0; tiré du SIRET s’il est donné.")
        trades = list(Trade.objects.order_by("name", "pk").values_list("name", flat=True))
        help_text = _("Déjà dans la liste\u00a0: %s.") % ", ".join(trades) if trades else ""
        others = Organisation.objects.standing().by_name()
        if organisation is not None:
            others = others.exclude(pk=organisation.pk)
        own = {
            "other_trades": forms.CharField(
                label=_("Autres métiers"), max_length=300, required=False,
                help_text=_("Séparés par des virgules. Le premier métier reste celui des listes."),
            ),
            "trade": forms.CharField(label=_("Métier"), max_length=80, required=False, help_text=help_text),
            "hosted_by": forms.ModelChoiceField(
                others, label=_("Portée par"), required=False, empty_label=_("personne"),
                help_text=_("La coopérative qui signe et facture pour un projet en portage."),
            ),
        }  # fmt: skip
        own = {name: own[name] for name in ("trade", "other_trades", "hosted_by")}
        self.fields = {**identity, **own, **self.fields}

    def clean_other_trades(self) -> list[str]:
        names = [name.strip() for name in self.cleaned_data["other_trades"].split(",")]
        if any(len(name) > 80 for name in names):
            raise forms.ValidationError(_("Un métier tient en 80 caractères\u00a0: séparez-les par des virgules."))
        return [name for name in names if name]


class IntroduceForm(forms.Form):
    """A person and the role given in the structure."""

    role = forms.ChoiceField(
        label=_("Rôle"),
        # A guest comes by an invitation, which is their way in.
        choices=[choice for choice in LinkRole.choices if choice[0] != LinkRole.GUEST],
        initial=LinkRole.EMPLOYEE,
    )
    title = forms.CharField(label=_("Fonction"), max_length=80, required=False)
    starts_on = DayField(label=_("Depuis le"))
    last_day = DayField(label=_("Dernier jour"), required=False, help_text=_("S’il est déjà connu."))
    with_account = forms.BooleanField(
        label=_("L’inviter à se connecter"),
        required=False,
        help_text=_("Un courriel lui donne un lien, qui ouvre son accès au portail."),
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
        label=_("Adresse électronique"), help_text=_("Un courriel y part, avec un lien qui ouvre l’accès.")
    )


class LastDayForm(forms.Form):
    """A last day, which may be left empty where it is not required; `ends_on` is the day after."""

    last_day = DayField(label=_("Dernier jour"))

    @property
    def ends_on(self) -> dt.date | None:
        last_day = self.cleaned_data["last_day"]
        return last_day and last_day + dt.timedelta(days=1)


class RelationForm(LastDayForm):
    """What a structure is to the hub, since when and, if it is known, until when."""

    kind = forms.TypedChoiceField(label=_("Relation"), choices=RelationKind.choices, coerce=RelationKind)
    note = forms.CharField(
        label=_("Précision"), max_length=160, required=False, help_text=_("Par exemple\u00a0: convention 2025-2027.")
    )
    starts_on = DayField(label=_("Depuis le"))
    field_order = ("kind", "note", "starts_on", "last_day")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["last_day"].required = False
        self.fields["last_day"].help_text = _("S’il est déjà connu.")

    @property
    def given(self) -> dict[str, Any]:
        """What the action takes: the relation ends the day after its last."""
        return {name: self.cleaned_data[name] for name in ("kind", "note", "starts_on")} | {"ends_on": self.ends_on}


class EndRoleForm(LastDayForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["last_day"].help_text = _("Le lendemain, les droits qui viennent de ce rôle s’arrêtent.")


class EndAccessForm(LastDayForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["last_day"].help_text = _("Pour couper l’accès tout de suite, mettez la date d’hier.")


INVITED = (LinkRole.EMPLOYEE, LinkRole.ADMINISTRATOR, LinkRole.GUEST)
WHAT_ROLES_GIVE = {
    LinkRole.EMPLOYEE: _("Réserve pour la structure, lit son compte et ses factures."),
    LinkRole.ADMINISTRATOR: _("Fait de même, tient les coordonnées et invite des collègues."),
    LinkRole.GUEST: _("Réserve pour la structure jusqu’à un jour donné, par un lien et sans compte."),
}


class InviteForm(LastDayForm):
    """Someone to invite to a structure. Asked last: until when, for a guest."""

    given_name = forms.CharField(label=_("Prénom"), max_length=80)
    family_name = forms.CharField(label=_("Nom"), max_length=80)
    email = forms.EmailField(
        label=_("Adresse électronique"),
        required=False,
        help_text=_(
            "Un courriel y part, avec un lien. Une personne invitée peut s’en passer\u00a0: donnez-lui son lien."
        ),
    )
    role = forms.TypedChoiceField(
        label=_("Ce que la personne fera"),
        choices=[(role.value, role.label) for role in INVITED],
        coerce=LinkRole,
        initial=LinkRole.EMPLOYEE,
        widget=forms.RadioSelect,
    )
    field_order = ("given_name", "family_name", "email", "role", "last_day")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["last_day"].required = False
        self.fields["last_day"].help_text = _(
            "Pour une personne invitée\u00a0; le lendemain, le lien n’ouvre plus rien."
        )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("role") != LinkRole.GUEST and not cleaned.get("email") and "email" not in self.errors:
            self.add_error("email", _("Ce rôle demande un compte, donc une adresse électronique."))
        return cleaned

    @property
    def given(self) -> dict[str, Any]:
        """What the action takes: the role ends the day after its last."""
        return {name: value for name, value in self.cleaned_data.items() if name != "last_day"} | {
            "ends_on": self.ends_on
        }


class TeamForm(LastDayForm):
    """A role for the hub, to someone on file or to someone new."""

    person = forms.ModelChoiceField(
        Person.objects.none(),
        label=_("Personne"),
        required=False,
        to_field_name="public_id",
        empty_label=_("quelqu’un qui n’est pas dans la liste"),
    )
    given_name = forms.CharField(label=_("Prénom"), max_length=80, required=False)
    family_name = forms.CharField(label=_("Nom"), max_length=80, required=False)
    email = forms.EmailField(label=_("Adresse électronique"), required=False)
    role = forms.TypedChoiceField(label=_("Rôle"), choices=Role.choices, coerce=Role)
    starts_on = DayField(label=_("À partir du"))
    field_order = ("person", "given_name", "family_name", "email", "role", "starts_on", "last_day")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].queryset = Person.objects.known().by_name()
        self.fields["person"].help_text = _(
            "Qui a déjà un accès reçoit le rôle\u00a0; les autres reçoivent une invitation."
        )
        self.fields["last_day"].required = False
        self.fields["last_day"].help_text = _("La fin d’un mandat ou d’un contrat, si elle est connue.")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if "person" in cleaned and cleaned["person"] is None:
            for name in ("given_name", "family_name", "email"):
                if name not in self.errors and not cleaned.get(name):
                    self.add_error(name, _("Dites qui inviter, ou choisissez quelqu’un dans la liste."))
        return cleaned


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
        for name in ("year", "permanent"):
            # The bounds of the column, which a field of a form does not have from its model.
            self.fields[name].validators = [*YearFigures._meta.get_field(name).validators]


class OwnAnswersForm(forms.Form):
    """The hub's own fields alone, added by the view."""


class EraseForm(forms.Form):
    reason = forms.CharField(
        label=_("Comment la demande est venue"),
        max_length=300,
        required=False,
        help_text=_("Gardé au journal\u00a0: sans nommer la personne. Par exemple\u00a0: par courrier, le 3 novembre."),
    )


class AnswerForm(forms.Form):
    answer = forms.CharField(
        label=_("Votre réponse"),
        max_length=4_000,
        help_text=_("Elle part par courriel, avec les moyens de la contester."),
        widget=forms.Textarea(attrs={"rows": 8}),
    )


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
