"""Who holds a role for the hub: given from a day, ended on a day, never the last coordinator."""

import datetime as dt

import pytest
from django.utils import timezone

from hubs.actions import LastCoordinator, StaffRoleHeld, end_role, give_role
from hubs.enums import Role
from hubs.models import AuditEntry, StaffRole
from hubs.refusals import NotAllowed
from hubs.scope import open_hub
from parties.models import Invitation
from tests.hubs.factories import StaffRoleFactory
from tests.parties.factories import PersonFactory

TEAM = "/gestion/reglages/equipe/"
GIVE = f"{TEAM}donner/"
DAY = dt.timedelta(days=1)


def text(response) -> str:
    return " ".join(response.text.replace("\xa0", " ").split())


def end_url(role: StaffRole) -> str:
    return f"{TEAM}roles/{role.pk}/fin/"


@pytest.fixture
def today() -> dt.date:
    return timezone.localdate()


def test_the_team_is_told_with_its_days(nord, sign_in, today):
    with open_hub(nord.hub):
        StaffRoleFactory(user=nord.stranger.user, role=Role.ADVISER, starts_on=today + 10 * DAY)
        StaffRoleFactory(user=nord.stranger.user, role=Role.OBSERVER, starts_on=today - 90 * DAY, ends_on=today)
        # Taken back before it began: never held, and not told.
        StaffRoleFactory(user=nord.employee.user, role=Role.ELECTED, starts_on=today, ends_on=today)

    page = sign_in(nord, "coordinator").get(TEAM)

    now, later, before = text(page).split("<h2>")[1:4]
    assert now.count("Mettre fin") == 6
    assert (nord.stranger.given_name in now, nord.employee.given_name in now) == (False, False)
    assert ("conseil" in later, "comité de pilotage" in before) == (True, True)


def test_a_role_is_given_to_someone_with_an_account_from_a_day(nord, sign_in, today):
    starts_on, last_day = today + 3 * DAY, today + 30 * DAY
    given = {"person": nord.stranger.public_id, "role": "elected", "starts_on": starts_on, "last_day": last_day}

    done = sign_in(nord, "coordinator").post(GIVE, given, follow=True)

    assert f"{nord.stranger} : élu·e." in text(done)
    with open_hub(nord.hub):
        held = StaffRole.objects.get(user=nord.stranger.user)
        assert (held.role, held.starts_on, held.ends_on) == (Role.ELECTED, starts_on, last_day + DAY)
        assert AuditEntry.objects.get(verb="hubs.role_given").who == str(nord.coordinator)
        assert Invitation.objects.exclude(staff_role="").count() == 0


def test_someone_on_file_without_an_account_is_invited(nord, sign_in, today):
    with open_hub(nord.hub):
        person = PersonFactory(given_name="Omar", family_name="Diallo", email="omar@nord.example")

    sign_in(nord, "coordinator").post(
        GIVE, {"person": person.public_id, "role": "treasurer", "starts_on": today}, follow=True
    )
    page = sign_in(nord, "coordinator").get(TEAM)

    with open_hub(nord.hub):
        invitation = Invitation.objects.get(staff_role="treasurer")
        assert (invitation.person, invitation.email) == (person, "omar@nord.example")
    assert "Omar Diallo</strong> <span>trésorerie" in text(page)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"email": ""}, "email"),
        ({"email": "ada"}, "email"),
        ({"family_name": ""}, "family_name"),
        ({"role": "director"}, "role"),
        ({"starts_on": ""}, "starts_on"),
        ({"last_day": "2020-01-01"}, "last_day"),
    ],
)
def test_a_wrong_role_keeps_what_was_typed(nord, sign_in, today, change, field):
    typed = {
        "given_name": "Ada", "family_name": "Lovelace", "email": "ada@nord.example", "role": "adviser",
        "starts_on": today.isoformat(),
    }  # fmt: skip

    answer = sign_in(nord, "coordinator").post(GIVE, typed | change)

    assert (answer.status_code, list(answer.context["form"].errors)) == (422, [field])
    assert 'value="Ada"' in answer.text
    with open_hub(nord.hub):
        assert Invitation.objects.exclude(staff_role="").count() == 0


