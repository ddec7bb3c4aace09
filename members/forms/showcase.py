from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils.translation import gettext_lazy as _

from members.models.showcase import MOST_LINKS
from members.pictures import MAX_BYTES, PictureTooBig
from members.queries.directory import Wanted

_is_site = URLValidator(schemes=["http", "https"])


class LinksField(forms.CharField):
    """Addresses of sites, one a line; « boutique.fr » is understood."""

    widget = forms.Textarea(attrs={"rows": 3})

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def clean(self, value: Any) -> list[str]:
        found = []
        for line in super().clean(value).split():
            url = line if urlsplit(line).scheme in ("http", "https") else f"https://{line}"
            try:
                _is_site(url)
            except ValidationError as error:
                message = _("«\u00a0%s\u00a0» n’est pas une adresse de site.") % line
                raise ValidationError(message) from error
            found.append(url)
        if len(found) > MOST_LINKS:
            raise ValidationError(_("Gardez six liens au plus."))
        return found


class PageForm(forms.Form):
    """What a structure shows of itself."""

    tagline = forms.CharField(
        label=_("En une phrase"), max_length=160, required=False, help_text=_("Sous votre nom, dans l’annuaire.")
    )
    text = forms.CharField(
        label=_("Qui vous êtes"), max_length=4000, required=False, widget=forms.Textarea(attrs={"rows": 6})
    )
    skills = forms.CharField(
        label=_("Vos savoir-faire"),
        max_length=160,
        required=False,
        help_text=_("Ceux par lesquels on vous cherche\u00a0: sérigraphie, reliure, régie son…"),
    )
    offer = forms.CharField(
        label=_("Ce que vous vendez ou proposez"),
        max_length=600,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    takes_orders = forms.BooleanField(label=_("Nous prenons des commandes"), required=False)
    ordering = forms.CharField(
        label=_("Comment commander"),
        max_length=600,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("À qui s’adresser, et le délai à prévoir."),
    )
    opening_times = forms.CharField(
        label=_("Horaires"),
        max_length=240,
        required=False,
        help_text=_("«\u00a0Du mardi au vendredi, de 10 h à 18 h\u00a0»"),
    )
    place = forms.CharField(
        label=_("Où vous trouver"), max_length=240, required=False, help_text=_("L’étage, l’atelier, la cour…")
    )
    links = LinksField(
        label=_("Liens"), required=False, help_text=_("Une adresse par ligne\u00a0: boutique, réseau social, vidéo.")
    )
    shows_website = forms.BooleanField(label=_("Votre site"), required=False)
    shows_email = forms.BooleanField(label=_("Votre adresse électronique"), required=False)
    shows_phone = forms.BooleanField(label=_("Votre téléphone"), required=False)
    shows_address = forms.BooleanField(label=_("Votre adresse postale"), required=False)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if given.get("takes_orders") and not given.get("ordering") and "ordering" not in self.errors:
            self.add_error("ordering", _("Dites comment commander, ou décochez «\u00a0Prend des commandes\u00a0»."))
        return given


class PictureWordsForm(forms.Form):
    """What a picture shows, for those who do not see it."""

    alt = forms.CharField(
        label=_("Ce que l’image montre"),
        max_length=240,
        help_text=_(
            "Lu à voix haute aux personnes qui ne la voient pas\u00a0: «\u00a0Deux menuisières poncent une table\u00a0»."
        ),
    )


class PictureForm(PictureWordsForm):
    """A picture, and what it shows."""

    file = forms.FileField(
        label=_("Image"),
        help_text=_(
            "JPEG, PNG ou WebP, 10 Mo au plus. Elle est réduite, et ce que l’appareil y a écrit (lieu, date) est retiré."
        ),
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp"}),
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > MAX_BYTES:
            raise ValidationError(str(PictureTooBig.message))
        return file


class HideForm(forms.Form):
    reason = forms.CharField(
        label=_("Pourquoi"),
        max_length=300,
        help_text=_("La structure lit ce motif sur sa page."),
        error_messages={"required": _("Dites pourquoi.")},
    )


class SearchForm(forms.Form):
    """What a visitor asks of the directory; what it does not know is not asked."""

    q = forms.CharField(
        label=_("Nom, métier, savoir-faire"),
        max_length=80,
        required=False,
        widget=forms.TextInput(attrs={"type": "search"}),
    )
    metier = forms.TypedChoiceField(label=_("Métier"), coerce=int, empty_value=None, required=False)
    commune = forms.ChoiceField(label=_("Commune"), required=False)
    lieux = forms.BooleanField(label=_("Dans les lieux du pôle"), required=False)
    commandes = forms.BooleanField(label=_("Prend des commandes"), required=False)

    def __init__(self, *args: Any, towns: list[str], trades: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["metier"].choices = [("", _("Tous")), *trades]
        self.fields["commune"].choices = [("", _("Toutes")), *((town, town) for town in towns)]

    @property
    def wanted(self) -> Wanted:
        self.is_valid()
        given = self.cleaned_data
        return Wanted(
            words=given.get("q", ""),
            trade=given.get("metier"),
            town=given.get("commune", ""),
            is_here=given.get("lieux", False),
            takes_orders=given.get("commandes", False),
        )
