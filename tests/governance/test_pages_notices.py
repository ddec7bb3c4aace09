"""The statutes are noted, the notice leaves, and what came of it is shown."""

import datetime as dt

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from governance.actions import render_notice
from governance.models import Assembly, Notice, Paper, RollEntry, Statutes
from hubs.enums import MailState
from hubs.models import Mail
from hubs.scope import open_hub
from tests.governance.factories import AssemblyFactory, NoticeFactory, RollEntryFactory
from tests.governance.test_pages import GIVEN, TODAY
from tests.members.factories import CollegeFactory, FiscalYearFactory, MembershipFactory

STATUTES = "/gestion/reglages/statuts/"
RULES = {
    "starts_on": "2026-01-01", "notice_days": "21", "proxies_per_holder": "2", "quorum_percent": "30",
    "contest_days": "8", "asks_paid_dues": "on", "article": "Article 11. Chaque année.",
}  # fmt: skip
PDF = b"%PDF-1.4\n%%EOF"


def text(answer) -> str:
    return " ".join(answer.text.replace("\xa0", " ").replace("\u202f", " ").split())


@pytest.fixture
def members(nord):
    """The cast's structure, one without an address, and another."""
    with open_hub(nord.hub):
        year, college = FiscalYearFactory(year=TODAY.year), CollegeFactory(name="Structures")
        return [
            MembershipFactory(organisation=nord.organisation, college=college, fiscal_year=year),
            MembershipFactory(
                organisation__name="Sans mail", organisation__email="", college=college, fiscal_year=year
            ),
            MembershipFactory(organisation__name="Élan", college=college, fiscal_year=year),
        ]


def test_the_rules_of_the_statutes_are_noted_then_proposed_for_an_assembly(nord, sign_in):
    browser = sign_in(nord, "coordinator")
    assert "Pas encore de règles notées" in browser.get(STATUTES).text

    browser.post(f"{STATUTES}nouveaux/", RULES)
    earlier = browser.post(f"{STATUTES}nouveaux/", RULES | {"starts_on": "2025-01-01"})
    form = browser.get("/gestion/assemblees/nouvelle/").context["form"]

    assert "30 % des votants" in text(browser.get(STATUTES))
    assert (earlier.status_code, "choisissez un jour après elles" in text(earlier)) == (422, True)
    assert (form["notice_days"].value(), form["proxies_per_holder"].value(), form["asks_paid_dues"].value()) == (
        21, 2, True,
    )  # fmt: skip
    browser.post("/gestion/assemblees/nouvelle/", GIVEN)
    with open_hub(nord.hub):
        assert Statutes.objects.get().article == "Article 11. Chaque année."
        assert Assembly.objects.get().notice_days == 15
    for name, status in (("accountant", 403), ("administrator", 403)):
        assert sign_in(nord, name).get(STATUTES).status_code == status


@pytest.mark.feature("GO9")
def test_members_are_convened_with_agenda_and_papers_and_the_proof_is_shown(nord, sign_in, members):
    staff, member = sign_in(nord, "coordinator"), sign_in(nord, "administrator")
    written = staff.post("/gestion/assemblees/nouvelle/", GIVEN | {"contest_days": "8"}).url
    page = written.removesuffix("ordre-du-jour/")
    unwritten = staff.post(f"{page}convoquer/")
    empty = staff.post(written, {"agenda": " \n "})
    staff.post(written, {"agenda": "Rapport moral\n\n  Comptes   2025 "})
    for title, content in (("Comptes 2025", PDF), ("Brouillon", PDF + b"1")):
        staff.post(f"{page}pieces/", {"title": title, "file": SimpleUploadedFile("comptes.pdf", content)})
    with open_hub(nord.hub):
        comptes, brouillon = Paper.objects.order_by("pk")
    staff.post(f"{page}pieces/{brouillon.public_id}/retrait/")
    asked = staff.get(f"{page}convoquer/")

    sent = staff.post(f"{page}convoquer/", follow=True)

    assert (unwritten.status_code, "Écrivez d’abord l’ordre du jour" in unwritten.text) == (422, True)
    assert (empty.status_code, "Écrivez au moins un point." in empty.text) == (422, True)
    assert asked.context["called"].members == 3 and "Sans mail" in asked.text
    assert text(sent).count("courriel en route") == 2 and "pas d’adresse : à remettre" in text(sent)
    with open_hub(nord.hub):
        Mail.objects.filter(to=[nord.administrator.user.email]).update(state=MailState.SENT, sent_at=timezone.now())
        Mail.objects.exclude(to=[nord.administrator.user.email]).update(state=MailState.FAILED)
        by_hand = Notice.objects.get(entry__membership=members[1]).entry_id
        mail = Mail.objects.get(to=[nord.administrator.user.email])
        assembly = Assembly.objects.get()
        assert [item.title for item in assembly.agenda.order_by("rank")] == ["Rapport moral", "Comptes 2025"]
    mine = f"/mon-espace/assemblees/{assembly.public_id}/"
    assert mine in mail.text
    assert staff.post(f"{page}preuve/{by_hand}/", {"handed_on": str(TODAY), "handed_how": ""}).status_code == 422
    staff.post(f"{page}preuve/{by_hand}/", {"handed_on": str(TODAY), "handed_how": "en main propre"})
    proof = text(staff.get(f"{page}preuve/"))
    for words in ("envoyée", "le courriel n’est pas parti", "en main propre"):
        assert words in proof

    assert "Comptes 2025" in text(member.get(mine)) and "Rapport moral" in text(member.get(mine))
    paper = member.get(f"{mine}pieces/{comptes.public_id}/")
    assert (paper.content, paper["Content-Disposition"].split(";")[0]) == (PDF, "attachment")
    assert "Le PDF est en préparation" in member.get(f"{mine}convocation/", follow=True).text
    with open_hub(nord.hub):
        render_notice(assembly=assembly)
    for browser, address in ((member, mine), (staff, page)):
        assert browser.get(f"{address}convocation/").content.startswith(b"%PDF-")
    assert "Retirer" not in staff.get(page).text


