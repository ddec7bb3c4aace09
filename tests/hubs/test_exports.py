"""Lists as files that a spreadsheet opens, whatever people typed."""

import io

import pytest
from openpyxl import load_workbook

from hubs.exports import as_csv, as_xlsx, safe


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("=1+1", "'=1+1"), ("\x01=1+1", " =1+1"), ("Atelier\x0b du canal", "Atelier  du canal"), ("a\nb", "a\nb"), (3, 3)],
)
def test_what_a_file_cannot_say_or_would_run_is_kept_as_text(typed, kept):
    assert safe(typed) == kept


def test_a_control_character_breaks_neither_file():
    rows = [["Atelier\x0b du canal"]]

    sheet = load_workbook(io.BytesIO(as_xlsx(["Nom"], rows))).active

    assert sheet["A2"].value == "Atelier  du canal"
    assert "Atelier  du canal" in as_csv(["Nom"], rows).decode()
