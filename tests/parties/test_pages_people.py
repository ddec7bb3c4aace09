"""The people of a structure's sheet: who they are, their roles in time, and their access."""

import datetime as dt
import re

import pytest

from hubs.models import AuditEntry, Mail, User
from hubs.scope import open_hub
from parties.enums import LinkRole
from parties.models import Link, Person
from tests.parties.factories import LinkFactory, OrganisationFactory, PersonFactory

STRUCTURES = "/gestion/structures/"
READERS = ("adviser", "receptionist")
OTHERS = ("elected", "observer", "administrator", "employee", "stranger")
ACTIONS = ("modifier", "acces")


def sheet(organisation, tail=""):
    return f"{STRUCTURES}{organisation.public_id}/{tail}"


def page_of(organisation, person, action):
    return sheet(organisation, f"personnes/{person.public_id}/{action}/")


def text(response):
    return " ".join(response.text.replace("\xa0", " ").split())


@pytest.fixture
def ines(nord):
    """Someone of the structure without an account."""
    with open_hub(nord.hub):
        person = PersonFactory(given_name="Inès", family_name="Lopez", email="ines@nord.example", phone="0380000000")
        LinkFactory(person=person, organisation=nord.organisation, role=LinkRole.DUES)
        return person


@pytest.mark.feature("ME1")
def test_a_structure_has_several_people_each_with_a_role_and_a_period(nord, sign_in):
    client = sign_in(nord, "coordinator")
    with open_hub(nord.hub):
        structure, second = OrganisationFactory(name="Zutique"), OrganisationFactory(name="Deuxième")
    for organisation, given_name, role, starts_on, last_day in (
        (structure, "Anna", "legal", "2020-01-01", "2023-12-31"),
        (structure, "Mathis", "legal", "2024-01-01", ""),
        (structure, "Mathis", "dues", "2022-09-01", ""),
        (structure, "Nora", "employee", "2024-03-01", ""),
        (second, "Nora", "administrator", "2025-01-01", ""),
    ):
        answer = client.post(
            sheet(organisation, "personnes/ajouter/"),
            {"given_name": given_name, "family_name": "Roussel", "email": f"{given_name}@zutique.example",
             "role": role, "starts_on": starts_on, "last_day": last_day},
        )  # fmt: skip
        assert answer.status_code == 302
    with open_hub(nord.hub):
        nora = Link.objects.get(person__given_name="Nora", organisation=structure)
    client.post(sheet(structure, f"roles/{nora.pk}/fin/"), {"last_day": "2025-06-30"})

    page = client.get(sheet(structure))

    now, before = text(page).split("Avant</h3>")
    assert re.findall(r"<strong>(\w+) Roussel</strong> <span>(.+?)</span>.+?depuis le (.+?)<", now) == [
        ("Mathis", "représentant·e légal·e", "1er janvier 2024"),
        ("Mathis", "contact cotisations et factures", "1er septembre 2022"),
    ]
    assert (
        'Anna Roussel <span>représentant·e légal·e</span></span><span class="muted">du 1er janvier 2020 au 31 décembre 2023 inclus'
        in before
    )
    assert (
        'Nora Roussel <span>salarié·e</span></span><span class="muted">du 1er mars 2024 au 30 juin 2025 inclus'
        in before
    )
    assert "Nora Roussel</strong> <span>administre le compte" in text(client.get(sheet(second)))
    with open_hub(nord.hub):
        assert Person.objects.filter(family_name="Roussel").count() == 3


def test_a_role_that_ends_before_it_starts_is_refused_next_to_its_field(nord, sign_in):
    given = {"given_name": "Ada", "family_name": "Lovelace", "role": "legal", "starts_on": "2025-01-01", "last_day": "2024-01-01"}  # fmt: skip

    answer = sign_in(nord, "coordinator").post(sheet(nord.organisation, "personnes/ajouter/"), given)

    assert answer.status_code == 422
    assert answer.context["form"].errors == {"last_day": ["Le rôle finit après avoir commencé."]}
    assert {name: answer.context["form"][name].value() for name in given} == given
    with open_hub(nord.hub):
        assert not Person.objects.filter(family_name="Lovelace").exists()


