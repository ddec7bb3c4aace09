from django import forms
from django.apps import apps
from django.conf import settings
from django.core.validators import RegexValidator
from django.utils.dates import MONTHS
from django.utils.translation import gettext_lazy as _

from hubs import enums
from hubs.parts import HubAppConfig


def _modules() -> list[tuple[str, str]]:
    return [
        (config.switch, str(config.verbose_name).capitalize())
        for config in apps.get_app_configs()
        if isinstance(config, HubAppConfig) and config.switch
    ]


class IdentityForm(forms.Form):
    """How the hub is named, coloured and reached, and which modules have pages."""

    name = forms.CharField(label=_("Nom"), max_length=120)
    tagline = forms.CharField(label=_("Qui nous sommes, en une phrase"), max_length=240, required=False)
    accent = forms.CharField(
        label=_("Couleur"),
        help_text=_("Elle est foncée ou éclaircie d’elle-même là où un texte serait illisible."),
        max_length=7,
        widget=forms.TextInput(attrs={"type": "color"}),
        validators=[RegexValidator(r"^#[0-9a-f]{6}$", _("La couleur s’écrit comme #b3261e."))],
    )
    contact_email = forms.EmailField(label=_("Adresse de contact"))
    phone = forms.CharField(label=_("Téléphone"), max_length=30, required=False)
    languages = forms.MultipleChoiceField(
        label=_("Langues proposées"),
        help_text=_("Chacun·e choisit la sienne. Factures et documents restent en français."),
        choices=settings.LANGUAGES,
        widget=forms.CheckboxSelectMultiple,
    )
    modules = forms.MultipleChoiceField(
        label=_("Modules ouverts"),
        help_text=_("Un module fermé n’a plus de page\u00a0; rien de ce qu’il contient n’est effacé."),
        choices=_modules,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )


class SecurityForm(forms.Form):
    """Of whom the hub asks a second step at sign-in."""

    second_factor = forms.ChoiceField(
        label=_("À la connexion, demander une seconde étape"),
        choices=enums.SecondFactor.choices,
        widget=forms.RadioSelect,
    )


class LegalForm(forms.Form):
    """What the hub is in law from a day on."""

    legal_form = forms.ChoiceField(label=_("Forme juridique"), choices=enums.LegalForm.choices)
    fiscal_year_starts_month = forms.TypedChoiceField(
        label=_("Premier mois de l’exercice"),
        coerce=int,
        choices=[(number, name) for number, name in MONTHS.items()],
    )
    starts_on = forms.DateField(label=_("À partir du"))
