"""Strings that stand for templates: whatever they are given is shown, and does nothing."""

import pytest
from django import forms

from hubs import strokes
from hubs.grids import Box, Entry, Slice

EVIL = "<b>\"'&"
SHOWN = "&lt;b&gt;&quot;&#x27;&amp;"

ENTRY = Entry(36, 4, title=EVIL, subtitle=EVIL, url=f"/?q={EVIL}")


@pytest.mark.parametrize(
    ("stroke", "times"),
    [
        (strokes.entry(ENTRY, words=strokes.words_of(ENTRY)), 3),
        (strokes.entry(ENTRY, words=strokes.words_of(ENTRY, hours_first=True)), 2),
        (strokes.free(f"/?q={EVIL}", EVIL, (0, 4)), 2),
        (strokes.box(Box((ENTRY,), url=f"/?q={EVIL}", words=EVIL)), 4),
        (strokes.slice_of_bar(Slice(36, 4, "taken", label=EVIL), (4, 4), EVIL, ""), 2),
        (strokes.link(f"/?q={EVIL}", EVIL), 2),
        (strokes.address(EVIL), 1),
        (forms.Select({"title": EVIL}, [(EVIL, [(EVIL, EVIL)])]).render("x", ""), 4),
        (forms.TextInput({"title": EVIL}).render(EVIL, EVIL), 3),
        (forms.CheckboxInput({"title": EVIL}).render(EVIL, EVIL), 3),
        (strokes.rows(["", EVIL], [(EVIL, EVIL)]), 3),
    ],
)
def test_words_are_escaped(stroke, times):
    assert stroke.count(SHOWN) == times
    assert EVIL not in stroke and "<b>" not in stroke


def test_a_booking_that_may_not_be_opened_is_no_link():
    busy = Entry(36, 4, title="Occupé", tone="busy")

    assert strokes.entry(busy, words=strokes.words_of(busy)) == (
        '<div class="entry busy"><strong>Occupé</strong><span class="entry-hours">9\u00a0h à 10\u00a0h</span></div>'
    )


def test_a_cell_says_its_column_and_keeps_what_is_marked_up():
    row = strokes.rows(["Nom", "Commune"], [(strokes.link("/a/", "A"), None)])

    assert row == '<tr><td><a href="/a/">A</a></td><td data-label="Commune"></td></tr>'


def test_a_choice_is_drawn_as_django_draws_it():
    widget = forms.Select({"required": True, "hidden": False}, [("", "tous"), ("Lieux", [(1, "A"), (2, "B")])])

    assert widget.render("lieu", 2) == (
        '<select name="lieu" required><option value="">tous</option><optgroup label="Lieux"><option value="1">A</option>'
        '<option value="2" selected>B</option></optgroup></select>'
    )


@pytest.mark.parametrize(
    ("widget", "value", "drawn"),
    [
        (forms.TextInput({"required": True, "disabled": False}), None, '<input type="text" name="a" required>'),
        (forms.NumberInput({"min": 0}), 0, '<input type="number" name="a" value="0" min="0">'),
        (forms.CheckboxInput(), True, '<input type="checkbox" name="a" checked>'),
        (forms.CheckboxInput(), False, '<input type="checkbox" name="a">'),
    ],
)
def test_an_input_is_drawn_as_django_draws_it(widget, value, drawn):
    assert widget.render("a", value) == drawn
