import datetime as dt
import re
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django import forms
from django.core.paginator import Paginator
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import translation

from hubs import french, gallery
from hubs.charts import Bar, Chart
from hubs.grids import Cell, Day, DayBar, Entry, Lane, Slice, WeekGrid, quarter_of
from hubs.pieces import Moment

PARIS = ZoneInfo("Europe/Paris")
NINE = dt.datetime(2026, 11, 24, 9, tzinfo=PARIS)


@pytest.fixture(autouse=True)
def in_french():
    with translation.override("fr"):
        yield


def draw(source, **context):
    return Template("{% load ui %}" + source).render(Context(context))


def words(text):
    """With plain spaces, to read a test easily."""
    return text.replace("\u00a0", " ").replace("\u202f", " ")


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("1234.5", "1 234,50 €"),
        ("0.005", "0,01 €"),
        ("-42", "−42,00 €"),
        ("1234567.891", "1 234 567,89 €"),
        (0, "0,00 €"),
        ("-0.001", "0,00 €"),
    ],
)
def test_money(amount, text):
    assert words(french.euros(amount)) == text


def test_money_never_breaks():
    assert " " not in french.euros(Decimal("1234567.89"))


def test_money_with_and_without_tax():
    html = words(draw("{% money 120 net=100 %}").replace("&nbsp;", " "))
    assert "120,00 €" in html and "(100,00 € HT)" in html


@pytest.mark.parametrize(
    ("start", "end", "text"),
    [
        (NINE, NINE + dt.timedelta(hours=3, minutes=30), "mardi 24 novembre, 9 h à 12 h 30"),
        (NINE, dt.datetime(2026, 11, 25, 0, tzinfo=PARIS), "mardi 24 novembre, 9 h à 24 h"),
        (NINE, NINE + dt.timedelta(days=1), "du mardi 24 novembre, 9 h, au mercredi 25 novembre, 9 h"),
    ],
)
def test_slot(start, end, text):
    assert words(draw("{{ start|slot_fr:end }}", start=start, end=end)) == text


def test_first_of_the_month():
    assert words(french.day(dt.date(2026, 12, 1), year=True)) == "mardi 1er décembre 2026"
    assert words(french.period(dt.date(2026, 11, 1), dt.date(2026, 11, 30))) == "du 1er au 30 novembre 2026 inclus"
    assert (
        words(french.period(dt.date(2026, 12, 1), dt.date(2027, 1, 15)))
        == "du 1er décembre 2026 au 15 janvier 2027 inclus"
    )


def test_hours_in_english_are_european():
    with translation.override("en"):
        assert french.hour(NINE) == "9:00"


@pytest.mark.parametrize(
    ("amount", "text"), [("1234.5", "€1,234.50"), ("-42", "\N{MINUS SIGN}€42.00"), ("-0.001", "€0.00"), (0, "€0.00")]
)
def test_money_in_english_reads_as_in_dublin(amount, text):
    with translation.override("en"):
        assert french.euros(amount) == text


def test_a_moment_in_utc_is_told_in_the_hub_s_time(settings):
    settings.TIME_ZONE = "Europe/Paris"
    assert words(french.hour(dt.datetime(2026, 7, 1, 7, 30, tzinfo=dt.UTC))) == "9 h 30"


def test_filters_say_nothing_of_nothing():
    assert draw("{{ x|day_fr }}{{ x|hour_fr }}{{ x|euros }}{{ x|slot_fr:x }}{{ x|date_fr }}", x=None) == ""


def test_button_is_a_link_when_it_goes_somewhere():
    html = draw('{% button "Réserver" href=url icon="calendar" hx_get="/x/" %}', url="/a/?b=1&c=2")
    assert html.startswith('<a class="button primary" href="/a/?b=1&amp;c=2" hx-get="/x/">')
    assert 'aria-hidden="true"' in html


def test_button_escapes_its_words():
    assert "<script>" not in draw("{% button label %}", label="<script>")


class Sample(forms.Form):
    name = forms.CharField(label="Nom", help_text="Celui des statuts.")
    day = forms.DateField(label="Jour", initial=dt.date(2026, 11, 24))
    length = forms.ChoiceField(label="Durée", choices=[("2", "2 h"), ("4", "4 h")], widget=forms.RadioSelect)


def test_field_ties_help_and_error_and_keeps_what_was_typed():
    html = draw("{% field form.name %}", form=Sample({"name": " ", "day": "", "length": ""}))
    assert 'aria-describedby="id_name_helptext id_name_error"' in html
    assert 'aria-invalid="true"' in html
    assert 'id="id_name_helptext"' in html and 'id="id_name_error"' in html
    assert 'value="camille"' in draw("{% field form.name %}", form=Sample({"name": "camille"}))


def test_a_date_uses_the_phone_s_own_picker():
    html = draw("{% field form.day %}", form=Sample())
    assert 'type="date"' in html and 'value="2026-11-24"' in html


def test_choices_are_a_group_with_a_legend():
    html = draw("{% field form.length choices='cards' descriptions=more %}", form=Sample(), more={"2": "le matin"})
    assert html.count('type="radio"') == 2
    assert "<fieldset" in html and "<legend" in html and "le matin" in html
    assert 'for="id_length_0"' in html


def test_errors_are_listed_with_links_to_their_fields():
    html = draw("{% fields form %}", form=Sample({"name": "", "day": "", "length": "2"}))
    assert 'href="#id_name"' in html and 'href="#id_day"' in html and 'href="#id_length"' not in html
    assert draw("{% form_errors form %}", form=Sample()) == ""


