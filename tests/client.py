"""A browser for tests that reads every page it gets as our security policy would."""

from html.parser import HTMLParser
from urllib.parse import urlsplit

from django.test import Client

# Followed only when a person clicks: no request of the page.
FOLLOWED = {"a"}
ADDRESSES = {"src", "href", "action", "formaction", "poster", "hx-get", "hx-post"}


class _Page(HTMLParser):
    """Collects what a page must not hold: see `faults_of`."""

    def __init__(self, host: str) -> None:
        super().__init__()
        self.host = host
        self.faults: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        for name, value in attrs:
            if name.startswith("on"):
                self.faults.append(f"<{tag} {name}=…> is an inline handler")
            if name == "style":
                self.faults.append(f"<{tag} style=…> is an inline style")
            if name in ADDRESSES and tag not in FOLLOWED and self._leads_away(value or ""):
                self.faults.append(f"<{tag} {name}={value!r}> asks another host")
        if tag == "style" or (tag == "script" and not given.get("src")):
            self.faults.append(f"<{tag}> has its content in the page")

    def _leads_away(self, address: str) -> bool:
        parts = urlsplit(address)
        return parts.netloc != self.host if parts.netloc else parts.scheme not in ("", "mailto", "tel")

    def handle_data(self, data: str) -> None:
        self.faults.extend(
            f"{mark} is left in the text: {data.strip()[:60]!r}" for mark in ("{{", "{%") if mark in data
        )


def faults_of(html: str, host: str) -> list[str]:
    """Inline handlers, styles and scripts, addresses on other hosts, and marks of templates left over."""
    page = _Page(host)
    page.feed(html)
    page.close()
    return page.faults


class CheckingClient(Client):
    """A test client whose every page passes `faults_of`."""

    def request(self, **request):
        response = super().request(**request)
        if response.get("Content-Type", "").startswith("text/html") and not response.streaming:
            host = response.wsgi_request.get_host()
            assert faults_of(response.text, host) == [], response.wsgi_request.path
        return response
