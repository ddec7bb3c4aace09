"""Cards and labels: chosen by filters, printed on sheets, and a card checked by its code."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from documents.rendering import Pdf
from hubs.models import AuditEntry, Reading
from hubs.scope import open_hub
from members.actions import end_membership
from members.enums import MemberKind
from members.forms.cards import CardsForm
from members.models import FiscalYear, MemberCard
from members.sheets import CARDS, sheets_of
from tests.documents.checks import assert_conforms, page_texts
from tests.members.factories import FiscalYearFactory, MembershipFactory
from tests.parties.factories import LinkFactory, OrganisationFactory, PersonFactory

CARDS_PAGE, LABELS_PAGE = "/gestion/membres/cartes/", "/gestion/membres/etiquettes/"
TODAY = timezone.localdate()


@pytest.fixture
def year(nord) -> FiscalYear:
    with open_hub(nord.hub):
        return FiscalYearFactory(year=TODAY.year)


def structure(year: FiscalYear, name: str, **given):
    given.setdefault("address", "3 rue des Forges")
    organisation = OrganisationFactory(name=name, postcode="21000", town="Dijon", **given)
    return MembershipFactory(organisation=organisation, fiscal_year=year, college__name=f"Collège de {name}")


@pytest.mark.feature("ME13")
def test_cards_are_printed_eight_to_a_sheet_and_anyone_checks_one(nord, year, sign_in):
    with open_hub(nord.hub):
        first = structure(year, "Atelier Abricot")
        for n in range(7):
            structure(year, f"Structure {n}")
        person = MembershipFactory(organisation=None, person=PersonFactory(family_name="Zola"), fiscal_year=year)
    client = sign_in(nord, "coordinator")

    shown = client.get(CARDS_PAGE)
    paper = client.post(CARDS_PAGE, {"first": "2"})
    people = client.post(f"{CARDS_PAGE}?who=people", {"first": "1"})

    assert "9 cartes à imprimer." in shown.text
    assert_conforms(pdf := Pdf(paper.content, "", 1))
    sheets = page_texts(pdf)
    assert [text.count("Carte de membre") for text in sheets] == [7, 2]
    assert "Atelier Abricot" in sheets[0] and "Zola" in sheets[1]
    assert [text.count("Carte de membre") for text in page_texts(Pdf(people.content, "", 1))] == [1]
    with open_hub(nord.hub):
        assert MemberCard.objects.count() == 9
        assert AuditEntry.objects.filter(verb="members.card_made").count() == 9
        card = MemberCard.objects.get(membership=first)
    checked = sign_in(nord).get(f"/verifier/{card.code}/")
    assert "Vrai" in checked.text and "Atelier Abricot est membre de" in checked.text
    with open_hub(nord.hub):
        end_membership(membership=first, on=TODAY, reason="départ", by=nord.actor("coordinator"))
        assert MemberCard.objects.filter(membership=person).exists()
    assert "Ne tient plus" in sign_in(nord).get(f"/verifier/{card.code}/").text


def test_a_card_of_last_year_no_longer_holds(nord, year, sign_in):
    with open_hub(nord.hub):
        past = structure(FiscalYearFactory(year=TODAY.year - 1), "Ancienne")
        card = MemberCard.objects.create(membership=past, made_at=timezone.now())

    assert "a été membre" in sign_in(nord).get(f"/verifier/{card.code}/").text


def test_a_member_takes_the_card_of_their_structure(nord, year, sign_in):
    with open_hub(nord.hub):
        MembershipFactory(organisation=nord.organisation, fiscal_year=year)
    client = sign_in(nord, "employee")

    offered = client.get("/mon-espace/attestations/")
    paper = client.post("/mon-espace/carte/", {"pour": nord.organisation.public_id})
    own = client.post("/mon-espace/carte/", {"pour": nord.employee.public_id}, follow=True)
    others = sign_in(nord, "stranger").post("/mon-espace/carte/", {"pour": nord.organisation.public_id})

    assert "Télécharger la carte" in offered.text
    assert "Compagnie nord" in page_texts(Pdf(paper.content, "", 1))[0]
    assert "pas de carte" in own.text
    assert others.status_code == 404


@pytest.mark.feature("ME13")
def test_labels_of_structures_start_at_the_place_asked_and_say_who_has_no_address(nord, year, sign_in):
    with open_hub(nord.hub):
        for n in range(21):
            structure(year, f"Structure {n:02}")
        structure(year, "Sans toit", address="")
        lost = OrganisationFactory(name="Perdue", address="", postcode="", town="")
        MembershipFactory(organisation=lost, fiscal_year=year, kind=MemberKind.ASSOCIATE)
    client = sign_in(nord, "coordinator")

    shown = client.get(LABELS_PAGE)
    paper = client.post(LABELS_PAGE, {"sheet": "21", "first": "20"})
    few = client.post(f"{LABELS_PAGE}?kind=associate", {"sheet": "14", "first": "1"})

    assert "22 étiquettes à imprimer." in shown.text and "Perdue" in shown.text
    assert_conforms(pdf := Pdf(paper.content, "", 1))
    assert [text.count("21000 Dijon") for text in page_texts(pdf)] == [2, 20]
    assert few.status_code == 200 and "Aucune adresse à imprimer" in few.text


def test_labels_of_people_carry_their_structure_and_the_look_is_noted(nord, year, sign_in):
    with open_hub(nord.hub):
        held = structure(year, "Atelier Abricot")
        person = LinkFactory(
            organisation=held.organisation, person__given_name="Zoé", person__family_name="Abel"
        ).person
        alone = MembershipFactory(organisation=None, person=PersonFactory(family_name="Seul"), fiscal_year=year).person
    client = sign_in(nord, "coordinator")

    shown = client.get(f"{LABELS_PAGE}?who=people")
    paper = client.post(f"{LABELS_PAGE}?who=people", {"sheet": "14", "first": "1"})

    assert str(alone) in shown.text
    (text,) = page_texts(Pdf(paper.content, "", 1))
    assert text.splitlines() == ["Zoé Abel", "Atelier Abricot", "3 rue des Forges", "21000 Dijon"]
    with open_hub(nord.hub):
        look = Reading.objects.get()
        assert (look.what, look.thing) == ("members.labels_printed", f"parties.person:{person.pk}")


@pytest.mark.parametrize(
    ("page", "told"),
    [(CARDS_PAGE, {"first": "9"}), (CARDS_PAGE, {"first": "0"}), (LABELS_PAGE, {"sheet": "14", "first": "15"}),
     (LABELS_PAGE, {"sheet": "30", "first": "1"})],
)  # fmt: skip
def test_a_place_that_no_sheet_has_is_refused(nord, year, sign_in, page, told):
    with open_hub(nord.hub):
        structure(year, "Une")

    answer = sign_in(nord, "coordinator").post(page, told)

    assert answer.status_code == 422
    with open_hub(nord.hub):
        assert not MemberCard.objects.exists()


@pytest.mark.parametrize("page", [CARDS_PAGE, LABELS_PAGE])
def test_others_print_nothing(nord, sign_in, page):
    assert sign_in(nord, "receptionist").get(page).status_code == 403


@pytest.mark.parametrize("page", [CARDS_PAGE, LABELS_PAGE, f"{LABELS_PAGE}?who=people"])
def test_what_is_chosen_is_read_in_as_many_queries_whatever_it_counts(nord, year, sign_in, page):
    counts = set()
    client = sign_in(nord, "coordinator")
    client.get(page)
    for count in (1, 2):
        with open_hub(nord.hub):
            for n in range(count):
                LinkFactory(organisation=structure(year, f"S{count}{n}").organisation)
        with CaptureQueriesContext(connection) as asked:
            client.get(page)
        counts.add(len(asked))

    assert counts == {{CARDS_PAGE: 11, LABELS_PAGE: 11}.get(page, 12)}


def test_what_comes_before_the_first_place_stays_blank():
    assert sheets_of(["a", "b"], CARDS, 8) == [[None] * 7 + ["a"], ["b"]]
    assert sheets_of([], CARDS, 1) == []


def test_more_cards_than_one_waits_for_are_refused():
    form = CardsForm({"first": "1"})

    assert form.is_valid() and not form.refuse_too_many(160)
    assert form.refuse_too_many(161) and "Plus de 160" in str(form.errors)
