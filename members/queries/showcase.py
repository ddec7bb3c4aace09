"""The directory: who is in it on a day, what each shows, and a search that forgives."""

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import reduce
from operator import add
from typing import Any

from django.db import connection
from django.db.models import (
    Case,
    Count,
    Exists,
    F,
    FilteredRelation,
    FloatField,
    Func,
    OuterRef,
    Q,
    QuerySet,
    TextField,
    Value,
    When,
    Window,
)
from django.db.models.lookups import Contains
from django.urls import reverse

from hubs.parts import Thing, ids_of
from members.enums import MemberKind, PageState
from members.models import Membership, PageContact, PagePicture, PublicPage, PublicPageQuerySet
from members.queries.memberships import members_on
from parties.enums import WORKING_ROLES
from parties.models import Link, Organisation, OrganisationQuerySet, PlainText

# How alike a word and one of the page must be, by their letters three by three, to be the one that was meant:
# « grafisme » finds « graphisme », two first letters of four find nothing.
ALIKE = 0.42
MOST_WORDS = 5
PER_PAGE = 24


@dataclass(frozen=True)
class Wanted:
    """What a visitor asks of the directory. Without anything, all of it."""

    words: str = ""
    trade: int | None = None
    town: str = ""
    is_here: bool = False
    takes_orders: bool = False

    @property
    def is_anything(self) -> bool:
        return bool(self.words or self.trade or self.town or self.is_here or self.takes_orders)


@dataclass(frozen=True)
class Line:
    """What a card of the directory tells of a structure. `cover` is the id of its first picture."""

    public_id: str
    name: str
    town: str
    trade: str
    tagline: str = ""
    takes_orders: bool = False
    cover: int | None = None
    alt: str = ""


@dataclass(frozen=True)
class Found:
    """A page of the lines found among `total`. `is_alike`: nothing holds the words as typed, these come near."""

    lines: list[Line]
    total: int
    number: int = 1
    is_alike: bool = False


@dataclass
class Entry:
    """A structure as the directory shows it; `page` is None until it has published one."""

    organisation: Organisation
    page: PublicPage | None
    cover: PagePicture | None = None
    pictures: Sequence[PagePicture] = field(default_factory=list)
    people: Sequence[Link] = field(default_factory=list)

    @property
    def website(self) -> str:
        return self.organisation.website if self.page is None or self.page.shows_website else ""

    @property
    def email(self) -> str:
        return self.organisation.email if self.page and self.page.shows_email else ""

    @property
    def phone(self) -> str:
        return self.organisation.phone if self.page and self.page.shows_phone else ""

    @property
    def address_lines(self) -> list[str]:
        return self.organisation.address_lines if self.page and self.page.shows_address else []

    @property
    def takes_orders(self) -> bool:
        return self.page is not None and self.page.takes_orders

    @property
    def summary(self) -> str:
        """One line for cards, search engines and shared links."""
        told = (self.page.tagline or self.page.offer or self.page.text) if self.page else ""
        trade = self.organisation.trade.name if self.organisation.trade else ""
        return told or ", ".join(word for word in (trade, self.organisation.town) if word)


def shown_in_directory(on: dt.date) -> OrganisationQuerySet:
    """The members on that day, those excepted that took themselves out of the directory or that the hub hid."""
    shown = Q(public_page=None) | Q(public_page__state__in=(PageState.DRAFT, PageState.PUBLISHED))
    return members_on(on).filter(shown).select_related("trade", "public_page")


def found_in_directory(wanted: Wanted, on: dt.date, *, number: int = 1, per_page: int = PER_PAGE) -> Found:
    """By name. Words that nothing holds are looked for again by their letters, the nearest first: one query more."""
    shown = _narrowed(wanted, on)
    words = wanted.words.split()[:MOST_WORDS]
    if not words:
        return _page_of(_by_name(shown), number, per_page)
    exact = _page_of(_by_name(shown.filter(*(_holds(word) for word in words))), number, per_page)
    if exact.total:
        return exact
    told = _joined(PlainText(_joined("name", "trade__name", "town")), _if_published("public_page__said"))
    nearness = {
        f"_near{rank}": Func(PlainText(Value(word)), told, function="word_similarity", output_field=FloatField())
        for rank, word in enumerate(words)
    }
    near = shown.annotate(**nearness).filter(**{f"{name}__gte": ALIKE for name in nearness})
    total = reduce(add, (F(name) for name in nearness))
    found = _page_of(near.order_by(total.desc(), PlainText("name"), "pk"), number, per_page)
    return replace(found, is_alike=bool(found.total))


