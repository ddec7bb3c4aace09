"""Minutes, register of decisions, consultations and the file for Belenios, in the pages."""

import datetime as dt

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from documents.models import Document
from governance import actions, todos_votes
from governance.enums import AssemblyState
from governance.models import Decision, Minutes, Poll, PollAnswer
from governance.papers_votes import minutes_paper
from hubs.models import RunItem
from hubs.scope import open_hub
from hubs.tasks import do_item
from tests.governance.conftest import NOW, build_meeting
from tests.governance.factories import ResolutionFactory

REGISTER = "/gestion/assemblees/registre/"
POLLS = "/gestion/assemblees/consultations/"
SIGNED = {"words": "La présidente ouvre la séance.", "chair": "Aude Rey", "secretary": "Luc Petit"}


@pytest.fixture
def decided(nord):
    """A meeting that adopted one resolution by show of hands, and is closed."""
    with open_hub(nord.hub):
        meeting = build_meeting(nord)
        meeting.hold()
        made = ResolutionFactory(assembly=meeting.assembly)
        resolution = actions.open_resolution(resolution=made, by=meeting.by, now=NOW)
        actions.count_hands(
            resolution=resolution, college=meeting.structures, in_favour=3, against=0, abstained=0, by=meeting.by
        )
        actions.close_resolution(resolution=resolution, by=meeting.by, now=NOW)
        actions.publish_result(resolution=resolution, by=meeting.by)
        meeting.move(AssemblyState.CLOSED)
    return meeting


@pytest.mark.feature("GO11")
def test_minutes_are_written_published_made_into_a_pdf_and_read_by_members(nord, decided, sign_in):
    staff, member, stranger = (sign_in(nord, who) for who in ("coordinator", "administrator", "stranger"))
    page = f"/gestion/assemblees/{decided.assembly.public_id}/proces-verbal/"
    mine = f"/mon-espace/assemblees/{decided.assembly.public_id}/"

    assert staff.post(page, SIGNED | {"chair": "", "publish": "1"}).status_code == 422
    assert staff.post(page, SIGNED).status_code == 302
    assert member.get(f"{mine}proces-verbal/").status_code == 404
    assert staff.post(page, SIGNED | {"publish": "1"}).status_code == 302
    with open_hub(nord.hub):
        item = RunItem.objects.get()
    do_item(hub_id=nord.hub.pk, item_id=item.pk)

    with open_hub(nord.hub):
        minutes = Minutes.objects.get()
        sha256 = Document.objects.get().file.sha256
    shown = staff.get(page).text
    assert f"PV-{timezone.localdate().year}-001" in shown
    assert sha256 in shown
    pdf = member.get(f"{mine}proces-verbal/")
    assert (pdf["Content-Type"], pdf.content[:5]) == ("application/pdf", b"%PDF-")
    assert "Télécharger le procès-verbal" in member.get(f"{mine}votes/").text
    assert stranger.get(f"{mine}proces-verbal/").status_code == 404
    assert staff.get(f"{page}pdf/").content == pdf.content
    assert "ne se modifie plus" in staff.post(page, SIGNED).text
    with open_hub(nord.hub), pytest.raises(IntegrityError, match="ne se modifie pas"), transaction.atomic():
        Minutes.objects.filter(pk=minutes.pk).update(words="Autre chose.")


def test_the_paper_lists_presence_proxies_and_each_result(nord, decided):
    with open_hub(nord.hub):
        minutes = actions.write_minutes(assembly=decided.assembly, by=decided.by, **SIGNED)
        paper = minutes_paper(minutes)

    structures, partners = paper["colleges"]
    first, second = decided.entries[:2]
    assert (structures["voters"], structures["present"], structures["represented"]) == (3, 2, 1)
    assert dict(structures["lines"])[second.name] == f"représenté·e par {first.name}"
    assert [how for _name, how in partners["lines"]] == ["présent·e", "présent·e"]
    (line,) = paper["resolutions"]
    assert line["was_voted"]
    assert line["words"][0].startswith("Structures\u00a0: 3 pour, 0 contre, 0 abstention")


def test_minutes_wait_for_the_end_of_the_assembly(nord, sign_in):
    with open_hub(nord.hub):
        meeting = build_meeting(nord)
    page = f"/gestion/assemblees/{meeting.assembly.public_id}/proces-verbal/"

    refused = sign_in(nord, "coordinator").post(page, SIGNED | {"publish": "1"})

    assert (refused.status_code, "Fermez d’abord" in refused.text) == (422, True)


