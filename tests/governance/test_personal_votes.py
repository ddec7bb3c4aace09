"""What votes and consultations hold about a person, and what an erasure leaves."""

import datetime as dt

import pytest

from governance import actions, personal_votes
from governance.enums import Choice
from governance.models import Decision, NominalVote, Poll, PollAnswer, RollEntry
from parties.personal.queries import subject_of
from tests.governance.conftest import NOW
from tests.governance.factories import ResolutionFactory
from tests.members.factories import CollegeFactory, MembershipFactory

pytestmark = pytest.mark.usefixtures("hub")


def test_a_person_reads_their_votes_and_answers_and_an_erasure_takes_their_words(nord, meeting):
    person, year = nord.stranger, meeting.entries[0].membership.fiscal_year
    membership = MembershipFactory(
        organisation=None, person=person, college=CollegeFactory(takes_people=True), fiscal_year=year
    )
    entry = RollEntry.objects.create(
        assembly=meeting.assembly, membership=membership, college=membership.college, name=str(person)
    )
    meeting.hold()
    actions.arrive(entry=entry, by=meeting.by, now=NOW)
    made = ResolutionFactory(assembly=meeting.assembly, nominal=True)
    resolution = actions.open_resolution(resolution=made, by=meeting.by, now=NOW)
    actions.cast_vote(resolution=resolution, entry=entry, choice=Choice.FOR, by=nord.actor("stranger"))
    poll = Poll.objects.create(title="Le samedi ?", text="Texte.", closes_at=NOW)
    PollAnswer.objects.create(poll=poll, membership=membership, advice="against", reason="J’ai trois enfants.")
    actions.note_decision(
        assembly=meeting.assembly, on=NOW.date(), by=meeting.by, title="Peindre", text="En vert.", who=f"{person}, Luc",
        due_on=dt.date(2026, 7, 1),
    )  # fmt: skip
    subject = subject_of(person)

    votes, answers = personal_votes.personal_data(subject)
    personal_votes.erase(subject)

    assert votes.rows == [["Assemblée générale", "Approuver les comptes", "pour"]]
    assert answers.rows == [["Le samedi ?", "pas d’accord", "J’ai trois enfants."]]
    assert PollAnswer.objects.get().reason == "—"
    assert Decision.objects.get().who == "Personne effacée, Luc"
    assert NominalVote.objects.get().choice == "for"
