"""Who is away, and when the hub is closed."""

import datetime as dt
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from hubs.forms import DayField
from parties.forms import LastDayForm
from parties.models import Person
from parties.queries import team_people


class PeriodForm(LastDayForm):
    """From a day to another, both said; `ends_on` is the day after."""

    starts_on = DayField(label=_("Premier jour"))

    @property
    def period(self) -> dict[str, dt.date]:
        ends_on = self.ends_on
        assert ends_on is not None  # noqa: S101 the field is required
        return {"starts_on": self.cleaned_data["starts_on"], "ends_on": ends_on}


class LeaveForm(PeriodForm):
    """The leave of someone of the team; one's own, unless one is of the coordination."""

    user = forms.ModelChoiceField(
        Person.objects.none(), label=_("Qui s’absente"), to_field_name="public_id", empty_label=_("Choisir…")
    )
    colleague = forms.ModelChoiceField(
        Person.objects.none(),
        label=_("Relais"),
        to_field_name="public_id",
        required=False,
        empty_label=_("personne"),
        help_text=_(
            "Ce dont la personne absente s’occupe lui est montré, et les courriels de l’équipe lui arrivent aussi."
        ),
    )
    field_order = ("user", "starts_on", "last_day", "colleague")

    def __init__(self, *args: Any, only: int | None = None, **kwargs: Any) -> None:
        """`only` is the one person whose leave may be written, by id."""
        super().__init__(*args, **kwargs)
        team = team_people(timezone.localdate())
        self.fields["user"].queryset = team.filter(pk=only) if only is not None else team
        self.fields["colleague"].queryset = team
        if only is not None:
            self.fields["user"].empty_label = None


class ClosureForm(PeriodForm):
    reason = forms.CharField(
        label=_("Pourquoi"), max_length=120, help_text=_("Par exemple «\u00a0Fermeture d’été\u00a0».")
    )
    field_order = ("starts_on", "last_day", "reason")
