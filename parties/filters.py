from collections.abc import Sequence

import django_filters
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Concat
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from hubs.enums import LegalForm
from parties.enums import FieldOf, PaperState, RelationKind
from parties.merging.queries import on_sheet
from parties.models import OtherTrade, Paper, PaperKind, PlainText, Relation, Trade
from parties.parts import Facet


def _named_like(queryset: QuerySet, name: str, value: str) -> QuerySet:
    return queryset.named_like(value)  # type: ignore[attr-defined]


class OrganisationFilter(django_filters.FilterSet):
    nom = django_filters.CharFilter(label=_("Nom"), method=_named_like)
    metier = django_filters.ModelChoiceFilter(
        label=_("Métier"), method="of_trade", queryset=lambda request: Trade.objects.order_by("name", "pk"),
        empty_label=_("tous"),
    )  # fmt: skip
    forme = django_filters.ChoiceFilter(
        label=_("Forme juridique"), field_name="legal_form", choices=LegalForm.choices, empty_label=_("toutes")
    )
    relation = django_filters.ChoiceFilter(
        label=_("Relation"), choices=RelationKind.choices, empty_label=_("toutes"), method="in_relation"
    )

    def of_trade(self, queryset: QuerySet, name: str, value: Trade) -> QuerySet:
        others = OtherTrade.objects.filter(on_sheet("organisation", OuterRef("pk")), trade=value)
        return queryset.filter(Q(trade=value) | Exists(others))

    def in_relation(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        today = timezone.localdate()
        return queryset.filter(
            Exists(Relation.objects.live(today).filter(on_sheet("organisation", OuterRef("pk")), kind=value))
        )


def filter_with(facets: Sequence[Facet]) -> type[OrganisationFilter]:
    """The filters of the list, those of the hub's modules included."""

    def by_facet(facet: Facet) -> django_filters.ChoiceFilter:
        return django_filters.ChoiceFilter(
            label=facet.label,
            choices=list(facet.choices),
            empty_label=_("tous"),
            method=lambda queryset, name, value: facet.narrow(queryset, value),
        )

    return type("OrganisationFilter", (OrganisationFilter,), {facet.key: by_facet(facet) for facet in facets})


class PersonFilter(django_filters.FilterSet):
    nom = django_filters.CharFilter(label=_("Nom ou adresse"), method=_named_like)
    acces = django_filters.ChoiceFilter(
        label=_("Accès"),
        choices=[("oui", _("peut se connecter")), ("non", _("sans accès"))],
        empty_label=_("tous"),
        method="with_access",
    )

    def with_access(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        today = timezone.localdate()
        opened = Q(user__isnull=False) & (Q(access_ends_on=None) | Q(access_ends_on__gt=today))
        return queryset.filter(~opened if value == "non" else opened)


class PaperFilter(django_filters.FilterSet):
    nom = django_filters.CharFilter(label=_("De"), method="of_name")
    document = django_filters.ModelChoiceFilter(
        label=_("Document"), field_name="kind", empty_label=_("tous"),
        queryset=lambda request: PaperKind.objects.order_by("about", "rank", "pk"),
    )  # fmt: skip
    etat = django_filters.ChoiceFilter(
        label=_("État"),
        choices=[(state.value, state.label) for state in (PaperState.VALID, PaperState.EXPIRING, PaperState.EXPIRED)],
        empty_label=_("tous"),
        method="in_state",
    )
    sur = django_filters.ChoiceFilter(
        label=_("À propos de"), choices=FieldOf.choices, empty_label=_("tous"), field_name="kind__about"
    )

    def of_name(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        wanted = PlainText(Value(value))
        names = {
            "_structure": PlainText(F("organisation__name")),
            "_person": PlainText(Concat("person__given_name", Value(" "), "person__family_name")),
        }
        return queryset.annotate(**names).filter(Q(_structure__contains=wanted) | Q(_person__contains=wanted))

    def in_state(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        today = timezone.localdate()
        soon = today + Paper.NOTICE
        return queryset.filter(
            {
                PaperState.VALID: Q(expires_on=None) | Q(expires_on__gt=soon),
                PaperState.EXPIRING: Q(expires_on__range=(today, soon)),
                PaperState.EXPIRED: Q(expires_on__lt=today),
            }[PaperState(value)]
        )
