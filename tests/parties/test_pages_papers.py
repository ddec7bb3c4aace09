"""Documents as people meet them: asked for in the settings, deposited, downloaded, replaced, listed."""

import datetime as dt

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from documents.uploads import MAX_SIZE
from hubs.models import Reading
from hubs.scope import open_hub
from parties import tasks
from parties.enums import FieldReach
from parties.models import Paper, PaperKind
from parties.todos import ending_papers
from tests.parties.factories import PaperFactory, PaperKindFactory

LIST = "/gestion/documents/"
KINDS = "/gestion/reglages/documents/"
MINE = "/mon-espace/moi/documents/"
PDF = b"%PDF-1.7 attestation"


def sheet(organisation, tail=""):
    return f"/gestion/structures/{organisation.public_id}/{tail}"


def my(organisation, tail=""):
    return f"/mon-espace/structure/{organisation.public_id}/documents/{tail}"


def text(response):
    return " ".join(response.text.replace("\xa0", " ").split())


def file(content=PDF, name="scan.pdf"):
    return SimpleUploadedFile(name, content)


def in_days(count: int) -> dt.date:
    return timezone.localdate() + dt.timedelta(days=count)


@pytest.mark.feature("ME1")
def test_an_insurance_is_asked_for_given_announced_and_replaced(nord, sign_in):
    staff, member = sign_in(nord, "coordinator"), sign_in(nord, "administrator")
    asked = {"about": "organisation", "name": "Assurance", "expires": "on", "reach": "write", "help": ""}
    staff.post(f"{KINDS}nouveau/", asked)
    with open_hub(nord.hub):
        kind = PaperKind.objects.get()
    assert my(nord.organisation) in member.get("/mon-espace/structure/").text
    deposit = my(nord.organisation, f"{kind.pk}/deposer/")
    assert deposit in member.get(my(nord.organisation)).text

    forgot = member.post(deposit, {"file": file(), "expires_on": ""})
    assert (forgot.status_code, "jusqu’à quel jour" in text(forgot)) == (422, True)
    answer = member.post(deposit, {"file": file(), "expires_on": in_days(20)}, follow=True)
    assert "finit bientôt" in text(answer)
    assert "Assurance" in text(staff.get(sheet(nord.organisation)))
    tasks.announce_papers()
    with open_hub(nord.hub):
        first = Paper.objects.get()
        (todo,) = ending_papers(timezone.localdate())
    assert (todo.label, "Fin annoncée" in todo.reason) == ("Assurance, Compagnie nord", True)
    assert todo.url == sheet(nord.organisation, f"documents/{kind.pk}/deposer/")
    assert "Assurance, Compagnie nord" in text(staff.get("/gestion/"))

    staff.post(todo.url, {"file": file(PDF + b" 2"), "expires_on": in_days(400)})

    with open_hub(nord.hub):
        assert ending_papers(timezone.localdate()) == []
        second = Paper.objects.current().get()
    page = text(member.get(my(nord.organisation)))
    assert "1 version d’avant" in page
    got = member.get(f"/mon-espace/documents/{first.public_id}/fichier/")
    assert (got.content, got["Content-Type"]) == (PDF, "application/pdf")
    assert got["Content-Disposition"].startswith('attachment; filename="assurance-compagnie-nord.pdf"')
    assert staff.get(f"{LIST}{second.public_id}/fichier/").content == PDF + b" 2"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"<html><script>", "Déposez un PDF"),
        (b"", "vide"),
        (b"%PDF-" + bytes(MAX_SIZE), "dépasse 10 Mo"),
    ],
)
def test_what_is_no_document_is_refused_beside_its_field(nord, sign_in, content, words):
    with open_hub(nord.hub):
        kind = PaperKindFactory()

    answer = sign_in(nord, "administrator").post(
        my(nord.organisation, f"{kind.pk}/deposer/"), {"file": file(content), "issued_on": "2025-03-04"}
    )

    assert answer.status_code == 422
    assert words in text(answer)
    assert 'value="2025-03-04"' in answer.text
    with open_hub(nord.hub):
        assert not Paper.objects.exists()


def test_a_person_gives_their_own_and_reads_who_looked(nord, sign_in):
    with open_hub(nord.hub):
        kind = PaperKindFactory(of_person=True, name="Habilitation électrique")
    employee, staff = sign_in(nord, "employee"), sign_in(nord, "accountant")
    assert "Habilitation" in text(employee.get(MINE))

    employee.post(f"{MINE}{kind.pk}/deposer/", {"file": file()})
    with open_hub(nord.hub):
        paper = Paper.objects.get()
    assert employee.get(f"/mon-espace/documents/{paper.public_id}/fichier/").content == PDF
    assert "Habilitation électrique" in text(staff.get(f"/gestion/personnes/{nord.employee.public_id}/"))
    staff.get(f"{LIST}{paper.public_id}/fichier/")

    with open_hub(nord.hub):
        looks = list(Reading.objects.values_list("what", "thing", "who"))
    assert looks == [("parties.paper_seen", f"parties.person:{nord.employee.pk}", str(nord.accountant))]
    data = text(employee.get("/mon-espace/moi/donnees/"))
    assert "Documents remis au pôle" in data
    assert "Document consulté" in data


@pytest.mark.parametrize("who", ["adviser", "receptionist", "elected", "observer", "administrator", "stranger"])
def test_others_open_no_list_and_no_document_by_the_staffs_address(nord, sign_in, who):
    with open_hub(nord.hub):
        paper = PaperFactory(organisation=nord.organisation)
    client = sign_in(nord, who)

    tails = ("", f"{paper.public_id}/fichier/", f"{paper.public_id}/dates/", f"{paper.public_id}/retrait/")
    assert {client.get(f"{LIST}{tail}").status_code for tail in tails} == {403}
    assert client.get(sheet(nord.organisation, f"documents/{paper.kind_id}/deposer/")).status_code == 403


