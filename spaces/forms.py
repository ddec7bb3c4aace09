import datetime as dt
import uuid
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from billing.models import VatRule
from hubs.actors import Actor
from hubs.scope import current_hub
from parties.models import Organisation
from spaces.enums import PayerKind, PlaceKind, PricePer, Weekday
from spaces.models import Closure, Pool, Site
from spaces.slots import FIRST_DAY, LAST_DAY, EndsBeforeStart, NoSuchHour, Slot

ALL_KINDS = [("", _("tout")), *PlaceKind.choices]


class Day(forms.DateField):
    def validate(self, value: dt.date | None) -> None:
        super().validate(value)
        if value is not None and not FIRST_DAY <= value <= LAST_DAY:
            raise forms.ValidationError(
                _("Choisissez une date entre %(first)s et %(last)s.") % {"first": FIRST_DAY.year, "last": LAST_DAY.year}
            )


class WhenForm(forms.Form):
    """A day and two hours. `slot` is there when they make one."""

    day = Day(label=_("Jour"))
    starts = forms.TimeField(label=_("De"))
    ends = forms.TimeField(label=_("À"))

    slot: Slot | None = None

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if {"day", "starts", "ends"} <= cleaned.keys():
            try:
                self.slot = Slot.on(cleaned["day"], cleaned["starts"], cleaned["ends"], current_hub().zone)
            except (NoSuchHour, EndsBeforeStart) as refusal:
                refusal.tell(self)
        return cleaned


class FindForm(WhenForm):
    """When, how many, what kind: the top of « Réserver »."""

    kind = forms.ChoiceField(label=_("Quoi"), choices=ALL_KINDS, required=False)
    seats = forms.IntegerField(label=_("Pour combien"), min_value=1, max_value=2000, required=False)

    field_order = ("kind", "day", "starts", "ends", "seats")


class BookForm(WhenForm):
    """A member books a place for one of its structures."""

    organisation = forms.ModelChoiceField(label=_("Pour qui\u00a0?"), queryset=None, empty_label=None)
    title = forms.CharField(label=_("Pour quoi faire"), max_length=120, required=False)
    request_key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        mine = Organisation.objects.standing().filter(pk__in=actor.organisations).by_name()
        self.fields["organisation"].queryset = mine
        if len(actor.organisations) == 1 or mine.count() == 1:
            self.fields["organisation"].initial = next(iter(actor.organisations))
            self.fields["organisation"].widget = forms.HiddenInput()


class PhoneForm(WhenForm):
    """Staff note a booking taken by phone: four answers, the hours filled in from the grid."""

    organisation = forms.ModelChoiceField(label=_("Structure"), queryset=None, empty_label=_("Choisir…"))
    place = forms.ModelChoiceField(label=_("Espace"), queryset=None, empty_label=_("Choisir…"))
    title = forms.CharField(label=_("Pour quoi faire"), max_length=120, required=False)
    request_key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)

    field_order = ("organisation", "place", "day", "starts", "ends", "title", "request_key")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        today = timezone.localdate()
        self.fields["organisation"].queryset = Organisation.objects.live(today).by_name()
        self.fields["place"].queryset = Pool.objects.live(today).select_related("site").by_rank()


class CancelForm(forms.Form):
    """Staff may let the amount go, with a reason."""

    waive = forms.BooleanField(label=_("Ne rien faire payer"), required=False)
    reason = forms.CharField(label=_("Motif"), max_length=300, required=False)