def test_the_name_the_mail_and_the_phone_of_a_person_change(nord, sign_in, ines):
    client = sign_in(nord, "accountant")
    url = page_of(nord.organisation, ines, "modifier")

    linked = f'href="{url}"' in client.get(sheet(nord.organisation)).text
    form = client.get(url).context["form"]
    done = client.post(
        url,
        {"given_name": "Inès", "family_name": "Lopez-Martin", "email": "Ines.LM@nord.example", "phone": "0600000000"},
        follow=True,
    )

    assert linked
    assert form["email"].value() == "ines@nord.example"
    assert "Les coordonnées de Inès Lopez-Martin sont à jour." in text(done)
    with open_hub(nord.hub):
        ines.refresh_from_db()
        assert (ines.family_name, ines.email, ines.phone) == ("Lopez-Martin", "ines.lm@nord.example", "0600000000")
        assert list(AuditEntry.objects.values_list("verb", "before", "after")) == [
            (
                "parties.person_changed",
                {"family_name": "Lopez", "email": "ines@nord.example", "phone": "0380000000"},
                {"family_name": "Lopez-Martin", "email": "ines.lm@nord.example", "phone": "0600000000"},
            )
        ]


@pytest.mark.parametrize(
    ("given", "errors"),
    [
        ({"email": "AURELIE@nord.example"}, {"email": ["Cette adresse est celle de Aurélie Petit."]}),
        ({"family_name": ""}, {"family_name": ["Ce champ est obligatoire."]}),
    ],
)
def test_a_wrong_person_keeps_what_was_typed(nord, sign_in, ines, given, errors):
    with open_hub(nord.hub):
        PersonFactory(given_name="Aurélie", family_name="Petit", email="aurelie@nord.example")
    typed = {"given_name": "Inesse", "family_name": "Lopez", "email": "ines@nord.example", "phone": "1"} | given

    answer = sign_in(nord, "coordinator").post(page_of(nord.organisation, ines, "modifier"), typed)

    assert answer.status_code == 422
    assert answer.context["form"].errors == errors
    assert 'value="Inesse"' in answer.text
    with open_hub(nord.hub):
        ines.refresh_from_db()
        assert ines.given_name == "Inès"


def test_correcting_a_mail_takes_over_no_account(nord, sign_in):
    """The accountant writes another mail on the coordinator's sheet: the account stays with its own address."""
    with open_hub(nord.hub):
        LinkFactory(person=nord.coordinator, organisation=nord.organisation)
        account = nord.coordinator.user.email
    client = sign_in(nord, "accountant")
    url = page_of(nord.organisation, nord.coordinator, "modifier")

    page = client.get(url)
    client.post(url, {"given_name": "Aurélie", "family_name": "Petit", "email": "autre@nord.example"})

    assert "L’adresse qui lui sert à se connecter reste celle de l’ouverture de son accès." in page.text
    with open_hub(nord.hub):
        nord.coordinator.refresh_from_db()
        assert (nord.coordinator.email, nord.coordinator.user.email) == ("autre@nord.example", account)


def test_someone_on_file_is_invited_to_sign_in(nord, sign_in, ines):
    client = sign_in(nord, "coordinator")
    url = page_of(nord.organisation, ines, "acces")

    before = client.get(sheet(nord.organisation)).text
    form = client.get(url).context["form"]
    done = client.post(url, {"email": form["email"].value()}, follow=True)
    again = client.post(url, {"email": "ines@nord.example"})

    assert "Inviter à se connecter" in before
    # Those who can sign in already have no such link.
    assert page_of(nord.organisation, nord.administrator, "acces") not in before
    assert "Une invitation part pour Inès Lopez, à ines@nord.example." in text(done)
    assert "ines@nord.example, envoyée aujourd’hui" in text(done)
    assert again.status_code == 422
    assert "Cette adresse a déjà une invitation sans réponse." in text(again)
    with open_hub(nord.hub):
        mail = Mail.objects.get()
        assert mail.to == ["ines@nord.example"]
        assert "http://nord.localhost" in mail.text
        ines.refresh_from_db()
        assert ines.user is None


