"""What someone does with a page in front of them."""

import re

from playwright.sync_api import Locator, Page, expect

from tests.browser.walk import faults_of

WAIT = 60_000


def follow(link: Locator) -> None:
    """Click, until the next page is there."""
    with link.page.expect_event("load"):
        link.click()


def go(page: Page, *links: str) -> None:
    """Follow these links, one page after the other."""
    for name in links:
        exact, alike = (page.get_by_role("link", name=name, exact=exact) for exact in (True, False))
        follow((exact if exact.count() else alike).first)


def press(place: Page | Locator, button: str) -> None:
    """Send a form."""
    follow(place.get_by_role("button", name=button, exact=True).first)


def read(page: Page, *words: str) -> None:
    """The page says these words, now or in a moment."""
    for each in words:
        expect(page.locator("main")).to_contain_text(each, timeout=WAIT)


def fill(page: Page | Locator, typed: dict[str, str]) -> None:
    """Type in each field, by its label, what it asks."""
    for label, value in typed.items():
        words = r"\s".join(map(re.escape, label.split()))
        field = page.get_by_label(re.compile(rf"^{words}(\s*facultatif)?$"))
        if field.evaluate("field => field.tagName") == "SELECT":
            field.select_option(label=value)
        else:
            field.fill(value)


def look_at(page: Page) -> None:
    """Nothing on the page keeps anybody out, on a desk or a phone."""
    size = page.viewport_size
    assert (page.url, faults_of(page)) == (page.url, [])
    page.set_viewport_size(size)
