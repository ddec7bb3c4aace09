from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from hubs.personal import said
from parties.merging.actions import COLUMNS, Thing, values_of_sheet
from parties.models import Organisation, Person

# Checked together: a SIRET brings its SIREN.
NUMBERS = ("siret", "siren", "vat_number")


def others_of(thing: Thing) -> Any:
    """Whom this sheet may be merged with."""
    if isinstance(thing, Person):
        return Person.objects.known().exclude(pk=thing.pk).by_name()
    return Organisation.objects.standing().exclude(pk=thing.pk).by_name()


class OtherSheetForm(forms.Form):
    """The other sheet of the same structure or person, chosen by name."""

    avec = forms.ModelChoiceField(
        None, label=_("L’autre fiche"), to_field_name="public_id", empty_label=_("Choisir…"),
        help_text=_("La page suivante montre les deux côte à côte\u00a0: rien n’est encore fusionné."),
    )  # fmt: skip

    def __init__(self, *args: Any, thing: Thing, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["avec"].queryset = others_of(thing)


class MergeForm(forms.Form):
    """Which of two sheets stays, and whose value counts where they differ."""

    keep = forms.ChoiceField(label=_("La fiche qui reste"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, one: Thing, two: Thing, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.things = {one.public_id: one, two.public_id: two}
        self.values = {key: values_of_sheet(thing) for key, thing in self.things.items()}
        self.fields["keep"].choices = [(key, self._title(thing)) for key, thing in self.things.items()]
        self.fields["keep"].initial = self._likely(one, two).public_id
        self.groups: dict[str, tuple[str, ...]] = {}
        columns = COLUMNS[type(one)]
        for name in columns:
            if name in NUMBERS[1:]:
                continue
            group = NUMBERS if name == NUMBERS[0] else (name,)
            self._add(name, group, type(one))

    def _title(self, thing: Thing) -> str:
        email = (thing.user.email if thing.user else thing.email) if isinstance(thing, Person) else thing.email
        return f"{thing} ({email})" if email else str(thing)

    def _likely(self, one: Thing, two: Thing) -> Thing:
        """Whoever signs in, else the fuller sheet, else the older one."""
        if isinstance(two, Person) and isinstance(one, Person) and (one.user_id is None) != (two.user_id is None):
            return one if one.user_id is not None else two
        filled = {thing.pk: sum(bool(value) for value in values_of_sheet(thing).values()) for thing in (one, two)}
        return max((one, two), key=lambda thing: (filled[thing.pk], -thing.pk))

    def _add(self, name: str, group: tuple[str, ...], model: type) -> None:
        """A choice where the two sheets differ; the one that is filled is proposed."""
        told = {key: self._told(key, group) for key in self.things}
        if len(set(told.values())) == 1:
            return
        label = _("SIRET, SIREN et numéro de TVA") if group == NUMBERS else model._meta.get_field(name).verbose_name
        kept = str(self.fields["keep"].initial)
        other = next(key for key in self.things if key != kept)
        self.fields[f"take_{name}"] = forms.ChoiceField(
            label=str(label).capitalize() if group != NUMBERS else label,
            choices=[(key, words or _("rien")) for key, words in told.items()],
            initial=kept if told[kept] else other,
            widget=forms.RadioSelect,
        )
        self.groups[f"take_{name}"] = group

    def _told(self, key: str, group: tuple[str, ...]) -> str:
        thing = self.things[key]
        if group == ("legal_form",):
            return str(thing.get_legal_form_display())  # type: ignore[union-attr]
        return ", ".join(said(self.values[key][name]) for name in group if self.values[key][name])

    @property
    def kept(self) -> Thing:
        return self.things[self.cleaned_data["keep"]]

    @property
    def gone(self) -> Thing:
        return next(thing for key, thing in self.things.items() if key != self.cleaned_data["keep"])

    @property
    def taken(self) -> dict[str, Any]:
        """The values that the sheet which stays takes from the other."""
        given: dict[str, Any] = {}
        for field, group in self.groups.items():
            if self.cleaned_data[field] != self.cleaned_data["keep"]:
                given |= {name: self.values[self.cleaned_data[field]][name] for name in group}
        return given
