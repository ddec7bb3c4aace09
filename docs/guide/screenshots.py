"""The pictures of the guides, taken from a running demo: `make screenshots` beside `make run`.

    python docs/guide/screenshots.py http://la-coursive.localhost:8000 [name …]

A page that does not exist yet is left out. Pictures keep few colours: each stays under 150 kB.
"""

import argparse
import datetime as dt
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from zoneinfo import ZoneInfo

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

IMAGES = Path(__file__).parent / "images"
FILE = Path(__file__).parents[2] / "tests" / "data" / "coursive-2013.csv"
PASSWORD = "coursive-demo"  # noqa: S105 - of the demo network, printed by make run
PHONE = {"viewport": {"width": 390, "height": 780}, "device_scale_factor": 1.5, "is_mobile": True, "has_touch": True}
DESK = {"viewport": {"width": 1180, "height": 760}, "device_scale_factor": 1}
LARGEST = 150_000


def today() -> dt.date:
    return dt.datetime.now(ZoneInfo("Europe/Paris")).date()


def next_tuesday() -> dt.date:
    """A day of work to come, at least two days away: every hour of it can still be booked."""
    soon = today() + dt.timedelta(days=2)
    return soon + dt.timedelta(days=(1 - soon.weekday()) % 7)


def last_month() -> dt.date:
    return (today().replace(day=1) - dt.timedelta(days=1)).replace(day=1)


def open_first_place(page: Page) -> None:
    page.locator("main .card a").first.click()
    page.wait_for_load_state("networkidle")


def drop_members(page: Page) -> None:
    """The dry run of a file: nothing is written."""
    page.set_input_files("main input[type=file]", FILE)
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_load_state("networkidle")


# A browser writes dates in fields as its own language wants, and Debian's Chromium comes in English:
# they are shown as they are on a phone in French.
FRENCH_FIELDS = """
for (const field of document.querySelectorAll("input[type=date], input[type=time]")) {
  const value = field.value;
  field.type = "text";
  field.value = value.includes("-") ? value.split("-").reverse().join("/") : value;
}
"""


@dataclass(frozen=True)
class Shot:
    name: str
    account: str
    path: str
    screen: dict
    then: Callable[[Page], None] | None = None
    # What stands at the top of the picture; the top of the page unless given.
    at: str = ""


SLOT = f"day={next_tuesday()}&starts=09:00&ends=13:00"
SHOTS = (
    Shot("membre-reserver", "equipe", f"/mon-espace/reserver/?{SLOT}&kind=desk", PHONE, at=".days-near"),
    Shot("membre-espace", "equipe", f"/mon-espace/reserver/?{SLOT}&kind=desk", PHONE, open_first_place, at="main form"),
    Shot("membre-semaine", "structure", f"/mon-espace/reserver/semaine/?week={next_tuesday()}&kind=room", DESK),
    Shot("membre-compte", "structure", "/mon-espace/compte/", PHONE),
    Shot("equipe-planning", "coordination", f"/gestion/planning/?week={next_tuesday()}&kind=room", DESK),
    Shot("equipe-telephone", "accueil", f"/gestion/planning/reserver/?{SLOT}", DESK),
    Shot("equipe-import", "coordination", "/gestion/membres/import/", DESK, drop_members),
    Shot("equipe-cloture", "comptabilite", f"/gestion/facturation/mois/{last_month():%Y-%m}/", DESK),
)


def signed_in(browser: Browser, site: str, shot: Shot) -> Page:
    page = browser.new_context(base_url=site, locale="fr-FR", timezone_id="Europe/Paris", **shot.screen).new_page()
    hub = site.split("//")[1].split(".")[0]
    page.goto("/compte/connexion/")
    page.fill("[name=login]", f"{shot.account}@{hub}.example")
    page.fill("[name=password]", PASSWORD)
    page.locator("form:has([name=password]) button[type=submit]").click()
    page.wait_for_url(lambda url: "/connexion/" not in url)
    return page


def take(browser: Browser, site: str, shot: Shot) -> str:
    page = signed_in(browser, site, shot)
    try:
        answer = page.goto(shot.path)
        if answer is None or not answer.ok:
            return "left out: no such page"
        page.wait_for_load_state("networkidle")
        if shot.then:
            shot.then(page)
        page.evaluate(FRENCH_FIELDS)
        if shot.at:
            page.locator(shot.at).first.evaluate(
                "(seen) => scrollTo(0, seen.getBoundingClientRect().top + scrollY - 70)"
            )
        return write(shot.name, page.screenshot())
    finally:
        page.context.close()


def write(name: str, png: bytes) -> str:
    """Save with as many colours as fit under LARGEST."""
    picture = Image.open(BytesIO(png)).convert("RGB")
    for colours in (128, 64, 32):
        file = BytesIO()
        picture.quantize(colours, dither=Image.Dither.NONE).save(file, "PNG", optimize=True)
        if file.tell() <= LARGEST:
            break
    IMAGES.mkdir(exist_ok=True)
    (IMAGES / f"{name}.png").write_bytes(file.getvalue())
    return f"{file.tell() // 1000} kB, {colours} colours"


def main() -> int:
    parser = argparse.ArgumentParser(description="Take the pictures of the guides.")
    parser.add_argument("site", help="address of a demo hub: http://la-coursive.localhost:8000")
    parser.add_argument("names", nargs="*", help="these pictures only")
    arguments = parser.parse_args()
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for shot in SHOTS:
            if not arguments.names or shot.name in arguments.names:
                sys.stdout.write(f"{shot.name}: {take(browser, arguments.site.rstrip('/'), shot)}\n")
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