def test_a_notice_too_late_is_refused_with_the_last_day(nord, sign_in, members):
    staff = sign_in(nord, "coordinator")
    starts = TODAY + dt.timedelta(days=10)
    written = staff.post("/gestion/assemblees/nouvelle/", GIVEN | {"starts_at": f"{starts}T18:00"}).url
    page = written.removesuffix("ordre-du-jour/")
    staff.post(written, {"agenda": "Comptes"})

    refused = staff.post(f"{page}convoquer/")
    later = GIVEN | {"starts_at": f"{TODAY + dt.timedelta(days=20)}T18:00"}
    staff.post(f"{page}modifier/", later)

    assert refused.status_code == 422
    assert "15 jours de convocation : elle devait partir le" in text(refused)
    assert staff.post(f"{page}convoquer/").status_code == 302
    assert staff.post(f"{page}modifier/", later).status_code == 422


def test_an_assembly_is_called_off_from_its_page_with_a_reason(nord, sign_in, members):
    staff = sign_in(nord, "coordinator")
    with open_hub(nord.hub):
        assembly = AssemblyFactory(coming=True)
        NoticeFactory(entry=RollEntryFactory(assembly=assembly, membership=members[0]))
    page = f"/gestion/assemblees/{assembly.public_id}/"
    assert f"{page}annulation/" in staff.get(page).text

    unsaid = staff.post(f"{page}annulation/", {"reason": ""})
    done = staff.post(f"{page}annulation/", {"reason": "La salle est inondée."}, follow=True)

    assert (unsaid.status_code, "Les membres convoqués sont prévenus." in done.text) == (422, True)
    with open_hub(nord.hub):
        assert Mail.objects.get().to == [nord.administrator.user.email]
    assert "ouverte, close ou déjà annulée" in staff.get(f"{page}annulation/").text
    gone = sign_in(nord, "administrator").get(f"/mon-espace/assemblees/{assembly.public_id}/")
    assert gone.status_code == 404


@pytest.mark.parametrize(
    ("content", "words"), [(b"<html>", "Déposez un PDF"), (b"%PDF-" + b"0" * 10 * 1024 * 1024, "dépasse 10 Mo")]
)
def test_a_paper_is_what_it_says_and_not_too_long(nord, sign_in, content, words):
    with open_hub(nord.hub):
        assembly = AssemblyFactory(draft=True)

    answer = sign_in(nord, "coordinator").post(
        f"/gestion/assemblees/{assembly.public_id}/pieces/",
        {"title": "Comptes", "file": SimpleUploadedFile("comptes.pdf", content)},
    )

    assert (answer.status_code, words in text(answer)) == (422, True)
    with open_hub(nord.hub):
        assert not Paper.objects.exists()


def test_papers_are_read_by_those_on_the_roll_and_staff(nord, sud, sign_in, members):
    staff = sign_in(nord, "coordinator")
    with open_hub(nord.hub):
        assembly = AssemblyFactory(coming=True)
        RollEntryFactory(assembly=assembly, membership=members[0])
    page = f"/gestion/assemblees/{assembly.public_id}/"
    staff.post(f"{page}pieces/", {"title": "Comptes", "file": SimpleUploadedFile("c.pdf", PDF)})
    with open_hub(nord.hub):
        paper = Paper.objects.get().public_id
    mine = f"/mon-espace/assemblees/{assembly.public_id}/pieces/{paper}/"

    statuses = {name: sign_in(nord, name).get(mine).status_code for name in ("administrator", "employee", "stranger")}

    assert statuses == {"administrator": 200, "employee": 200, "stranger": 403}
    assert "Comptes" not in sign_in(nord, "stranger").get(f"/mon-espace/assemblees/{assembly.public_id}/").text
    assert sign_in(nord, "receptionist").get(f"{page}pieces/{paper}/").status_code == 200
    assert sign_in(sud, "coordinator").get(f"{page}pieces/{paper}/").status_code == 404
    assert sign_in(sud, "administrator").get(mine).status_code == 404


@pytest.mark.parametrize("tail", ["", "preuve/"])
def test_the_pages_of_an_assembly_ask_as_much_for_one_member_and_for_three(
    nord, sign_in, members, tail, django_assert_num_queries
):
    browser = sign_in(nord, "coordinator")
    with open_hub(nord.hub):
        assembly = AssemblyFactory(coming=True)
    page = f"/gestion/assemblees/{assembly.public_id}/{tail}"
    browser.get(page)
    for some in (members[:1], members[1:]):
        with open_hub(nord.hub):
            for membership in some:
                NoticeFactory(entry=RollEntryFactory(assembly=assembly, membership=membership))
        with django_assert_num_queries(17 if not tail else 13):
            browser.get(page)


def test_the_roll_is_brought_up_to_date_from_its_page(nord, sign_in, members):
    with open_hub(nord.hub):
        assembly = AssemblyFactory(coming=True)

    answer = sign_in(nord, "coordinator").post(f"/gestion/assemblees/{assembly.public_id}/liste/", follow=True)

    assert "Membres ajoutés et convoqués : 3." in text(answer)
    with open_hub(nord.hub):
        assert (RollEntry.objects.count(), Notice.objects.count()) == (3, 3)
