"""What a phone on a slow network is made to fetch."""

from pathlib import Path
from urllib.parse import urlsplit

import brotli
import pytest

pytestmark = pytest.mark.browser

TEXT = ("text/", "image/svg", "application/javascript")
FIRST_PAGES = ("/", "/espaces/", "/compte/connexion/")
ROOT = Path(__file__).resolve().parents[2]


def transferred(answer) -> int:
    """As it travels: `collectstatic` keeps a Brotli twin of what is text; fonts are compressed already."""
    body = answer.body()
    is_static = urlsplit(answer.url).path.startswith("/static/")
    return len(brotli.compress(body) if is_static and answer.headers["content-type"].startswith(TEXT) else body)


@pytest.mark.parametrize("path", FIRST_PAGES)
def test_a_first_page_is_under_120_kilobytes(people, site, path):
    page = people(None, phone=True)
    answers = []
    page.on("response", lambda answer: answers.append(answer))

    page.goto(site.url(path), wait_until="networkidle")

    weights = {urlsplit(answer.url).path: transferred(answer) for answer in answers if answer.status == 200}
    assert sum(weights.values()) < 120_000, weights


def test_styles_and_scripts_are_under_30_kilobytes_each(people, site):
    page = people(None)
    answers = []
    page.on("response", lambda answer: answers.append(answer))

    page.goto(site.url("/"), wait_until="networkidle")

    styles, scripts = (
        sum(transferred(answer) for answer in answers if kind in answer.headers["content-type"])
        for kind in ("css", "javascript")
    )
    own = sum(len(brotli.compress(path.read_bytes())) for path in (ROOT / "static/css").glob("*.css"))
    assert 5_000 < styles < 30_000
    assert 5_000 < scripts < 30_000
    assert own < 30_000


def test_nothing_moves_while_a_first_page_arrives(people, site):
    page = people(None, phone=True)
    page.add_init_script(
        """window.moved = 0; new PerformanceObserver((list) => {
            for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.moved += entry.value;
        }).observe({type: "layout-shift", buffered: true});"""
    )

    shifts = {}
    for path in FIRST_PAGES:
        page.goto(site.url(path), wait_until="networkidle")
        shifts[path] = page.evaluate("window.moved")

    assert max(shifts.values()) < 0.05, shifts
