"""Every page that someone may open on the running site, found by following links from the plain addresses."""

import datetime as dt
import http.client
import re
from collections.abc import Iterator
from functools import cache
from html import unescape
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import axe_playwright_python
from django.urls import Resolver404, resolve
from django.utils import timezone
from playwright.sync_api import Page

from tests.hubs.test_urls import PLAIN, address

TODAY = timezone.localdate()
# The demo has closed the month before last.
CLOSED = ((TODAY.replace(day=1) - dt.timedelta(days=1)).replace(day=1) - dt.timedelta(days=1)).replace(day=1)
# Pages that no link leads to: a form does.
BY_A_FORM = {
    "billing:month_preview": f"/gestion/facturation/mois/{TODAY:%Y-%m}/apercu/",
    "billing:month_issue": f"/gestion/facturation/mois/{TODAY:%Y-%m}/emission/",
    "billing:month_result": f"/gestion/facturation/mois/{CLOSED:%Y-%m}/resultat/",
    "hubs:run": "/gestion/suivi/travaux/1/",
}

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
RUN_AXE = """async () => (await axe.run({resultTypes: ["violations"]})).violations
    .map((fault) => `${fault.id}: ${fault.nodes[0].html.slice(0, 120)}`)"""
OVERFLOWS = "document.documentElement.scrollWidth > innerWidth + 1"
DESK, ZOOMED, NARROW, PHONE = (
    {"width": width, "height": height} for width, height in ((1280, 800), (640, 400), (320, 640), (360, 740))
)
EMPTY_A_FORM = """() => {
    const form = [...document.querySelectorAll("main form[method=post]")]
        .find((form) => form.querySelector("button:not([type=button])")
            && form.querySelector("input[required]:not([type=checkbox], [type=radio]), textarea[required]"));
    if (!form) return false;
    for (const field of form.querySelectorAll("[required]")) if (field.type !== "checkbox" && field.type !== "radio") field.value = "";
    form.noValidate = true;
    form.requestSubmit();
    return true;
}"""


@cache
def name_of(path: str) -> str:
    """The name of this address in the resolver, nothing if it is none of ours."""
    try:
        return resolve(path).view_name
    except Resolver404:
        return ""


def links_of(html: str, path: str) -> Iterator[str]:
    """Where links and forms of the page lead on the site."""
    for link in re.findall(r'\b(?:href|action)="([^"#]+)"', html):
        found = urlsplit(urljoin(path, unescape(link)))
        if not found.netloc:
            yield found.path + (f"?{found.query}" if found.query else "")


def cookies_of(page: Page) -> str:
    return "; ".join(f"{cookie['name']}={cookie['value']}" for cookie in page.context.cookies())


def page_at(site, path: str, cookies: str) -> str:
    """The page at this address, nothing if it is none or leads elsewhere; Chromium is not asked to draw it."""
    asked = http.client.HTTPConnection("127.0.0.1", site.port, timeout=60)
    asked.request("GET", path, headers={"Host": urlsplit(site.url("/")).netloc, "Cookie": cookies})
    answer = asked.getresponse()
    body = answer.read()
    asked.close()
    is_page = answer.status == 200 and (answer.headers["Content-Type"] or "").startswith("text/html")
    return body.decode() if is_page else ""


def walk(page: Page, site, *more: str, turns: int = 1) -> tuple[dict[str, str], set[str]]:
    """One address per page that this person may open, by name, and the names of all that was asked.

    `turns` is how many pages of one name are read for their links: not every account has a payment to cancel.
    """
    starts = BY_A_FORM | {name: address(name) for name in PLAIN} | {name_of(path): path for path in more}
    todo = list(starts.items())
    asked: dict[str, set[str]] = {}
    found: dict[str, str] = {}
    cookies = cookies_of(page)
    while todo:
        name, path = todo.pop()
        read = asked.setdefault(name, set())
        if path in read or len(read) >= turns:
            continue
        read.add(path)
        if html := page_at(site, path, cookies):
            found.setdefault(name, path)
            linked = ((name_of(urlsplit(link).path), link) for link in links_of(html, path))
            todo += [(other, link) for other, link in linked if other]
    return found, set(asked)


def faults_of(page: Page) -> list[str]:
    """What axe says on a desk in the light and on a phone in the dark; at 200 % and at 320 px, what overflows.

    Without movement: a colour on its way to another has the contrast of neither.
    """
    page.evaluate(AXE)
    faults = []
    for size, scheme, asks_axe in (
        (DESK, "light", True),
        (ZOOMED, "light", False),
        (NARROW, "dark", False),
        (PHONE, "dark", True),
    ):
        page.set_viewport_size(size)
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        faults += [f"{size['width']} px, {scheme}: {fault}" for fault in (page.evaluate(RUN_AXE) if asks_axe else [])]
        if page.evaluate(OVERFLOWS):
            faults.append(f"{size['width']} px: wider than the window")
    page.set_viewport_size(DESK)
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    return faults


def faults_when_sent_empty(page: Page) -> list[str]:
    """The same, of the first form that asks for something, once it is sent with nothing; no form, no fault."""
    with page.expect_event("load") as loaded:
        if not page.evaluate(EMPTY_A_FORM):
            page.reload()
            return []
    del loaded
    if not page.locator("[data-errors]").count():
        return ["sent empty, its form says nothing"]
    return [f"sent empty: {fault}" for fault in faults_of(page)]