class PoolForm(forms.ModelForm):
    """A place, and of how many identical units it is made."""

    site = forms.ModelChoiceField(label=_("Lieu"), queryset=None, empty_label=None)
    units = forms.IntegerField(label=_("Nombre d’exemplaires identiques"), min_value=1, max_value=200, initial=1)

    class Meta:
        model = Pool
        fields = (
            "name",
            "kind",
            "seats",
            "area",
            "description",
            "wheelchair",
            "buffer_minutes",
            "min_minutes",
            "max_minutes",
            "horizon_days",
            "free_cancel_hours",
        )

    field_order = ("name", "kind", "site", "units")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # A field declared here is filled from the row by hand: a model form would read sites of no hub.
        self.fields["site"].initial = self.instance.site_id
        self.fields["site"].queryset = Site.objects.live(timezone.localdate()).order_by("name", "pk")
        self.fields["description"].widget.attrs["rows"] = 3

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if "site" in cleaned:
            self.instance.site = cleaned["site"]
        return cleaned


class PriceForm(forms.Form):
    """A new price, from a day on; the one in force ends that day."""

    payer = forms.ChoiceField(label=_("Pour"), choices=PayerKind.choices)
    per = forms.ChoiceField(label=_("Par"), choices=PricePer.choices)
    amount = forms.DecimalField(
        label=_("Prix hors taxe (€)"), min_value=0, max_digits=12, decimal_places=4, localize=True
    )
    vat = forms.ModelChoiceField(label=_("TVA"), queryset=None, empty_label=None)
    starts_on = Day(label=_("À partir du"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["vat"].queryset = VatRule.objects.live(timezone.localdate()).order_by("-rate", "code", "pk")


class HoursForm(forms.Form):
    """A week of opening hours: up to two stretches a day, none when it is closed."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for day in Weekday:
            for part in (1, 2):
                for end, label in (("opens", _("ouvre")), ("closes", _("ferme"))):
                    self.fields[f"{end}_{day.value}_{part}"] = forms.TimeField(
                        label=f"{day.label} {part}, {label}", required=False
                    )

    def rows(self) -> list[dict[str, Any]]:
        """The fields day by day, as the page lays them out."""
        return [
            {
                "label": day.label,
                "fields": [self[f"{end}_{day.value}_{part}"] for part in (1, 2) for end in ("opens", "closes")],
            }
            for day in Weekday
        ]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        for day in Weekday:
            for part in (1, 2):
                opens, closes = (cleaned.get(f"{end}_{day.value}_{part}") for end in ("opens", "closes"))
                if (opens is None) != (closes is None):
                    self.add_error(f"closes_{day.value}_{part}", _("Il faut les deux heures, ou aucune."))
                elif opens and closes != dt.time(0) and closes <= opens:
                    self.add_error(f"closes_{day.value}_{part}", _("La fermeture vient après l’ouverture."))
            self._check_apart(day, cleaned)
        return cleaned

    def _check_apart(self, day: Weekday, cleaned: dict[str, Any]) -> None:
        first, second = (
            (cleaned.get(f"opens_{day.value}_{part}"), cleaned.get(f"closes_{day.value}_{part}")) for part in (1, 2)
        )
        if None in (*first, *second):
            return
        early, late = sorted((first, second))
        if early[1] == dt.time(0) or late[0] < early[1]:
            self.add_error(f"opens_{day.value}_2", _("Les deux plages du jour se chevauchent."))

    def stretches(self) -> list[tuple[int, dt.time, dt.time]]:
        """(weekday, opens, closes) of every stretch filled in."""
        return [
            (day.value, self.cleaned_data[f"opens_{day.value}_{part}"], self.cleaned_data[f"closes_{day.value}_{part}"])
            for day in Weekday
            for part in (1, 2)
            if self.cleaned_data.get(f"opens_{day.value}_{part}") is not None
        ]


class ClosureForm(forms.ModelForm):
    starts_on = Day(label=_("Fermé du"))
    last_day = Day(label=_("Jusqu’au (inclus)"))

    class Meta:
        model = Closure
        fields = ("starts_on", "reason")

    field_order = ("starts_on", "last_day", "reason")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if {"starts_on", "last_day"} <= cleaned.keys() and cleaned["last_day"] < cleaned["starts_on"]:
            self.add_error("last_day", _("La fermeture finit après avoir commencé."))
        return cleaned
