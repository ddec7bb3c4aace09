"""The directory: who is in it on a day, what each shows, and a search that forgives."""

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from functools import reduce
from operator import add
from typing import Any

from django.db.models import Case, Exists, F, FloatField, Func, OuterRef, Q, QuerySet, TextField, Value, When
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
class Found:
    """`is_alike`: nothing holds the words as they were typed, these come near."""

    organisations: OrganisationQuerySet
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


def found_in_directory(wanted: Wanted, on: dt.date) -> Found:
    """By name. Words that nothing holds are looked for again by their letters, the nearest first: one query more."""
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
    words = wanted.words.split()[:MOST_WORDS]
    if not words:
        return Found(shown.by_name())
    told = shown.annotate(_told=_words_of_entry())
    exact = told.filter(*(Q(_told__contains=PlainText(Value(word))) for word in words))
    if exact.exists():
        return Found(exact.by_name())
    nearness = {
        f"_near{rank}": Func(PlainText(Value(word)), F("_told"), function="word_similarity", output_field=FloatField())
        for rank, word in enumerate(words)
    }
    near = told.annotate(**nearness).filter(**{f"{name}__gte": ALIKE for name in nearness})
    total = reduce(add, (F(name) for name in nearness))
    return Found(near.order_by(total.desc(), PlainText("name"), "pk"), is_alike=True)


def _words_of_entry() -> PlainText:
    """What is searched: the name, the trade, the town, and of a published page what it says in a line and sells."""
    page = _joined("public_page__tagline", "public_page__skills", "public_page__offer")
    published = Case(When(public_page__state=PageState.PUBLISHED, then=page), output_field=TextField())
    return PlainText(_joined("name", "trade__name", "town", published))


def _joined(*words: Any) -> Func:
    """One after the other, without those that are not there."""
    return Func(Value(" "), *words, function="concat_ws", output_field=TextField())


def places_and_trades(on: dt.date) -> tuple[list[str], list[tuple[int, str]]]:
    """The towns and the trades of the directory, to choose from; one query."""
    rows = set(shown_in_directory(on).order_by().values_list("town", "trade_id", "trade__name").distinct())
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


def makers_on(wanted: Wanted, on: dt.date) -> OrganisationQuerySet:
    """The showcase: published pages that have pictures or take orders, those with pictures first."""
    drawn = Exists(PagePicture.objects.filter(page__organisation=OuterRef("pk")))
    shown = found_in_directory(wanted, on).organisations.filter(public_page__state=PageState.PUBLISHED)
    kept = shown.annotate(_drawn=drawn).filter(Q(_drawn=True) | Q(public_page__takes_orders=True))
    return kept.order_by("-_drawn", PlainText("name"), "pk")


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
