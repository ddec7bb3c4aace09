"""Cookies of one hub presented at another, over real HTTP."""

import re
from uuid import uuid4

import pytest

from tests.bad_luck.arrange import PASSWORD
from tests.bad_luck.instance import Answer

CLOSED = ("/gestion/", "/gestion/structures/", "/gestion/facturation/", "/mon-espace/", "/mon-espace/reservations/")


def cookies_of(answer: Answer) -> dict[str, str]:
    return dict(re.findall(r"(coursive\w*)=([^;,]+)", answer.headers.get("Set-Cookie", "")))


def token_of(answer: Answer) -> str:
    return re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', answer.text)[0]


def sign_in(site, hub) -> str:
    """As a browser does it; the session's cookie."""
    form = {"login": hub["staff"]["email"], "password": PASSWORD}
    return cookies_of(site.post("/compte/connexion/", form, hub=hub["slug"]))["coursive"]


@pytest.fixture(scope="module")
def hubs(site):
    return site.new_hub(), site.new_hub()


@pytest.mark.feature("HU2")
def test_a_session_of_one_hub_opens_nothing_at_another(site, hubs, tell):
    here, there = hubs
    with site.running():
        session = sign_in(site, here)
        answers = [site.get(path, hub=there["slug"], session=session) for path in CLOSED]
        written = [
            site.post(path, form, hub=there["slug"], session=session)
            for path, form in (
                ("/gestion/structures/nouvelle/", {"name": "Intruse"}),
                (f"/gestion/facturation/mois/{there['month']}/emission/", {"seen": ""}),
                (f"/mon-espace/reserver/{there['place']}/", {"request_key": uuid4()}),
            )
        ]
        back = site.get("/gestion/", hub=here["slug"], session=session)

    assert {(answer.status, answer.headers["Location"].partition("?")[0]) for answer in answers + written} == {
        (302, "/compte/connexion/")
    }
    assert not any(there["slug"] in answer.text for answer in answers + written)
    assert back.status == 200
    assert site.one("SELECT count(*) FROM hubs_auditentry WHERE hub_id = %s", there["id"]) == 0
    tell(f"{len(answers + written)} addresses asked with the other hub's session, none opened")


@pytest.mark.feature("HU2")
def test_a_form_of_one_hub_is_not_taken_by_another(site, hubs):
    here, there = hubs
    with site.running():
        page, other_page = (site.get("/compte/connexion/", hub=hub["slug"], headers={"Cookie": ""}) for hub in hubs)
        mine, theirs = cookies_of(page)["coursive_csrf"], cookies_of(other_page)["coursive_csrf"]
        session = sign_in(site, there)

        def send(cookie: str, token: str, origin: str) -> int:
            headers = {
                "Cookie": f"coursive_csrf={cookie}; coursive={session}",
                "Origin": f"http://{origin}.localhost:{site.port}",
            }
            form = {"csrfmiddlewaretoken": token}
            return site.post("/compte/deconnexion/", form, hub=there["slug"], headers=headers).status

        refused = [
            send(theirs, token_of(page), there["slug"]),  # a token from here, their cookie
            send(mine, token_of(page), here["slug"]),  # our cookie and our token, sent by our page
            send(theirs, token_of(other_page), here["slug"]),  # all theirs, sent by our page
        ]
        still_in = site.get("/gestion/", hub=there["slug"], session=session).status
        taken = send(theirs, token_of(other_page), there["slug"])

    assert (refused, still_in, taken) == ([403, 403, 403], 200, 302)
