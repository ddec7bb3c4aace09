import datetime as dt
from collections.abc import Mapping

import django_tables2 as tables
from django.db.models import F, QuerySet
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from hubs import french, strokes
from members.enums import DuesState
from members.models import Membership
from parties.models import PlainText


class MembershipTable(tables.Table):
    """The members of a year. `dues` is where the dues of each are, by id."""

    name = tables.Column(_("Nom"))
    college = tables.Column(_("Collège"))
    kind = tables.Column(_("Lien"))
    dues = tables.Column(_("Cotisation"), accessor="pk", orderable=False)
    left_on = tables.Column(_("Dernier jour"))

    class Meta:
        model = Membership
        fields = ("name", "college", "kind", "dues", "left_on")
        template_name = "members/members_table.html"
        order_by = "name"

    def __init__(self, *args: object, dues: Mapping[int, DuesState], today: dt.date, **kwargs: object) -> None:
        self.dues, self.today = dues, today
        super().__init__(*args, **kwargs)

    def order_name(self, queryset: QuerySet, is_descending: bool) -> tuple[QuerySet, bool]:
        plain = PlainText(F("name"))
        return queryset.order_by(plain.desc() if is_descending else plain.asc(), "pk"), True

    def order_college(self, queryset: QuerySet, is_descending: bool) -> tuple[QuerySet, bool]:
        sign = "-" if is_descending else ""
        return queryset.order_by(f"{sign}college__rank", f"{sign}college_id", PlainText(F("name")), "pk"), True

    def order_kind(self, queryset: QuerySet, is_descending: bool) -> tuple[QuerySet, bool]:
        return queryset.order_by(f"{'-' if is_descending else ''}kind", PlainText(F("name")), "pk"), True

    def order_left_on(self, queryset: QuerySet, is_descending: bool) -> tuple[QuerySet, bool]:
        day = F("left_on").desc(nulls_last=True) if is_descending else F("left_on").asc(nulls_last=True)
        return queryset.order_by(day, PlainText(F("name")), "pk"), True

    def told(self, membership: Membership) -> str:
        """The last day of who leaves or has left; nothing of the others."""
        if membership.left_on is None:
            return ""
        if membership.left_on == membership.fiscal_year.starts_on:
            return str(_("jamais commencée"))
        return french.day(membership.last_day, year=True, weekday=False)

    @property
    def body(self) -> SafeString:
        """The rows of the page."""
        return strokes.rows(
            [str(column.header) for column in self.columns],
            (
                (
                    strokes.link(_sheet(each), each.name),
                    each.college.name,
                    each.get_kind_display(),
                    self.dues[each.pk].label if each.pk in self.dues else "",
                    self.told(each),
                )
                for each in self.paginated_rows.data
            ),
        )


def _sheet(membership: Membership) -> str:
    if membership.person is not None:
        return reverse("parties:person", args=[membership.person.public_id])
    return reverse("parties:structure", args=[membership.member.public_id])
