"""The pages that several apps feed: the hub's home, mon espace, à faire."""

import datetime as dt

import pytest
from django.apps import apps

from hubs.parts import Todo
from hubs.scope import open_hub
from parties.models import Link
from tests.client import faults_of

HOST = "nord.localhost"


def test_the_home_says_where_one_is(nord, sign_in):
    page = sign_in(nord).get("/")

    assert "<h1>Pôle nord</h1>" in page.text
    assert "Un lieu à partager." in page.text
    assert 'href="/compte/connexion/"' in page.text
    assert 'href="mailto:contact@nord.example"' in page.text


def test_who_is_signed_in_enters_from_the_home(nord, sign_in):
    page = sign_in(nord, "employee").get("/")

    assert "Entrer dans mon espace" in page.text


def test_a_member_is_greeted_and_may_book(nord, sign_in):
    page = sign_in(nord, "administrator").get("/mon-espace/")

    assert f"<h1>Bonjour {nord.administrator}</h1>" in page.text
    assert "Rien de prévu pour l’instant." in page.text


def test_who_has_no_structure_is_told_what_to_do(nord, sign_in):
    with open_hub(nord.hub):
        Link.objects.filter(person=nord.employee).delete()

    page = sign_in(nord, "employee").get("/mon-espace/")

    assert "L’équipe du pôle ne vous a pas encore relié·e à une structure." in page.text


def test_nothing_to_do_is_said(nord, sign_in):
    assert "Rien n’attend de décision aujourd’hui" in sign_in(nord, "coordinator").get("/gestion/").text


def test_what_is_to_do_comes_by_kind_the_oldest_first(nord, sign_in, monkeypatch):
    todos = [
        Todo("b:12", "factures", "Facture 12", "en retard", "/gestion/a/", dt.date(2026, 10, 2)),
        Todo("m:1", "adhésions", "Atelier Zinc", "à admettre", "/gestion/b/", dt.date(2026, 10, 3)),
        Todo("b:7", "factures", "Facture 7", "en retard", "/gestion/c/", dt.date(2026, 9, 1)),
    ]
    monkeypatch.setattr(apps.get_app_config("billing"), "todos", lambda actor: todos)

    page = sign_in(nord, "coordinator").get("/gestion/").text

    order = [page.index(words) for words in ("Adhésions", "Atelier Zinc", "Factures", "Facture 7", "Facture 12")]
    assert order == sorted(order)


@pytest.mark.parametrize("layout", ["public", "member", "staff", "account"])
def test_every_component_is_drawn(nord, sign_in, layout):
    assert sign_in(nord, "coordinator").get("/composants/", {"layout": layout}).status_code == 200


@pytest.mark.parametrize(
    ("html", "fault"),
    [
        ('<button onclick="go()">', "<button onclick=…> is an inline handler"),
        ('<p style="color:red">', "<p style=…> is an inline style"),
        ("<style>p{}</style>", "<style> has its content in the page"),
        ("<script>go()</script>", "<script> has its content in the page"),
        ('<img src="https://ailleurs.example/a.png">', "<img src='https://ailleurs.example/a.png'> asks another host"),
        ('<form action="//ailleurs.example/">', "<form action='//ailleurs.example/'> asks another host"),
        ("<p>Bonjour {{ name }}</p>", "{{ is left in the text: 'Bonjour {{ name }}'"),
        ("<p>{% url %}</p>", "{% is left in the text: '{% url %}'"),
    ],
)
def test_the_browser_of_tests_sees_what_must_not_be_there(html, fault):
    assert faults_of(html, HOST) == [fault]


def test_the_browser_of_tests_leaves_the_rest_alone():
    page = (
        '<script src="/static/js/app.js"></script><img src="http://nord.localhost/a.png">'
        '<a href="https://structure.example">Leur site</a><a href="mailto:a@b.example">Écrire</a>'
    )

    assert faults_of(page, HOST) == []
