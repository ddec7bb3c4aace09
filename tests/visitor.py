"""Somebody at a browser, who knows only what pages show: links, buttons and fields, by their words and names."""

from typing import Any
from urllib.parse import urljoin

from django.core.files.uploadedfile import SimpleUploadedFile
from lxml import html

from tests.client import CheckingClient

AROUND = ("tr", "li", "article", "details", "section", "form")


def plain(text: str) -> str:
    """On one line, its spaces plain."""
    return " ".join(text.replace("\xa0", " ").replace("\u202f", " ").split())


def _text(element: Any) -> str:
    return plain(" ".join(element.itertext()))


class Visitor:
    """Where they are, and what they do there. What is not on the page cannot be followed, pressed or typed."""

    def __init__(self, client: CheckingClient) -> None:
        self.client = client

    def open(self, path: str) -> str:
        """Go there, redirects followed; the words of the page."""
        return self._land(self.client.get(path, follow=True))

    def click(self, words: str, *, near: str = "") -> str:
        """Follow the link of these words; `near` tells it from others, by the words of its row or card."""
        return self.open(self.address_of(words, near=near))

    def take(self, words: str, *, near: str = "") -> bytes:
        """What the link downloads; the page stays."""
        answer = self.client.get(self.address_of(words, near=near))
        assert (answer.status_code, "attachment" in answer.get("Content-Disposition", "")) == (200, True), self.path
        return answer.getvalue()

    def press(self, words: str, *, near: str = "", status: int = 200, **typed: Any) -> str:
        """Fill in the form of this button and send it: what was not typed goes as the page shows it."""
        return self._land(self._sent(words, near, typed), status)

    def press_for_file(self, words: str, *, near: str = "", **typed: Any) -> bytes:
        answer = self._sent(words, near, typed)
        assert (answer.status_code, "attachment" in answer.get("Content-Disposition", "")) == (200, True), self.path
        return answer.getvalue()

    @property
    def words(self) -> str:
        return _text(self._tree)

    def address_of(self, words: str, *, near: str = "") -> str:
        links = {urljoin(self.path, link.get("href")) for link in self._found("//a[@href]", words, near)}
        assert len(links) == 1, (self.path, words, near, links, self.words)
        return links.pop()

    def field(self, label: str) -> str:
        """The name of the field that a screen reader calls so, or by a longer name that begins so."""
        names = {
            each.get("name")
            for each in self._tree.xpath("//*[@aria-label]")
            if each.get("aria-label").startswith(label)
        }
        assert len(names) == 1, (self.path, label, names)
        return names.pop()

    def rows(self) -> list[list[str]]:
        """The cells of the table's body, in words."""
        return [[_text(cell) for cell in row.iter("td")] for row in self._tree.iterfind(".//tbody/tr")]

    def _land(self, answer: Any, status: int = 200) -> str:
        # An htmx page of a form that was refused says so by its status.
        self.path = answer.request["PATH_INFO"] + ("?" + query if (query := answer.request["QUERY_STRING"]) else "")
        self._tree = html.fromstring(answer.text)
        for hidden in self._tree.xpath("//script|//style|//template"):
            hidden.drop_tree()
        assert answer.status_code == status, (self.path, answer.status_code, self.words)
        return self.words

    def _found(self, path: str, words: str, near: str) -> list[Any]:
        there = [each for each in self._tree.xpath(path) if words in _text(each)]
        exact = [each for each in there if _text(each) == words]
        return [each for each in exact or there if not near or near in self._around(each)]

    def _around(self, element: Any) -> str:
        return _text(next(element.iterancestors(*AROUND)))

    def _sent(self, words: str, near: str, typed: dict[str, Any]) -> Any:
        buttons = self._found("//form//button", words, near)
        assert len(buttons) == 1, (self.path, words, near, self.words)
        [button], form = buttons, next(buttons[0].iterancestors("form"))
        sent: dict[str, Any] = {}
        for name, value in form.form_values():
            sent.setdefault(name, []).append(value)
        if button.get("name"):
            sent[button.get("name")] = button.get("value", "")
        for name, value in typed.items():
            sent[name] = self._typed(form, name, value)
        sent = {name: value for name, value in sent.items() if value is not None}
        action = urljoin(self.path, form.get("action") or "")
        if form.method == "GET":
            return self.client.get(action, sent, follow=True)
        return self.client.post(action or self.path, sent, follow=True)

    def _typed(self, form: Any, name: str, value: Any) -> Any:
        """As the field sends it: a list takes what it shows. Of a field that is not on the page, KeyError."""
        field = form.inputs[name]
        if isinstance(field, html.SelectElement):
            shown = {_text(option): option.get("value") for option in field.iter("option")}
            assert value in shown or value in shown.values(), (name, value, shown)
            return shown.get(value, value)
        return SimpleUploadedFile(*value) if isinstance(value, tuple) else value
