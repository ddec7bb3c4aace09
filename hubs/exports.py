"""Lists out of the portal, as CSV and XLSX that a spreadsheet opens without running anything."""

import csv
import datetime as dt
import io
import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from django.http import HttpResponse
from django.utils.text import slugify

from hubs.personal import said

MAX_ROWS = 5_000
# What XML cannot say at all, a workbook being XML.
_UNSAID = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_RISKY = ("=", "+", "-", "@", "\t", "\r")
TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def plain(text: str) -> str:
    """A space for each control character that no XML may hold."""
    return _UNSAID.sub(" ", text)


def safe(value: Any) -> Any:
    """Text that a spreadsheet would run as a formula gets an apostrophe before it, which it shows as text."""
    if not isinstance(value, str):
        return value
    text = plain(value)
    return f"'{text}" if text.startswith(_RISKY) else text


def as_csv(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """UTF-8 with its mark and semicolons: what French spreadsheets open at a double click."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=";")
    writer.writerow(header)
    writer.writerows([_said(value) for value in row] for row in rows)
    return text.getvalue().encode("utf-8-sig")


def as_xlsx(header: Sequence[str], rows: Iterable[Sequence[Any]], title: str = "Coursive") -> bytes:
    """One sheet, its head frozen; numbers stay numbers."""
    from openpyxl import Workbook
    from openpyxl.styles import Font

    book = Workbook()
    sheet = book.active
    sheet.title = title[:31]
    sheet.append(list(header))
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    sheet.freeze_panes = "A2"
    for row in rows:
        sheet.append([safe(value) for value in row])
    for column in sheet.columns:
        width = max(len(str(cell.value or "")) for cell in column)
        sheet.column_dimensions[column[0].column_letter].width = min(max(width + 2, 10), 48)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def exported(value: Any) -> Any:
    """An answer to an own field in a cell: numbers and dates as such, the rest in words."""
    return said(value) if isinstance(value, bool | list) else value


def download(name: str, kind: str, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> HttpResponse:
    """The list as an attachment; `kind` is csv or xlsx."""
    content = as_xlsx(header, rows) if kind == "xlsx" else as_csv(header, rows)
    return HttpResponse(
        content,
        content_type=TYPES[kind],
        headers={"Content-Disposition": f'attachment; filename="{slugify(name)}.{kind}"'},
    )


def _said(value: Any) -> Any:
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return f"{value.normalize():f}".replace(".", ",")
    if isinstance(value, dt.date):
        return f"{value:%d/%m/%Y}"
    return safe(value)
