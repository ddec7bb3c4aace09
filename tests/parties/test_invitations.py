"""The one way in: who invites, what the mail says, what the link opens, once and for how long."""

import datetime as dt
import re

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from hubs.enums import Role
from hubs.models import AuditEntry, Mail, StaffRole, Tally, User
from hubs.scope import open_hub
from parties.actions import (
    InvitedAlready,
    MailOfAnother,
    NoLongerOpen,
    OtherAccount,
    SignsInAlready,
    StructureClosed,
    TooManyInvitations,
    accept_invitation,
    end_link,
    forget_unanswered,
    invite_to_sign_in,
    invite_to_structure,
    withdraw_of_leavers,
)
from parties.enums import InvitationState, LinkRole
from parties.models import Invitation, Link, Person
from parties.queries import actor_of, invitations_about_to_expire, invitations_to
from tests.hubs.factories import TOTPFactory
from tests.parties.factories import InvitationFactory, LinkFactory, OrganisationFactory, PersonFactory

MINE = "/mon-espace/structure/"
COLLEAGUE = {"given_name": "Ada", "family_name": "Lovelace", "email": "Ada@exemple.example", "role": "employee"}


def link_in(cast) -> str:
    """The address of the last invitation sent."""
    with open_hub(cast.hub):
        return re.findall(r"http://\w+\.localhost(/invitation/\S+)", Mail.objects.latest("pk").text)[-1]


def sheet(cast) -> str:
    return f"/gestion/structures/{cast.organisation.public_id}/"


def form_of(cast) -> str:
    return f"{MINE}{cast.organisation.public_id}/inviter/"


def text(response) -> str:
    return " ".join(response.text.replace("\xa0", " ").split())


# --- Sent ----------------------------------------------------------------------------------------


def test_an_administrator_invites_a_colleague_who_comes_in_by_the_link(nord, sign_in):
    inviter = sign_in(nord, "administrator")

    sent = inviter.post(form_of(nord), COLLEAGUE, follow=True)
    link = link_in(nord)
    newcomer = sign_in(nord)
    looked = newcomer.get(link)
    with open_hub(nord.hub):
        untouched = (Person.objects.filter(email="ada@exemple.example").exists(), Tally.objects.count())
    answer = newcomer.post(link, follow=True)

    assert "Une invitation part pour Ada Lovelace, à ada@exemple.example." in text(sent)
    assert "Ada Lovelace</strong> <span>salarié·e" in text(sent)
    assert f"{nord.administrator} vous invite au portail de <strong>Pôle nord</strong>" in text(looked)
    assert untouched == (False, 0)
    assert answer.redirect_chain == [("/bienvenue/premiere-fois/", 302)]
    assert "Choisir un mot de passe" in answer.text
    assert newcomer.get("/mon-espace/reserver/").status_code == 200
    with open_hub(nord.hub):
        ada = Person.objects.get(email="ada@exemple.example")
        held = list(ada.links.values_list("organisation", "role", "starts_on", "ends_on"))
        assert held == [(nord.organisation.pk, "employee", timezone.localdate(), None)]
        assert (ada.user.email, ada.user.has_usable_password()) == ("ada@exemple.example", False)
        assert [
            invitation
            for invitation in invitations_to(nord.organisation, timezone.now())
            if not invitation.invitation.is_for_guest
        ] == []
        told = list(AuditEntry.objects.order_by("pk").values_list("verb", "who"))
        assert told[0] == ("parties.invited", str(nord.administrator))
        assert told[-1] == ("parties.invitation_accepted", "Ada Lovelace")


def test_staff_invite_to_a_structure_and_see_how_old_it_is(nord, sign_in):
    browser = sign_in(nord, "accountant")
    with time_machine.travel(timezone.now() - dt.timedelta(days=4)):
        browser.post(f"{sheet(nord)}inviter/", COLLEAGUE | {"role": "administrator"})

    page = sign_in(nord, "accountant").get(sheet(nord))

    assert "ada@exemple.example, envoyée il y a 4 jours" in text(page)


def test_a_wrong_invitation_keeps_what_was_typed(nord, sign_in):
    browser = sign_in(nord, "administrator")
    yesterday = (timezone.localdate() - dt.timedelta(days=1)).isoformat()

    answers = {
        name: browser.post(form_of(nord), COLLEAGUE | change)
        for name, change in {
            "mail": {"email": "ada"},
            "open": {"role": "guest"},
            "past": {"role": "guest", "last_day": yesterday},
            "held": {"email": nord.employee.email},
        }.items()
    }

    assert {answer.status_code for answer in answers.values()} == {422}
    assert all('value="Lovelace"' in answer.text for answer in answers.values())
    assert "Une personne invitée l’est pour un temps : dites jusqu’à quel jour." in text(answers["open"])
    assert "Choisissez aujourd’hui ou un jour à venir." in text(answers["past"])
    assert "Cette personne a déjà ce rôle" in text(answers["held"])
    with open_hub(nord.hub):
        assert Mail.objects.count() == 0


