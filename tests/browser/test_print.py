"""What comes out of the printer: one sheet for a week, heads on each sheet, nothing to click."""

from io import BytesIO

import pytest
from pypdf import PdfReader

pytestmark = pytest.mark.browser

NOT_ON_PAPER = ".button, .filters, .pager, .menu, nav, .tabs, .network, .languages, .skip, .line > .row"
SHOWN = """(selector) => [...document.querySelectorAll(selector)]
    .filter((element) => element.checkVisibility()).map((element) => element.outerHTML.slice(0, 120))"""


def printed(page) -> PdfReader:
    return PdfReader(BytesIO(page.pdf(prefer_css_page_size=True)))


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("coordination", "/gestion/planning/?kind=room"),
        ("coordination", "/gestion/planning/?kind=desk"),
        ("equipe", "/mon-espace/reserver/semaine/"),
    ],
)
def test_a_week_is_one_sheet_on_its_side_with_its_title(people, site, name, path):
    page = people(name, dark=True)
    page.goto(site.url(path))

    sheets = printed(page).pages

    assert len(sheets) == 1
    assert sheets[0].mediabox.width > sheets[0].mediabox.height
    assert "inclus" in sheets[0].extract_text()


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("coordination", "/gestion/"),
        ("coordination", "/gestion/facturation/"),
        ("coordination", "/gestion/structures/"),
        ("structure", "/mon-espace/compte/"),
    ],
)
def test_paper_shows_nothing_to_click_and_is_upright(people, site, name, path):
    page = people(name)
    page.goto(site.url(path))
    page.emulate_media(media="print")

    left = page.evaluate(SHOWN, NOT_ON_PAPER)
    sheet = printed(page).pages[0]

    assert [html for html in left if "breadcrumb" not in html] == []
    assert sheet.mediabox.height > sheet.mediabox.width


def test_the_head_of_a_long_list_is_on_each_sheet(people, site):
    page = people("coordination")
    page.goto(site.url("/gestion/facturation/"))
    page.evaluate(
        """() => { const rows = document.querySelector("tbody");
            const all = rows.innerHTML; for (let turn = 0; turn < 8; turn++) rows.insertAdjacentHTML("beforeend", all); }"""
    )

    sheets = [sheet.extract_text() for sheet in printed(page).pages]

    assert len(sheets) > 2
    assert [n for n, words in enumerate(sheets) if "Montant TTC" not in words] == []


def test_a_dark_screen_prints_in_ink_on_paper(people, site):
    page = people("coordination", dark=True)
    page.goto(site.url("/gestion/planning/"))
    page.emulate_media(media="print", color_scheme="dark")

    tokens = page.evaluate(
        "['--paper', '--ink', '--use1'].map((name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim())"
    )

    assert tokens == ["#ffffff", "#000000", "#cfe3fb"]
