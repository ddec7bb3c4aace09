"""What is held about a person: on their page, in their file, and who of the staff looked."""

import io
import json
import re
import zipfile

import pytest
from django.apps import apps
from django.db.models import ForeignKey
from django.utils import timezone

from documents.actions import attach_document, store_file
from hubs.actions import send_mail
from hubs.models import Reading, TodoClaim, User
from hubs.personal import sections_about
from hubs.scope import open_hub
from parties.models import Person
from parties.personal.queries import subject_of
from parties.queries import things_named
from tests.billing.factories import AccountFactory, issued
from tests.hubs.factories import TOTPFactory
from tests.parties.factories import (
    InvitationFactory,
    LinkFactory,
    OrganisationFactory,
    OwnFieldFactory,
    PersonFactory,
    YearFiguresFactory,
)
from tests.spaces.factories import BookingFactory

MINE = "/mon-espace/moi/donnees/"

# Every model that points at a person or an account, and where what it says of them is told (docs/personal-data.md).
# A new one has to find its section, its part of `erase`, and its line here.
POINTING = {
    "account.EmailAddress": "goes with the account; nobody adds an address",
    "billing.Account": "billing: mouvements, factures, paiements, remboursements, dépôts",
    "billing.Arrangement": "billing: échéanciers de comptes qu’elle a convenus",
    "billing.Dispute": "billing: factures contestées",
    "billing.Reminder": "billing: relances",
    "billing.ReminderException": "billing: comptes qu’elle a laissés sans relance",
    "billing.Schedule": "billing: échéanciers qu’elle a convenus",
    "governance.Invitee": "governance: réunions où la personne est invitée",
    "governance.RollContest": "governance: contestations de la liste électorale",
    "hubs.Session": "hubs: appareils connectés",
    "hubs.StaffRole": "hubs: rôles dans l’équipe",
    "hubs.TodoClaim": "hubs: ce dont la personne s’occupe",
    "members.Certificate": "members: attestations à son nom",
    "members.Letter": "members: lettres",
    "members.DatesRequest": "members: demandes de payer en plusieurs fois",
    "hubs.Leave": "hubs: absences et relais",
    "members.ChecklistItem": "members: chartes acceptées, étapes d’arrivée et de départ",
    "members.Membership": "members: adhésions en son nom",
    "members.PageContact": "members: pages publiques où son nom est montré",
    "mfa.Authenticator": "hubs: seconde étape et clés d’accès",
    "parties.ErasureRequest": "parties: demandes d’effacement",
    "parties.ImportDraft": "parties: fichiers à importer",
    "parties.Invitation": "parties: invitations reçues, invitations envoyées",
    "parties.Link": "parties: rôles dans les structures",
    "parties.Merge": "parties: fiches fusionnées",
    "parties.OwnValue": "parties: informations propres au pôle",
    "parties.Paper": "parties: documents remis, documents déposés",
    "parties.Person": "parties: identité; hubs: compte de connexion",
    "spaces.Booking": "spaces: réservations",
}


def data_of(person: Person, tail: str = "") -> str:
    return f"/gestion/personnes/{person.public_id}/donnees/{tail}"


def text(response):
    return " ".join(response.text.replace("\xa0", " ").split())


def headings(response) -> list[str]:
    return re.findall(r"<h2>(.+?)</h2>", response.text)


def files_in(response) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(response.getvalue())) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.fixture
def rich(nord, sud):
    """An employee with a bit of everything; the other hub has an employee of the same kind."""
    with open_hub(sud.hub):
        BookingFactory(person=sud.employee, organisation=sud.organisation, title="Secret du sud", past=True)
    with open_hub(nord.hub):
        person = nord.employee
        field = OwnFieldFactory(of_person=True, label="Régime", reach="write")
        person.own_values.create(field=field, text="végétarien")
        BookingFactory(person=person, organisation=nord.organisation, title="Lecture", past=True)
        invoice = issued(AccountFactory(of_person=True, person=person), "50.00")
        for about, kind, content in ((invoice, "invoice", b"facture"), (person, "convention", b"convention")):
            file = store_file(name=f"{kind}.pdf", content_type="application/pdf", content=content)
            attach_document(about=about, kind=kind, file=file)
        send_mail(to=[person.email.upper()], subject="Bienvenue", text="Voici comment entrer.")
        send_mail(to=["autre@nord.example"], subject="Pas pour elle", text="x")
        send_mail(to=[person.email], subject="314159, votre code", text="314159", is_secret=True)
        InvitationFactory(person=person, email=person.email, inviter=nord.coordinator, accepted_at=timezone.now())
        InvitationFactory(given_name="Tierce", inviter=person)
        TOTPFactory(user=person.user)
        TodoClaim.objects.create(key="spaces.x:1", user=person.user, who=str(person), since=timezone.now())
        return person


