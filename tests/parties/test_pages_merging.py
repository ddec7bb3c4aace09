"""Doublons: compared side by side, merged, read on one sheet, parted."""

import pytest

from billing.models import Account
from hubs.scope import open_hub
from parties.models import Organisation, Person
from tests.billing.factories import AccountFactory
from tests.parties.factories import LinkFactory, OrganisationFactory, PaperFactory, PersonFactory, YearFiguresFactory

LIST = "/gestion/structures/"


def sheet(thing, tail=""):
    place = "structures" if isinstance(thing, Organisation) else "personnes"
    return f"/gestion/{place}/{thing.public_id}/{tail}"


def text(response):
    return " ".join(response.text.replace("\xa0", " ").split())


@pytest.fixture
def twin(nord):
    """Compagnie nord, on file a second time, with someone, figures, a document and an account of its own."""
    with open_hub(nord.hub):
        twin = OrganisationFactory(name="Cie Nord", phone="0380112233", email=nord.organisation.email)
        LinkFactory(organisation=twin, person=PersonFactory(given_name="Zoé", family_name="Twin"))
        YearFiguresFactory(organisation=twin, year=2019, budget=123456)
        PaperFactory(organisation=twin, kind__name="Statuts du jumeau")
        AccountFactory(organisation=twin)
        AccountFactory(organisation=nord.organisation)
    return twin


@pytest.mark.feature("ME1")
def test_a_structure_on_file_twice_becomes_one_sheet_and_two_again(nord, sign_in, twin):
    staff = sign_in(nord, "coordinator")
    kept = nord.organisation
    assert "/gestion/doublons/" in staff.get(LIST).text
    compare = f"{sheet(twin, 'fusion/')}?avec={kept.public_id}"
    found = staff.get("/gestion/doublons/")
    assert compare in found.text
    assert "même adresse électronique, noms proches" in text(found)
    page = staff.get(compare)
    assert "Les deux comptes restent deux comptes" in text(page)

    given = {
        "keep": kept.public_id, "take_name": kept.public_id, "take_phone": twin.public_id,
    }  # fmt: skip
    merged = staff.post(compare, given, follow=True)

    told = text(merged)
    assert merged.redirect_chain[-1][0] == sheet(kept)
    for words in ("0380112233", "Zoé Twin", "2019", "Statuts du jumeau", "Fusionnée ici : Cie Nord"):
        assert words in told
    # What is offered is offered once, for the sheet that stays.
    assert [told.count(words) for words in ("Faire adhérer", "Commencer une liste")] == [1, 1]
    assert "Cie Nord" not in staff.get(LIST).text
    assert "Cie Nord" not in staff.get(LIST, {"export": "csv"}).content.decode("utf-8-sig")
    assert staff.get(sheet(twin)).url == sheet(kept)
    assert twin.public_id not in staff.get(sheet(kept, "modifier/")).text
    admit = "/gestion/membres/structures/{}/adherer/"
    assert staff.get(admit.format(twin.public_id)).url == admit.format(kept.public_id)
    with open_hub(nord.hub):
        assert Account.objects.count() == 2

    parted = staff.post(sheet(twin, "fusion/defaire/"), follow=True)

    assert "a de nouveau sa fiche" in text(parted)
    assert "Zoé Twin" in text(parted)
    after = text(staff.get(sheet(kept)))
    assert "0380112233" not in after
    assert "Zoé Twin" not in after
    assert "Cie Nord" in staff.get(LIST).text


def test_a_person_on_file_twice_becomes_one(nord, sign_in):
    with open_hub(nord.hub):
        twin = PersonFactory(given_name=nord.employee.given_name, family_name=nord.employee.family_name, phone="0611")
        LinkFactory(person=twin, organisation=OrganisationFactory(name="Ailleurs"))
    staff = sign_in(nord, "accountant")
    compare = f"{sheet(nord.employee, 'fusion/')}?avec={twin.public_id}"

    wrong = staff.post(compare, {"keep": twin.public_id, "take_email": twin.public_id, "take_phone": twin.public_id})
    right = staff.post(
        compare,
        {"keep": nord.employee.public_id, "take_email": nord.employee.public_id, "take_phone": twin.public_id},
        follow=True,
    )

    assert (wrong.status_code, "Gardez la fiche de la personne qui se connecte" in text(wrong)) == (422, True)
    assert "Ailleurs" in text(right)
    assert "0611" in text(right)
    assert staff.get(sheet(twin)).url == sheet(nord.employee)
    assert staff.get(sheet(twin, "modifier/")).status_code == 404
    mine = sign_in(nord, "employee").get("/mon-espace/structure/")
    assert "Ailleurs" in mine.text


def test_two_tabs_of_the_same_merge_and_a_merged_sheet_in_a_form(nord, sign_in, twin):
    staff = sign_in(nord, "coordinator")
    compare = f"{sheet(twin, 'fusion/')}?avec={nord.organisation.public_id}"
    kept = nord.organisation.public_id
    given = {"keep": kept, "take_name": kept, "take_phone": kept}
    staff.post(compare, given)

    again = staff.post(compare, given, follow=True)
    reverse = staff.post(f"{sheet(nord.organisation, 'fusion/')}?avec={twin.public_id}", given)
    hosted = staff.post(f"{LIST}nouvelle/", {"name": "Projet", "legal_form": "cae", "hosted_by": twin.pk})

    assert "déjà fusionnée" in text(again)
    assert reverse.status_code == 422
    assert hosted.status_code == 422
    assert "Choisissez" in text(hosted) or "choix" in text(hosted)


def test_a_form_without_its_answers_and_an_unknown_other_are_422(nord, sign_in, twin):
    staff = sign_in(nord, "coordinator")
    assert staff.get(sheet(twin, "fusion/")).status_code == 200
    assert staff.get(f"{sheet(twin, 'fusion/')}?avec=nobody").status_code == 422
    assert staff.post(f"{sheet(twin, 'fusion/')}?avec={nord.organisation.public_id}", {}).status_code == 422


@pytest.mark.parametrize("who", ["adviser", "receptionist", "elected", "administrator", "stranger"])
def test_others_merge_nothing(nord, sign_in, who):
    client = sign_in(nord, who)
    assert client.get("/gestion/doublons/").status_code == 403
    assert client.get(sheet(nord.organisation, "fusion/")).status_code == 403
    assert client.post(sheet(nord.employee, "fusion/defaire/")).status_code == 403


def test_another_hubs_sheet_is_not_found_nor_chosen(nord, sud, sign_in):
    staff = sign_in(nord, "coordinator")
    assert staff.get(sheet(sud.organisation, "fusion/")).status_code == 404
    assert staff.post(sheet(sud.organisation, "fusion/defaire/")).status_code == 404
    assert staff.get(f"{sheet(nord.organisation, 'fusion/')}?avec={sud.organisation.public_id}").status_code == 422
    assert staff.get(f"{sheet(nord.employee, 'fusion/')}?avec={sud.employee.public_id}").status_code == 422


@pytest.mark.parametrize(("pairs", "queries"), [(1, 11), (3, 11)])
def test_the_list_asks_as_much_for_one_pair_as_for_three(nord, sign_in, pairs, queries, django_assert_num_queries):
    with open_hub(nord.hub):
        Person.objects.filter(given_name="Camille").update(phone="")
        for number in range(pairs):
            OrganisationFactory.create_batch(2, name=f"Jumelle {number}{number}{number}")
    staff = sign_in(nord, "coordinator")

    with django_assert_num_queries(queries):
        page = staff.get("/gestion/doublons/")

    assert page.text.count("Jumelle") >= 2 * pairs
