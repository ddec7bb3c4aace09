import datetime as dt
from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from billing.enums import SERIES, InvoiceKind
from billing.openings.base import Importer
from billing.openings.files import Position
from hubs.forms import DayField
from parties.imports.values import plain


class OpeningFileForm(forms.Form):
    file = forms.FileField(
        label=_("Fichier"),
        help_text=_("CSV ou XLSX, 5 Mo au plus. Rien n’est écrit avant que vous ayez vu le sort de chaque ligne."),
        widget=forms.FileInput(attrs={"accept": ".csv,.xlsx,.txt"}),
    )


class OpeningColumnsForm(forms.Form):
    """What each column of a file holds: one choice for each, with its first cells beside it."""

    LEFT_OUT = "-"

    def __init__(self, *args: Any, importer: Importer, positions: Sequence[Position], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.importer, self.positions = importer, positions
        choices = [(self.LEFT_OUT, _("Ne pas reprendre")), *((column.key, column.title) for column in importer.columns)]
        for position in positions:
            self.fields[f"column_{position.place}"] = forms.ChoiceField(
                label=position.header or _("Colonne %s") % (position.place + 1),
                help_text=" · ".join(position.examples) or _("(vide)"),
                choices=choices,
                initial=position.guess or self.LEFT_OUT,
            )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        taken: dict[str, Position] = {}
        for position in self.positions:
            key = data.get(f"column_{position.place}")
            if key in (None, self.LEFT_OUT):
                continue
            if key in taken:
                words = _("La colonne «\u00a0%s\u00a0» est déjà dite ainsi. Gardez-en une.") % taken[key].header
                self.add_error(f"column_{position.place}", words)
            taken.setdefault(key, position)
        missing = [self.importer.title_of(key) for key in self.importer.required if key not in taken]
        if missing:
            raise forms.ValidationError(_("Dites quelle colonne contient\u00a0: %s.") % ", ".join(missing))
        return data

    @property
    def columns(self) -> dict[int, str]:
        said = {each.place: self.cleaned_data[f"column_{each.place}"] for each in self.positions}
        return {place: "" if key == self.LEFT_OUT else key for place, key in said.items()}

    @property
    def said(self) -> dict[str, str]:
        """What to remember, by header."""
        columns = self.columns
        return {plain(each.header): columns[each.place] for each in self.positions if plain(each.header)}


class LastNumberForm(forms.Form):
    series = forms.ChoiceField(
        label=_("Série"), choices=[(SERIES[kind], f"{SERIES[kind]} ({kind.label})") for kind in InvoiceKind]
    )
    last = forms.IntegerField(
        label=_("Dernier numéro"),
        min_value=1,
        max_value=99_999,
        help_text=_("42 si la dernière était FA-2026-00042\u00a0: la prochaine sera la 43."),
    )
    last_date = DayField(label=_("Sa date"), help_text=_("Les suivantes porteront cette date ou une plus tardive."))

    def clean_last_date(self) -> dt.date:
        if self.cleaned_data["last_date"] > timezone.localdate():
            raise forms.ValidationError(_("Ce jour n’est pas encore passé."))
        return self.cleaned_data["last_date"]