@pytest.mark.parametrize(
    ("name", "status"), [("employee", 403), ("guest", 403), ("coordinator", 403), ("stranger", 403)]
)
def test_who_does_not_administer_invites_nobody(nord, sign_in, name, status):
    browser = sign_in(nord, name)

    assert (browser.get(form_of(nord)).status_code, browser.post(form_of(nord), COLLEAGUE).status_code) == (status,) * 2
    with open_hub(nord.hub):
        assert Mail.objects.count() == 0


def test_another_structure_is_not_there_to_invite_to(nord, sud, sign_in):
    with open_hub(nord.hub):
        other = OrganisationFactory()
    browser = sign_in(nord, "administrator")

    for organisation in (other, sud.organisation):
        assert browser.post(f"{MINE}{organisation.public_id}/inviter/", COLLEAGUE).status_code == 404


@pytest.mark.parametrize("name", ["adviser", "receptionist", "administrator", "observer"])
def test_who_does_not_keep_structures_invites_from_no_sheet(nord, sign_in, name):
    browser = sign_in(nord, name)

    assert browser.post(f"{sheet(nord)}inviter/", COLLEAGUE).status_code == 403
    assert "inviter/" not in browser.get(sheet(nord)).text


def test_one_invites_so_many_a_day(hub, nord):
    by, now = nord.actor("administrator"), timezone.now()
    given = {"organisation": nord.organisation, "given_name": "A", "family_name": "B", "role": LinkRole.EMPLOYEE}
    for number in range(20):
        invite_to_structure(email=f"a{number}@exemple.example", by=by, now=now, **given)

    with pytest.raises(TooManyInvitations):
        invite_to_structure(email="encore@exemple.example", by=by, now=now, **given)
    invite_to_structure(email="encore@exemple.example", by=nord.actor("coordinator"), now=now, **given)
    with pytest.raises(InvitedAlready):
        invite_to_structure(email="Encore@exemple.example", by=nord.actor("coordinator"), now=now, **given)


# --- Answered ------------------------------------------------------------------------------------


def test_a_link_serves_once(nord, sign_in):
    sign_in(nord, "administrator").post(form_of(nord), COLLEAGUE)
    link = link_in(nord)
    sign_in(nord).post(link)

    thief = sign_in(nord)
    again = thief.post(link)

    assert again.status_code == 422
    assert "Cette invitation a déjà servi" in text(again)
    assert thief.get("/mon-espace/").status_code == 302
    with open_hub(nord.hub):
        assert Link.objects.filter(person__email="ada@exemple.example").count() == 1


def test_a_link_sent_again_is_another_and_counts_its_days_anew(nord, sign_in):
    browser = sign_in(nord, "administrator")
    with time_machine.travel(timezone.now() - dt.timedelta(days=10)):
        sign_in(nord, "administrator").post(form_of(nord), COLLEAGUE)
    first = link_in(nord)
    with open_hub(nord.hub):
        invitation = Invitation.objects.get(email="ada@exemple.example")

    done = browser.post(f"/invitations/{invitation.public_id}/renvoi/", follow=True)
    second = link_in(nord)

    assert "L’invitation de Ada Lovelace repart, avec un autre lien." in text(done)
    assert (first == second, sign_in(nord).get(first).status_code, sign_in(nord).get(second).status_code) == (
        False, 404, 200,
    )  # fmt: skip
    with time_machine.travel(timezone.now() + dt.timedelta(days=13)):
        assert "Accepter et entrer" in sign_in(nord).get(second).text
    with time_machine.travel(timezone.now() + dt.timedelta(days=15)):
        late = sign_in(nord).post(second)
        assert (late.status_code, "Cette invitation a expiré" in text(late)) == (422, True)


def test_a_withdrawn_link_opens_nothing(nord, sign_in):
    browser = sign_in(nord, "administrator")
    browser.post(form_of(nord), COLLEAGUE)
    link = link_in(nord)
    with open_hub(nord.hub):
        invitation = Invitation.objects.get(email="ada@exemple.example")

    done = browser.post(f"/invitations/{invitation.public_id}/retrait/", follow=True)
    visitor = sign_in(nord)
    answer = visitor.post(link)

    assert "L’invitation de Ada Lovelace est retirée" in text(done)
    assert (answer.status_code, "n’est plus ouverte" in text(answer)) == (422, True)
    assert visitor.get("/mon-espace/").status_code == 302


