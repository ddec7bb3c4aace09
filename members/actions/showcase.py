"""Public pages: written, published, withdrawn, hidden, confirmed; who agrees to be named; what grows old."""

import datetime as dt
from typing import Any, TypedDict, Unpack

from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from hubs import languages
from hubs.actions import record, send_mail
from hubs.actors import Actor
from hubs.queries import absolute
from hubs.refusals import NotAllowed, Refusal
from hubs.scope import current_hub
from members.actions.colleges import check_keeps
from members.enums import PAGE_AFTER, PageState
from members.models import PageContact, PublicPage
from members.models.showcase import MOST_LINKS, STALE_AFTER
from members.queries import stale_pages
from members.rules import keeps_memberships, keeps_page
from parties.enums import LinkRole
from parties.models import Link, Organisation
from parties.rules import works_for


class PageSaysNothing(Refusal):
    message = _("Écrivez au moins une phrase avant de publier.")
    field = "tagline"


class PageMoved(Refusal):
    message = _("La page n’est plus dans cette situation. Rechargez-la.")


class PageHidden(Refusal):
    message = _("Le pôle a masqué cette page\u00a0: écrivez à la coordination, qui la remet en ligne.")


class WhyHidden(Refusal):
    message = _("Dites pourquoi\u00a0: la structure lit ce motif.")
    field = "reason"


class HowToOrder(Refusal):
    message = _("Dites comment commander, ou décochez «\u00a0Prend des commandes\u00a0».")
    field = "ordering"


class TooManyLinks(Refusal):
    message = _("Gardez six liens au plus.")
    field = "links"


class WorksElsewhere(Refusal):
    message = _("Seules les personnes qui travaillent dans cette structure y sont nommées.")


class PageFields(TypedDict, total=False):
    tagline: str
    text: str
    skills: str
    offer: str
    takes_orders: bool
    ordering: str
    opening_times: str
    place: str
    links: list[str]
    shows_website: bool
    shows_email: bool
    shows_phone: bool
    shows_address: bool


def check_keeps_page(by: Actor, organisation: Organisation) -> None:
    """Raises NotAllowed unless the actor administers the structure or keeps the memberships."""
    if not keeps_page(by, organisation.pk):
        raise NotAllowed(_("La page d’une structure s’écrit par qui l’administre, ou par la coordination."))


def locked_page(organisation: Organisation) -> PublicPage:
    """The page of the structure, made if there is none, as it is until the transaction ends."""
    page, _is_new = PublicPage.objects.get_or_create(organisation=organisation)
    rows = PublicPage.objects.select_related("organisation").select_for_update(of=("self",), no_key=True)
    return rows.get(pk=page.pk)


@transaction.atomic
def write_page(*, organisation: Organisation, by: Actor, on: dt.date, **fields: Unpack[PageFields]) -> PublicPage:
    """Change what the page says; one that is published shows it at once. Who writes it has read it again.

    Raises HowToOrder, TooManyLinks, PageSaysNothing.
    """
    check_keeps_page(by, organisation)
    page = locked_page(organisation)
    before, after = {}, {}
    for name, value in fields.items():
        if getattr(page, name) != value:
            before[name], after[name] = getattr(page, name), value
            setattr(page, name, value)
    if page.takes_orders and not page.ordering:
        raise HowToOrder
    if len(page.links) > MOST_LINKS:
        raise TooManyLinks
    if page.state == PageState.PUBLISHED and not _says_something(page):
        raise PageSaysNothing
    page.confirmed_on = on
    page.save()
    if after:
        record(by=by, verb="members.page_written", thing=page, before=before, after=after, concerns=organisation)
    return page


def _says_something(page: PublicPage) -> bool:
    return bool(page.tagline or page.text or page.offer)


@transaction.atomic
def publish_page(*, organisation: Organisation, by: Actor, on: dt.date) -> PublicPage:
    """Show the page to everyone; twice changes nothing. What the hub hid, the hub alone shows again.

    Raises PageSaysNothing, PageHidden.
    """
    check_keeps_page(by, organisation)
    page = locked_page(organisation)
    if page.state == PageState.PUBLISHED:
        return page
    if page.state == PageState.HIDDEN and not keeps_memberships(by):
        raise PageHidden
    if not _says_something(page):
        raise PageSaysNothing
    page.published_on, page.confirmed_on, page.hidden_reason = on, on, ""
    _turn(page, PageState.PUBLISHED)
    record(by=by, verb="members.page_published", thing=page, concerns=organisation)
    return page


