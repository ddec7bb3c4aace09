from collections.abc import Sequence

import django_tables2 as tables
from django.db.models import F, QuerySet
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from hubs import strokes
from hubs.enums import LegalForm
from hubs.french import NBSP
from parties.models import Organisation, PlainText
from parties.parts import Facet

SHOWN = ("name", "trade__name", "legal_form", "town", "siren", "email", "phone")
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
    siren = tables.Column("SIREN", orderable=False)
    email = tables.Column(_("Adresse électronique"), orderable=False)
    phone = tables.Column(_("Téléphone"), orderable=False)

    class Meta:
        model = Organisation
        fields = ("name", "trade", "legal_form", "town", "siren", "email", "phone")
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

    @property
    def body(self) -> SafeString:
        """The rows of the page, each with what the facets tell of it."""
        page = list(self.paginated_rows.data.values_list("pk", "public_id", *SHOWN))
        told = [facet.tell([pk for pk, *_rest in page]) for facet in self.facets]
        forms = {value: str(label) for value, label in LegalForm.choices}
        before, after = reverse("parties:structure", args=["0" * 12]).split("0" * 12)
        return strokes.rows(
            [str(column.header) for column in self.columns],
            (
                (
                    strokes.link(f"{before}{public_id}{after}", name),
                    trade,
                    forms[form],
                    town,
                    siren,
                    strokes.address(email),
                    phone.replace(" ", NBSP),
                    *(words.get(pk) for words in told),
                )
                for pk, public_id, name, trade, form, town, siren, email, phone in page
            ),
        )
