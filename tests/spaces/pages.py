"""What tests read on a page."""

import re
from html import unescape
from html.parser import HTMLParser

from django.http import HttpResponse


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def text(response: HttpResponse) -> str:
    """The words of the page, on one line."""
    reader = _Words()
    reader.feed(response.text)
    return " ".join("".join(reader.words).split())


def error_of(response: HttpResponse, field: str) -> str:
    """The message beside a field, which it is tied to."""
    [tag] = re.findall(rf'<(?:input|select|textarea)[^>]*\bname="{field}"[^>]*>', response.text)
    assert re.search(rf'aria-describedby="[^"]*\bid_{field}_error\b', tag), tag
    found = re.search(rf'id="id_{field}_error">.*?<span>(.*?)</span>', response.text, re.DOTALL)
    return unescape(found[1]) if found else ""


def value_of(response: HttpResponse, field: str) -> str:
    """What an input of the page holds."""
    [tag] = re.findall(rf'<input[^>]*\bname="{field}"[^>]*>', response.text)
    found = re.search(r'\bvalue="(.*?)"', tag)
    return unescape(found[1]) if found else ""


def links(response: HttpResponse) -> list[str]:
    return [unescape(href) for href in re.findall(r'<a\b[^>]*\bhref="(.*?)"', response.text)]
