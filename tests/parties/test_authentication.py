import re

import pytest
from django.test import Client

from hubs.models import Mail
from hubs.scope import open_hub

PASSWORD = "motdepasse-solide"


@pytest.fixture
def door(client):
    """`door(page, host, **fields)` posts to a page of /compte/."""

    def post(page: str, host: str = "nord.localhost", *, query: str = "", **fields: str):
        return client.post(f"/compte/{page}/{query}", fields, headers={"host": host})

    return post


def letters(cast) -> list[str]:
    with open_hub(cast.hub):
        return list(Mail.objects.order_by("pk").values_list("text", flat=True))


def test_a_pinned_hub_sends_links_to_its_own_address_whatever_the_host_asked(nord, door, settings):
    settings.PINNED_HUB = "nord"

    door("mot-de-passe/oubli", "evil.example", email=nord.coordinator.user.email)

    [text] = letters(nord)
    assert "evil.example" not in text
    assert "http://nord.localhost" in text


def test_the_link_of_a_reset_opens_and_changes_the_password(nord, door, client):
    door("mot-de-passe/oubli", email=nord.coordinator.user.email)
    [link] = re.findall(r"http://\S+", letters(nord)[0])
    path = link.removeprefix("http://nord.localhost").removeprefix(":8000")

    form = client.get(path, headers={"host": "nord.localhost"}, follow=True)
    assert form.status_code == 200
    action = form.redirect_chain[-1][0]
    door(action.removeprefix("/compte/").strip("/"), password1="un-autre-solide", password2="un-autre-solide")

    nord.coordinator.user.refresh_from_db()
    assert nord.coordinator.user.check_password("un-autre-solide")


@pytest.mark.parametrize("page", ["mot-de-passe/oubli", "code"])
def test_no_one_learns_whether_an_address_has_an_account_here(nord, sud, door, page):
    """Of this hub, of the other hub, of none: the same answer."""
    answers = [
        (response.status_code, response.get("Location"))
        for mail in (nord.coordinator.user.email, sud.coordinator.user.email, "personne@nulle-part.example")
        for response in [door(page, email=mail)]
    ]

    assert len(set(answers)) == 1
    assert letters(sud) == []
    assert len(letters(nord)) == 1


def test_an_account_of_another_hub_does_not_sign_in(nord, sud, door):
    email = sud.coordinator.user.email

    assert door("connexion", "nord.localhost", login=email, password=PASSWORD).status_code != 302
    assert door("connexion", "sud.localhost", login=email, password=PASSWORD).status_code == 302


@pytest.mark.parametrize(
    "leads", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)"]
)
def test_signing_in_leads_nowhere_else(nord, door, leads):
    response = door(
        "connexion", query=f"?next={leads}", login=nord.coordinator.user.email, password=PASSWORD, next=leads
    )

    assert response.status_code == 302
    assert response["Location"] == "/bienvenue/"


def test_signing_in_changes_the_session_and_signing_out_ends_it(nord, door, client):
    client.get("/compte/code/", headers={"host": "nord.localhost"})
    before = client.cookies.get("coursive")
    door("connexion", login=nord.coordinator.user.email, password=PASSWORD)
    during = client.cookies["coursive"].value
    assert before is None or before.value != during

    client.get("/compte/deconnexion/", headers={"host": "nord.localhost"})
    assert client.get("/gestion/", headers={"host": "nord.localhost"}).status_code == 200
    door("deconnexion")

    thief = Client(headers={"host": "nord.localhost"})
    thief.cookies["coursive"] = during
    assert thief.get("/gestion/").status_code == 302


def test_an_account_turned_off_signs_in_by_no_door(nord, door):
    nord.coordinator.user.is_active = False
    nord.coordinator.user.save()

    door("connexion", login=nord.coordinator.user.email, password=PASSWORD)
    door("mot-de-passe/oubli", email=nord.coordinator.user.email)

    assert door("connexion", login=nord.coordinator.user.email, password=PASSWORD)["Location"] != "/bienvenue/"
    assert not any("mot-de-passe/oubli/" in text for text in letters(nord))


def test_nobody_signs_up_by_themselves(nord, door):
    response = door("inscription", email="moi@nulle-part.example", password1=PASSWORD)

    assert response.status_code == 200
    assert "signup_closed" in response.templates[0].name
