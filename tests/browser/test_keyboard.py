"""Every page is usable without a mouse: the way in, what opens and closes, and where one stands."""

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

FOCUSED = "document.activeElement"
OUTLINE = """() => { const style = getComputedStyle(document.activeElement);
    return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2 }"""


def focused(page: Page, what: str = "textContent"):
    return page.evaluate(f"{FOCUSED}.{what}").strip()


@pytest.mark.parametrize(
    ("name", "path"),
    [(None, "/"), (None, "/compte/connexion/"), ("equipe", "/mon-espace/"), ("coordination", "/gestion/")],
)
def test_the_first_stop_skips_to_the_content(people, site, name, path):
    page = people(name)
    page.goto(site.url(path))

    page.keyboard.press("Tab")
    first = focused(page)
    page.keyboard.press("Enter")

    assert first == "Aller au contenu"
    assert focused(page, "id") == "contenu"


@pytest.mark.parametrize(
    ("name", "path"), [(None, "/"), ("equipe", "/mon-espace/reserver/"), ("coordination", "/composants/")]
)
@pytest.mark.parametrize("dark", [False, True])
def test_one_sees_where_one_stands(people, site, name, path, dark):
    page = people(name, dark=dark)
    page.goto(site.url(path))
    unseen = []

    for _stop in range(40):
        page.keyboard.press("Tab")
        if page.evaluate(f"{FOCUSED} === document.body"):
            break
        if not page.evaluate(OUTLINE):
            unseen.append(page.evaluate(f"{FOCUSED}.outerHTML.slice(0, 160)"))

    assert unseen == []


def test_a_dialog_keeps_the_focus_and_gives_it_back(people, site):
    page = people("coordination")
    page.goto(site.url("/composants/"))
    opener = page.get_by_role("link", name="Annuler…", exact=True)
    opener.focus()

    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Annuler cette réservation")
    expect(dialog).to_be_visible()
    # Past its last stop a browser may offer its own bar, never the page behind.
    inside = []
    for _stop in range(8):
        page.keyboard.press("Tab")
        inside.append(page.evaluate(f"{FOCUSED} === document.body || {FOCUSED}.closest('dialog') !== null"))
    page.keyboard.press("Escape")

    assert inside == [True] * 8
    expect(dialog).to_be_hidden()
    expect(opener).to_be_focused()


def test_a_menu_opens_is_walked_and_closes_by_keyboard(people, site):
    page = people("coordination")
    page.goto(site.url("/composants/"))
    summary = page.locator("summary", has_text="Autres actions")
    menu = page.locator("details", has=summary)
    summary.focus()

    page.keyboard.press("Enter")
    expect(menu).to_have_attribute("open", "")
    stops = []
    for _stop in range(3):
        page.keyboard.press("Tab")
        stops.append(focused(page))
    page.keyboard.press("Escape")

    assert stops == ["Dupliquer", "Exporter en CSV", "Archiver"]
    expect(menu).not_to_have_attribute("open", "")
    expect(summary).to_be_focused()


def test_the_free_hours_of_a_week_are_one_stop_and_arrows_walk_them(people, site):
    page = people("coordination")
    page.goto(site.url("/composants/"))
    cells = page.locator("#studio .cell")
    cells.first.focus()

    page.keyboard.press("ArrowDown")
    second = page.evaluate(f"{FOCUSED}.getAttribute('aria-label')")
    page.keyboard.press("Tab")

    assert second.startswith("Réserver Studio, lundi 23")
    assert page.evaluate(f"!{FOCUSED}.matches('#studio .cell')")


def test_after_a_wrong_answer_one_stands_on_what_is_wrong(people, site):
    page = people("coordination")
    page.goto(site.url("/gestion/reglages/"))
    page.get_by_label("Nom", exact=True).fill("")

    page.get_by_role("button", name="Enregistrer les réglages").click()

    expect(page.locator("[data-errors]")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Nom", exact=True)).to_be_in_viewport()
