"""What the pages of an assembly offer at each of its steps, and what moves on them while people meet."""

import datetime as dt
import re

import pytest
from django.utils import timezone

from governance import actions
from governance.enums import AssemblyState
from governance.models import Decision
from hubs import french
from hubs.enums import MailState
from hubs.models import Mail, RunItem
from hubs.scope import open_hub
from hubs.tasks import do_item
from tests.governance.conftest import NOW, build_meeting
from tests.governance.factories import AssemblyFactory, ResolutionFactory, RollEntryFactory
from tests.governance.test_pages import TODAY, convened
from tests.members.factories import CollegeFactory, FiscalYearFactory, MembershipFactory

STEPS = ("Arrêter la liste", "Ouvrir l’assemblée", "Clore l’assemblée")


@pytest.fixture
def meeting(nord):
    with open_hub(nord.hub):
        return build_meeting(nord)


def moves(page, part: str) -> bool:
    """Whether this part of the page asks for itself again."""
    [tag] = re.findall(rf'<\w+ id="{part}"[^>]*>', page.text)
    return f'hx-select="#{part}"' in tag


def test_each_step_has_its_own_button_and_the_desk_is_offered_while_it_is_kept(nord, meeting, sign_in):
    staff = sign_in(nord, "coordinator")
    page = f"/gestion/assemblees/{meeting.assembly.public_id}/"
    offered = []
    for to in (None, AssemblyState.FROZEN, AssemblyState.OPEN, AssemblyState.CLOSED):
        if to:
            staff.post(f"{page}etape/", {"to": to})
        shown, desk = staff.get(page).text, staff.get(f"{page}accueil/").text
        buttons = [step for step in STEPS if step in shown]
        offered.append((buttons, "Noter les arrivées" in shown, "Noter l’arrivée" in desk))

    assert offered == [
        (["Arrêter la liste"], False, False),
        (["Ouvrir l’assemblée"], True, True),
        (["Clore l’assemblée"], True, True),
        ([], False, False),
    ]


def test_what_leads_nowhere_yet_is_not_offered(nord, sign_in):
    """The notice waits for the agenda, the roll for the days it may be contested, a vote for the assembly."""
    with open_hub(nord.hub):
        assembly = AssemblyFactory(coming=True, state="draft", convened_on=None, notice_days=0, contest_days=3)
        MembershipFactory(college=CollegeFactory(), fiscal_year=FiscalYearFactory(year=TODAY.year))
        draft = ResolutionFactory(assembly=assembly)
    page, staff = f"/gestion/assemblees/{assembly.public_id}/", sign_in(nord, "coordinator")

    before_agenda = "Envoyer la convocation" in staff.get(f"{page}convoquer/").text
    staff.post(f"{page}ordre-du-jour/", {"agenda": "Rapport moral"})
    after_agenda = "Envoyer la convocation" in staff.get(f"{page}convoquer/").text
    staff.post(f"{page}convoquer/")
    shown, resolution = staff.get(page).text, staff.get(f"{page}resolutions/{draft.pk}/").text

    assert (before_agenda, after_agenda) == (False, True)
    assert ("La liste s’arrête après le" in shown, "Arrêter la liste" in shown) == (True, False)
    assert ("pendant l’assemblée" in resolution, "Ouvrir le vote" in resolution) == (True, False)


def test_a_closed_assembly_asks_for_its_minutes(nord, meeting, sign_in):
    staff = sign_in(nord, "coordinator")
    page = f"/gestion/assemblees/{meeting.assembly.public_id}/"
    with open_hub(nord.hub):
        unvoted = ResolutionFactory(assembly=meeting.assembly)
    for to in (AssemblyState.FROZEN, AssemblyState.OPEN, AssemblyState.CLOSED):
        staff.post(f"{page}etape/", {"to": to})
    asked = "Écrire le procès-verbal" in staff.get(page).text
    staff.post(f"{page}proces-verbal/", {"words": "", "chair": "Aude", "secretary": "Luc", "publish": "1"})

    assert (asked, "Écrire le procès-verbal" in staff.get(page).text) == (True, False)
    shown = staff.get(f"{page}resolutions/{unvoted.pk}/").text
    assert ("pas été mise aux voix" in shown, "Retirer la résolution" in shown, "Corriger" in shown) == (
        True, False, False,
    )  # fmt: skip


def test_the_desk_names_whom_each_button_is_about_and_stays_on_what_was_searched(nord, meeting, sign_in):
    with open_hub(nord.hub):
        meeting.move(AssemblyState.FROZEN)
    staff = sign_in(nord, "coordinator")
    name = meeting.entries[0].name
    desk = f"/gestion/assemblees/{meeting.assembly.public_id}/accueil/"
    assert f'aria-label="Noter l’arrivée de {name}"' in staff.get(desk).text

    noted = staff.post(f"{desk}?q=a&page=1", {"entry": meeting.entries[0].pk})

    assert noted.url == f"{desk}?q=a&page=1"
    assert f'aria-label="Annuler l’arrivée de {name}"' in staff.get(desk).text


