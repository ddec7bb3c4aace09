from collections.abc import Iterable, Sequence
from functools import cached_property

import django_tables2 as tables
from django.db.models import F, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from parties.models import Link, Organisation, Person, PlainText
from parties.parts import Facet

DIRECTION = {True: "desc", False: "asc"}


def plain_order(queryset: QuerySet, field: str, is_descending: bool) -> tuple[QuerySet, bool]:
    """By a text, accents and capitals forgiven, then by key: a page never shows a row twice."""
    ordered = getattr(PlainText(F(field)), DIRECTION[is_descending])(nulls_last=True)
    return queryset.order_by(ordered, "pk"), True


class OrganisationTable(tables.Table):
    name = tables.Column(_("Nom"))
    trade = tables.Column(_("Métier"))
    legal_form = tables.Column(_("Forme juridique"))
    town = tables.Column(_("Commune"))

    class Meta:
        model = Organisation
        fields = ("name", "trade", "legal_form", "town")
        template_name = "parties/structures_table.html"
        order_by = "name"

    def __init__(self, *args: object, facets: Sequence[Facet] = (), **kwargs: object) -> None:
        columns = [(facet.key, tables.Column(facet.label, orderable=False, accessor="pk")) for facet in facets]
        self.facets = facets
        super().__init__(*args, extra_columns=columns, **kwargs)

    def order_name(self, queryset: QuerySet, is_descending: bool) -> tuple[QuerySet, bool]:
        return plain_order(queryset, "name", is_descending)

    def order_trade(self, queryset: QuerySet, is_descending: bool) -> tuple[QuerySet, bool]:
        return plain_order(queryset, "trade__name", is_descending)

    def order_legal_form(self, queryset: QuerySet, is_descending: bool) -> tuple[QuerySet, bool]:
        return queryset.order_by(f"{'-' if is_descending else ''}legal_form", PlainText("name"), "pk"), True

    def order_town(self, queryset: QuerySet, is_descending: bool) -> tuple[QuerySet, bool]:
        return plain_order(queryset, "town", is_descending)

    @cached_property
    def lines(self) -> list[tuple[Organisation, list[str]]]:
        """The structures of the page, each with what the facets tell of it."""
        page = [row.record for row in self.paginated_rows]
        told = [facet.tell([organisation.pk for organisation in page]) for facet in self.facets]
        return [(organisation, [words.get(organisation.pk, "") for words in told]) for organisation in page]


class PersonTable(tables.Table):
    name = tables.Column(_("Nom"), accessor="family_name")
    roles = tables.Column(_("Rôles"), accessor="pk", orderable=False)
    email = tables.Column(_("Adresse électronique"))
    access = tables.Column(_("Accès"), accessor="user_id", orderable=False)

    class Meta:
        model = Person
        fields = ("name", "roles", "email", "access")
        template_name = "parties/people_table.html"
        order_by = "name"

    def order_name(self, queryset: QuerySet, is_descending: bool) -> tuple[QuerySet, bool]:
        direction = DIRECTION[is_descending]
        names = [getattr(PlainText(F(field)), direction)() for field in ("family_name", "given_name")]
        return queryset.order_by(*names, "pk"), True

    def order_email(self, queryset: QuerySet, is_descending: bool) -> tuple[QuerySet, bool]:
        return plain_order(queryset, "email", is_descending)

    def roles_of(self, people: Iterable[Person]) -> dict[int, list[Link]]:
        """The roles of these people today, in one query."""
        links = Link.objects.live(timezone.localdate()).filter(person__in=[person.pk for person in people])
        held: dict[int, list[Link]] = {}
        for link in links.select_related("organisation").order_by("starts_on", "pk"):
            held.setdefault(link.person_id, []).append(link)
        return held

    @cached_property
    def lines(self) -> list[tuple[Person, list[Link]]]:
        """The people of the page, each with their roles."""
        page = [row.record for row in self.paginated_rows]
        roles = self.roles_of(page)
        return [(person, roles.get(person.pk, [])) for person in page]