@transaction.atomic
def withdraw_page(*, organisation: Organisation, by: Actor) -> PublicPage:
    """Take the structure out of the directory, its name too; twice changes nothing. Raises PageMoved."""
    check_keeps_page(by, organisation)
    page = locked_page(organisation)
    if page.state == PageState.WITHDRAWN:
        return page
    _turn(page, PageState.WITHDRAWN)
    record(by=by, verb="members.page_withdrawn", thing=page, concerns=organisation)
    return page


@transaction.atomic
def hide_page(*, organisation: Organisation, reason: str, by: Actor) -> PublicPage:
    """The hub takes the structure out of the directory and says why to it. Raises WhyHidden, PageMoved."""
    check_keeps(by)
    if not reason.strip():
        raise WhyHidden
    page = locked_page(organisation)
    page.hidden_reason = reason.strip()
    _turn(page, PageState.HIDDEN)
    record(by=by, verb="members.page_hidden", thing=page, reason=page.hidden_reason, concerns=organisation)
    return page


def _turn(page: PublicPage, state: PageState) -> None:
    if state not in PAGE_AFTER[page.state]:
        raise PageMoved
    page.state = state
    page.save()


@transaction.atomic
def confirm_page(*, organisation: Organisation, by: Actor, on: dt.date) -> PublicPage:
    """Say that the page is still right."""
    check_keeps_page(by, organisation)
    page = locked_page(organisation)
    page.confirmed_on = on
    page.save(update_fields=["confirmed_on"])
    record(by=by, verb="members.page_confirmed", thing=page, after={"confirmed_on": on}, concerns=organisation)
    return page


@transaction.atomic
def show_me(*, organisation: Organisation, by: Actor, now: dt.datetime) -> PageContact:
    """Name the actor on the page: nobody agrees for someone else. Raises WorksElsewhere."""
    if not works_for(by, organisation.pk) or by.person_id is None:
        raise WorksElsewhere
    page = locked_page(organisation)
    contact, is_new = PageContact.objects.get_or_create(
        page=page, person_id=by.person_id, defaults={"consented_at": now}
    )
    if is_new:
        record(by=by, verb="members.named_on_page", thing=page, concerns=contact.person)
    return contact


@transaction.atomic
def hide_me(*, organisation: Organisation, by: Actor) -> None:
    """Take back that agreement, even after one left the structure; twice changes nothing."""
    given = PageContact.objects.select_related("page__organisation", "person").filter(
        page__organisation=organisation, person=by.person_id
    )
    if contact := given.first():
        contact.delete()
        record(by=by, verb="members.unnamed_on_page", thing=contact.page, concerns=contact.person)


@transaction.atomic
def ask_stale_pages(*, on: dt.date) -> int:
    """Ask the structures whose page nobody confirmed for a year, once a year; how many were written to."""
    asked = 0
    for page in stale_pages(on).select_for_update(of=("self",), skip_locked=True, no_key=True):
        if page.asked_on is not None and page.asked_on > on - STALE_AFTER:
            continue
        if not (to := _keepers_of(page.organisation, on)):
            continue
        page.asked_on = on
        page.save(update_fields=["asked_on"])
        _ask(page, to)
        asked += 1
    return asked


def _keepers_of(organisation: Organisation, on: dt.date) -> list[str]:
    """Where those who administer it read their mail; else the structure's own address."""
    links = Link.objects.live(on).filter(organisation=organisation, role=LinkRole.ADMINISTRATOR)
    mails = set(links.exclude(person__email="").values_list("person__email", flat=True))
    return sorted(mails) or ([organisation.email] if organisation.email else [])


def _ask(page: PublicPage, to: list[str]) -> None:
    hub = current_hub()
    context: dict[str, Any] = {
        "hub": hub,
        "page": page,
        "url": absolute(reverse("members:page_edit", args=[page.organisation.public_id])),
    }
    with languages.of_hub():
        subject = str(_("Votre page dans l’annuaire de %s\u00a0: est-elle encore juste\u00a0?")) % hub.name
        text = render_to_string("members/mail/page_stale.txt", context)
    send_mail(to=to, subject=subject, text=text, about=page)
