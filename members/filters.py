"""The filters of the list of members and of the inbox of applications."""

import datetime as dt
from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from hubs.forms import DayField
from members.enums import IN_FLIGHT, ApplicationState, DuesState, Step
from members.models import College, FiscalYear
from members.queries import register

PAID = {DuesState.PAID, DuesState.EXEMPT}
UNPAID = {DuesState.CALLED, DuesState.PARTLY}


class DayFilter(django_filters.DateFilter):
    field_class = DayField


def _day(label: Any, method: str) -> django_filters.DateFilter:
    return DayFilter(label=label, method=method, widget=forms.DateInput(attrs={"type": "date"}))


class MembershipFilter(django_filters.FilterSet):
    nom = django_filters.CharFilter(label=_("Nom ou adresse"), method="by_name")
    college = django_filters.ModelChoiceFilter(
        label=_("Collège"), queryset=lambda request: College.objects.by_rank(), empty_label=_("tous")
    )
    etat = django_filters.ChoiceFilter(
        label=_("Situation"),
        choices=[
            ("member", _("membre")),
            ("leaving", _("sur le départ")),
            ("left", _("partie")),
            ("never", _("jamais commencée")),
        ],
        empty_label=_("toutes"),
        method="by_state",
    )
    cotisation = django_filters.ChoiceFilter(
        label=_("Cotisation"),
        choices=[("payee", _("payée, ou rien à payer")), ("due", _("appelée, pas soldée")), ("non", _("pas appelée"))],
        empty_label=_("toutes"),
        method="by_dues",
    )
    manque = django_filters.ChoiceFilter(
        label=_("À compléter ou à regarder"),
        choices=[
            ("adresse", _("sans adresse")),
            ("representant", _("sans représentant·e légal·e")),
            ("interruption", _("avec une année d’interruption")),
        ],
        empty_label=_("tout"),
        method="by_lack",
    )
    arrivee_du = _day(_("Arrivée du"), "arrived_from")
    arrivee_au = _day(_("Arrivée au"), "arrived_until")
    depart_du = _day(_("Départ du"), "left_from")
    depart_au = _day(_("Départ au"), "left_until")

    def __init__(self, *args: Any, year: FiscalYear | None, today: dt.date, **kwargs: Any) -> None:
        self.year, self.today = year, today
        super().__init__(*args, **kwargs)

    def by_name(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return register.named_like(queryset, value)

    def by_state(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return register.in_state(queryset, value, self.today)

    def by_dues(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        if self.year is None:
            return queryset
        states = {"payee": PAID, "due": UNPAID, "non": {DuesState.NONE}}[value]
        return register.with_dues(queryset, self.year, states, self.today)

    def by_lack(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        if value == "adresse":
            return register.without_address(queryset)
        if value == "representant":
            return register.without_representative(queryset, self.today)
        return register.with_gap(queryset)

    def arrived_from(self, queryset: QuerySet, name: str, value: dt.date) -> QuerySet:
        return register.newcomers(queryset).filter(arrived_on__gte=value)

    def arrived_until(self, queryset: QuerySet, name: str, value: dt.date) -> QuerySet:
        return register.newcomers(queryset).filter(arrived_on__lte=value)

    def left_from(self, queryset: QuerySet, name: str, value: dt.date) -> QuerySet:
        return queryset.filter(left_on__gt=value)

    def left_until(self, queryset: QuerySet, name: str, value: dt.date) -> QuerySet:
        return queryset.filter(left_on__lte=value + dt.timedelta(days=1))


class ApplicationFilter(django_filters.FilterSet):
    """Without a state, those in flight."""

    nom = django_filters.CharFilter(label=_("Nom ou adresse"), method="by_name")
    college = django_filters.ModelChoiceFilter(
        label=_("Collège"), queryset=lambda request: College.objects.by_rank(), empty_label=_("tous")
    )
    etape = django_filters.ChoiceFilter(
        label=_("Étape à décider"), choices=Step.choices, empty_label=_("toutes"), method="by_step"
    )
    etat = django_filters.ChoiceFilter(
        label=_("Situation"), choices=ApplicationState.choices, empty_label=_("en cours"), method="by_state"
    )

    def filter_queryset(self, queryset: QuerySet) -> QuerySet:
        if not self.form.cleaned_data.get("etat"):
            queryset = queryset.filter(state__in=IN_FLIGHT)
        return super().filter_queryset(queryset)

    def by_name(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return register.applications_like(queryset, value)

    def by_step(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return register.waiting_for(queryset, Step(value))

    def by_state(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return queryset.filter(state=value)
