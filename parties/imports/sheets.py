"""Bytes into lines of text, whatever saved them: CSV of any French spreadsheet, or XLSX."""

import csv
import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from hubs.refusals import Refusal

MAX_BYTES = 5 * 1024 * 1024
MAX_UNPACKED = 60 * 1024 * 1024
MAX_ROWS = 20_000
MAX_COLUMNS = 60
# A row of a hundred thousand cells, zipped to nothing, would take gigabytes before its length is known.
MAX_TAGS_OF_ROW = 6_000
WIDEST = 4 * MAX_COLUMNS
SIGNATURES = {
    b"\x89PNG": _("une image PNG"),
    b"\xff\xd8\xff": _("une image JPEG"),
    b"GIF8": _("une image GIF"),
    b"%PDF": _("un PDF"),
    b"\xd0\xcf\x11\xe0": _("un classeur d’avant 2007 (.xls)"),
}


class FileRefused(Refusal):
    field = "file"


class FileTooBig(FileRefused):
    message = _("Ce fichier dépasse 5 Mo. Coupez-le en plusieurs.")


class FileEmpty(FileRefused):
    message = _("Ce fichier est vide.")


class NotATable(FileRefused):
    message = _("Ce fichier n’est ni un CSV ni un classeur XLSX. Enregistrez votre tableau en CSV ou en XLSX.")


class TooManyRows(FileRefused):
    message = _("Ce fichier dépasse 20 000 lignes. Coupez-le en plusieurs.")


class TooManyColumns(FileRefused):
    message = _("Ce fichier dépasse 60 colonnes. Gardez celles du modèle.")


@dataclass
class Sheet:
    """Lines with their number in the file, empty ones left out and counted; and what is worth saying."""

    lines: list[tuple[int, list[str]]] = field(default_factory=list)
    empty: list[int] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def read_sheet(content: bytes) -> Sheet:
    """The lines of a CSV or of the first sheet of an XLSX. Raises a FileRefused."""
    if len(content) > MAX_BYTES:
        raise FileTooBig
    if not content.strip():
        raise FileEmpty
    for signature, name in SIGNATURES.items():
        if content.startswith(signature):
            raise NotATable(_("Ce fichier est %(name)s. Enregistrez votre tableau en CSV ou en XLSX.") % {"name": name})
    sheet = _read_xlsx(content) if content.startswith(b"PK\x03\x04") else _read_csv(content)
    if not sheet.lines:
        raise FileEmpty
    return sheet


def _keep(sheet: Sheet, lines: Iterator[tuple[int, list[str]]]) -> Sheet:
    blank: list[int] = []
    for number, cells in lines:
        if len(cells) > MAX_COLUMNS and any(cells[MAX_COLUMNS:]):
            raise TooManyColumns
        if not any(cell.strip() for cell in cells):
            blank.append(number)
            if len(blank) > 10 * MAX_ROWS:
                raise TooManyRows
            continue
        # Blank lines after the last one are only how the spreadsheet ends.
        sheet.empty += blank
        blank.clear()
        sheet.lines.append((number, cells[:MAX_COLUMNS]))
        if len(sheet.lines) > MAX_ROWS + 1:
            raise TooManyRows
    return sheet


def _read_csv(content: bytes) -> Sheet:
    text, encoding = _decode(content)
    separator = _separator(text)
    if separator is None:
        raise NotATable(
            _("Ce fichier n’a qu’une colonne\u00a0: il y faut des points-virgules, des virgules ou des tabulations.")
        )
    names = {";": _("points-virgules"), ",": _("virgules"), "\t": _("tabulations")}
    sheet = Sheet(
        notes=[
            str(
                _("Lu en %(encoding)s, séparé par des %(separator)s.")
                % {"encoding": encoding, "separator": names[separator]}
            )
        ]
    )
    try:
        return _keep(sheet, _csv_lines(text, separator))
    except csv.Error as error:
        raise NotATable from error