def test_every_model_that_points_at_a_person_is_told_and_erased():
    pointing = {
        model._meta.label
        for model in apps.get_models()
        for field in model._meta.get_fields()
        if isinstance(field, ForeignKey) and field.related_model in (Person, User)
    }

    assert pointing == set(POINTING)


def test_a_person_reads_all_that_is_held_why_and_until_when(nord, sign_in, rich):
    page = sign_in(nord, "employee").get(MINE)

    assert headings(page) == [
        "Identité et coordonnées",
        "Informations propres au pôle",
        "Rôles dans les structures",
        "Invitations reçues",
        "Invitations envoyées par la personne",
        "Ce dont la personne s’occupe",
        "Compte de connexion",
        "Seconde étape et clés d’accès",
        "Appareils connectés",
        "Réservations faites par la personne ou pour elle",
        "Documents établis à son sujet",
        "Courriels envoyés",
        "Mouvements de son compte",
        "Factures et avoirs",
        "Partir",
    ]
    told = text(page)
    for word in (rich.email, "végétarien", "Lecture", "Bienvenue", "Compagnie nord", "C. com. L123-22"):
        assert word in told
    for word in ("Secret du sud", "Pas pour elle", "314159", "Tierce"):
        assert word not in told


def test_the_file_has_every_section_in_words_and_the_papers(nord, sign_in, rich):
    answer = sign_in(nord, "employee").get(f"{MINE}export/")

    files = files_in(answer)
    told = json.loads(files.pop("donnees.json"))
    assert answer["Content-Type"] == "application/zip"
    assert (told["pole"], told["personne"]) == ("Pôle nord", str(rich))
    with open_hub(nord.hub):
        assert list(told["donnees"]) == [section.key for section in sections_about(subject_of(rich))]
    assert told["donnees"]["informations_propres_au_pole"]["lignes"] == [{"Champ": "Régime", "Valeur": "végétarien"}]
    assert [(line["Objet"], line["Texte"]) for line in told["donnees"]["courriels"]["lignes"]] == [
        ("Code ou lien de connexion", ""),
        ("Bienvenue", "Voici comment entrer."),
    ]
    assert files == {
        "documents/001-convention.pdf": b"convention",
        "factures/001-invoice.pdf": b"facture",
    }


def test_staff_look_and_export_are_noted_and_the_person_reads_by_whom(nord, sign_in, rich):
    coordinator = sign_in(nord, "coordinator")
    for _ in range(3):
        coordinator.get(data_of(rich))
    files = files_in(coordinator.get(data_of(rich, "export/")))

    with open_hub(nord.hub):
        looks = list(Reading.objects.order_by("pk").values_list("what", "thing", "who", "count"))
    thing = f"parties.person:{rich.pk}"
    assert looks == [
        ("parties.data_seen", thing, str(nord.coordinator), 3),
        ("parties.data_exported", thing, str(nord.coordinator), 1),
    ]
    assert "donnees.json" in files
    page = text(sign_in(nord, "employee").get(MINE))
    assert "Qui a consulté ces données" in page
    assert f'<td data-label="Qui">{nord.coordinator}</td>' in page
    assert "Données personnelles exportées" in page


def test_looking_at_oneself_is_no_look(nord, sign_in):
    sign_in(nord, "coordinator").get(data_of(nord.coordinator))

    with open_hub(nord.hub):
        assert not Reading.objects.exists()