def test_the_next_vote_comes_to_who_waits_and_not_under_the_hand_of_who_votes(nord, meeting, sign_in):
    with open_hub(nord.hub):
        meeting.hold()
    staff, member = sign_in(nord, "coordinator"), sign_in(nord, "administrator")
    mine = f"/mon-espace/assemblees/{meeting.assembly.public_id}/votes/"
    waiting = moves(member.get(mine), "votes")
    with open_hub(nord.hub):
        made = ResolutionFactory(assembly=meeting.assembly, nominal=True)
        resolution = actions.open_resolution(resolution=made, by=meeting.by, now=NOW)
    voting = moves(member.get(mine), "votes")
    for entry in meeting.entries[:2]:
        voice = f"{resolution.pk}-{entry.pk}"
        member.post(mine, {"voice": voice, f"{voice}-choice": "for"})

    assert (waiting, voting, moves(member.get(mine), "votes")) == (True, False, True)
    one = f"/gestion/assemblees/{meeting.assembly.public_id}/resolutions/{resolution.pk}/"
    assert moves(staff.get(one), "participation")


def test_the_minutes_show_their_pdf_by_themselves(nord, meeting, sign_in):
    with open_hub(nord.hub):
        meeting.hold()
        meeting.move(AssemblyState.CLOSED)
    staff = sign_in(nord, "coordinator")
    page = f"/gestion/assemblees/{meeting.assembly.public_id}/proces-verbal/"
    staff.post(page, {"words": "", "chair": "Aude Rey", "secretary": "Luc Petit", "publish": "1"})
    before = staff.get(page)
    with open_hub(nord.hub):
        item = RunItem.objects.get()
    do_item(hub_id=nord.hub.pk, item_id=item.pk)

    after = staff.get(page)

    assert (moves(before, "papier"), moves(after, "papier")) == (True, False)
    assert "Télécharger le PDF" not in before.text and "Télécharger le PDF" in after.text


def test_the_proof_follows_the_mails_until_none_is_on_its_way(nord, sign_in):
    with open_hub(nord.hub):
        year = FiscalYearFactory(year=TODAY.year)
        MembershipFactory(organisation=nord.organisation, college=CollegeFactory(), fiscal_year=year)
    staff = sign_in(nord, "coordinator")
    proof = f"{convened(staff)}preuve/"
    on_its_way = moves(staff.get(proof), "compte")
    with open_hub(nord.hub):
        Mail.objects.update(state=MailState.SENT, sent_at=timezone.now())

    assert (on_its_way, moves(staff.get(proof), "compte")) == (True, False)


def test_mon_espace_leads_to_the_assembly_and_to_the_vote_that_is_open(nord, meeting, sign_in):
    member, employee, stranger = (sign_in(nord, who) for who in ("administrator", "employee", "stranger"))
    home, page = "/mon-espace/", f"/mon-espace/assemblees/{meeting.assembly.public_id}/"
    with open_hub(nord.hub):
        coming = AssemblyFactory(coming=True)
        RollEntryFactory(assembly=coming, membership=meeting.entries[0].membership)
        meeting.hold()
        made = ResolutionFactory(assembly=meeting.assembly, secret=True)
        actions.open_resolution(resolution=made, by=meeting.by, now=NOW)
    voting = [client.get(home).text for client in (member, employee, stranger)]
    with open_hub(nord.hub):
        actions.close_resolution(resolution=made, by=meeting.by, now=NOW)
        meeting.move(AssemblyState.CLOSED)

    after = member.get(home).text
    assert [f'href="{page}"' in shown for shown in voting] == [True, True, False]
    assert [f'href="{page}votes/"' in shown for shown in voting] == [True, False, False]
    assert (page in after, f"/mon-espace/assemblees/{coming.public_id}/" in after) == (False, True)


def test_a_decision_to_come_says_its_day_and_not_a_return_of_the_team(nord, sign_in):
    today = timezone.localdate()
    with open_hub(nord.hub):
        Decision.objects.create(
            assembly=AssemblyFactory(), number=1, title="Envoyer le bilan", text="Aux financeurs.", decided_on=today,
            who="la coordination", due_on=today + dt.timedelta(days=3),
        )  # fmt: skip

    page = sign_in(nord, "coordinator").get("/gestion/").text

    assert (f"pour le {french.day(today + dt.timedelta(days=3), year=True, weekday=False)}" in page) is True
    assert "au retour de l’équipe" not in page
