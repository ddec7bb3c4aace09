"""Guests, typed or pasted as a list."""

import datetime as dt
import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from parties.actions import Guest
from parties.forms import LastDayForm

MOST = 20


class GuestsForm(LastDayForm):
    """A list pasted as it comes: a name a line, with a mail or not."""

    guests = forms.CharField(
        label=gettext_lazy("Qui inviter"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 8, "placeholder": "Léa Bonnet\nNoé Garnier, noe@exemple.org"}),
        help_text=gettext_lazy(
            "Une personne par ligne\u00a0: prénom, nom, et son adresse électronique si vous l’avez. Vingt au plus."
        ),
    )
    field_order = ("guests", "last_day")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["last_day"].help_text = gettext_lazy("Le lendemain, les liens n’ouvrent plus rien.")

    def clean_guests(self) -> list[Guest]:
        """The people of the list. Each line that is not one is told by its number."""
        found, wrong = [], []
        for number, line in enumerate(self.cleaned_data["guests"].splitlines(), start=1):
            if not line.strip():
                continue
            try:
                found.append(guest_in(line))
            except ValidationError as error:
                wrong.append(_("Ligne %(number)s\u00a0: %(why)s") % {"number": number, "why": " ".join(error.messages)})
        names = [str(guest).casefold() for guest in found]
        if twice := next((str(each) for each in found if names.count(str(each).casefold()) > 1), None):
            wrong.append(_("%s est deux fois dans la liste.") % twice)
        if len(found) > MOST:
            wrong.append(_("Vingt personnes au plus à la fois\u00a0: partagez la liste."))
        if wrong:
            raise ValidationError(wrong)
        return found

    @property
    def given(self) -> dict[str, Any]:
        """What the action takes."""
        ends_on: dt.date | None = self.ends_on
        return {"guests": self.cleaned_data["guests"], "ends_on": ends_on}


def guest_in(line: str) -> Guest:
    """« Noé Garnier <noe@exemple.org> », « Noé;Garnier;noe@exemple.org » and the like. Raises ValidationError."""
    words = re.sub(r"[,;<>()\t]+", " ", line).split()
    mails = [word for word in words if "@" in word]
    names = [word for word in words if "@" not in word]
    if len(mails) > 1:
        raise ValidationError(_("une seule adresse par personne."))
    if len(names) < 2:
        raise ValidationError(_("écrivez un prénom et un nom."))
    given_name, family_name = names[0], " ".join(names[1:])
    if len(given_name) > 80 or len(family_name) > 80:
        raise ValidationError(_("ce nom est trop long."))
    for mail in mails:
        validate_email(mail)
    return Guest(given_name, family_name, mails[0] if mails else "")
