"""Meetings in the pages: prepared and reported by the coordination, read by those who are invited."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from governance.models import Decision, Invitee, Meeting, MeetingPaper, Minutes
from governance.todos_votes import decisions_due
from governance.tokens import invitee_token
from hubs.models import Mail, RunItem
from hubs.scope import open_hub
from hubs.tasks import do_item
from tests.governance.factories import InviteeFactory, MeetingFactory

LIST = "/gestion/assemblees/reunions/"
MINE = "/mon-espace/reunions/"
PREPARED = {
    "kind": "copil",
    "title": "Comité de pilotage de juin",
    "starts_at": "2100-06-15T10:00",
    "place": "Mairie",
    "agenda": "Les chiffres\n\n  Les   conventions ",
}
SIGNED = {"words": "Les chiffres sont lus.", "chair": "Aude Rey", "secretary": "Luc Petit"}
TOTALS = "/gestion/membres/"
PDF = b"%PDF-1.4 bilan"


def pages_of(meeting: Meeting) -> tuple[str, str]:
    return f"{LIST}{meeting.public_id}/", f"{MINE}{meeting.public_id}/"


def link_in(mail: Mail) -> str:
    return re.search(r"http://[^/]+(/\S+)", mail.text)[1]


@pytest.mark.feature("GO12")
def test_funders_are_invited_read_the_agenda_the_figures_and_the_report_and_get_no_right_of_a_member(
    nord, sign_in, client
):
    staff, observer = sign_in(nord, "coordinator"), sign_in(nord, "observer")
    page = staff.post(f"{LIST}nouvelle/", PREPARED).url
    person = {"person": nord.observer.public_id, "represents": "Département"}
    assert staff.post(f"{page}invites/", person).status_code == 302
    named = {"name": "Claire Aubertin", "email": "Claire@Region.example", "represents": "Région"}
    assert staff.post(f"{page}invites/", named).status_code == 302
    paper = {"title": "Bilan", "file": SimpleUploadedFile("bilan.pdf", PDF)}
    assert staff.post(f"{page}pieces/", paper).status_code == 302
    with open_hub(nord.hub):
        meeting = Meeting.objects.get()
    mine = f"{MINE}{meeting.public_id}/"
    assert observer.get(mine).status_code == 404
    assert "2 personnes recevront chacune un courriel" in staff.get(page).text

    assert staff.post(f"{page}invitation/").status_code == 302
    with open_hub(nord.hub):
        to_observer, to_claire = Mail.objects.filter(about__startswith="governance.invitee:").order_by("pk")
        invitees = list(Invitee.objects.order_by("pk"))
        kept = MeetingPaper.objects.get()

    # With an account: the agenda, the papers and the totals, and nothing of a member.
    assert meeting.title in observer.get(MINE).text
    shown = observer.get(link_in(to_observer)).text
    assert ("<li>Les conventions</li>" in shown, "Voir les totaux" in shown) == (True, True)
    assert observer.get(f"{mine}pieces/{kept.public_id}/").content == PDF
    assert observer.get(TOTALS).status_code == 200
    assert observer.get(page).status_code == 403
    assert mine in observer.get("/mon-espace/").text
    # Without one: by their own link.
    client.defaults["HTTP_HOST"] = "nord.localhost"
    link = link_in(to_claire)
    shown = client.get(link).text
    assert ("Claire Aubertin" in shown, "<li>Les chiffres</li>" in shown, "Voir les totaux" in shown) == (
        True, True, False,
    )  # fmt: skip
    assert client.get(f"{link}pieces/{kept.public_id}/").content == PDF
    assert client.get(f"{link[:-2]}x/").status_code == 404

    with open_hub(nord.hub):
        Meeting.objects.update(starts_at=timezone.now())
    assert staff.post(f"{page}presences/", {"came": [invitees[1].pk]}).status_code == 302
    decided = {"title": "Envoyer le bilan", "text": "Avant l’été.", "who": "Aurélie", "due_on": "2026-06-30"}
    assert staff.post(f"{page}decisions/", decided | {"who": ""}).status_code == 422
    assert staff.post(f"{page}decisions/", decided).status_code == 302
    assert staff.post(f"{page}compte-rendu/", SIGNED | {"chair": "", "publish": "1"}).status_code == 422
    assert staff.post(f"{page}compte-rendu/", {"words": "À relire"}).status_code == 302
    assert staff.post(f"{page}compte-rendu/", SIGNED).status_code == 302
    assert observer.get(f"{mine}compte-rendu/").status_code == 404
    assert staff.post(f"{page}compte-rendu/", SIGNED | {"publish": "1"}).status_code == 302
    with open_hub(nord.hub):
        item = RunItem.objects.get()
    do_item(hub_id=nord.hub.pk, item_id=item.pk)

    pdf = staff.get(f"{page}compte-rendu/pdf/")
    assert (pdf["Content-Type"], pdf.content[:5]) == ("application/pdf", b"%PDF-")
    assert observer.get(f"{mine}compte-rendu/").content == pdf.content
    assert client.get(f"{link}compte-rendu/").content == pdf.content
    assert "Télécharger le compte rendu" in client.get(link).text
    with open_hub(nord.hub):
        decision = Decision.objects.get()
        assert list(Invitee.objects.filter(came=True)) == [invitees[1]]
        assert [todo.label for todo in decisions_due(decision.due_on)] == ["Envoyer le bilan"]
        assert Minutes.objects.get().number == f"CR-{timezone.localdate().year}-001"
    assert "Comité de pilotage de juin" in staff.get("/gestion/assemblees/registre/1/").text
    assert "ne se modifie plus" in staff.post(f"{page}decisions/", decided).text


def test_a_form_keeps_what_was_typed_and_says_what_is_wrong(nord, sign_in):
    staff = sign_in(nord, "coordinator")
    with open_hub(nord.hub):
        page, _mine = pages_of(InviteeFactory(meeting__coming=True, email="c@region.example").meeting)

    refused = staff.post(f"{LIST}nouvelle/", PREPARED | {"starts_at": "demain"})
    nobody = staff.post(f"{page}invites/", {"represents": "Région"})
    twice = staff.post(f"{page}invites/", {"name": "Claire", "email": "C@region.example"})
    not_a_pdf = staff.post(f"{page}pieces/", {"title": "Bilan", "file": SimpleUploadedFile("b.pdf", b"MZ")})

    assert (refused.status_code, "Mairie" in refused.text) == (422, True)
    assert (nobody.status_code, "Écrivez un nom" in nobody.text) == (422, True)
    assert (twice.status_code, "déjà invitée" in twice.text) == (422, True)
    assert not_a_pdf.status_code == 422


def test_a_meeting_is_changed_then_called_off_and_its_papers_taken_back(nord, sign_in):
    staff = sign_in(nord, "coordinator")
    with open_hub(nord.hub):
        invitee = InviteeFactory(meeting__coming=True)
        other = InviteeFactory(meeting=invitee.meeting)
    page, _mine = pages_of(invitee.meeting)
    staff.post(f"{page}pieces/", {"title": "Bilan", "file": SimpleUploadedFile("bilan.pdf", PDF)})
    with open_hub(nord.hub):
        paper = MeetingPaper.objects.get()
    assert staff.get(f"{page}pieces/{paper.public_id}/").content == PDF

    staff.post(f"{page}pieces/{paper.public_id}/retrait/")
    staff.post(f"{page}invites/{other.pk}/")
    staff.post(f"{page}invitation/")
    assert "Personne à inviter" in staff.post(f"{page}invitation/", follow=True).text
    assert "elle reste sur la liste" in staff.post(f"{page}invites/{invitee.pk}/", follow=True).text
    assert staff.post(f"{page}modifier/", PREPARED).status_code == 302
    assert "à prévenir du changement" in staff.get(page).text
    assert "le jour même" in staff.post(f"{page}presences/", follow=True).text
    assert staff.post(f"{page}annulation/", {"reason": ""}).status_code == 422
    assert staff.post(f"{page}annulation/", {"reason": "La salle est prise."}).status_code == 302

    with open_hub(nord.hub):
        assert (Invitee.objects.get(), MeetingPaper.objects.count()) == (invitee, 0)
    assert "Cette réunion est annulée" in staff.get(page).text
    assert "est annulée" in staff.post(f"{page}modifier/", PREPARED | {"title": "Autre"}).text


def test_the_link_ends_with_the_address_and_after_a_year(nord, client):
    client.defaults["HTTP_HOST"] = "nord.localhost"
    with open_hub(nord.hub):
        invitee = InviteeFactory(called_at=timezone.now(), meeting__coming=True)
        old = InviteeFactory(called_at=timezone.now(), meeting__starts_at="2020-06-15T10:00Z")
        uncalled = InviteeFactory(meeting__coming=True)
        links = [f"/reunions/{invitee_token(each)}/" for each in (invitee, old, uncalled)]

    assert [client.get(link).status_code for link in links] == [200, 404, 404]
    with open_hub(nord.hub):
        Invitee.objects.filter(pk=invitee.pk).update(email="")
    assert client.get(links[0]).status_code == 404
    assert client.get("/reunions/12-x/").status_code == 404


def test_a_meeting_of_another_hub_is_not_there(sud, nord, sign_in, client):
    client.defaults["HTTP_HOST"] = "nord.localhost"
    with open_hub(sud.hub):
        invitee = InviteeFactory(called_at=timezone.now(), meeting__coming=True)
        link = f"/reunions/{invitee_token(invitee)}/"
        page, mine = pages_of(invitee.meeting)
        pk = invitee.pk

    assert client.get(link).status_code == 404
    staff = sign_in(nord, "coordinator")
    assert [staff.get(path).status_code for path in (page, mine, f"{page}compte-rendu/")] == [404, 404, 404]
    assert staff.post(f"{page}invites/{pk}/").status_code == 404


@pytest.mark.parametrize("who", ["accountant", "receptionist", "observer", "administrator"])
def test_the_coordination_alone_prepares_meetings(nord, sign_in, who):
    assert sign_in(nord, who).get(LIST).status_code == 403


def test_someone_not_invited_reads_no_meeting(nord, sign_in):
    with open_hub(nord.hub):
        meeting = InviteeFactory(person=nord.observer, name="", email="", called_at=timezone.now()).meeting
    _page, mine = pages_of(meeting)

    assert sign_in(nord, "observer").get(mine).status_code == 200
    assert sign_in(nord, "elected").get(mine).status_code == 404
    assert "Pas de réunion" in sign_in(nord, "employee").get(MINE).text


@pytest.mark.parametrize("how_many", [1, 3])
def test_the_lists_ask_as_much_for_one_as_for_three(nord, sign_in, how_many, django_assert_num_queries):
    with open_hub(nord.hub):
        for _turn in range(how_many):
            meeting = MeetingFactory(coming=True)
            InviteeFactory(meeting=meeting, person=nord.coordinator, name="", email="", called_at=timezone.now())
            InviteeFactory.create_batch(how_many, meeting=meeting)
    page, _mine = pages_of(meeting)
    staff = sign_in(nord, "coordinator")
    for path, count in ((LIST, 11), (page, 13), (MINE, 11)):
        staff.get(path)
        with django_assert_num_queries(count):
            staff.get(path)
