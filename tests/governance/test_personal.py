"""What assemblies tell of a person, and what is left of them once they are erased."""

import datetime as dt

import pytest

from documents.actions import store_file
from documents.models import StoredFile
from governance import personal
from governance.models import Assembly, Proxy, RollContest, RollEntry
from hubs.personal import ERASED
from parties.personal.queries import subject_of
from tests.governance.factories import AssemblyFactory, NoticeFactory, RollContestFactory, RollEntryFactory
from tests.members.factories import CollegeFactory, FiscalYearFactory, MembershipFactory
from tests.parties.factories import PersonFactory

NOW = dt.datetime(2026, 6, 20, 8, tzinfo=dt.UTC)

pytestmark = pytest.mark.usefixtures("hub")


@pytest.fixture
def zoe(hub):
    return PersonFactory(given_name="Zoé", family_name="Quatremère", email="zoe@exemple.example")


@pytest.fixture
def assembly(zoe):
    """Zoé is on the roll and was called; she gave a proxy on paper, and contested the roll."""
    year, college = FiscalYearFactory(year=2026), CollegeFactory(takes_people=True)
    assembly = AssemblyFactory()
    own = MembershipFactory(organisation=None, person=zoe, college=college, fiscal_year=year)
    entry, holder, _third = (
        RollEntryFactory(assembly=assembly, membership=membership)
        for membership in (own, *MembershipFactory.create_batch(2, college=college, fiscal_year=year))
    )
    NoticeFactory(entry=entry)
    scan = store_file(name="pouvoir", content_type="application/pdf", content=b"%PDF-zoe")
    Proxy.objects.create(giver=entry, holder=holder, given_at=NOW, brought_by="Ali Haddad", scan=scan)
    RollContestFactory(assembly=assembly, person=zoe, made_by=zoe, granted=False, answer="Non.", answered_at=NOW)
    return assembly


def test_a_person_reads_their_place_their_proxies_and_what_they_contested(zoe, assembly):
    sections = {section.key: section for section in personal.personal_data(subject_of(zoe))}

    assert [len(sections[key].rows) for key in ("assemblees", "pouvoirs", "contestations_de_liste")] == [1, 1, 1]
    assert sections["assemblees"].rows[0][:4] == [
        "Assemblée générale",
        assembly.roll.first().college.name,
        str(zoe),
        True,
    ]
    assert [copy.read() for copy in sections["pouvoirs"].files] == [b"%PDF-zoe"]


def test_a_voter_of_an_assembly_not_yet_closed_is_not_erased_before(zoe, assembly):
    before = personal.hindrances(subject_of(zoe), NOW)
    for state in ("frozen", "open", "closed"):
        Assembly.objects.update(state=state)

    assert len(before) == 1 and "n’est pas close" in before[0].text
    assert personal.hindrances(subject_of(zoe), NOW) == []


def test_erased_the_line_stays_without_the_name_on_a_frozen_roll_too(zoe, assembly, django_capture_on_commit_callbacks):
    for state in ("frozen", "open", "closed"):
        Assembly.objects.update(state=state)

    with django_capture_on_commit_callbacks(execute=True):
        kept = personal.erase(subject_of(zoe), NOW)

    entry = RollEntry.objects.get(membership__person=zoe)
    assert (entry.name, entry.erased_at, entry.votes) == (ERASED, NOW, True)
    assert list(Proxy.objects.values_list("brought_by", "scan")) == [(ERASED, None)]
    assert not StoredFile.objects.exists()
    assert RollContest.objects.get().words == "—"
    assert kept == ["Les listes électorales gardent leur ligne, sans le nom."]


def test_who_brought_the_paper_of_another_is_no_longer_named(zoe, assembly):
    Proxy.objects.all().delete()
    entries = list(RollEntry.objects.exclude(membership__person=zoe))
    Proxy.objects.create(giver=entries[0], holder=entries[1], given_at=NOW, brought_by=f"{zoe}, son voisin")

    personal.erase(subject_of(zoe), NOW)

    assert Proxy.objects.get().brought_by == ERASED