def makers_on(wanted: Wanted, on: dt.date, *, number: int = 1) -> Found:
    """The showcase: published pages that have pictures or take orders, those with pictures first."""
    drawn = Exists(PagePicture.objects.filter(page__organisation=OuterRef("pk")))
    shown = _narrowed(wanted, on).filter(public_page__state=PageState.PUBLISHED)
    kept = shown.annotate(_drawn=drawn).filter(Q(_drawn=True) | Q(public_page__takes_orders=True))
    kept = kept.filter(*(_holds(word) for word in wanted.words.split()[:MOST_WORDS]))
    return _page_of(kept.order_by("-_drawn", PlainText("name"), "pk"), number, PER_PAGE)


def _narrowed(wanted: Wanted, on: dt.date) -> OrganisationQuerySet:
    """Those that the filters keep, whatever the words."""
    shown = shown_in_directory(on)
    if wanted.trade:
        shown = shown.filter(trade=wanted.trade)
    if wanted.town:
        shown = shown.filter(town=wanted.town)
    if wanted.is_here:
        here = Membership.objects.in_force(on).filter(organisation=OuterRef("pk"), kind=MemberKind.RESIDENT)
        shown = shown.filter(Exists(here))
    if wanted.takes_orders:
        shown = shown.filter(public_page__state=PageState.PUBLISHED, public_page__takes_orders=True)
    return shown


def _holds(word: str) -> Q:
    """The structure has this word in its name, its trade or its town, or says it on its published page."""
    plain = PlainText(Value(word))
    named = Contains(PlainText(_joined("name", "trade__name", "town")), plain)
    return Q(named) | Q(public_page__state=PageState.PUBLISHED) & (
        Q(public_page__said__contains=plain) | Q(public_page__sold__contains=plain)
    )


def _by_name(shown: OrganisationQuerySet) -> OrganisationQuerySet:
    return shown.order_by(PlainText("name"), "pk")