def test_a_look_at_the_figures_of_a_structure_is_noted(nord, sign_in):
    sheet = f"/gestion/structures/{nord.organisation.public_id}/"
    with open_hub(nord.hub):
        empty = OrganisationFactory()
        YearFiguresFactory(organisation=nord.organisation, budget=100)
    sign_in(nord, "adviser").get(sheet)
    sign_in(nord, "adviser").get(f"/gestion/structures/{empty.public_id}/")
    sign_in(nord, "receptionist").get(sheet)

    with open_hub(nord.hub):
        looks = list(Reading.objects.values_list("what", "thing", "who"))
    assert looks == [("parties.figures_seen", f"parties.organisation:{nord.organisation.pk}", str(nord.adviser))]


@pytest.mark.parametrize("name", ["accountant", "adviser", "receptionist", "elected", "observer", "employee"])
def test_the_coordination_alone_opens_someone_elses_data(nord, sign_in, name):
    browser = sign_in(nord, name)
    urls = [
        data_of(nord.stranger),
        data_of(nord.stranger, "export/"),
        f"/gestion/personnes/{nord.stranger.public_id}/effacer/",
    ]

    assert {browser.get(url).status_code for url in urls} == {403}
    with open_hub(nord.hub):
        assert not Reading.objects.exists()


def test_people_are_listed_searched_and_opened(nord, sud, sign_in):
    with open_hub(nord.hub):
        PersonFactory(given_name="Élodie", family_name="Ségur", email="e.segur@nord.example")
        LinkFactory(person=Person.objects.get(family_name="Ségur"), organisation=nord.organisation, title="régie")
    browser = sign_in(nord, "receptionist")

    everyone, found = browser.get("/gestion/personnes/"), browser.get("/gestion/personnes/?nom=segur elo")
    with open_hub(nord.hub):
        sheet = browser.get(f"/gestion/personnes/{Person.objects.get(family_name='Ségur').public_id}/")

    assert len(re.findall(r'href="/gestion/personnes/\w{12}/"', everyone.text)) == 11
    assert re.findall(r'href="/gestion/personnes/\w{12}/">(.+?)<', found.text) == ["Ségur Élodie"]
    assert "Compagnie nord" in text(sheet)
    assert "salarié·e, régie" in text(sheet)
    assert "Données personnelles" not in sheet.text
    assert browser.get(f"/gestion/personnes/{sud.employee.public_id}/").status_code == 404


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_of_people_asks_the_same_of_the_database_whatever_its_length(
    nord, sign_in, django_assert_num_queries, rows
):
    browser = sign_in(nord, "coordinator")
    with open_hub(nord.hub):
        for _ in range(rows):
            LinkFactory(organisation=nord.organisation)

    with django_assert_num_queries(12):
        browser.get("/gestion/personnes/")


def test_the_sheet_of_a_person_says_how_they_come_in(nord, sign_in):
    browser = sign_in(nord, "coordinator")
    with open_hub(nord.hub):
        TOTPFactory(user=nord.employee.user)
        newcomer = LinkFactory(organisation=nord.organisation, person=PersonFactory()).person
        InvitationFactory(person=newcomer, organisation=None, role="", email="nouvelle@nord.example")

    known = text(browser.get(f"/gestion/personnes/{nord.employee.public_id}/"))
    invited = text(browser.get(f"/gestion/personnes/{newcomer.public_id}/"))

    assert "<dt>Peut se connecter</dt><dd>oui, depuis le " in known
    assert "<dt>Seconde étape</dt><dd>oui</dd>" in known
    assert f"{nord.employee.public_id}/fin-d-acces/" in known
    assert f"?sur=parties.person:{nord.employee.pk}" in known
    assert "Cette personne ne peut pas se connecter." in invited
    assert "nouvelle@nord.example, envoyée aujourd’hui" in invited
    assert "Inviter à se connecter" not in invited


def test_a_person_is_led_to_their_sheet_from_everywhere(nord, sign_in):
    with open_hub(nord.hub):
        thing = things_named([f"parties.person:{nord.employee.pk}"])[f"parties.person:{nord.employee.pk}"]
        sheet = f"/gestion/personnes/{nord.employee.public_id}/"
        assert (thing.url, thing.mend_url) == (sheet, f"{sheet}modifier/")

    assert sign_in(nord, "coordinator").get(thing.mend_url).status_code == 200
