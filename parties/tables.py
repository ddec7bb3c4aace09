from collections.abc import Sequence
from functools import cached_property

import django_tables2 as tables
from django.db.models import F, QuerySet
from django.utils.translation import gettext_lazy as _

from parties.models import Organisation, PlainText
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
