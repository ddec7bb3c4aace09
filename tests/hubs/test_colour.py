import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubs.colour import PAPERS, READABLE, accent_css, accent_tokens, contrast

TOKENS = Path(__file__).resolve().parents[2] / "static/css/tokens.css"
colours = st.integers(0, 0xFFFFFF).map(lambda value: f"#{value:06x}")


def test_contrast_runs_from_1_to_21():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#fff", "#ffffff") == pytest.approx(1)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@given(colours, st.sampled_from(["light", "dark"]))
def test_any_accent_can_be_read(colour, theme):
    tokens = accent_tokens(colour, theme)
    assert contrast(tokens["--accent-ink"], tokens["--accent"]) >= READABLE
    assert contrast(tokens["--accent-ink"], tokens["--accent-hover"]) >= READABLE
    for paper in (*PAPERS[theme], tokens["--accent-tint"]):
        assert contrast(tokens["--accent-strong"], paper) >= READABLE


def test_a_colour_that_reads_well_is_kept_as_chosen():
    assert accent_tokens("#0b6e4f", "light")["--accent"] == "#0b6e4f"
    assert accent_tokens("#ffd400", "light")["--accent"] == "#ffd400"


def test_a_navy_is_lightened_to_show_on_dark_paper():
    assert contrast(accent_tokens("#0a0f3c", "dark")["--accent"], PAPERS["dark"][0]) >= 3


@pytest.mark.parametrize("text", ["", "red", "#12", "#12345", "#0b6e4f;}body{display:none", "#gggggg", "#0b6e4f\n"])
def test_only_a_colour_reaches_the_stylesheet(text):
    with pytest.raises(ValueError, match="colour"):
        accent_css(text)


def test_the_stylesheet_serves_light_dark_and_a_forced_theme():
    css = accent_css("#0b6e4f")
    assert css.startswith(":root{--accent:#0b6e4f;--accent-ink:#ffffff;")
    assert css.count("--accent-strong:") == 3
    assert "@media screen and (prefers-color-scheme:dark){:root:not([data-theme=light]){" in css
    assert css.count("{") == css.count("}")


def test_papers_are_those_of_the_tokens():
    css = TOKENS.read_text()
    papers = re.findall(r"--paper: (#\w+);\s+--paper-2: (#\w+);", css)
    assert len(papers) == 4  # the last is for print
    assert papers[:3] == [PAPERS["light"], PAPERS["dark"], PAPERS["dark"]]


def test_the_default_accent_is_computed_too():
    css = TOKENS.read_text()
    for theme, times in (("light", 1), ("dark", 2)):
        for name, value in accent_tokens("#0b6e4f", theme).items():
            assert css.count(f"{name}: {value};") >= times