def _page_of(found: OrganisationQuerySet, number: int, per_page: int) -> Found:
    """One page with the number of all of them, in one query; beyond the last page, the last."""
    rows = list(_lines(found)[per_page * (number - 1) : per_page * number])
    if not rows and number > 1:
        number = max(1, -(-found.count() // per_page))
        rows = list(_lines(found)[per_page * (number - 1) : per_page * number])
    return Found([_line(row) for row in rows], rows[0][-1] if rows else 0, number)


def _lines(found: OrganisationQuerySet) -> QuerySet[Organisation, tuple[Any, ...]]:
    """What `_line` reads, then how many there are in all."""
    cover = FilteredRelation("public_page__pictures", condition=Q(public_page__pictures__rank=1))
    return found.annotate(_cover=cover).values_list(
        "public_id",
        "name",
        "town",
        "trade__name",
        "public_page__state",
        "public_page__tagline",
        "public_page__takes_orders",
        "_cover__pk",
        "_cover__alt",
        Window(Count("*")),
    )


def _line(row: tuple[Any, ...]) -> Line:
    public_id, name, town, trade, state, tagline, takes_orders, cover, alt, _total = row
    if state != PageState.PUBLISHED:
        return Line(public_id, name, town, trade or "")
    return Line(public_id, name, town, trade or "", tagline, takes_orders, cover, alt or "")


def _if_published(column: str) -> Case:
    return Case(
        When(public_page__state=PageState.PUBLISHED, then=F(column)), default=Value(""), output_field=TextField()
    )


def _joined(*words: Any) -> Func:
    """One after the other, without those that are not there."""
    return Func(Value(" "), *words, function="concat_ws", output_field=TextField())


# A plain statement: building the queryset costs more than running it (docs/adr/0013).
_CHOICES = """
SELECT organisation.town, trade.id, trade.name
FROM parties_organisation organisation LEFT JOIN parties_trade trade ON trade.id = organisation.trade_id
WHERE organisation.id IN (SELECT organisation_id FROM members_membership) GROUP BY 1, 2, 3
"""


def places_and_trades() -> tuple[list[str], list[tuple[int, str]]]:
    """The towns and the trades of those who are or were members, to choose from; one query."""
    with connection.cursor() as cursor:
        cursor.execute(_CHOICES)
        rows = cursor.fetchall()
    towns = sorted({town for town, _trade, _name in rows if town}, key=str.casefold)
    trades = {trade: name for _town, trade, name in rows if trade}
    return towns, sorted(trades.items(), key=lambda pair: pair[1].casefold())


def entries_of(organisations: Iterable[Organisation]) -> list[Entry]:
    """The structures with their published pages and covers, in the same order; one query for the covers."""
    entries = [Entry(each, _published_page(each)) for each in organisations]
    pages = [entry.page.pk for entry in entries if entry.page]
    covers = {each.page_id: each for each in PagePicture.objects.filter(page__in=pages).order_by("-rank")}
    for entry in entries:
        entry.cover = covers.get(entry.page.pk) if entry.page else None
    return entries


def _published_page(organisation: Organisation) -> PublicPage | None:
    page: PublicPage | None = getattr(organisation, "public_page", None)
    return page if page and page.state == PageState.PUBLISHED else None


def entry_of(organisation: Organisation, on: dt.date, *, is_preview: bool = False) -> Entry:
    """One structure whole, with its pictures and the people who agreed to be named; a preview shows a draft."""
    page = getattr(organisation, "public_page", None) if is_preview else _published_page(organisation)
    if page is None:
        return Entry(organisation, None)
    pictures = list(page.pictures.order_by("rank"))
    return Entry(organisation, page, pictures[0] if pictures else None, pictures, people_of(page, on))


def people_of(page: PublicPage, on: dt.date) -> list[Link]:
    """Those of its people who agreed to be named and still work there, once each."""
    return list(_named([page], on))


def _named(pages: Collection[PublicPage | int], on: dt.date) -> QuerySet[Link]:
    agreed = PageContact.objects.filter(
        page__in=pages, person=OuterRef("person"), page__organisation=OuterRef("organisation")
    )
    links = Link.objects.live(on).filter(Exists(agreed), role__in=WORKING_ROLES, person__erased_at=None)
    return (
        links.select_related("person")
        .order_by("organisation", "person", "-role", "pk")
        .distinct("organisation", "person")
    )


def people_by_structure(entries: Iterable[Entry], on: dt.date) -> dict[int, list[str]]:
    """The names that published pages show, by structure; one query."""
    found: dict[int, list[str]] = {}
    for link in _named([entry.page.pk for entry in entries if entry.page], on):
        found.setdefault(link.organisation_id, []).append(str(link.person))
    return found


def picture_is_public(picture: PagePicture, on: dt.date) -> bool:
    page = picture.page
    return page.state == PageState.PUBLISHED and shown_in_directory(on).filter(pk=page.organisation_id).exists()


def pages_for_staff(on: dt.date) -> OrganisationQuerySet:
    """Every member with the page it has, hidden ones too."""
    return members_on(on).select_related("public_page").by_name()


def stale_pages(on: dt.date) -> PublicPageQuerySet:
    """Those shown that nobody has confirmed for a year, the oldest first."""
    return (
        PublicPage.objects.stale(on)
        .filter(organisation__in=members_on(on).values("pk"))
        .select_related("organisation")
        .order_by("confirmed_on", "pk")
    )


def pages_named(names: Collection[str]) -> dict[str, Thing]:
    """The pages named « members.publicpage:3 »."""
    ids = ids_of("members.publicpage", names)
    found = PublicPage.objects.filter(pk__in=ids).select_related("organisation") if ids else ()
    return {
        f"members.publicpage:{each.pk}": Thing(
            label=str(each),
            url=reverse("members:page_edit", args=[each.organisation.public_id]),
            addresses=[each.organisation.email] if each.organisation.email else [],
        )
        for each in found
    }
