"""The roll contested from mon espace, proxies on paper, and the day itself: room, remote, departures, the sheet."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from pypdf import PdfReader

from governance.models import Assembly, Attendance, Proxy, RollContest, RollEntry
from hubs.scope import open_hub
from parties.merging.actions import merge
from tests.governance.factories import AssemblyFactory, RollContestFactory, RollEntryFactory
from tests.governance.test_pages import TODAY
from tests.members.factories import CollegeFactory, FiscalYearFactory, MembershipFactory
from tests.parties.factories import LinkFactory, OrganisationFactory

PDF = b"%PDF-1.4\n%%EOF"


def text(answer) -> str:
    return " ".join(answer.text.replace("\xa0", " ").replace("\u202f", " ").split())


@pytest.fixture
def memberships(nord):
    """The cast's structure, Élan and Tierce, of one college; Au loin of another."""
    with open_hub(nord.hub):
        year, college = FiscalYearFactory(year=TODAY.year), CollegeFactory(name="Structures")
        return [
            MembershipFactory(organisation=nord.organisation, college=college, fiscal_year=year),
            *(
                MembershipFactory(organisation__name=name, college=college, fiscal_year=year)
                for name in ("Élan", "Tierce")
            ),
            MembershipFactory(
                organisation__name="Au loin", college=CollegeFactory(name="Partenaires"), fiscal_year=year
            ),
        ]


def roll(assembly, memberships, *, frozen: bool = False) -> list[RollEntry]:
    entries = [RollEntryFactory(assembly=assembly, membership=each) for each in memberships]
    if frozen:
        Assembly.objects.filter(pk=assembly.pk).update(state="frozen")
    return entries


@pytest.mark.feature("GO8")
def test_a_member_contests_the_roll_and_reads_the_answer(nord, sud, sign_in, memberships):
    staff, member = sign_in(nord, "coordinator"), sign_in(nord, "administrator")
    with open_hub(nord.hub):
        assembly = AssemblyFactory(coming=True, contest_days=8)
        roll(assembly, memberships)
        partners = memberships[3].college_id
    page, mine = f"/gestion/assemblees/{assembly.public_id}/", f"/mon-espace/assemblees/{assembly.public_id}/"
    assert "se conteste jusqu’au" in text(member.get(mine))
    key = f"s{nord.organisation.pk}"

    unsaid = member.post(f"{mine}contester/", {"member": key, "kind": "college", "words": ""})
    member.post(f"{mine}contester/", {"member": key, "kind": "college", "words": "Partenaires depuis mars."})
    again = member.post(f"{mine}contester/", {"member": key, "kind": "voice", "words": "Encore."})
    todo = staff.get("/gestion/").text
    frozen_too_early = staff.post(f"{page}etape/", {"to": "frozen"}, follow=True)
    with open_hub(nord.hub):
        contest = RollContest.objects.get().pk
    answer = {"contest": contest, "granted": "oui", "answer": "C’est corrigé.", "college": ""}
    uncollege = staff.post(f"{page}contestations/", answer)
    staff.post(f"{page}contestations/", answer | {"college": partners})

    assert (unsaid.status_code, again.status_code, uncollege.status_code) == (422, 422, 422)
    assert "Une contestation attend déjà sa réponse." in text(again)
    assert "1 contestation de la liste électorale attend une réponse." in todo.replace("\xa0", " ")
    assert "contester la liste jusqu’au" in text(frozen_too_early)
    told = text(member.get(mine))
    assert "C’est corrigé." in told and "acceptée, la liste est corrigée" in told and "Partenaires" in told
    assert sign_in(nord, "receptionist").post(f"{page}contestations/", answer).status_code == 403
    assert sign_in(sud, "administrator").get(f"{mine}contester/").status_code == 404
    assert "C’est corrigé." not in sign_in(nord, "stranger").get(mine).text


@pytest.mark.parametrize("tail", ["contestations/", "pouvoirs/"])
def test_contests_and_proxies_ask_as_much_for_one_line_and_for_three(
    nord, sign_in, memberships, tail, django_assert_num_queries
):
    browser = sign_in(nord, "coordinator")
    with open_hub(nord.hub):
        assembly = AssemblyFactory(coming=True, contest_days=8, proxies_per_holder=9)
        holder = RollEntryFactory(assembly=assembly, membership=memberships[0])
    page = f"/gestion/assemblees/{assembly.public_id}/{tail}"
    for count in (1, 2):
        with open_hub(nord.hub):
            for membership in MembershipFactory.create_batch(
                count, college=memberships[0].college, fiscal_year=memberships[0].fiscal_year
            ):
                giver = RollEntryFactory(assembly=assembly, membership=membership)
                Proxy.objects.create(giver=giver, holder=holder, given_at=assembly.starts_at)
                RollContestFactory(
                    assembly=assembly, organisation=membership.organisation, made_by=nord.administrator, kind="college"
                )
        browser.get(page)
        with django_assert_num_queries(13 if tail == "contestations/" else 14):
            assert browser.get(page).text.count("<form") > count


def test_the_window_over_the_form_says_so(nord, sign_in, memberships):
    with open_hub(nord.hub):
        assembly = AssemblyFactory(coming=True, contest_days=0)

    answer = sign_in(nord, "administrator").get(f"/mon-espace/assemblees/{assembly.public_id}/contester/")

    assert "La liste ne se conteste pas, ou plus." in text(answer)


