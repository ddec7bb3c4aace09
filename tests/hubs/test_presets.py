"""A new hub in one command: its coordinator signs in and welcomes its first member."""

import re

import pytest
from django.core.management import CommandError, call_command

from hubs.models import Hub, Mail, StaffRole, User
from hubs.presets import PRESETS
from hubs.scope import open_hub
from members.models import College, FiscalYear
from members.queries import kind_of
from parties.models import Organisation, Person
from tests.client import CheckingClient

HOST = "essai.localhost"


def create(capsys, email, *, slug="essai", preset="petit-pole"):
    """The new hub, and what the command says."""
    call_command("hub", "create", slug, preset=preset, email=email)
    return Hub.objects.get(slug=slug), capsys.readouterr().out


def sign_in_by_code(hub, email):
    """A browser that asked for a code, read it in the mail and typed it."""
    client = CheckingClient(headers={"host": HOST})
    client.post("/compte/code/", {"email": email})
    with open_hub(hub):
        mail = Mail.objects.latest("pk")
    assert mail.to == [email]
    code = re.search(rf"{hub.name}\s*:\s*([A-Z0-9-]+)", mail.text)[1]
    client.post("/compte/code/saisie/", {"code": code})
    return client


@pytest.mark.feature("HU5")
@pytest.mark.parametrize("preset", sorted(PRESETS))
def test_one_command_makes_a_hub_ready_for_its_first_member(db, capsys, preset):
    hub, said = create(capsys, "aurelie.martin@essai.example", preset=preset)
    stranger = CheckingClient(headers={"host": HOST})

    client = sign_in_by_code(hub, "aurelie.martin@essai.example")
    opened = client.get("/gestion/")
    client.post("/gestion/structures/nouvelle/", {"name": "Première", "legal_form": "association"})
    with open_hub(hub):
        first = Organisation.objects.get()
        college, year = College.objects.by_rank()[0], FiscalYear.objects.by_date()[0]
    url = f"/gestion/membres/structures/{first.public_id}/adherer/"
    client.post(url, {"kind": "resident", "college": college.pk, "fiscal_year": year.pk})

    assert f"http://{HOST}" in said
    assert "/compte/code/, avec aurelie.martin@essai.example. Un code y arrive par courriel" in said
    assert (stranger.get("/gestion/").status_code, opened.status_code) == (302, 200)
    assert "Aurelie Martin" in opened.text
    with open_hub(hub):
        assert kind_of(first, year.starts_on) == "resident"
        assert StaffRole.objects.get().role == "coordinator"
        assert Mail.objects.earliest("pk").subject == f"Votre accès au portail de {hub.name}"


@pytest.mark.parametrize(
    ("email", "name"),
    [
        ("jean-pierre.le-goff@essai.example", "Jean-Pierre Le-Goff"),
        ("contact@essai.example", "Coordination Le Petit Pôle"),
        ("j.martin@essai.example", "Coordination Le Petit Pôle"),
        ("pole.2026@essai.example", "Coordination Le Petit Pôle"),
        ("Marie.Curie@Essai.example", "Marie Curie"),
    ],
)
def test_the_name_is_guessed_from_the_mail(db, capsys, email, name):
    hub, _said = create(capsys, email)

    with open_hub(hub):
        person = Person.objects.get()
        assert (str(person), person.email) == (name, email.lower())


def test_who_runs_another_hub_has_one_account_for_both(nord, capsys):
    hub, _said = create(capsys, nord.coordinator.email)

    with open_hub(hub):
        assert Person.objects.get().user == nord.coordinator.user
    assert User.objects.filter(email=nord.coordinator.email).count() == 1


def test_a_wrong_mail_opens_no_hub(db):
    with pytest.raises(CommandError, match="Ce n’est pas une adresse électronique"):
        call_command("hub", "create", "essai", preset="petit-pole", email="aurelie")

    assert not Hub.objects.exists()


def test_without_a_mail_the_command_says_that_nobody_can_sign_in(db, capsys):
    hub, said = create(capsys, "")

    assert "Personne ne peut encore s’y connecter" in said
    with open_hub(hub):
        assert not Person.objects.exists()
