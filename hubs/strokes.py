"""What stands hundreds of times on one page: bookings, free hours, slices of a day, cells of a list.

Made as strings, since a template loop over five hundred bookings takes longer than all the rest of the page
(docs/adr/0013). Words are escaped here and nowhere else; positions are numbers of ours.
"""

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

from django.utils.safestring import SafeString, mark_safe

from hubs.grids import Box, Entry, Slice


def drawn(parts: Iterable[str]) -> SafeString:
    """The pieces, one after the other, as a template takes them."""
    return mark_safe("".join(parts))


def entry(booked: Entry, *, place: str = "", tag: str = "div", words: str) -> str:
    """A booking: a link when it may be opened. `place` are its classes of position."""
    classes = f"entry {booked.tone}{place}"
    if booked.url:
        return f'<a class="{classes}" href="{escape(booked.url)}">{words}</a>'
    return f'<{tag} class="{classes}">{words}</{tag}>'


def words_of(booked: Entry, *, hours_first: bool = False) -> str:
    """Who or what, from when to when, and what for if it is known."""
    title, hours = f"<strong>{escape(booked.title)}</strong>", f'<span class="entry-hours">{booked.hours}</span>'
    if hours_first:
        return hours + title
    return title + hours + (f"<span>{escape(booked.subtitle)}</span>" if booked.subtitle else "")


def position(place: tuple[int, int]) -> str:
    """The classes of static/css/grid.css: where it begins, and for how long."""
    return f" q{place[0]} n{place[1]}"


def free(url: str, words: str, place: tuple[int, int] | None = None, *, kind: str = "cell", end: str = "") -> str:
    """Hours that a tap books."""
    until = f' data-fin="{end}"' if end else ""
    where = position(place) if place else ""
    return f'<a class="{kind}{where}" href="{escape(url)}" aria-label="{escape(words)}"{until}></a>'


def buffer(place: tuple[int, int]) -> str:
    """Time kept before or after a booking."""
    return f'<span class="buffer{position(place)}"></span>'


def box(day: Box) -> str:
    """What is booked of a unit that day, and where to book more."""
    booked = "".join(entry(each, tag="span", words=words_of(each, hours_first=True)) for each in day.entries)
    return f"<td>{booked}{free(day.url, day.words) if day.url else ''}</td>"


def slice_of_bar(part: Slice, place: tuple[int, int], state: str, book: str) -> str:
    """A part of a day bar. `state` says it in words; `book` is « Réserver de %(hours)s »."""
    if part.url and part.state == "free":
        return free(part.url, book % {"hours": part.hours}, place, kind="slice free")
    label = f'<span class="slice-label" aria-hidden="true">{escape(part.label)}</span>' if part.label else ""
    said = f'<span class="sr-only">{part.hours} {escape(state)}</span>'
    return f'<span class="slice {part.state}{position(place)}">{said}{label}</span>'


def link(url: str, words: object) -> SafeString:
    return mark_safe(f'<a href="{escape(url)}">{escape(str(words))}</a>')


def address(mail: str) -> SafeString:
    """A mail address, which a narrow column breaks after its @."""
    return mark_safe(escape(mail).replace("@", "@<wbr>"))


def rows(labels: Sequence[str], lines: Iterable[Sequence[object]]) -> SafeString:
    """The body of a list: on a phone each cell but the first says its column's label. None is an empty cell."""
    heads = ["<td>", *(f'<td data-label="{escape(label)}">' for label in labels[1:])]
    return drawn(
        "<tr>" + "".join(f"{head}{_shown(words)}</td>" for head, words in zip(heads, line, strict=True)) + "</tr>"
        for line in lines
    )


def _shown(words: object) -> str:
    if words is None:
        return ""
    return words if isinstance(words, SafeString) else escape(str(words))


def control(widget: Mapping[str, Any]) -> SafeString:
    """A line to write on or a box to tick, from what Django's widget gives its template."""
    value = "" if widget["value"] is None else f' value="{escape(str(widget["value"]))}"'
    return drawn([f'<input type="{widget["type"]}" name="{escape(widget["name"])}"{value}{_attributes(widget)}>'])


def _attributes(widget: Mapping[str, Any]) -> str:
    return "".join(
        f" {name}" if value is True else f' {name}="{escape(str(value))}"'
        for name, value in widget["attrs"].items()
        if value is not False
    )


def select(widget: Mapping[str, Any]) -> SafeString:
    """A list of choices, from what Django's widget gives its template."""
    parts = [f'<select name="{escape(widget["name"])}"{_attributes(widget)}>']
    for group, choices, _index in widget["optgroups"]:
        if group:
            parts.append(f'<optgroup label="{escape(str(group))}">')
        parts += [
            f'<option value="{escape(str(choice["value"]))}"{" selected" if choice["selected"] else ""}>'
            f"{escape(str(choice['label']))}</option>"
            for choice in choices
        ]
        if group:
            parts.append("</optgroup>")
    return drawn((*parts, "</select>"))