@pytest.mark.parametrize(
    "name", ["accountant", "adviser", "receptionist", "elected", "observer", "administrator", "guest"]
)
def test_only_the_coordinator_opens_the_team(nord, sign_in, name):
    with open_hub(nord.hub):
        held = StaffRole.objects.get(user=nord.adviser.user)
    browser = sign_in(nord, name)

    assert {browser.get(page).status_code for page in (TEAM, GIVE, end_url(held))} == {403}
    assert browser.post(end_url(held), {"last_day": timezone.localdate()}).status_code == 403


def test_a_role_of_another_hub_or_person_of_another_hub_is_not_there(nord, sud, sign_in, today):
    with open_hub(sud.hub):
        theirs = StaffRole.objects.get(user=sud.adviser.user)
    browser = sign_in(nord, "coordinator")

    assert (browser.get(end_url(theirs)).status_code, browser.post(end_url(theirs)).status_code) == (404, 404)
    foreign = browser.post(GIVE, {"person": sud.stranger.public_id, "role": "adviser", "starts_on": today})
    assert (foreign.status_code, "person" in foreign.context["form"].errors) == (422, True)


def test_a_role_ends_on_its_day_and_the_rights_with_it(nord, sign_in, today):
    with open_hub(nord.hub):
        held = StaffRole.objects.get(user=nord.receptionist.user)
    browser = sign_in(nord, "receptionist")
    before = browser.get("/gestion/").status_code

    done = sign_in(nord, "coordinator").post(end_url(held), {"last_day": today - DAY}, follow=True)

    assert f"Le rôle de {nord.receptionist} prend fin." in text(done)
    assert (before, browser.get("/gestion/").status_code) == (200, 403)


def test_the_last_coordinator_stays(nord, sign_in, today):
    with open_hub(nord.hub):
        held = StaffRole.objects.get(user=nord.coordinator.user)
        # Someone who leaves, someone who comes too late: neither is there for good on that day.
        StaffRoleFactory(user=nord.adviser.user, role=Role.COORDINATOR, ends_on=today + 60 * DAY)
        StaffRoleFactory(user=nord.accountant.user, role=Role.COORDINATOR, starts_on=today + 20 * DAY)
    browser = sign_in(nord, "coordinator")

    refused = browser.post(end_url(held), {"last_day": today + 5 * DAY})
    taken = browser.post(end_url(held), {"last_day": today + 30 * DAY})

    assert (refused.status_code, taken.status_code) == (422, 302)
    assert "Plus personne ne coordonnerait le pôle ensuite." in text(refused)
    with open_hub(nord.hub):
        held.refresh_from_db()
        assert held.ends_on == today + 31 * DAY


def test_a_role_is_held_once_at_a_time_and_may_be_taken_back(hub, nord, today):
    by, user = nord.actor("coordinator"), nord.stranger.user
    given = give_role(user=user, role=Role.ADVISER, by=by, on=today + DAY, until=today + 10 * DAY)

    assert give_role(user=user, role=Role.ADVISER, by=by, on=today + DAY, until=today + 10 * DAY) == given
    with pytest.raises(StaffRoleHeld):
        give_role(user=user, role=Role.ADVISER, by=by, on=today + 5 * DAY)
    end_role(held=given, on=today + DAY, by=by)
    assert give_role(user=user, role=Role.ADVISER, by=by, on=today).pk != given.pk
    for name in ("accountant", "elected", "administrator"):
        with pytest.raises(NotAllowed):
            give_role(user=user, role=Role.COORDINATOR, by=nord.actor(name), on=today)
        with pytest.raises(NotAllowed):
            end_role(held=given, on=today, by=nord.actor(name))
    with pytest.raises(LastCoordinator):
        end_role(held=StaffRole.objects.get(user=nord.coordinator.user), on=today, by=by)
