"""The entries of a year as files: the eighteen columns of LPF A47 A-1, and two plain CSVs for other ledgers."""

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from billing.enums import Journal
from billing.models import BooksYear, JournalLine
from hubs import languages

COLUMNS = (
    "JournalCode", "JournalLib", "EcritureNum", "EcritureDate", "CompteNum", "CompteLib", "CompAuxNum", "CompAuxLib",
    "PieceRef", "PieceDate", "EcritureLib", "Debit", "Credit", "EcritureLet", "DateLet", "ValidDate", "Montantdevise",
    "Idevise",
)  # fmt: skip


def file_name(year: BooksYear) -> str:
    """`900274184FEC20261231.txt`: the SIREN and the last day, as the law names the file."""
    return f"{year.issuer.siren}FEC{year.last_day:%Y%m%d}.txt"


def eighteen_columns(lines: Iterable[JournalLine]) -> bytes:
    """Tabs, CRLF, dates AAAAMMJJ, decimal commas; UTF-8. In the order in which entries were written."""
    with languages.of_hub():
        rows = ["\t".join(COLUMNS), *("\t".join(_row(line)) for line in lines)]
    return ("\r\n".join(rows) + "\r\n").encode()


def _row(line: JournalLine) -> tuple[str, ...]:
    entry = line.entry
    return (
        entry.journal,
        plain(Journal(entry.journal).label),
        str(entry.sequence),
        _date(entry.on),
        line.ledger_account.number,
        plain(line.ledger_account.label),
        line.aux_number,
        plain(line.aux_label),
        plain(entry.piece_ref),
        _date(entry.piece_date),
        plain(line.label),
        amount(line.debit),
        amount(line.credit),
        line.letter,
        _date(line.lettered_on),
        _date(timezone.localdate(entry.posted_at)),
        "",
        "",
    )


def plain(text: Any) -> str:
    """On one line, with neither tab nor bar, and ordinary spaces."""
    return " ".join(str(text).replace("|", " ").split())


def amount(value: Decimal) -> str:
    return f"{value:.2f}".replace(".", ",")


def _date(day: dt.date | None) -> str:
    return f"{day:%Y%m%d}" if day else ""


def two_sides(lines: Iterable[JournalLine]) -> tuple[list[str], Iterator[Sequence[Any]]]:
    """One line per movement with its debit and its credit, as most ledgers import (Pennylane, EBP)."""
    header = [
        _("Journal"), _("Date"), _("Pièce"), _("Compte"), _("Compte auxiliaire"), _("Nom du tiers"), _("Libellé"),
        _("Débit"), _("Crédit"), _("Code analytique"), _("Lettrage"),
    ]  # fmt: skip
    return header, (
        (
            line.entry.journal, line.entry.on, line.entry.piece_ref, line.ledger_account.number, line.aux_number,
            line.aux_label, line.label, line.debit, line.credit, line.analytic, line.letter,
        )
        for line in lines
    )  # fmt: skip


def one_amount(lines: Iterable[JournalLine]) -> tuple[list[str], Iterator[Sequence[Any]]]:
    """One amount and its side, D or C, the member's account in the place of 411 (Sage, Ciel)."""
    header = [
        _("Journal"), _("Date"), _("Compte"), _("Libellé"), _("Pièce"), _("Montant"), _("Sens"), _("Section analytique"),
    ]  # fmt: skip
    return header, (
        (
            line.entry.journal, line.entry.on, line.aux_number or line.ledger_account.number, line.label,
            line.entry.piece_ref, line.debit or line.credit, "D" if line.debit else "C", line.analytic,
        )
        for line in lines
    )  # fmt: skip
