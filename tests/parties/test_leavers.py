"""Leavers: around midnight in the hub's zone, what they could do a minute ago they cannot do now."""

import datetime as dt

import pytest
import time_machine
from django.utils import timezone

from hubs.enums import Role
from hubs.models import AuditEntry, Session, StaffRole
from hubs.scope import open_hub
from members.actions import end_membership
from members.enums import MemberKind
from parties.actions import change_organisation, end_access, end_link, sign_out_leavers
from parties.models import Link
from spaces.enums import PayerKind
from tests.billing.factories import VatRuleFactory
from tests.hubs.factories import StaffRoleFactory
from tests.members.factories import FiscalYearFactory, MembershipFactory
from tests.parties.factories import InvitationFactory, LinkFactory, OrganisationFactory, PersonFactory
from tests.parties.test_invitations import link_in
from tests.spaces.factories import PARIS, PoolFactory, PriceFactory, SiteFactory

DAY = dt.timedelta(days=1)
BOOKING, SPACE = "/mon-espace/reserver/", "/mon-espace/"


@pytest.fixture
def today() -> dt.date:
    return timezone.localdate()


@pytest.fixture
def around():
    """`around(browser, page, day)`: what the page answers a minute before that day and a minute after, in Paris."""

    def asked(browser, page: str, day: dt.date) -> tuple[int, int]:
        midnight = dt.datetime.combine(day, dt.time(), tzinfo=PARIS)
        statuses = []
        for minutes in (-1, 1):
            with time_machine.travel(midnight + dt.timedelta(minutes=minutes), tick=False):
                statuses.append(browser.get(page).status_code)
        return statuses[0], statuses[1]

    return asked


def end_url(person) -> str:
    return f"/gestion/personnes/{person.public_id}/fin-d-acces/"


def test_a_link_that_ends_takes_its_rights_at_midnight(nord, sign_in, around, today):
    with open_hub(nord.hub):
        end_link(link=Link.objects.get(person=nord.employee), on=today + DAY, by=nord.actor("coordinator"))

    assert around(sign_in(nord, "employee"), BOOKING, today + DAY) == (200, 403)


def test_a_role_that_ends_takes_its_rights_at_midnight(nord, sign_in, around, today):
    with open_hub(nord.hub):
        StaffRole.objects.filter(user=nord.accountant.user).update(ends_on=today + DAY)

    assert around(sign_in(nord, "accountant"), "/gestion/facturation/", today + DAY) == (200, 403)


def test_a_structure_that_closes_takes_the_rights_of_its_people(nord, sign_in, around, today):
    with open_hub(nord.hub):
        change_organisation(organisation=nord.organisation, by=nord.actor("coordinator"), closed_on=today + DAY)

    assert around(sign_in(nord, "administrator"), "/mon-espace/structure/", today + DAY) == (200, 403)


def test_a_membership_that_ends_takes_the_members_price(nord, sign_in, today):
    midnight = dt.datetime.combine(today + DAY, dt.time(), tzinfo=PARIS)
    with open_hub(nord.hub):
        VatRuleFactory()
        pool = PoolFactory(site=SiteFactory(), external=30)
        PriceFactory(pool=pool, payer=MemberKind.RESIDENT, amount=10)
        membership = MembershipFactory(
            organisation=nord.organisation, fiscal_year=FiscalYearFactory(year=today.year), kind=MemberKind.RESIDENT
        )
        end_membership(membership=membership, on=today + DAY, by=nord.actor("coordinator"), reason="départ")
    browser = sign_in(nord, "employee")
    listed = []
    for minutes in (-1, 1):
        with time_machine.travel(midnight + dt.timedelta(minutes=minutes), tick=False):
            day = timezone.localdate()
            listed.append(nord.organisation.name in sign_in(nord).get("/annuaire/").text)
            page = browser.get(f"{BOOKING}{pool.public_id}/?day={day}&starts=14:00&ends=15:00")
            listed.append(page.context["payer"])

    assert listed == [True, PayerKind.RESIDENT.label, False, PayerKind.EXTERNAL.label]


def test_the_end_of_access_ends_links_roles_and_the_way_in(nord, sign_in, around, today):
    with open_hub(nord.hub):
        LinkFactory(person=nord.adviser, organisation=nord.organisation)
        waits = InvitationFactory(organisation=OrganisationFactory(), email=nord.adviser.user.email)
    coordinator, browser = sign_in(nord, "coordinator"), sign_in(nord, "adviser")
    before = coordinator.get(end_url(nord.adviser)).text

    done = coordinator.post(end_url(nord.adviser), {"last_day": today}, follow=True)

    assert ("conseil" in before, nord.organisation.name in before) == (True, True)
    assert f"L’accès de {nord.adviser} prend fin." in done.text
    assert around(browser, SPACE, today + DAY) == (200, 403)
    assert around(browser, "/gestion/", today + DAY) == (200, 403)
    with open_hub(nord.hub):
        waits.refresh_from_db()
        assert waits.withdrawn_by == str(nord.coordinator)
        assert set(Link.objects.filter(person=nord.adviser).values_list("ends_on", flat=True)) == {today + DAY}
        assert StaffRole.objects.get(user=nord.adviser.user).ends_on == today + DAY
        assert AuditEntry.objects.filter(verb="parties.access_ended").count() == 1