@pytest.mark.parametrize("action", ["renvoi", "retrait"])
def test_only_who_might_have_sent_it_handles_an_invitation(nord, sud, sign_in, action):
    with open_hub(nord.hub):
        mine = InvitationFactory(organisation=nord.organisation)
        team = InvitationFactory(organisation=None, role="", staff_role=Role.ADVISER)
    with open_hub(sud.hub):
        theirs = InvitationFactory(organisation=sud.organisation)

    def post(name, invitation) -> int:
        return sign_in(nord, name).post(f"/invitations/{invitation.public_id}/{action}/").status_code

    assert [post(name, mine) for name in ("employee", "guest", "stranger", "adviser")] == [404, 403, 404, 404]
    assert [post(name, team) for name in ("administrator", "accountant")] == [404, 404]
    assert post("coordinator", theirs) == 404
    assert [post("administrator", mine), post("coordinator", team)] == [302, 302]


def test_an_unknown_link_is_not_found_and_is_counted(nord, sud, sign_in, settings):
    with open_hub(sud.hub):
        sud_browser = sign_in(sud, "administrator")
    sud_browser.post(form_of(sud), COLLEAGUE)
    foreign = link_in(sud)

    statuses = [sign_in(nord).get(foreign).status_code for _try in range(31)]

    assert statuses == [404] * 30 + [429]
    assert sign_in(nord).post(foreign).status_code == 429


def test_who_signs_in_elsewhere_is_the_same_user_here(nord, sud, sign_in):
    email = sud.coordinator.user.email
    sign_in(nord, "administrator").post(form_of(nord), COLLEAGUE | {"email": email})
    browser = sign_in(nord)

    browser.post(link_in(nord))

    with open_hub(nord.hub):
        here = Person.objects.get(user=sud.coordinator.user)
        assert (str(here), User.objects.filter(email=email).count()) == ("Ada Lovelace", 1)
        assert actor_of(here.user, timezone.localdate()).roles == frozenset()
    assert (browser.get("/mon-espace/reserver/").status_code, browser.get("/gestion/").status_code) == (200, 403)


def test_who_has_an_account_here_gets_one_more_structure(nord, sign_in):
    with open_hub(nord.hub):
        second = OrganisationFactory(name="Zutique")
        LinkFactory(person=nord.administrator, organisation=second, role=LinkRole.ADMINISTRATOR)
    sign_in(nord, "administrator").post(
        f"{MINE}{second.public_id}/inviter/", COLLEAGUE | {"email": nord.employee.email}
    )
    browser = sign_in(nord, "employee")

    browser.post(link_in(nord), follow=True)

    with open_hub(nord.hub):
        assert set(nord.actor("employee").organisations) == {nord.organisation.pk, second.pk}
        assert Person.objects.filter(email=nord.employee.email).count() == 1


def test_accepting_signs_another_out_of_the_browser(nord, sign_in):
    sign_in(nord, "administrator").post(form_of(nord), COLLEAGUE)
    link = link_in(nord)
    browser = sign_in(nord, "coordinator")

    looked = browser.get(link)
    browser.post(link)

    assert f"Ce navigateur est connecté avec {nord.coordinator.user.email}." in text(looked)
    assert browser.get("/gestion/").status_code == 403
    assert "Ada Lovelace" in browser.get("/mon-espace/").text


def test_a_mail_proves_its_address_and_takes_over_nobody(hub, nord):
    """The accountant writes their own address on the coordinator's sheet, then invites it."""
    nord.coordinator.email = "autre@nord.example"
    nord.coordinator.save()
    invitation = InvitationFactory(organisation=nord.organisation, email="autre@nord.example")

    with pytest.raises(OtherAccount):
        accept_invitation(invitation=invitation, now=timezone.now())

    assert Link.objects.filter(person=nord.coordinator).count() == 0


def test_a_closed_account_is_not_opened_by_a_link(nord, sign_in):
    User.objects.filter(pk=nord.employee.user.pk).update(is_active=False)
    sign_in(nord, "administrator").post(
        form_of(nord), COLLEAGUE | {"email": nord.employee.email, "role": "administrator"}
    )
    browser = sign_in(nord)

    browser.post(link_in(nord), follow=True)

    assert browser.get("/mon-espace/").status_code == 302


