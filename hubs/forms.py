import datetime as dt
from typing import Any

from django import forms
from django.apps import apps
from django.conf import settings
from django.core.validators import RegexValidator
from django.utils import timezone
from django.utils.dates import MONTHS
from django.utils.translation import gettext_lazy as _

from hubs import enums
from hubs.parts import HubAppConfig, hub_apps
from hubs.personal import Keeping


def _modules() -> list[tuple[str, str]]:
    return [
        (config.switch, str(config.verbose_name).capitalize())
        for config in apps.get_app_configs()
        if isinstance(config, HubAppConfig) and config.switch
    ]


# Beyond, days are counted and written wrong, or not at all: after 9999 there is none, and in year 1 zones differ.
YEARS = range(1800, 2200)


def _within_years(day: dt.date) -> None:
    if day.year not in YEARS:
        raise forms.ValidationError(_("Choisissez une date plus proche."))


class DayField(forms.DateField):
    """A day that may be counted from: months are added to it, and what it ends stops the day after."""

    default_validators = [_within_years]


class MomentField(forms.DateTimeField):
    """A day and its hour, which every zone can write."""

    default_validators = [_within_years]


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
    starts_on = DayField(label=_("À partir du"))


class RetentionForm(forms.Form):
    """For how long; the action knows what the law allows and says so."""

    months = forms.IntegerField(label=_("Durée, en mois"), min_value=0, max_value=1200)

    def __init__(self, *args: Any, keeping: Keeping, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["months"].help_text = _("Entre %(least)s et %(most)s mois\u00a0: %(ground)s") % {
            "least": keeping.least,
            "most": keeping.most,
            "ground": keeping.ground,
        }


def _families() -> list[tuple[str, Any]]:
    """The apps that write the log, by what they are called."""
    known = {verb.partition(".")[0] for app in hub_apps() for verb in app.trail_words}
    return [("", _("Tout"))] + [
        (app.label, str(app.verbose_name).capitalize()) for app in hub_apps() if app.label in known
    ]


class JournalForm(forms.Form):
    """Whose acts, about what, between which days."""

    qui = forms.CharField(
        label=_("Qui"), max_length=80, required=False, widget=forms.TextInput(attrs={"type": "search"})
    )
    famille = forms.ChoiceField(label=_("Sur quoi"), choices=_families, required=False)
    sens = forms.ChoiceField(
        label=_("Ce qui est montré"),
        choices=[
            ("", _("Ce que cette personne a fait, et ce qui la concerne")),
            ("par", _("Ce qu’elle a fait")),
            ("sur", _("Ce qui la concerne")),
        ],
        required=False,
    )
    du = DayField(label=_("Du"), required=False)
    au = DayField(label=_("Au"), required=False)
    sur = forms.CharField(max_length=80, required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, of_person: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Of one thing, who did it is read at a glance; of a person, it is what one asks first.
        if not of_person:
            del self.fields["sens"]


class MailForm(forms.Form):
    etat = forms.ChoiceField(label=_("État"), choices=[("", _("Tous")), *enums.MailState.choices], required=False)
    adresse = forms.CharField(
        label=_("Adresse"), max_length=120, required=False, widget=forms.TextInput(attrs={"type": "search"})
    )


class AnnouncementForm(forms.Form):
    """A sentence, for whom, and until when."""

    text = forms.CharField(
        label=_("Annonce"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Une phrase : « Coupure d’eau jeudi de 9 h à 12 h. »"),
    )
    kind = forms.ChoiceField(label=_("Ton"), choices=enums.AnnouncementKind.choices, widget=forms.RadioSelect)
    audience = forms.ChoiceField(label=_("Pour"), choices=enums.Audience.choices, widget=forms.RadioSelect)
    starts_on = DayField(label=_("À partir du"))
    last_day = DayField(label=_("Jusqu’au (inclus)"))

    def clean_last_day(self) -> dt.date:
        last_day: dt.date = self.cleaned_data["last_day"]
        if last_day < timezone.localdate():
            raise forms.ValidationError(_("Ce jour est déjà passé."))
        return last_day

    @property
    def given(self) -> dict[str, Any]:
        """What the action takes: the end left out."""
        data = dict(self.cleaned_data)
        last_day = data.pop("last_day")
        return data | {"ends_on": last_day + dt.timedelta(days=1)}
