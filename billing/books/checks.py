"""Our own reading of a file in eighteen columns, before anyone downloads it (LPF A47 A-1)."""

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal

from django.utils.translation import gettext as _

from billing.books.columns import COLUMNS

MOST = 50
NAME = re.compile(r"\d{9}FEC(\d{8})\.txt")
AMOUNT = re.compile(r"-?\d+,\d{2}")
ACCOUNT = re.compile(r"[1-8]\d{2}\w*")
NEEDED = ("JournalCode", "JournalLib", "EcritureNum", "CompteNum", "CompteLib", "PieceRef", "EcritureLib")
DATES = ("EcritureDate", "PieceDate", "ValidDate")


def faults(name: str, content: bytes, first: dt.date, last: dt.date) -> list[str]:
    """What is wrong with the file of the year from `first` to `last`, both in; fifty faults at most."""
    found = []
    for fault in _faults(name, content, first, last):
        found.append(fault)
        if len(found) == MOST:
            break
    return found


def _faults(name: str, content: bytes, first: dt.date, last: dt.date) -> Iterator[str]:
    named = NAME.fullmatch(name)
    if named is None or named[1] != f"{last:%Y%m%d}":
        yield _("Le nom du fichier n’est pas le SIREN, «\u00a0FEC\u00a0» et le dernier jour\u00a0: %s.") % name
    try:
        text = content.decode()
    except UnicodeDecodeError:
        yield _("Le fichier n’est pas en UTF-8.")
        return
    if not text.endswith("\r\n") or "\n" in text.replace("\r\n", ""):
        yield _("Les lignes ne se terminent pas toutes par CRLF.")
    header, *rows = text.removesuffix("\r\n").split("\r\n")
    if tuple(header.split("\t")) != COLUMNS:
        yield _("Les dix-huit colonnes ne sont pas celles de l’arrêté, dans l’ordre.")
        return
    reader = _Reader(first, last)
    for number, row in enumerate(rows, start=2):
        cells = row.split("\t")
        if len(cells) != len(COLUMNS):
            yield _at(number, _("%s colonnes au lieu de 18") % len(cells))
            continue
        for fault in reader.read(dict(zip(COLUMNS, cells, strict=True))):
            yield _at(number, fault)
    yield from reader.end()


def _at(number: int, fault: str) -> str:
    return _("Ligne %(number)s\u00a0: %(fault)s.") % {"number": number, "fault": fault}


class _Reader:
    """What must hold from one line to the next: balance per entry, numbers and writing days in order."""

    def __init__(self, first: dt.date, last: dt.date) -> None:
        self.first, self.last = first, last
        self.sums: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
        self.numbers: dict[str, int] = defaultdict(int)
        self.valid = ""

    def read(self, line: dict[str, str]) -> Iterator[str]:
        for column in NEEDED:
            if not line[column].strip():
                yield _("%s est vide") % column
        if not ACCOUNT.fullmatch(line["CompteNum"]):
            yield _("le compte %s ne suit pas le plan comptable") % line["CompteNum"]
        if bool(line["CompAuxNum"]) != bool(line["CompAuxLib"]):
            yield _("un compte auxiliaire va avec son nom")
        if bool(line["EcritureLet"]) != bool(line["DateLet"]):
            yield _("un lettrage va avec sa date")
        yield from self._dates(line)
        yield from self._amounts(line)
        yield from self._order(line)

    def _dates(self, line: dict[str, str]) -> Iterator[str]:
        days = {column: _day(line[column]) for column in DATES}
        for column, day in days.items():
            if day is None:
                yield _("%s n’est pas une date AAAAMMJJ") % column
        on = days["EcritureDate"]
        if on is not None and not self.first <= on <= self.last:
            yield _("EcritureDate est hors de l’exercice")

    def _amounts(self, line: dict[str, str]) -> Iterator[str]:
        if not (AMOUNT.fullmatch(line["Debit"]) and AMOUNT.fullmatch(line["Credit"])):
            yield _("un montant s’écrit avec une virgule et deux décimales")
            return
        debit, credit = (Decimal(line[side].replace(",", ".")) for side in ("Debit", "Credit"))
        if debit and credit:
            yield _("une ligne est au débit ou au crédit")
        self.sums[line["JournalCode"], line["EcritureNum"]] += debit - credit

    def _order(self, line: dict[str, str]) -> Iterator[str]:
        journal, told = line["JournalCode"], line["EcritureNum"]
        number = int(told) if told.isdecimal() else -1
        if number not in (self.numbers[journal], self.numbers[journal] + 1) or not number:
            yield _("l’écriture %(number)s du journal %(journal)s ne suit pas la précédente") % {
                "number": told,
                "journal": journal,
            }
        self.numbers[journal] = max(number, self.numbers[journal])
        if line["ValidDate"] < self.valid:
            yield _("ValidDate revient en arrière")
        self.valid = max(self.valid, line["ValidDate"])

    def end(self) -> Iterator[str]:
        for (journal, number), left in self.sums.items():
            if left:
                yield _("L’écriture %(number)s du journal %(journal)s n’est pas équilibrée.") % {
                    "number": number,
                    "journal": journal,
                }


def _day(text: str) -> dt.date | None:
    try:
        return dt.datetime.strptime(text, "%Y%m%d").date() if len(text) == 8 else None  # noqa: DTZ007  # a day
    except ValueError:
        return None