def test_someone_of_no_structure_is_invited_from_their_own_sheet(nord, sign_in):
    with open_hub(nord.hub):
        person = PersonFactory(given_name="Odile", family_name="Perrault", email="odile@nord.example")
    client = sign_in(nord, "coordinator")
    sheet_of = f"/gestion/personnes/{person.public_id}/"

    offered = f'href="{sheet_of}acces/"' in client.get(sheet_of).text
    done = client.post(f"{sheet_of}acces/", {"email": "odile@nord.example"}, follow=True)

    assert offered
    assert done.redirect_chain == [(sheet_of, 302)]
    assert "Une invitation part pour Odile Perrault, à odile@nord.example." in text(done)


def test_someone_without_a_mail_is_given_one_with_the_invitation(nord, sign_in):
    with open_hub(nord.hub):
        person = PersonFactory(given_name="Omar", family_name="Diallo")
        LinkFactory(person=person, organisation=nord.organisation)
    client = sign_in(nord, "coordinator")
    url = page_of(nord.organisation, person, "acces")

    empty, wrong = client.post(url, {"email": ""}), client.post(url, {"email": "omar"})
    client.post(url, {"email": "Omar@nord.example"})

    assert (empty.status_code, wrong.status_code) == (422, 422)
    assert 'value="omar"' in wrong.text
    with open_hub(nord.hub):
        person.refresh_from_db()
        assert (person.email, person.invitations.get().email) == ("omar@nord.example", "omar@nord.example")


def test_an_account_is_not_opened_with_the_mail_of_someone_else(nord, sign_in, ines):
    taken = nord.employee.email
    users = User.objects.count()

    answer = sign_in(nord, "coordinator").post(page_of(nord.organisation, ines, "acces"), {"email": taken})

    assert answer.status_code == 422
    assert answer.context["form"].errors == {"email": [f"Cette adresse est celle de {nord.employee}."]}
    assert f'value="{taken}"' in answer.text
    with open_hub(nord.hub):
        ines.refresh_from_db()
        assert (ines.email, ines.user_id, Mail.objects.count(), User.objects.count()) == (
            "ines@nord.example", None, 0, users,
        )  # fmt: skip


@pytest.mark.parametrize("name", [*READERS, *OTHERS])
@pytest.mark.parametrize("action", ACTIONS)
def test_who_does_not_keep_structures_is_refused(nord, sign_in, ines, name, action):
    client = sign_in(nord, name)
    url = page_of(nord.organisation, ines, action)

    assert client.get(url).status_code == 403
    assert client.post(url, {"given_name": "X", "family_name": "Y", "email": "x@y.example"}).status_code == 403
    if name in READERS:
        assert url not in client.get(sheet(nord.organisation)).text
    with open_hub(nord.hub):
        ines.refresh_from_db()
        assert (ines.given_name, ines.user_id) == ("Inès", None)


@pytest.mark.parametrize("action", ACTIONS)
def test_another_hubs_people_and_those_of_other_structures_are_not_found(nord, sud, sign_in, ines, action):
    with open_hub(nord.hub):
        elsewhere = OrganisationFactory()
    client = sign_in(nord, "coordinator")

    for organisation, person in (
        (sud.organisation, sud.employee),
        (nord.organisation, sud.employee),
        (sud.organisation, ines),
        (elsewhere, ines),
    ):
        url = page_of(organisation, person, action)
        assert (client.get(url).status_code, client.post(url, {"email": "x@y.example"}).status_code) == (404, 404)


@pytest.mark.parametrize("action", ACTIONS)
def test_a_get_changes_nothing(nord, sign_in, ines, action):
    with open_hub(nord.hub):
        # Two roles in the structure are still one person.
        LinkFactory(person=ines, organisation=nord.organisation, role=LinkRole.LEGAL, starts_on=dt.date(2020, 1, 1))
    client = sign_in(nord, "coordinator")
    url = page_of(nord.organisation, ines, action)

    assert (client.get(url).status_code, client.head(url).status_code) == (200, 200)
    with open_hub(nord.hub):
        assert (AuditEntry.objects.count(), Mail.objects.count()) == (0, 0)
