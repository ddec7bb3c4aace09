"""Leave and closures: what was theirs goes to the colleague, delays stand still, and those who wait are told."""

import datetime as dt

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.utils import timezone

from billing.actions import send_digest
from billing.calendar import next_sending_day
from hubs.actions import (
    AwayAlready,
    ClosedAlready,
    ColleagueAway,
    NotOfTeam,
    OwnColleague,
    PeriodEnds,
    close_hub,
    end_closure,
    take_leave,
)
from hubs.leaves import Calendar, absence_to_tell, calendar, with_colleagues
from hubs.models import AuditEntry, HubClosure, Leave, TodoClaim
from hubs.parts import todos_of
from hubs.refusals import NotAllowed
from hubs.scope import open_hub
from parties.demo import be_away
from tests.hubs.factories import StaffRoleFactory
from tests.members.factories import FiscalYearFactory
from tests.parties.factories import PersonFactory

PAGE = "/gestion/absences/"
TODAY = dt.date(2026, 3, 4)
WEEK = {"starts_on": TODAY, "ends_on": TODAY + dt.timedelta(days=7)}


def text(response):
    return " ".join(response.text.replace("\xa0", " ").split())


def away(cast, who, colleague=None, by="coordinator", **period):
    person, relay = getattr(cast, who), colleague and getattr(cast, colleague)
    return take_leave(
        user=person.user, who=str(person), colleague=relay and relay.user, colleague_name=str(relay or ""),
        by=cast.actor(by), **(WEEK | period),
    )  # fmt: skip


@pytest.fixture
def on_that_day():
    with time_machine.travel(dt.datetime(2026, 3, 4, 10, tzinfo=dt.UTC), tick=False):
        yield


@pytest.mark.feature("HU14")
def test_on_leave_ones_tasks_show_to_the_colleague_and_the_hub_says_who_is_back_when(nord, sign_in, on_that_day):
    with open_hub(nord.hub):
        FiscalYearFactory(year=2025)
        (todo,) = [
            each for each in todos_of(nord.hub, nord.actor("coordinator")) if each.key.startswith("members.year")
        ]
    absent, colleague = sign_in(nord, "coordinator"), sign_in(nord, "accountant")
    absent.post("/gestion/je-m-en-occupe/", {"ligne": todo.key})
    with open_hub(nord.hub):
        StaffRoleFactory(user=nord.accountant.user, role="coordinator")
    before = colleague.get("/gestion/?pour=moi")

    noted = absent.post(
        f"{PAGE}noter/",
        {"user": nord.coordinator.public_id, "starts_on": "2026-03-04", "last_day": "2026-03-10",
         "colleague": nord.accountant.public_id},
        follow=True,
    )  # fmt: skip
    during = colleague.get("/gestion/?pour=moi")
    taken = colleague.post(
        "/gestion/je-m-en-occupe/",
        {"ligne": todo.key, "a_la_place_de": nord.coordinator.user.pk, "pour": "moi"},
        follow=True,
    )
    other = sign_in(nord, "receptionist").get(PAGE)
    told = sign_in(nord, "employee").get("/mon-espace/")

    name = str(nord.coordinator)
    assert f"en l’absence de {name}" not in text(before)
    assert f"L’absence de {name} est notée." in text(noted)
    assert f"relais : {nord.accountant}" in text(noted)
    assert f"à vous, en l’absence de {name}" in text(during)
    assert "vous vous en occupez" in text(taken)
    assert name in other.text
    assert "De retour" not in other.text
    assert f"{name} est en congé jusqu’au mardi 10 mars inclus ; {nord.accountant} répond à sa place." in text(told)
    with open_hub(nord.hub):
        assert TodoClaim.objects.get().user_id == nord.accountant.user_id
        assert AuditEntry.objects.filter(verb="hubs.leave_taken").count() == 1


@pytest.mark.feature("HU14")
def test_the_hub_closes_and_says_so_where_people_wait(nord, sud, sign_in, on_that_day):
    staff, member, visitor = sign_in(nord, "coordinator"), sign_in(nord, "employee"), sign_in(nord)
    open_words = member.get("/mon-espace/")

    closed = staff.post(
        f"{PAGE}fermer/", {"starts_on": "2026-03-04", "last_day": "2026-03-10", "reason": "Travaux"}, follow=True
    )
    told = [browser.get(page) for browser, page in ((member, "/mon-espace/"), (visitor, "/"))]
    elsewhere = sign_in(sud).get("/")
    with open_hub(nord.hub):
        closure = HubClosure.objects.get()
    staff.post(f"{PAGE}fermetures/{closure.pk}/fin/")
    again = visitor.get("/")

    assert "Travaux" in closed.text
    for page in told:
        assert "L’équipe revient le mercredi 11 mars" in text(page)
    for page in (open_words, elsewhere, again):
        assert "L’équipe revient" not in text(page)


