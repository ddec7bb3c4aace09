"""Letters as PDF, the history of a member, and what an erasure leaves of them."""

import datetime as dt
from hashlib import sha256

import pytest
from django.utils import timezone

from documents.queries import document_of
from hubs.scope import open_hub
from members import actions, personal
from members.enums import LetterKind, Standing, StrikeCause
from members.models import Letter, Resignation
from members.queries import (
    history_of,
    letters_named,
)
from parties.personal.queries import subject_of
from tests.members.factories import ApplicationFactory, CollegeFactory, FiscalYearFactory, MembershipFactory
from tests.members.papers import make_papers

TODAY = timezone.localdate()
MINE = "/mon-espace/moi/adhesion/"


def text(response):
    return " ".join(response.text.replace("\xa0", " ").replace("\u202f", " ").split())


@pytest.mark.feature("ME9")
def test_gap_years_returns_and_departures_are_told_to_staff_and_to_the_member(nord, sign_in, year, membership):
    with open_hub(nord.hub):
        old, gap = (FiscalYearFactory(year=TODAY.year - ago) for ago in (2, 1))
        MembershipFactory(
            organisation=nord.organisation,
            fiscal_year=old,
            standing=Standing.LEFT,
            left_on=dt.date(old.starts_on.year, 7, 1),
        )
        told = history_of(nord.organisation, TODAY)
    staff = sign_in(nord, "coordinator").get(f"/gestion/structures/{nord.organisation.public_id}/")
    mine = sign_in(nord, "employee").get(MINE)

    assert [(each.year.pk, each.membership is None, each.returned) for each in told] == [
        (year.pk, False, True),
        (gap.pk, True, False),
        (old.pk, False, False),
    ]
    for page in (staff, mine):
        assert f"{gap.label} non membre" in text(page).replace('</span><span class="muted">', " ")
        assert "de retour" in text(page) and "membre jusqu’au 30 juin" in text(page)


@pytest.mark.parametrize(("who", "status"), [("administrator", 200), ("employee", 404), ("stranger", 404)])
def test_a_letter_is_for_who_administers(nord, sign_in, noticed, who, status):
    make_papers(nord.hub)
    with open_hub(nord.hub):
        letter = Letter.objects.get()

    assert sign_in(nord, who).get(f"{MINE}lettres/{letter.pk}/").status_code == status


def test_an_erasure_empties_the_letters_and_takes_the_name_out_of_departures(nord, year):
    with open_hub(nord.hub):
        person = nord.stranger
        held = MembershipFactory(
            organisation=None, person=person, college=CollegeFactory(takes_people=True), fiscal_year=year
        )
        left = MembershipFactory(organisation=nord.organisation, college=held.college, fiscal_year=year)
        by = nord.actor("coordinator")
        actions.resign(member=person, letter_on=TODAY, by=nord.actor("stranger"), today=TODAY, reason="Je pars.")
        strike = actions.open_strike_off(
            member=left.organisation, cause=StrikeCause.OTHER, grounds=f"Plainte de {person}.", by=by, today=TODAY
        )
    make_papers(nord.hub)
    with open_hub(nord.hub):
        subject = subject_of(person)
        sections = {section.key: section for section in personal.personal_data(subject)}
        personal.erase(subject, timezone.now())
        letter = Letter.objects.get(person=person)
        resignation = Resignation.objects.get()
        strike.refresh_from_db()

        assert (len(sections["departs"].rows), len(sections["lettres"].files)) == (1, 1)
        assert letter.body == "—" and letter.recipient["name"] == "Personne effacée"
        assert document_of(letter, actions.PAPER) is None
        assert (resignation.by, resignation.reason) == ("—", "—")
        assert strike.grounds == "Plainte de Personne effacée."


@pytest.mark.feature("ME15")
def test_an_admission_and_a_refusal_are_written_to_the_applicant(nord, sign_in, year):
    staff, visitor = sign_in(nord, "coordinator"), sign_in(nord)
    with open_hub(nord.hub):
        college = CollegeFactory(path=["board", "assembly"])
        kept, out = (ApplicationFactory(college=college, token_hash=sha256(name).hexdigest()) for name in (b"a", b"b"))
    pages = [f"/gestion/membres/candidatures/{each.public_id}/" for each in (kept, out)]

    yes = {"is_accepted": "yes", "on": TODAY.isoformat(), "fiscal_year": year.pk}
    staff.post(pages[0], yes)
    staff.post(pages[0], yes)
    staff.post(pages[1], {"is_accepted": "no", "on": TODAY.isoformat(), "reason": "Hors du territoire."})
    make_papers(nord.hub)

    with open_hub(nord.hub):
        letters = {each.kind: each for each in Letter.objects.select_related("organisation")}
    refused = letters[LetterKind.REFUSED]
    followed = visitor.get("/candidature/b/")
    paper = visitor.get(f"/candidature/b/lettres/{refused.pk}/")
    assert set(letters) == {LetterKind.AWAITING, LetterKind.RATIFIED, LetterKind.REFUSED}
    assert letters[LetterKind.RATIFIED].organisation.name == kept.structure_name
    assert "Hors du territoire." in refused.body and "a ratifié le" in letters[LetterKind.RATIFIED].body
    assert f"/candidature/b/lettres/{refused.pk}/" in followed.text
    assert paper.headers["Content-Type"] == "application/pdf"
    assert visitor.get(f"/candidature/a/lettres/{refused.pk}/").status_code == 404
    assert "Votre candidature à" in staff.get(pages[1]).text


def test_a_letter_in_the_log_leads_to_its_pdf_and_to_who_reads_it(nord, noticed):
    with open_hub(nord.hub):
        letter = Letter.objects.get()
        (thing,) = letters_named({f"members.letter:{letter.pk}"}, TODAY).values()

        assert thing.url == f"/gestion/membres/lettres/{letter.pk}/"
        assert nord.administrator.email in thing.addresses