@pytest.mark.feature("GO11")
def test_decisions_are_searched_exported_entrusted_and_done(nord, decided, sign_in):
    staff = sign_in(nord, "coordinator")
    page = f"/gestion/assemblees/{decided.assembly.public_id}/"
    given = {"title": "Repeindre le hall", "text": "En vert.", "who": "", "due_on": "2026-06-20"}
    assert staff.post(f"{page}decisions/nouvelle/", given).status_code == 422
    assert staff.post(f"{page}decisions/nouvelle/", given | {"due_on": ""}).status_code == 302

    assert "Repeindre" in staff.get(f"{REGISTER}?q=REPEINDRÉ").text
    assert "Approuver" not in staff.get(f"{REGISTER}?q=hall").text
    lines = staff.get(f"{REGISTER}?export=csv").content.decode("utf-8-sig").splitlines()
    assert [line.split(";")[2] for line in lines[1:]] == ["Repeindre le hall", "Approuver les comptes"]
    one = f"{REGISTER}2/"
    assert staff.post(one, {"who": "", "due_on": "2026-06-20"}).status_code == 422
    staff.post(one, {"who": "Aurélie", "due_on": "2026-06-20"})
    with open_hub(nord.hub):
        assert [todo.label for todo in todos_votes.decisions_due(dt.date(2026, 6, 14))] == ["Repeindre le hall"]
        assert todos_votes.decisions_due(dt.date(2026, 6, 10)) == []
    staff.post(f"{one}faite/")
    with open_hub(nord.hub):
        assert todos_votes.decisions_due(dt.date(2026, 6, 14)) == []
        assert Decision.objects.get(number=2).done_on == timezone.localdate()
        with pytest.raises(IntegrityError), transaction.atomic():
            Decision.objects.filter(number=2).update(title="Autre")
    assert "faite" in staff.get(one).text
    assert sign_in(nord, "administrator").get(REGISTER).status_code == 403


@pytest.mark.parametrize("how_many", [1, 3])
def test_the_register_asks_as_much_for_one_as_for_three(nord, decided, sign_in, how_many, django_assert_num_queries):
    with open_hub(nord.hub):
        for _turn in range(how_many - 1):
            actions.note_decision(assembly=decided.assembly, on=NOW.date(), by=decided.by, title="Une", text="Texte.")
    staff = sign_in(nord, "coordinator")
    staff.get(REGISTER)

    with django_assert_num_queries(11):
        staff.get(REGISTER)


@pytest.mark.feature("GO1")
def test_members_are_consulted_with_a_deadline_and_told_what_is_decided_and_why(nord, decided, sign_in):
    staff, member = sign_in(nord, "coordinator"), sign_in(nord, "administrator")
    asked = {"title": "Ouvrir le samedi ?", "text": "Nous le proposons.", "closes_at": "2020-01-01T18:00"}
    assert staff.post(f"{POLLS}nouvelle/", asked).status_code == 422
    page = staff.post(f"{POLLS}nouvelle/", asked | {"closes_at": "2100-01-01T18:00"}).url
    with open_hub(nord.hub):
        poll = Poll.objects.get()
    mine = f"/mon-espace/assemblees/consultations/{poll.public_id}/"
    key = decided.entries[0].membership_id
    assert "Ouvrir le samedi" in member.get("/mon-espace/assemblees/consultations/").text

    answer = {"membership": key, f"{key}-advice": "against", f"{key}-reason": ""}
    assert member.post(mine, answer).status_code == 422
    assert member.post(mine, answer | {f"{key}-reason": "Trop cher."}).status_code == 302
    assert "Trop cher." in staff.get(page).text
    assert "Attendez la fin" in staff.post(page, {"decision": "Oui.", "reasons": "Essayons."}).text
    with open_hub(nord.hub):
        Poll.objects.update(closes_at=timezone.now() - dt.timedelta(hours=1))
        assert [todo.label for todo in todos_votes.polls_over(timezone.now())] == ["Ouvrir le samedi ?"]
    assert member.post(mine, answer | {f"{key}-reason": "Encore."}).status_code == 422
    assert staff.post(page, {"decision": "Oui.", "reasons": "Essayons un mois."}).status_code == 302

    assert "Essayons un mois." in member.get(mine).text
    with open_hub(nord.hub):
        assert Decision.objects.get(poll=poll).text == "Oui.\n\nEssayons un mois."
        with pytest.raises(IntegrityError, match="décidée"), transaction.atomic():
            PollAnswer.objects.update(advice="for")


@pytest.mark.feature("GO5")
def test_the_voters_go_to_belenios_with_their_voices(nord, sign_in):
    with open_hub(nord.hub):
        meeting = build_meeting(nord)
        actions.set_weight(entry=meeting.entries[0], weight=3, by=meeting.by)
    staff = sign_in(nord, "coordinator")
    page = f"/gestion/assemblees/{meeting.assembly.public_id}/belenios/"
    assert "Notez qui administre le compte" in staff.get(page, follow=True).text
    with open_hub(nord.hub):
        for entry in meeting.entries[1:]:
            entry.votes = False
            entry.save(update_fields=["votes"])

    assert staff.get(page).content.decode() == f"{nord.administrator.email},,3\n"
