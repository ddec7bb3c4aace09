from collections.abc import Iterable, Sequence

import django_tables2 as tables
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _

from hubs import strokes
from hubs.enums import LegalForm
from hubs.french import NBSP
from parties.enums import PaperState
from parties.models import Link, Organisation, Paper, Person, PlainText
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
        ids = [person.pk for person in people]
        whose = Q(person__in=ids) | Q(person__merged_into__in=ids)
        links = Link.objects.live(timezone.localdate()).filter(whose)
        held: dict[int, list[Link]] = {}
        for link in links.select_related("organisation__merged_into", "person").order_by("starts_on", "pk"):
            link.organisation = link.organisation.stands_as
            held.setdefault(link.person.merged_into_id or link.person_id, []).append(link)
        return held

    @property
    def body(self) -> SafeString:
        """The rows of the page, each with its roles of today."""
        today = timezone.localdate()
        page = list(self.paginated_rows.data)
        roles = self.roles_of(page)
        before, after = reverse("parties:person", args=["0" * 12]).split("0" * 12)
        none, opened = format_html('<span class="muted">{}</span>', _("aucun")), str(_("peut se connecter"))
        return strokes.rows(
            [str(column.header) for column in self.columns],
            (
                (
                    strokes.link(f"{before}{person.public_id}{after}", f"{person.family_name} {person.given_name}"),
                    format_html("<div>{}</div>", _told(roles[person.pk])) if person.pk in roles else none,
                    person.email,
                    opened if person.may_sign_in(today) else "",
                )
                for person in page
            ),
        )


class PaperTable(tables.Table):
    kind = tables.Column(_("Document"), order_by=("kind__about", "kind__rank", "kind", "pk"))
    whose = tables.Column(_("De"), accessor="pk")
    expires_on = tables.Column(_("Valable jusqu’au"))
    state = tables.Column(_("État"), accessor="pk", orderable=False)
    deposited_at = tables.Column(_("Déposé le"), order_by=("deposited_at", "pk"))

    class Meta:
        model = Paper
        fields: tuple[str, ...] = ()
        template_name = "parties/papers_table.html"
        order_by = "expires_on"

    def order_whose(self, queryset: QuerySet, is_descending: bool) -> tuple[QuerySet, bool]:
        direction = DIRECTION[is_descending]
        whose = PlainText(Coalesce("organisation__name", "person__family_name"))
        return queryset.order_by(getattr(whose, direction)(), "pk"), True

    def order_expires_on(self, queryset: QuerySet, is_descending: bool) -> tuple[QuerySet, bool]:
        ordered = getattr(F("expires_on"), DIRECTION[is_descending])(nulls_last=True)
        return queryset.order_by(ordered, "pk"), True

    @property
    def shown(self) -> list[tuple[Paper, PaperState]]:
        """The papers of the page, each with its state of today."""
        today = timezone.localdate()
        return [(paper, paper.state(today)) for paper in self.paginated_rows.data]


def _told(links: Iterable[Link]) -> SafeString:
    """« Atelier nord (administre) », a line each."""
    told = ((link.organisation.name, link.get_role_display()) for link in links)
    return format_html_join(mark_safe("<br>"), '{} <span class="muted">({})</span>', told)
