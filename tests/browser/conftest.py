"""A whole site as `make run` starts it, with its worker, and Chromium in front of it."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
PHONE = {"width": 360, "height": 740}
DESKTOP = {"width": 1280, "height": 800}
PATIENCE = 60


@dataclass(frozen=True)
class Site:
    port: int
    data: Path
    environment: dict[str, str]

    def manage(self, *words: str) -> None:
        """A command of the operator, on this site."""
        subprocess.run(
            [sys.executable, "manage.py", *words], cwd=ROOT, env=self.environment, check=True, capture_output=True
        )

    def url(self, path: str, hub: str = "la-coursive") -> str:
        return f"http://{hub}.localhost:{self.port}{path}"

    def mails(self) -> str:
        """Every message sent so far."""
        return "\n".join(path.read_text() for path in sorted((self.data / "mail").glob("*")))

    def mail_that_says(self, pattern: str) -> str:
        """What the pattern catches in the mail sent so far, once the worker has sent it."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            if found := re.search(pattern, self.mails()):
                return found[1]
        raise AssertionError(f"no mail says {pattern}")


def _of_its_own(url: str, name: str) -> str:
    """The same server, another database."""
    return re.sub(r"/[^/?]+(\?.*)?$", rf"/{name}\1", url)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return found.getsockname()[1]


@pytest.fixture(scope="session")
def site(tmp_path_factory, worker_id) -> Iterator[Site]:
    """The demo network, served by gunicorn, with a Celery worker and its scheduler."""
    name, port, data = f"browser_{worker_id}", _free_port(), tmp_path_factory.mktemp("data")
    owner = os.environ["DATABASE_OWNER_URL"]
    environment = os.environ | {
        "DATABASE_URL": _of_its_own(os.environ["DATABASE_URL"], name),
        "DATABASE_OWNER_URL": _of_its_own(owner, name),
        # Two sites on one queue would take each other's work, and find none of its rows.
        "REDIS_URL": _of_its_own(
            os.environ["REDIS_URL"], str(1 + int("".join(filter(str.isdigit, worker_id)) or 0) % 15)
        ),
        "COURSIVE_DATA": str(data),
        "COURSIVE_PORT": str(port),
        "DEBUG": "0",
    }
    with psycopg.connect(_of_its_own(owner, "postgres"), autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        connection.execute(f"CREATE DATABASE {name}")
    site = Site(port, data, environment)
    for command in ("migrate", "assets", "demo"):
        site.manage(command)
    log = (data / "log").open("w")
    running = [
        subprocess.Popen([sys.executable, "-m", *command], cwd=ROOT, env=environment, stdout=log, stderr=log)
        for command in (
            ["gunicorn", "coursive.wsgi", "-w", "2", "-b", f"127.0.0.1:{port}"],
            ["celery", "-A", "coursive", "worker", "-c", "2"],
            ["celery", "-A", "coursive", "beat", "-s", str(data / "beat")],
        )
    ]
    try:
        _wait_for(f"http://127.0.0.1:{port}/readyz")
        yield site
    finally:
        for process in running:
            process.send_signal(signal.SIGTERM)
        for process in running:
            process.wait(PATIENCE)
        log.close()
        with psycopg.connect(_of_its_own(owner, "postgres"), autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def _wait_for(url: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            with urllib.request.urlopen(url):
                return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Closed with its module: while Playwright's loop runs, Django refuses the database to other tests."""
    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--lang=fr-FR"],
        )
        yield browser
        browser.close()


@pytest.fixture
def people(site, chromium):
    """`people("equipe", phone=True)` is someone signed in, on their own device."""
    contexts: list[BrowserContext] = []
    faults: list[str] = []

    def person(
        name: str | None,
        *,
        hub: str = "la-coursive",
        phone: bool = False,
        dark: bool = False,
        forgives: str = "status of 4",
    ) -> Page:
        context = chromium.new_context(
            viewport=PHONE if phone else DESKTOP,
            locale="fr-FR",
            timezone_id="Europe/Paris",
            color_scheme="dark" if dark else "light",
        )
        contexts.append(context)
        # Any window of theirs, not the first alone.
        context.on("page", lambda opened: listen(opened, faults, forgives))
        page = context.new_page()
        if name:
            page.goto(site.url("/compte/connexion/", hub))
            page.get_by_label("Adresse électronique").fill(f"{name}@{hub}.example")
            page.get_by_label("Mot de passe", exact=True).fill("coursive-demo")
            page.get_by_role("main").get_by_role("button", name="Se connecter").click()
            page.wait_for_url(lambda url: "connexion" not in url)
        return page

    yield person
    for context in contexts:
        context.close()
    assert not faults, faults


def listen(page: Page, faults: list[str], forgives: str = "status of 4") -> None:
    """Note what the console reports, the security policy's refusals above all, and requests to third parties;
    `forgives` is what a test provokes."""
    page.on(
        "console",
        lambda said: faults.append(said.text) if said.type == "error" and not re.search(forgives, said.text) else None,
    )
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("request", lambda asked: _refuse_others(asked.url, faults))


def _refuse_others(url: str, faults: list[str]) -> None:
    if not re.match(r"(data:|blob:|http://[a-z-]+\.localhost:)", url):
        faults.append(f"a request to a third party: {url}")
