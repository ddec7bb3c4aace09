"""From a host to a hub, around the whole request; and what is left when a page fails."""

import pytest
from django.db import OperationalError, connection

from hubs.scope import open_hub
from parties.models import Organisation
from tests.client import CheckingClient

FAILING = pytest.mark.urls("tests.hubs.failing_urls")


def browser(host: str) -> CheckingClient:
    return CheckingClient(headers={"host": host}, raise_request_exception=False)


def hub_told_to_the_database() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('coursive.hub_id', true)")
        return cursor.fetchone()[0] or ""


def structures(hub) -> list[str]:
    with open_hub(hub):
        return list(Organisation.objects.by_name().values_list("name", flat=True))


@pytest.mark.parametrize("host", ["ailleurs.localhost", "nord.localhost.example", "127.0.0.1"])
def test_a_host_that_is_no_hubs_is_not_found(nord, host):
    answer = browser(host).get("/")

    assert (answer.status_code, answer.text) == (404, "Aucun pôle à cette adresse.\n")


@pytest.mark.parametrize("host", ["nord.localhost", "NORD.localhost", "nord.localhost:8000"])
def test_the_host_names_the_hub(nord, sud, host):
    page = browser(host).get("/")

    assert (page.status_code, "<h1>Pôle nord</h1>" in page.text, "Pôle sud" in page.text) == (200, True, False)
    assert page["Vary"].split(", ")[-1] == "Host"


def test_the_instance_lists_its_hubs_and_nothing_else_of_them(nord, sud):
    page = browser("localhost").get("/")

    assert page.status_code == 200
    assert 'href="http://nord.localhost"' in page.text
    assert 'href="http://sud.localhost"' in page.text
    assert "Compagnie nord" not in page.text
    assert browser("localhost").get("/mon-espace/").status_code == 404


@pytest.mark.parametrize("host", ["nord.localhost", "localhost", "ailleurs.example"])
def test_health_answers_on_any_host(nord, host):
    answers = [browser(host).get(path) for path in ("/healthz", "/readyz")]

    assert [(answer.status_code, answer.text) for answer in answers] == [(200, "ok\n"), (200, "ready\n")]


def test_a_pinned_instance_takes_any_address_as_its_hub(nord, sud, settings):
    settings.PINNED_HUB = "sud"

    assert "<h1>Pôle sud</h1>" in browser("portail.exemple.example").get("/").text


@FAILING
def test_what_a_page_writes_stays(nord):
    assert browser("nord.localhost").get("/ecrire/").status_code == 200
    assert structures(nord.hub) == ["Compagnie nord", "Écrite"]


@FAILING
@pytest.mark.parametrize(
    ("how", "status", "heading"),
    [
        ("panne", 500, "Une panne, et elle vient de nous"),
        ("sql", 500, "Une panne, et elle vient de nous"),
        ("trop-long", 503, "Nous revenons dans un instant"),
        ("introuvable", 404, "Cette page n’existe pas, ou plus"),
        ("interdit", 403, "Cette page est réservée à d’autres personnes"),
        ("illisible", 400, "Cette demande ne se lit pas"),
    ],
)
def test_a_page_that_fails_leaves_nothing_and_says_so_in_the_hubs_name(nord, how, status, heading):
    page = browser("nord.localhost").get(f"/ecrire/{how}/")

    assert page.status_code == status
    assert f"<h1>{heading}</h1>" in page.text
    assert '<a class="mark" href="/">Pôle nord</a>' in page.text
    assert nord.hub.stylesheet_url in page.text
    assert structures(nord.hub) == ["Compagnie nord"]


@FAILING
def test_a_page_that_the_database_ends_says_when_to_come_back_and_to_htmx_in_words_alone(nord):
    page, part = (
        browser("nord.localhost").post("/ecrire/trop-long/", headers=headers)
        for headers in ({}, {"HX-Request": "true"})
    )

    assert (page["Retry-After"], page["Cache-Control"], part.status_code) == ("20", "no-store", 503)
    assert "est enregistré en entier ou pas du tout" in page.text
    assert part.text.strip().startswith('<div class="message wrong" role="alert">')
    assert structures(nord.hub) == ["Compagnie nord"]


@FAILING
@pytest.mark.parametrize("path", ["/", "/ecrire/", "/ecrire/panne/", "/ecrire/introuvable/", "/mon-espace/"])
def test_no_hub_is_left_open_after_the_answer(nord, path):
    browser("nord.localhost").get(path)

    assert hub_told_to_the_database() == ""


@FAILING
def test_a_view_without_a_rule_opens_to_nobody(nord, sign_in):
    assert sign_in(nord, "coordinator").get("/sans-regle/").status_code == 403
    assert sign_in(nord).get("/sans-regle/").url == "/compte/connexion/?next=/sans-regle/"


def test_a_stylesheet_is_of_a_colour(nord):
    client = browser("nord.localhost")

    assert [client.get(f"/style/{colour}.css").status_code for colour in ("c2361b", "zzz", "red;}", "c2361b00")] == [
        200,
        404,
        404,
        404,
    ]


class Away:
    """A database that went away: nothing answers on its port."""

    def __call__(self, execute, sql, params, many, context):
        raise OperationalError("server closed the connection unexpectedly")


def test_while_the_database_is_away_pages_say_so_in_the_hubs_name_colour_and_language(nord):
    nord.hub.languages = ["fr", "en"]
    nord.hub.save()
    client = browser("nord.localhost")
    client.get("/")

    with connection.execute_wrapper(Away()):
        page, colours, live = (client.get(path) for path in ("/mon-espace/", nord.hub.stylesheet_url, "/healthz"))
        client.cookies["coursive_language"] = "en"
        english = client.get("/").text

    assert (page.status_code, page["Retry-After"], colours.status_code, live.status_code) == (503, "20", 200, 200)
    assert "<h1>Nous revenons dans un instant</h1>" in page.text
    assert '<a class="mark" href="/">Pôle nord</a>' in page.text
    assert nord.hub.stylesheet_url in page.text
    assert "<h1>We will be back in a moment</h1>" in english
    assert client.get("/").status_code == 200


def test_maintenance_closes_every_page_and_touches_nothing(nord, sud, settings):
    settings.MAINTENANCE = True

    answers = [browser(host).get("/gestion/") for host in ("nord.localhost", "ailleurs.example")]

    assert [answer.status_code for answer in answers] == [503, 503]
    assert browser("nord.localhost").get("/healthz").status_code == 200


@FAILING
def test_a_worker_told_to_end_leaves_what_the_page_began(nord):
    before = len(connection.savepoint_ids)

    with pytest.raises(SystemExit):
        browser("nord.localhost").get("/ecrire/arret/")

    assert len(connection.savepoint_ids) == before
    assert structures(nord.hub) == ["Compagnie nord"]