def test_a_closure_is_told_ahead_and_the_whole_team_away_is_one(nord):
    with open_hub(nord.hub):
        close_hub(
            starts_on=TODAY + dt.timedelta(days=5), ends_on=TODAY + dt.timedelta(days=9), reason="Travaux",
            by=nord.actor("coordinator"),
        )  # fmt: skip
        ahead, long_before = absence_to_tell(TODAY), absence_to_tell(TODAY - dt.timedelta(days=30))
        for who in ("coordinator", "accountant", "adviser"):
            away(nord, who, starts_on=TODAY - dt.timedelta(days=40), ends_on=TODAY - dt.timedelta(days=20))
        some = absence_to_tell(TODAY - dt.timedelta(days=30))
        away(nord, "receptionist", starts_on=TODAY - dt.timedelta(days=40), ends_on=TODAY - dt.timedelta(days=22))
        all_of_them = absence_to_tell(TODAY - dt.timedelta(days=30))

    assert (ahead.is_now, ahead.back_on) == (False, TODAY + dt.timedelta(days=9))
    assert (long_before, some) == (None, None)
    assert all_of_them.back_on == TODAY - dt.timedelta(days=22)


def test_delays_stand_still_and_days_move_over_a_closure():
    closed = Calendar([(TODAY, TODAY + dt.timedelta(days=7)), (TODAY + dt.timedelta(days=7), TODAY + dt.timedelta(8))])

    assert closed.open_day(TODAY - dt.timedelta(days=1)) == TODAY - dt.timedelta(days=1)
    assert closed.open_day(TODAY + dt.timedelta(days=2)) == TODAY + dt.timedelta(days=8)
    assert closed.closed_days(TODAY - dt.timedelta(days=10), TODAY + dt.timedelta(days=20)) == 8
    assert closed.closed_days(TODAY, TODAY + dt.timedelta(days=2)) == 2
    assert closed.closed_days(TODAY + dt.timedelta(days=9), TODAY + dt.timedelta(days=20)) == 0
    # The eighth day is a Thursday.
    assert next_sending_day(TODAY, closed) == TODAY + dt.timedelta(days=8)
    assert next_sending_day(TODAY) == TODAY + dt.timedelta(days=1)


def test_what_falls_due_on_a_closed_day_waits_for_the_return(nord, sign_in, on_that_day):
    with open_hub(nord.hub):
        FiscalYearFactory(year=2025, ends_on=TODAY)
        close_hub(starts_on=TODAY, ends_on=TODAY + dt.timedelta(days=7), reason="Travaux", by=nord.actor("coordinator"))
        assert send_digest(today=TODAY) is None

    page = sign_in(nord, "coordinator").get("/gestion/")

    assert "à partir du 11 mars 2026, au retour de l’équipe" in text(page)


def test_the_mail_of_the_team_goes_to_who_stands_in_too(nord):
    with open_hub(nord.hub):
        away(nord, "accountant", "receptionist")
        emails = [nord.accountant.user.email, nord.coordinator.user.email]
        during, after = (with_colleagues(emails, day) for day in (TODAY, TODAY + dt.timedelta(days=7)))

    assert during == sorted([*emails, nord.receptionist.user.email])
    assert after == sorted(emails)


@pytest.mark.parametrize(
    ("who", "colleague", "period", "refusal"),
    [
        ("coordinator", "coordinator", {}, OwnColleague),
        ("coordinator", "stranger", {}, NotOfTeam),
        ("elected", None, {}, NotOfTeam),
        ("coordinator", None, {"ends_on": TODAY}, PeriodEnds),
        ("receptionist", None, {}, AwayAlready),
        ("coordinator", "receptionist", {}, ColleagueAway),
    ],
)
def test_a_leave_that_cannot_be_is_refused_and_writes_nothing(hub, nord, who, colleague, period, refusal):
    away(nord, "receptionist")

    with pytest.raises(refusal):
        away(nord, who, colleague, **period)

    assert Leave.objects.count() == 1