@pytest.mark.parametrize(
    ("who", "reach", "status"),
    [
        ("administrator", FieldReach.WRITE, 200),
        ("administrator", FieldReach.READ, 200),
        ("administrator", FieldReach.STAFF, 404),
        ("employee", FieldReach.WRITE, 404),
        ("stranger", FieldReach.WRITE, 404),
    ],
)
def test_who_reads_a_structures_document(nord, sign_in, who, reach, status):
    with open_hub(nord.hub):
        paper = PaperFactory(organisation=nord.organisation, kind=PaperKindFactory(reach=reach))

    assert sign_in(nord, who).get(f"/mon-espace/documents/{paper.public_id}/fichier/").status_code == status


def test_an_employee_deposits_nothing_for_the_structure(nord, sign_in):
    with open_hub(nord.hub):
        kind, read_only = PaperKindFactory(), PaperKindFactory(reach=FieldReach.READ)

    assert sign_in(nord, "employee").get(my(nord.organisation)).status_code == 403
    assert sign_in(nord, "stranger").get(my(nord.organisation)).status_code == 403
    member = sign_in(nord, "administrator")
    assert member.get(my(nord.organisation, f"{kind.pk}/deposer/")).status_code == 200
    assert member.get(my(nord.organisation, f"{read_only.pk}/deposer/")).status_code == 404


def test_another_hubs_documents_are_not_found(nord, sud, sign_in):
    with open_hub(sud.hub):
        paper = PaperFactory(organisation=sud.organisation)
    staff, member = sign_in(nord, "coordinator"), sign_in(nord, "administrator")

    for tail in ("fichier/", "dates/", "retrait/"):
        assert staff.get(f"{LIST}{paper.public_id}/{tail}").status_code == 404
    assert staff.get(sheet(nord.organisation, f"documents/{paper.kind_id}/deposer/")).status_code == 404
    assert staff.get(f"{KINDS}{paper.kind_id}/").status_code == 404
    assert member.get(f"/mon-espace/documents/{paper.public_id}/fichier/").status_code == 404


def test_staff_correct_dates_and_withdraw(nord, sign_in):
    with open_hub(nord.hub):
        paper = PaperFactory(organisation=nord.organisation)
    client = sign_in(nord, "accountant")

    wrong = client.post(f"{LIST}{paper.public_id}/dates/", {"issued_on": "2025-02-01", "expires_on": "2025-01-01"})
    right = client.post(f"{LIST}{paper.public_id}/dates/", {"issued_on": "2025-02-01", "expires_on": ""})
    empty = client.post(f"{LIST}{paper.public_id}/retrait/", {"reason": ""})
    gone = client.post(f"{LIST}{paper.public_id}/retrait/", {"reason": "illisible"}, follow=True)

    assert (wrong.status_code, right.status_code, empty.status_code) == (422, 302, 422)
    assert "retiré (illisible)" in text(gone)


@pytest.mark.parametrize(("rows", "queries"), [(1, 13), (3, 13)])
def test_the_list_asks_as_much_for_one_row_as_for_three(nord, sign_in, rows, queries, django_assert_num_queries):
    with open_hub(nord.hub):
        for _number in range(rows):
            PaperFactory(left=10)
    client = sign_in(nord, "coordinator")

    with django_assert_num_queries(queries):
        response = client.get(LIST)

    assert response.text.count("/fichier/") == rows


def test_the_list_is_filtered_sorted_and_exported(nord, sign_in):
    with open_hub(nord.hub):
        kind = PaperKindFactory(name="Kbis")
        PaperFactory(organisation=nord.organisation, kind=kind, left=-2)
        PaperFactory(of_person=True, person=nord.employee, left=10)
        PaperFactory(left=None)
    client = sign_in(nord, "coordinator")

    def found(**query):
        return client.get(LIST, query).text.count("/fichier/")

    assert (found(), found(etat="expired"), found(etat="expiring"), found(etat="valid")) == (3, 1, 1, 1)
    assert (found(nom="compagnie NORD"), found(document=kind.pk), found(sur="person")) == (1, 1, 1)
    assert found(sort="-whose") == found(sort="expires_on") == 3
    lines = client.get(LIST, {"export": "csv", "etat": "expired"}).content.decode("utf-8-sig").splitlines()
    assert len(lines) == 2
    assert lines[1].startswith("Kbis;Compagnie nord;;")


def test_the_coordination_asks_for_the_usual_list_changes_it_and_stops(nord, sign_in):
    client = sign_in(nord, "coordinator")
    assert "Demander la liste usuelle" in client.get(KINDS).text
    page = client.post(f"{KINDS}usuels/", follow=True)
    with open_hub(nord.hub):
        kind = PaperKind.objects.get(name="RIB")

    twice = client.post(f"{KINDS}nouveau/", {"about": "organisation", "name": "rib", "reach": "write"})
    client.post(f"{KINDS}{kind.pk}/", {"name": "IBAN et BIC", "reach": "staff"})
    after = client.post(f"{KINDS}{kind.pk}/fin/", follow=True)

    assert "7 documents sont demandés" in text(page)
    assert (twice.status_code, "porte déjà ce nom" in text(twice)) == (422, True)
    assert "Plus demandés" in text(after)
    assert {sign_in(nord, who).get(KINDS).status_code for who in ("accountant", "administrator")} == {403}


def test_beyond_a_handful_one_line_counts_them(nord, hub):
    for _number in range(6):
        PaperFactory(left=3)

    (todo,) = ending_papers(timezone.localdate())

    assert (todo.label, todo.url) == ("6 documents finissent ou sont expirés", LIST)