def test_what_a_leaver_sent_opens_nothing_and_is_withdrawn_at_night(hub, nord):
    invitation = InvitationFactory(organisation=nord.organisation, inviter=nord.administrator)
    team = InvitationFactory(organisation=None, role="", staff_role=Role.ADVISER, inviter=nord.coordinator)
    link = Link.objects.get(person=nord.administrator)
    end_link(link=link, on=timezone.localdate(), by=nord.actor("coordinator"))

    with pytest.raises(NoLongerOpen):
        accept_invitation(invitation=invitation, now=timezone.now())
    withdraw_of_leavers(now=timezone.now())

    for each in (invitation, team):
        each.refresh_from_db()
    assert [each.state(timezone.now()) for each in (invitation, team)] == [
        InvitationState.WITHDRAWN, InvitationState.PENDING,
    ]  # fmt: skip


def test_a_closed_structure_takes_nobody(hub, nord):
    invitation = InvitationFactory(organisation=nord.organisation)
    nord.organisation.closed_on = timezone.localdate()
    nord.organisation.save()

    with pytest.raises(NoLongerOpen):
        accept_invitation(invitation=invitation, now=timezone.now())
    with pytest.raises(StructureClosed):
        invite_to_structure(
            organisation=nord.organisation, given_name="A", family_name="B", email="a@exemple.example",
            role=LinkRole.EMPLOYEE, by=nord.actor("coordinator"), now=timezone.now(),
        )  # fmt: skip


def test_a_role_of_the_hub_waits_behind_the_link(nord, sign_in):
    today = timezone.localdate()
    sign_in(nord, "coordinator").post(
        "/gestion/reglages/equipe/donner/",
        {"given_name": "Ada", "family_name": "Lovelace", "email": "ada@exemple.example", "role": "reception",
         "starts_on": today.isoformat(), "last_day": (today + dt.timedelta(days=89)).isoformat()},
    )  # fmt: skip
    browser = sign_in(nord)

    looked = browser.get(link_in(nord))
    before = browser.get("/gestion/").status_code
    browser.post(link_in(nord), follow=True)

    assert "Un rôle vous attend au portail de <strong>Pôle nord</strong> : <strong>accueil</strong>." in text(looked)
    assert (before, browser.get("/gestion/").status_code) == (302, 200)
    with open_hub(nord.hub):
        held = StaffRole.objects.get(user__email="ada@exemple.example")
        assert (held.role, held.starts_on, held.ends_on) == (Role.RECEPTION, today, today + dt.timedelta(days=90))


def test_who_signs_in_already_is_invited_to_nothing_more(hub, nord):
    by, now = nord.actor("coordinator"), timezone.now()

    with pytest.raises(SignsInAlready):
        invite_to_sign_in(person=nord.employee, by=by, now=now)
    with pytest.raises(MailOfAnother):
        invite_to_sign_in(person=PersonFactory(), email=nord.employee.email, by=by, now=now)


# --- Remembered, and forgotten -------------------------------------------------------------------


def test_staff_are_reminded_of_an_invitation_before_it_is_too_late(nord, sign_in):
    now = timezone.now()
    with open_hub(nord.hub):
        for days, name in ((2, "Fraîche"), (12, "Bientôt"), (17, "Passée"), (25, "Oubliée")):
            InvitationFactory(organisation=nord.organisation, given_name=name, created_at=now - dt.timedelta(days=days))
        found = [invitation.given_name for invitation in invitations_about_to_expire(now)]

    page = sign_in(nord, "accountant").get("/gestion/")

    assert found == ["Passée", "Bientôt"]
    assert re.findall(r"<strong>(\w+) Petit\d+ n’a pas répondu", page.text) == ["Passée", "Bientôt"]
    assert f'href="{sheet(nord)}"' in page.text
    assert "n’a pas répondu" not in sign_in(nord, "receptionist").get("/gestion/").text


def test_the_address_of_who_never_came_is_let_go(hub, nord):
    now = timezone.now()
    InvitationFactory(organisation=nord.organisation, created_at=now - dt.timedelta(days=200))
    kept = InvitationFactory(organisation=nord.organisation, created_at=now - dt.timedelta(days=20))

    forget_unanswered(now=now)

    assert set(Invitation.objects.values_list("pk", flat=True)) == {kept.pk, nord.guest_invitation.pk}


def test_a_link_does_not_do_without_the_second_step(nord, sign_in):
    TOTPFactory(user=nord.employee.user)
    with open_hub(nord.hub):
        other = OrganisationFactory()
    url = f"/gestion/structures/{other.public_id}/inviter/"
    sign_in(nord, "coordinator").post(url, COLLEAGUE | {"email": nord.employee.user.email})
    browser = sign_in(nord)

    answer = browser.post(link_in(nord), follow=True)

    assert answer.redirect_chain == [(reverse("mfa_authenticate"), 302)]
    assert browser.get("/mon-espace/").status_code == 302
