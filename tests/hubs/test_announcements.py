"""What everybody is told at the top of the pages: written once, shown where it is meant, put away by who has read it."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from hubs.actions import EndedAlready, EndsBeforeItStarts, announce, end_announcement
from hubs.enums import AnnouncementKind, Audience
from hubs.models import Announcement, AuditEntry
from hubs.refusals import NotAllowed
from hubs.scope import open_hub

PAGE = "/gestion/reglages/annonces/"
PUT_AWAY = "/annonces/vue/"
WORDS = "Coupure d’eau jeudi de 9 h à 12 h."


@pytest.fixture
def told(nord):
    """`told(Audience.STAFF)` is an announcement of today, for a week."""

    def written(audience: Audience = Audience.EVERYONE, first: int = 0, days: int = 7) -> Announcement:
        today = timezone.localdate()
        with open_hub(nord.hub):
            return announce(
                text=WORDS, kind=AnnouncementKind.WARNING, audience=audience, by=nord.actor("coordinator"),
                starts_on=today + dt.timedelta(days=first), ends_on=today + dt.timedelta(days=first + days),
            )  # fmt: skip

    return written


def given(**values) -> dict[str, str]:
    today = timezone.localdate()
    return {
        "text": WORDS, "kind": "warning", "audience": "everyone",
        "starts_on": today.isoformat(), "last_day": today.isoformat(), **values,
    }  # fmt: skip


def test_one_is_written_read_by_visitors_too_and_ended(nord, sud, sign_in):
    browser = sign_in(nord, "coordinator")

    answer = browser.post(PAGE, given(), follow=True)
    public, elsewhere = sign_in(nord).get("/").text, sign_in(sud).get("/").text
    with open_hub(nord.hub):
        announcement = Announcement.objects.get()
    ended = browser.post(f"{PAGE}{announcement.pk}/fin/", follow=True)

    assert "L’annonce est écrite." in answer.text
    assert (WORDS in public, WORDS in elsewhere) == (True, False)
    assert "L’annonce est terminée." in ended.text
    assert WORDS not in sign_in(nord).get("/").text
    assert "finie le" in ended.text and WORDS in ended.text
    assert "Cette annonce est déjà finie." in browser.post(f"{PAGE}{announcement.pk}/fin/", follow=True).text


@pytest.mark.parametrize(
    ("audience", "where"),
    [
        (Audience.EVERYONE, {"/", "/mon-espace/", "/gestion/", "/compte/connexion/"}),
        (Audience.MEMBERS, {"/mon-espace/"}),
        (Audience.STAFF, {"/gestion/"}),
    ],
)
def test_it_is_told_in_the_places_it_is_meant_for(told, nord, sign_in, audience, where):
    told(audience)
    staff, member, visitor = sign_in(nord, "coordinator"), sign_in(nord, "employee"), sign_in(nord)

    seen = {
        path
        for browser, path in (
            (visitor, "/"), (member, "/mon-espace/"), (staff, "/gestion/"), (visitor, "/compte/connexion/"),
        )
        if WORDS in browser.get(path).text
    }  # fmt: skip

    assert seen == where
    assert (WORDS in member.get("/gestion/").text, WORDS in visitor.get("/gestion/nulle-part/").text) == (False, False)


@pytest.mark.parametrize(("first", "days", "shown"), [(0, 1, True), (1, 3, False), (-3, 3, False)])
def test_it_is_told_from_its_first_day_to_its_last(told, nord, sign_in, first, days, shown):
    told(first=first, days=days)

    assert (WORDS in sign_in(nord).get("/").text) == shown


def test_who_has_read_it_puts_it_away_for_the_session(told, nord, sign_in):
    announcement = told()
    browser, other = sign_in(nord, "employee"), sign_in(nord, "administrator")

    answer = browser.post(PUT_AWAY, {"annonce": announcement.pk, "page": "/mon-espace/"})
    by_htmx = sign_in(nord).post(PUT_AWAY, {"annonce": announcement.pk}, headers={"HX-Request": "true"})

    assert (answer.status_code, answer.url) == (302, "/mon-espace/")
    assert (by_htmx.status_code, by_htmx.content) == (200, b"")
    assert WORDS not in browser.get("/mon-espace/").text
    assert WORDS in other.get("/mon-espace/").text


@pytest.mark.parametrize("page", ["https://ailleurs.example/", "//ailleurs.example/", ""])
def test_putting_it_away_leads_nowhere_else(told, nord, sign_in, page):
    assert sign_in(nord).post(PUT_AWAY, {"annonce": told().pk, "page": page}).url == "/"


@pytest.mark.parametrize("asked", ["", "x", "987654", "9" * 40])
def test_what_is_not_told_leaves_nothing_in_the_session(told, nord, sign_in, asked):
    told()
    browser = sign_in(nord)

    assert browser.post(PUT_AWAY, {"annonce": asked}).status_code == 302
    assert "coursive" not in browser.cookies


def queries_of(browser, path: str) -> int:
    browser.get(path)
    with CaptureQueriesContext(connection) as captured:
        browser.get(path)
    return len(captured)


def test_it_costs_one_query_and_none_on_a_day_without(told, nord, sign_in):
    browser = sign_in(nord, "employee")

    without = queries_of(browser, "/mon-espace/structure/")
    told(first=-5, days=2)
    over = queries_of(browser, "/mon-espace/structure/")
    told()
    with_one = queries_of(browser, "/mon-espace/structure/")
    told()

    assert (over, with_one, queries_of(browser, "/mon-espace/structure/")) == (without, without + 1, without + 1)


def test_the_log_keeps_what_was_told_and_when_it_ended(told, nord, hub):
    today = timezone.localdate()
    announcement = told(first=3)

    ended = end_announcement(announcement=announcement, by=nord.actor("coordinator"), today=today)

    assert ended.ends_on == announcement.starts_on
    assert list(AuditEntry.objects.order_by("pk").values_list("verb", "label", "concerns")) == [
        ("hubs.announced", WORDS, f"hubs.hub:{hub.pk}"), ("hubs.announcement_ended", WORDS, f"hubs.hub:{hub.pk}"),
    ]  # fmt: skip
    hub.refresh_from_db()
    assert hub.announcing_until == ended.ends_on
    with pytest.raises(EndedAlready):
        end_announcement(announcement=announcement, by=nord.actor("coordinator"), today=ended.ends_on)


def test_an_end_before_the_start_is_refused(nord, hub, sign_in):
    today = timezone.localdate()
    values = {"text": WORDS, "kind": AnnouncementKind.INFORMATION, "audience": Audience.STAFF}

    with pytest.raises(EndsBeforeItStarts):
        announce(**values, starts_on=today, ends_on=today, by=nord.actor("coordinator"))
    wrong = sign_in(nord, "coordinator").post(
        PAGE, given(starts_on=(today + dt.timedelta(days=5)).isoformat(), last_day=today.isoformat())
    )
    past = sign_in(nord, "coordinator").post(PAGE, given(last_day=(today - dt.timedelta(days=1)).isoformat()))

    assert (wrong.status_code, "L’annonce finit après avoir commencé." in wrong.text) == (422, True)
    assert (past.status_code, "Ce jour est déjà passé." in past.text) == (422, True)


@pytest.mark.parametrize("who", ["accountant", "receptionist", "administrator"])
def test_only_the_coordination_announces(told, nord, hub, sign_in, who):
    announcement = told()
    today = timezone.localdate()

    assert sign_in(nord, who).get(PAGE).status_code == 403
    with pytest.raises(NotAllowed):
        announce(
            text=WORDS, kind=AnnouncementKind.WARNING, audience=Audience.STAFF, by=nord.actor(who), starts_on=today,
            ends_on=today + dt.timedelta(days=1),
        )  # fmt: skip
    with pytest.raises(NotAllowed):
        end_announcement(announcement=announcement, by=nord.actor(who), today=today)


@pytest.mark.parametrize("page", ["nope", "//ailleurs.example/", "https://ailleurs.example/"])
def test_put_away_from_no_page_of_ours_leads_home(nord, sign_in, page):
    answer = sign_in(nord).post(PUT_AWAY, {"page": page})

    assert (answer.status_code, answer["Location"]) == (302, "/")