def _csv_lines(text: str, separator: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    first = 1
    for cells in reader:
        if first > 1 or not re.fullmatch(r"sep=.?", "".join(cells)):
            yield first, cells
        first = reader.line_num + 1


def _decode(content: bytes) -> tuple[str, str]:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = content.decode("utf-16", errors="replace")
        if "\0" in text:  # no database keeps it
            raise NotATable
        return text, "UTF-16"
    if b"\x00" in content:
        raise NotATable
    try:
        return content.decode("utf-8-sig"), "UTF-8"
    except UnicodeDecodeError:
        pass
    try:
        return content.decode("cp1252"), "Windows-1252"
    except UnicodeDecodeError:
        return content.decode("latin-1"), "Latin-1"


def _separator(text: str) -> str | None:
    """The most frequent of the three in the first lines, outside quotes."""
    start = re.sub(r'"[^"]*"', "", text[:20_000])
    counts = {separator: start.count(separator) for separator in ";\t,"}
    # A decimal comma is not a separator: semicolons and tabs win as soon as the head has some.
    head = next((line for line in start.splitlines() if line.strip()), "")
    for separator in ";\t":
        if separator in head:
            return separator
    best = max(counts, key=lambda separator: counts[separator])
    return best if counts[best] else None


def _read_xlsx(content: bytes) -> Sheet:
    from openpyxl import load_workbook

    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(info.file_size for info in archive.infolist()) > MAX_UNPACKED:
                raise FileTooBig(_("Ce classeur, une fois ouvert, est trop lourd. Gardez les colonnes du modèle."))
            if "xl/workbook.xml" not in archive.namelist():
                raise NotATable
            has_formulas = False
            for name in archive.namelist():
                if name.startswith("xl/worksheets/") and name.endswith(".xml"):
                    content_of_sheet = archive.read(name)
                    rows = re.split(rb"<(?:\w+:)?row\b", content_of_sheet)
                    if max(row.count(b"<") for row in rows) > MAX_TAGS_OF_ROW:
                        raise TooManyColumns
                    has_formulas = has_formulas or bool(re.search(rb"<f[ >/]", content_of_sheet))
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        formulas = load_workbook(io.BytesIO(content), read_only=True) if has_formulas else None
        names = [sheet.title for sheet in book.worksheets]
        sheet = Sheet()
        if len(names) > 1:
            sheet.notes.append(
                str(
                    _("Ce classeur a %(count)s feuilles\u00a0: seule la première, «\u00a0%(first)s\u00a0», est lue.")
                    % {"count": len(names), "first": names[0]}
                )
            )
        return _keep(sheet, _xlsx_lines(book.worksheets[0], formulas and formulas.worksheets[0]))
    except Refusal:
        raise
    except Exception as error:  # openpyxl raises a dozen kinds on a damaged file
        raise NotATable(
            _("Ce classeur XLSX est abîmé. Ouvrez-le, enregistrez-le de nouveau, puis déposez-le.")
        ) from error


def _xlsx_lines(values: Any, formulas: Any) -> Iterator[tuple[int, list[str]]]:
    values.reset_dimensions()
    rows: Iterator[Any] = values.iter_rows(values_only=True, max_col=WIDEST)
    if formulas is None:
        for number, row in enumerate(rows, start=1):
            yield number, [_cell(value) for value in row]
        return
    # A formula that no spreadsheet has computed has no value: its text says so, rather than nothing.
    formulas.reset_dimensions()
    for number, (row, typed) in enumerate(
        zip(rows, formulas.iter_rows(values_only=True, max_col=WIDEST), strict=False), start=1
    ):
        yield number, [_cell(was if value is None else value) for value, was in zip(row, typed, strict=False)]


def _cell(value: Any) -> str:
    """A cell as a French reader would type it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "oui" if value else "non"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        exact = Decimal(repr(value))
        whole = exact == exact.to_integral_value()
        return f"{exact.to_integral_value() if whole else exact:f}".replace(".", ",")
    return str(value)
