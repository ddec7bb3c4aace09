"""Who is in the directory on a day, and what each shows. Its search is in `members.queries.directory`."""

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

from django.db.models import (
    Exists,
    OuterRef,
    Q,
    QuerySet,
)
from django.urls import reverse

from hubs.parts import Thing, ids_of
from members.enums import PageState
from members.models import PageContact, PagePicture, PublicPage, PublicPageQuerySet
from members.queries.memberships import members_on
from parties.enums import WORKING_ROLES
from parties.models import Link, Organisation, OrganisationQuerySet


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