def test_pager_keeps_the_other_parameters():
    page = Paginator(range(100), 10).page(2)
    html = Template("{% load ui %}{% pager page %}").render(
        Context({"page": page, "request": RequestFactory().get("/?etat=due&page=9")})
    )
    assert 'href="?etat=due&amp;page=3" rel="next"' in html
    assert 'aria-current="page">2<' in html


def test_avatar_initials():
    assert ">JG<" in draw('{% avatar "Jean-Baptiste Le Goff" %}')
    assert ">?<" in draw('{% avatar "" %}')


def test_the_same_seed_draws_the_same_pattern():
    assert draw("{% pattern 'a' %}") == draw("{% pattern 'a' %}") != draw("{% pattern 'b' %}")


def test_timeline_tells_the_hour_only_of_a_moment():
    html = words(draw("{% timeline moments %}", moments=[Moment(NINE, "Un"), Moment(NINE.date(), "Deux")]))
    assert html.count("9 h") == 1


# --- Time as a drawing ---------------------------------------------------------------------------


def grid(*lanes, **more):
    return WeekGrid((Day(NINE.date(), tuple(lanes)),), opens=32, closes=80, **more)


def test_week_grid_counts_rows_from_its_first_hour():
    html = draw("{% week_grid grid %}", grid=grid(Lane("Atelier", (Entry(36, 6, "Répétition", buffer_after=2),))))
    assert 'class="entry use1 q4 n6"' in html
    assert 'class="buffer q10 n2"' in html
    assert "h48" in html


def test_week_grid_clips_what_goes_beyond_its_hours():
    html = draw("{% week_grid grid %}", grid=grid(Lane("Atelier", (Entry(28, 8, "Tôt"), Entry(20, 4, "Nuit")))))
    assert 'class="entry use1 q0 n4"' in html and "Nuit" not in html


def test_a_free_cell_says_what_it_books():
    html = words(draw("{% week_grid grid %}", grid=grid(Lane("Atelier", cells=(Cell(36, 4, "/r/?h=9"),)))))
    assert 'aria-label="Réserver Atelier, mardi 24 novembre à 9 h"' in html
    assert 'data-fin="10:00"' in html


def test_day_bar_links_what_is_free_and_says_it_in_words():
    bar = DayBar(32, 80, (Slice(36, 4, "free", "/r/"), Slice(40, 4, "free", "/r/"), Slice(44, 8, "taken")))
    html = words(draw("{% day_bar bar %}", bar=bar))
    assert html.count("<a ") == 2
    assert "Libre de 9 h à 11 h</p>" in html
    assert "Rien de libre" in draw("{% day_bar bar %}", bar=DayBar(32, 80, ()))


@pytest.mark.parametrize(("q", "n"), [(-1, 2), (95, 2), (4, 0)])
def test_a_stretch_stays_in_its_day(q, n):
    with pytest.raises(ValueError, match="do not fit in a day"):
        Cell(q, n, "/")


def test_quarters_round_outwards():
    assert quarter_of(dt.time(9, 5)) == 36
    assert quarter_of(dt.time(9, 5), up=True) == 37
    assert quarter_of(dt.time(9, 15), up=True) == 37


# --- The gallery -------------------------------------------------------------------------------------


def test_every_component_is_in_the_gallery_and_none_breaks_the_security_policy():
    request = RequestFactory().get("/composants/")
    html = Template('{% extends "composants.html" %}').render(
        Context(gallery.samples(request) | {"layout": "layouts/staff.html", "request": request})
    )
    assert " style=" not in html and "onclick" not in html and "<style" not in html
    for mark in (
        "week",
        "bar",
        "timeline",
        "stepper",
        "progress",
        "filedrop",
        "dialog",
        "pager",
        "empty",
        "doors",
        "plan",
        "chart",
        "tabs",
    ):
        assert f'class="{mark}' in html or f" {mark}" in html, mark


@pytest.mark.parametrize("code", ["400", "403", "403_csrf", "404", "422", "429", "500", "503"])
def test_error_pages_stand_without_any_context(code):
    html = Template(f'{{% extends "{code}.html" %}}').render(Context({}))
    assert "<h1>" in html and "<script" not in html


# --- Figures --------------------------------------------------------------------------------------


def test_a_chart_says_in_its_table_what_it_draws():
    figures = Chart("Heures", (Bar("oct.", 230), Bar("nov.", None), Bar("déc.", 0)), unit="h", heading="Mois")

    html = words(draw("{% chart figures %}", figures=figures))

    assert re.findall(r'<th scope="row">(.*?)</th><td class="num">(.*?)</td>', html) == [
        ("oct.", "230 h"),
        ("nov.", "–"),
        ("déc.", "0 h"),
    ]
    assert html.count('class="chart-bar"') == 2
    assert "style=" not in html


@pytest.mark.parametrize(
    ("highest", "top"),
    [(0, 4), (3, 4), (4, 4), (5, 8), (230, 400), (Decimal("0.7"), Decimal("0.8")), (3_700_000, 4_000_000)],
)
def test_the_lines_of_a_chart_are_round_and_hold_its_bars(highest, top):
    chart = Chart("Heures", (Bar("a", highest), Bar("b", None)))

    assert chart.top == top >= highest


@pytest.mark.parametrize("bars", [(Bar("a", -1),), (Bar("a", 1),) * 25])
def test_a_chart_refuses_what_nobody_could_read(bars):
    with pytest.raises(ValueError, match=r"negative|nobody reads"):
        Chart("Heures", bars)
