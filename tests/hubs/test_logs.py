"""One line for each event: who, where, how long; never what a person typed nor what a link keeps secret."""

import io
import json
import logging

import pytest

from hubs import logs
from tests.client import CheckingClient
from tests.instances import eventually, instance

FAILING = pytest.mark.urls("tests.hubs.failing_urls")


@pytest.fixture
def lines():
    """`lines()` is what was written so far, read as a machine would."""
    handler = logging.StreamHandler(io.StringIO())
    handler.setFormatter(logs.JsonLines())
    handler.addFilter(logs.Circumstances())
    root = logging.getLogger()
    root.addHandler(handler)
    yield lambda: [json.loads(line) for line in handler.stream.getvalue().splitlines()]
    root.removeHandler(handler)


def browser(**headers: str) -> CheckingClient:
    return CheckingClient(headers={"host": "nord.localhost", **headers}, raise_request_exception=False)


def test_a_request_is_one_line(nord, sign_in, lines):
    answer = sign_in(nord, "employee").get("/mon-espace/?q=secret")

    (line,) = lines()
    assert line.pop("ms") > 0
    assert line.pop("time").endswith("+00:00")
    assert line.pop("message").startswith("GET /mon-espace/ 200 ")
    assert line == {
        "level": "info",
        "logger": "hubs.access",
        "hub": "nord",
        "request_id": answer["X-Request-ID"],
        "user": nord.employee.user_id,
        "method": "GET",
        "path": "/mon-espace/",
        "status": 200,
    }


@pytest.mark.parametrize("given", ["abcdef0123456789", "c0ffee00-0000-4000-8000-000000000000"])
def test_the_proxys_name_of_a_request_is_taken_behind_the_proxy_alone(nord, settings, given):
    assert browser(x_request_id=given).get("/")["X-Request-ID"] != given
    settings.HTTPS = True
    assert browser(x_request_id=given).get("/")["X-Request-ID"] == given
    assert browser(x_request_id='x"\n{"level": "forged"}').get("/")["X-Request-ID"].isalnum()


def test_keys_of_links_and_addresses_are_not_written(nord, lines):
    key = "3-cabc12-0123456789abcdef0123456789abcdef"
    browser().get(f"/compte/mot-de-passe/oubli/{key}/?email=aurelie@nord.example")
    logging.getLogger("smtp").warning("refused: aurelie.martin@nord.example")
    try:
        raise ValueError("Key (email)=(bruno@nord.example) already exists")
    except ValueError:
        logging.getLogger("sql").exception("it failed")

    request, mail, failure = lines()
    assert request["path"] == "/compte/mot-de-passe/oubli/…/"
    assert mail["message"] == "refused: …@…"
    assert "Key (email)=(…@…) already exists" in failure["exc_info"]
    assert "nord.example" not in json.dumps(lines())


@FAILING
def test_the_page_of_a_failure_gives_the_code_that_the_log_has(nord, lines):
    page = browser().get("/ecrire/panne/")

    failure, request = lines()
    assert f"<code>{request['request_id']}</code>" in page.text
    assert (failure["logger"], failure["level"], failure["request_id"]) == (
        "django.request",
        "error",
        request["request_id"],
    )
    assert "Traceback" in failure["exc_info"]
    assert request["status"] == 500


def test_a_slow_request_is_told_even_where_others_are_not(nord, monkeypatch, lines, caplog):
    monkeypatch.setattr(logs, "SLOW", 0.0)
    caplog.set_level("WARNING", logger="hubs.access")
    browser().get("/")

    (line,) = lines()
    assert (line["level"], line["message"].startswith("slow: GET / 200 ")) == ("warning", True)


def test_static_files_are_not_told(nord, lines):
    answer = browser().get("/static/css/tokens.css")
    answer.close()

    assert answer.status_code == 200
    assert lines() == []


def test_what_the_worker_does_for_a_request_carries_its_name(tmp_path):
    """A mail asked for by a page, sent by a real worker."""
    with instance(tmp_path / "live") as live:
        live.python("from tests.cast import cast_of; cast_of('nord')")
        live.worker(COURSIVE_LOG="json")
        live.python(
            "from django.test import RequestFactory\n"
            "from hubs import logs; from hubs.actions import send_mail; from hubs.models import Hub\n"
            "from hubs.scope import open_hub\n"
            "logs.begin_request(RequestFactory().get('/'), given='asked-by-a-page')\n"
            "with open_hub(Hub.objects.get()):\n"
            "    send_mail(to=['a@b.example'], subject='Bonjour', text='Bonjour.')"
        )
        eventually(lambda: live.rows("SELECT state FROM hubs_mail") == [("sent",)])
        written = eventually(lambda: [line for line in live.log("celery").splitlines() if "succeeded" in line])

    (line,) = map(json.loads, written)
    assert (line["logger"], line["request_id"]) == ("celery.app.trace", "asked-by-a-page")
