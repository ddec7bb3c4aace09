"""Own fields in the forms of the things they are about, and the form that defines one."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from parties.enums import LISTED_KINDS, FieldKind, FieldOf, FieldReach
from parties.models import OwnField
from parties.own_fields.actions import name_in_form
from parties.own_fields.queries import Value

LONGEST_TEXT = 5_000


def add_own_fields(form: forms.Form, fields: Iterable[OwnField], values: Mapping[int, Value]) -> None:
    """Put the own fields at the end of a form, each with its answer."""
    for field in fields:
        name, value = name_in_form(field), values.get(field.pk)
        form.fields[name] = form_field(field, value)
        if value is not None:
            form.initial.setdefault(name, value)


def answers_of(form: forms.Form, fields: Iterable[OwnField]) -> dict[OwnField, Value]:
    """What a valid form gives to `answer_fields`, taken out of its cleaned data."""
    return {field: form.cleaned_data.pop(name_in_form(field)) for field in fields}


def form_field(field: OwnField, value: Value = None) -> forms.Field:
    """The form field of this kind, which checks its type and says what is wrong in French."""
    common: dict[str, Any] = {"label": field.title, "help_text": field.help, "required": field.required}
    match FieldKind(field.kind):
        case FieldKind.TEXT:
            return forms.CharField(max_length=240, **common)
        case FieldKind.LONG_TEXT:
            return forms.CharField(max_length=LONGEST_TEXT, widget=forms.Textarea(attrs={"rows": 4}), **common)
        case FieldKind.INTEGER:
            return _number(
                forms.IntegerField(
                    min_value=-(10**12),
                    max_value=10**12,
                    error_messages={"invalid": _("Écrivez un nombre entier.")},
                    **common,
                )
            )
        case FieldKind.DECIMAL:
            wrong = {"invalid": _("Écrivez un nombre, avec une virgule s’il le faut.")}
            return _number(forms.DecimalField(max_digits=18, decimal_places=4, error_messages=wrong, **common))
        case FieldKind.DATE:
            return forms.DateField(error_messages={"invalid": _("Écrivez une date, comme 24/11/2026.")}, **common)
        case FieldKind.YES_NO:
            return forms.TypedChoiceField(
                choices=[("", _("non renseigné")), ("True", _("oui")), ("False", _("non"))],
                coerce=lambda given: given == "True",
                empty_value=None,
                **common,
            )
        case FieldKind.CHOICE:
            given = value if isinstance(value, str) else None
            return forms.ChoiceField(
                choices=[("", _("non renseigné")), *_choices(field, [given] if given else [])],
                error_messages={"invalid_choice": _("Choisissez dans la liste.")},
                **common,
            )
        case FieldKind.CHOICES:
            return forms.MultipleChoiceField(
                choices=_choices(field, value if isinstance(value, list) else []),
                widget=forms.CheckboxSelectMultiple,
                error_messages={"invalid_choice": _("Choisissez dans la liste.")},
                **common,
            )


def _choices(field: OwnField, kept: Iterable[str]) -> list[tuple[str, str]]:
    """The list, and what was chosen before it changed."""
    return [(choice, choice) for choice in dict.fromkeys([*field.choices, *kept])]


def _number(field: forms.Field) -> forms.Field:
    """« 3,7 » as well as « 3.7 »."""
    field.localize = True
    field.widget = forms.TextInput(attrs={"inputmode": "decimal"})
    field.widget.is_localized = True
    return field


class OwnFieldForm(forms.Form):
    """What is asked, of whom, and who sees it. Once defined, the kind stays."""

    about = forms.ChoiceField(label=_("À propos de"), choices=FieldOf.choices, widget=forms.RadioSelect)
    kind = forms.ChoiceField(label=_("Nature"), choices=FieldKind.choices)
    label = forms.CharField(label=_("Libellé"), max_length=80)
    help = forms.CharField(label=_("Aide, sous le champ"), max_length=200, required=False)
    unit = forms.CharField(
        label=_("Unité"), max_length=20, required=False, help_text=_("Pour un nombre\u00a0: m², €, heures…")
    )
    choices = forms.CharField(
        label=_("Choix"),
        required=False,
        max_length=4_000,
        help_text=_("Pour une liste\u00a0: un choix par ligne."),
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    required = forms.BooleanField(label=_("Obligatoire"), required=False)
    reach = forms.ChoiceField(label=_("Qui le voit"), choices=FieldReach.choices, widget=forms.RadioSelect)
    rank = forms.IntegerField(
        label=_("Rang"), required=False, min_value=1, max_value=30_000, help_text=_("Les plus petits d’abord.")
    )

    def __init__(self, *args: Any, own_field: OwnField | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if own_field is None:
            self.initial = {"about": FieldOf.ORGANISATION, "reach": FieldReach.STAFF} | self.initial
            return
        del self.fields["about"], self.fields["kind"]
        if own_field.kind not in LISTED_KINDS:
            del self.fields["choices"]
        if own_field.kind not in (FieldKind.INTEGER, FieldKind.DECIMAL):
            del self.fields["unit"]
        self.fields["rank"].required = True
        self.initial = {name: getattr(own_field, name) for name in self.fields} | {
            "choices": "\n".join(own_field.choices)
        }

    def clean_choices(self) -> list[str]:
        choices = [line.strip() for line in self.cleaned_data["choices"].splitlines() if line.strip()]
        if any(len(choice) > 80 for choice in choices):
            raise forms.ValidationError(_("Un choix tient en 80 caractères."))
        return choices