def test_access_cut_at_once_signs_out_every_browser_of_this_hub_alone(nord, sud, sign_in, today):
    with open_hub(sud.hub):
        LinkFactory(person=PersonFactory(user=nord.employee.user), organisation=sud.organisation)
    browsers = [sign_in(nord, "employee"), sign_in(nord, "employee")]
    elsewhere = sign_in(sud)
    with open_hub(sud.hub):
        elsewhere.force_login(nord.employee.user)

    sign_in(nord, "coordinator").post(end_url(nord.employee), {"last_day": today - DAY})

    assert [browser.get(SPACE).status_code for browser in browsers] == [302, 302]
    assert elsewhere.get(BOOKING).status_code == 200
    code = sign_in(nord).post(
        "/compte/connexion/", {"login": nord.employee.user.email, "password": "motdepasse-solide"}
    )
    assert "ne vont pas ensemble" in code.text


def test_who_left_on_a_day_chosen_beforehand_is_signed_out_that_night(nord, sign_in, today):
    sign_in(nord, "employee")
    with open_hub(nord.hub):
        end_access(person=nord.employee, on=today + DAY, by=nord.actor("coordinator"), now=timezone.now())
        counts = [Session.objects.filter(hub=nord.hub.pk).count()]
        for day in (today, today + DAY):
            sign_out_leavers(today=day)
            counts.append(Session.objects.filter(hub=nord.hub.pk).count())

    assert counts == [1, 1, 0]


def test_who_left_comes_back_by_an_invitation(nord, sign_in, today):
    coordinator = sign_in(nord, "coordinator")
    coordinator.post(end_url(nord.employee), {"last_day": today - DAY})
    url = f"/gestion/structures/{nord.organisation.public_id}/personnes/{nord.employee.public_id}/acces/"

    sent = coordinator.post(url, {"email": nord.employee.user.email})
    browser = sign_in(nord)
    browser.post(link_in(nord), follow=True)

    assert sent.status_code == 302
    # Their roles stay ended: the way in gives none back.
    assert (browser.get(SPACE).status_code, browser.get(BOOKING).status_code) == (200, 403)


def test_the_accountant_does_not_end_the_access_of_the_team(nord, sign_in, today):
    browser = sign_in(nord, "accountant")

    assert browser.post(end_url(nord.adviser), {"last_day": today}).status_code == 403
    assert browser.post(end_url(nord.employee), {"last_day": today}).status_code == 302
    with open_hub(nord.hub):
        assert StaffRole.objects.get(user=nord.adviser.user).ends_on is None


def test_the_last_coordinator_does_not_leave(nord, sign_in, today):
    answer = sign_in(nord, "coordinator").post(end_url(nord.coordinator), {"last_day": today})

    assert answer.status_code == 422
    assert "Plus personne ne coordonnerait le pôle ensuite." in answer.text
    with open_hub(nord.hub):
        nord.coordinator.refresh_from_db()
        assert nord.coordinator.access_ends_on is None


@pytest.mark.parametrize("name", ["adviser", "receptionist", "administrator", "guest", "elected"])
def test_who_does_not_keep_structures_ends_no_access(nord, sign_in, name, today):
    browser = sign_in(nord, name)

    assert browser.get(end_url(nord.employee)).status_code == 403
    assert browser.post(end_url(nord.employee), {"last_day": today}).status_code == 403


def test_a_person_of_another_hub_is_not_there(nord, sud, sign_in, today):
    browser = sign_in(nord, "coordinator")

    assert browser.get(end_url(sud.employee)).status_code == 404
    assert browser.post(end_url(sud.employee), {"last_day": today}).status_code == 404


def test_a_wrong_day_keeps_what_was_typed(nord, sign_in):
    answer = sign_in(nord, "coordinator").post(end_url(nord.employee), {"last_day": "9999-12-31"})

    assert answer.status_code == 422
    assert 'value="9999-12-31"' in answer.text


def test_a_leaver_of_one_structure_keeps_the_other(nord, sign_in, today):
    with open_hub(nord.hub):
        second = OrganisationFactory(name="Zutique")
        LinkFactory(person=nord.employee, organisation=second)
        end_link(
            link=Link.objects.get(person=nord.employee, organisation=nord.organisation),
            on=today,
            by=nord.actor("coordinator"),
        )
    browser = sign_in(nord, "employee")

    assert browser.get("/mon-espace/structure/").text.count("Zutique") >= 1
    assert browser.get(f"/mon-espace/structure/?structure={nord.organisation.public_id}").status_code == 404


def test_one_user_is_staff_in_one_hub_and_a_member_in_another(nord, sud, sign_in):
    with open_hub(sud.hub):
        theirs = PersonFactory(user=nord.coordinator.user, given_name="Autre")
        LinkFactory(person=theirs, organisation=sud.organisation)
        StaffRoleFactory(user=sud.stranger.user, role=Role.ADVISER)
    browser = sign_in(sud)
    with open_hub(sud.hub):
        browser.force_login(nord.coordinator.user)

    assert (sign_in(nord, "coordinator").get("/gestion/").status_code, browser.get("/gestion/").status_code) == (
        200,
        403,
    )
    assert browser.get(BOOKING).status_code == 200
    assert "Autre" in browser.get(SPACE).text