def test_a_sheet_merged_into_another_contests_nothing(nord, sign_in, memberships):
    with open_hub(nord.hub):
        assembly = AssemblyFactory(coming=True, contest_days=3)
        twin = OrganisationFactory(name="Cie Nord")
    page = f"/mon-espace/assemblees/{assembly.public_id}/contester/"
    with open_hub(nord.hub):
        LinkFactory(organisation=twin, person=nord.administrator, role="administrator")
    before = "Cie Nord" in sign_in(nord, "administrator").get(page).text
    with open_hub(nord.hub):
        merge(kept=nord.organisation, gone=twin, taken={}, by=nord.actor("coordinator"), now=timezone.now())

    assert (before, "Cie Nord" in sign_in(nord, "administrator").get(page).text) == (True, False)


@pytest.mark.feature("GO6")
def test_a_proxy_on_paper_is_noted_with_its_scan_and_revoked(nord, sign_in, memberships):
    staff = sign_in(nord, "coordinator")
    with open_hub(nord.hub):
        assembly = AssemblyFactory(coming=True)
        own, elan, tierce, away = roll(assembly, memberships)
    page = f"/gestion/assemblees/{assembly.public_id}/pouvoirs/"
    given = {"giver": elan.pk, "holder": own.pk, "brought_by": "Lou Petit"}

    across = staff.post(page, given | {"holder": away.pk})
    scanned = staff.post(page, given | {"scan": SimpleUploadedFile("p.pdf", PDF)})
    twice = staff.post(page, given | {"holder": tierce.pk})
    over = staff.post(page, given | {"giver": tierce.pk})
    with open_hub(nord.hub):
        proxy = Proxy.objects.get()
    shown = staff.get(page)
    scan = staff.get(f"{page}{proxy.pk}/")
    staff.post(f"{page}revocation/", {"proxy": proxy.pk})

    assert scanned.status_code == 302
    assert [answer.status_code for answer in (across, twice, over)] == [422, 422, 422]
    assert "Lou Petit" in across.text and "déjà donné pouvoir" in text(twice) and "déjà tous les pouvoirs" in text(over)
    assert "sur papier, apporté par Lou Petit" in text(shown)
    assert (scan.content, scan["Content-Disposition"].split(";")[0]) == (PDF, "attachment")
    with open_hub(nord.hub):
        assert not Proxy.objects.live().exists()
    assert sign_in(nord, "receptionist").get(page).status_code == 403


@pytest.mark.feature("GO10")
def test_members_in_the_room_and_from_afar_are_counted_until_they_leave(nord, sign_in, memberships):
    staff, member = sign_in(nord, "receptionist"), sign_in(nord, "administrator")
    with open_hub(nord.hub):
        assembly = AssemblyFactory(coming=True, allows_remote=True, remote_url="https://v.example/a")
        own, elan, _tierce, away = roll(assembly, memberships, frozen=True)
    page, mine = f"/gestion/assemblees/{assembly.public_id}/", f"/mon-espace/assemblees/{assembly.public_id}/"

    def present() -> list[int]:
        return [count.present for count, _missing in staff.get(f"{page}quorum/").context["counts"]]

    before = member.get(mine)
    member.post(mine, {"giver": own.pk, "join": "1"})
    staff.post(f"{page}accueil/", {"entry": elan.pk})
    staff.post(f"{page}accueil/", {"entry": away.pk, "remote": "1"})
    joined = present()
    inside = member.get(mine)
    staff.post(f"{page}accueil/", {"entry": elan.pk, "leave": "1"})
    member.post(mine, {"giver": own.pk, "leave": "1"})

    assert "https://v.example/a" not in before.text and "https://v.example/a" in inside.text
    assert (joined, present()) == ([2, 1], [0, 1])
    with open_hub(nord.hub):
        assert sorted((each.mode, each.left_at is None) for each in Attendance.objects.all()) == [
            ("remote", False), ("remote", True), ("room", False),
        ]  # fmt: skip
    other = member.post(mine, {"giver": elan.pk, "join": "1"})
    assert other.status_code == 200
    assert "à distance" not in text(sign_in(nord, "employee").get(mine))


def test_an_assembly_in_the_room_alone_takes_nobody_from_afar(nord, sign_in, memberships):
    with open_hub(nord.hub):
        assembly = AssemblyFactory(coming=True)
        own, *_others = roll(assembly, memberships, frozen=True)
    mine = f"/mon-espace/assemblees/{assembly.public_id}/"

    answer = sign_in(nord, "administrator").post(mine, {"giver": own.pk, "join": "1"})

    assert (answer.status_code, "dans la salle seulement" in text(answer)) == (422, True)


def test_the_sheet_to_sign_has_each_voter_and_the_proxies_held(nord, sign_in, memberships):
    with open_hub(nord.hub):
        assembly = AssemblyFactory(coming=True)
        _own, elan, tierce, _away = roll(assembly, memberships)
        Proxy.objects.create(giver=elan, holder=tierce, given_at=assembly.starts_at)
    page = f"/gestion/assemblees/{assembly.public_id}/emargement/"

    sheet = sign_in(nord, "receptionist").get(page)

    words = " ".join("".join(page.extract_text() for page in PdfReader(io.BytesIO(sheet.content)).pages).split())
    for name in ("Compagnie nord", "Tierce Élan", "Au loin", "Partenaires", "Signature"):
        assert name in words
    assert sign_in(nord, "administrator").get(page).status_code == 403