def test_each_notes_their_own_and_the_coordination_everybodys(nord, sud, sign_in):
    given = {"starts_on": "2026-03-04", "last_day": "2026-03-10", "colleague": ""}
    receptionist = sign_in(nord, "receptionist")
    theirs = receptionist.post(f"{PAGE}noter/", given | {"user": nord.receptionist.public_id})
    others = receptionist.post(f"{PAGE}noter/", given | {"user": nord.adviser.public_id})
    with open_hub(nord.hub):
        leave = away(nord, "adviser", starts_on=timezone.localdate(), ends_on=timezone.localdate() + dt.timedelta(3))
        with pytest.raises(NotAllowed):
            away(nord, "adviser", by="receptionist")
        with pytest.raises(NotAllowed):
            close_hub(reason="Travaux", by=nord.actor("receptionist"), **WEEK)
    end = f"{PAGE}{leave.pk}/fin/"

    assert (theirs.status_code, others.status_code) == (302, 422)
    assert [sign_in(nord, who).get(PAGE).status_code for who in ("receptionist", "employee", "elected")] == [
        200, 403, 403,
    ]  # fmt: skip
    assert receptionist.get(f"{PAGE}fermer/").status_code == 403
    assert receptionist.post(end).status_code == 403
    assert sign_in(sud, "coordinator").post(end).status_code == 404
    assert sign_in(nord, "adviser").post(end).status_code == 302
    with open_hub(nord.hub):
        assert Leave.objects.get(pk=leave.pk).ends_on == timezone.localdate()


def test_a_colleague_without_the_role_is_said(nord, sign_in):
    page = sign_in(nord, "accountant").post(
        f"{PAGE}noter/",
        {"user": nord.accountant.public_id, "starts_on": timezone.localdate().isoformat(),
         "last_day": timezone.localdate().isoformat(), "colleague": nord.receptionist.public_id},
        follow=True,
    )  # fmt: skip

    assert "n’a pas le rôle : comptabilité." in text(page)


def test_closures_do_not_overlap_and_one_to_come_is_taken_back(hub, nord):
    by = nord.actor("coordinator")
    closure = close_hub(reason="Travaux", by=by, **WEEK)
    with pytest.raises(ClosedAlready):
        close_hub(reason="Autre", by=by, starts_on=TODAY, ends_on=TODAY + dt.timedelta(days=1))

    end_closure(closure=closure, by=by, today=TODAY - dt.timedelta(days=3))

    assert not calendar().is_closed(TODAY)
    assert close_hub(reason="Autre", by=by, **WEEK).reason == "Autre"


def test_the_database_holds_the_days_of_a_leave(hub, nord):
    leave = away(nord, "coordinator", "accountant")
    for wrong in (
        {"ends_on": TODAY - dt.timedelta(days=1)},
        {"colleague": nord.coordinator.user_id},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Leave.objects.filter(pk=leave.pk).update(**wrong)
    with pytest.raises(IntegrityError), transaction.atomic():
        Leave.objects.create(user=nord.coordinator.user, who="x", **WEEK)


def test_a_closure_moves_the_steps_of_arrival_that_nobody_has_done(hub, nord):
    from members.actions import begin_list, write_first_list
    from members.enums import Way

    by, now = nord.actor("coordinator"), timezone.now()
    write_first_list(by=by, now=now)
    arrival = begin_list(organisation=nord.organisation, way=Way.ARRIVAL, day=TODAY, by=by, now=now)
    close_hub(reason="Travaux", by=by, **WEEK)
    departure = begin_list(organisation=nord.organisation, way=Way.DEPARTURE, day=TODAY, by=by, now=now)

    for checklist in (arrival, departure):
        days = set(checklist.items.values_list("due_on", flat=True))
        assert not {day for day in days if WEEK["starts_on"] <= day < WEEK["ends_on"]}
        assert WEEK["ends_on"] in days


def test_erased_someone_is_named_by_no_leave(hub, nord):
    from hubs.actions import delete_user

    person = PersonFactory(with_account=True, given_name="Nina")
    StaffRoleFactory(user=person.user, role="reception")
    leave = take_leave(
        user=nord.coordinator.user, who="Aurélie", colleague=person.user, colleague_name="Nina",
        by=nord.actor("coordinator"), **WEEK,
    )  # fmt: skip

    user_id = person.user_id
    person.user = None
    person.save()
    delete_user(user_id=user_id)

    leave.refresh_from_db()
    assert (leave.colleague_id, leave.colleague_name) == (None, "")


def test_the_demo_has_one_leave_next_week_and_a_closure_far_ahead(hub, nord):
    for _again in range(2):
        be_away(TODAY)

    leave, closure = Leave.objects.get(), HubClosure.objects.get()
    # TODAY is a Wednesday.
    assert (leave.starts_on, leave.last_day) == (TODAY + dt.timedelta(days=5), TODAY + dt.timedelta(days=9))
    assert leave.colleague_id is not None
    assert closure.starts_on > TODAY + dt.timedelta(days=100)
