from django import forms
from django.utils.translation import gettext_lazy as _

from governance.enums import AssemblyKind
from governance.forms.files import UploadForm
from hubs.forms import DayField, MomentField

TITLE = 240


class RulesForm(forms.Form):
    """What the statutes ask of an assembly."""

    notice_days = forms.IntegerField(
        label=_("Jours entre la convocation et l’assemblée, au moins"), min_value=0, max_value=365
    )
    proxies_per_holder = forms.IntegerField(label=_("Pouvoirs par personne, au plus"), min_value=0, max_value=99)
    quorum_percent = forms.IntegerField(label=_("Quorum par collège, en pourcentage"), min_value=0, max_value=100)
    contest_days = forms.IntegerField(
        label=_("Jours pour contester la liste électorale"),
        min_value=0,
        max_value=365,
        help_text=_("À partir de la convocation. Zéro\u00a0: la liste ne se conteste pas sur le portail."),
    )
    asks_paid_dues = forms.BooleanField(
        label=_("Ne votent que les membres à jour de leur cotisation"),
        required=False,
        help_text=_("Qui doit encore une cotisation appelée est sur la liste, sans voix, avec la raison."),
    )
    allows_remote = forms.BooleanField(label=_("On peut suivre et voter à distance"), required=False)
    article = forms.CharField(
        label=_("Ce que disent les statuts"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("L’article et ses mots, repris dans la convocation."),
    )


class StatutesForm(RulesForm):
    """The rules, and from when."""

    starts_on = DayField(label=_("À partir du"))
    field_order = ("starts_on",)


class AssemblyForm(RulesForm):
    """An assembly, with what the statutes say of it."""

    kind = forms.TypedChoiceField(label=_("Nature"), choices=AssemblyKind.choices, coerce=AssemblyKind)
    title = forms.CharField(label=_("Titre"), max_length=160)
    starts_at = MomentField(label=_("Jour et heure"))
    place = forms.CharField(label=_("Lieu"), max_length=200, required=False)
    remote_url = forms.URLField(
        label=_("Lien de la visioconférence"),
        required=False,
        assume_scheme="https",
        help_text=_("Montré aux seuls membres de la liste, si l’on peut suivre à distance."),
    )
    roll_on = DayField(label=_("Votent les membres au"))
    field_order = ("kind", "title", "starts_at", "place", "remote_url", "roll_on")


class AgendaForm(forms.Form):
    """One point on each line."""

    agenda = forms.CharField(
        label=_("Ordre du jour"),
        widget=forms.Textarea(attrs={"rows": 10}),
        help_text=_("Un point par ligne, dans l’ordre."),
        error_messages={"required": _("Écrivez au moins un point.")},
    )

    def clean_agenda(self) -> list[str]:
        titles = [" ".join(line.split()) for line in self.cleaned_data["agenda"].splitlines() if line.strip()]
        for rank, title in enumerate(titles, start=1):
            if len(title) > TITLE:
                words = _("Le point %(rank)s est trop long\u00a0: %(most)s caractères au plus.")
                raise forms.ValidationError(words % {"rank": rank, "most": TITLE})
        if len(titles) > 99:
            raise forms.ValidationError(_("Un ordre du jour compte 99 points au plus."))
        return titles


class PaperForm(UploadForm):
    """A file for the members, and what it is."""

    title = forms.CharField(label=_("Titre"), max_length=160, help_text=_("«\u00a0Rapport financier 2025\u00a0»"))
    file = forms.FileField(
        label=_("Fichier"),
        help_text=_("PDF ou image, 10\u00a0Mo au plus."),
        widget=forms.FileInput(attrs={"accept": ".pdf,.jpg,.jpeg,.png"}),
    )
    upload = "file"


class CallOffForm(forms.Form):
    """Why the assembly is not held."""

    reason = forms.CharField(
        label=_("Pourquoi"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Les membres convoqués le liront dans le courriel."),
    )


class HandedForm(forms.Form):
    """How a notice was handed over."""

    handed_on = DayField(label=_("Remise le"))
    handed_how = forms.CharField(
        label=_("Comment"),
        max_length=160,
        help_text=_("«\u00a0En main propre\u00a0», «\u00a0lettre recommandée\u00a0»…"),
    )
