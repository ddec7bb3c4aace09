"""The CSV or XLSX that a small association's bank gives: no two alike, so columns are told once."""

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing.bank.base import BalanceWrong, ReadLine, ReadStatement, StatementRefused, Unread, as_day, tidy
from billing.enums import StatementFormat
from parties.imports import values
from parties.imports.columns import Column
from parties.imports.sheets import Sheet, read_sheet
from parties.imports.values import Wrong, plain

# What stands above the table: the name of the account, its number, its balance.
HEAD_WITHIN = 25
COLUMNS = (
    Column(
        "date",
        gettext_lazy("Date"),
        ("date opération", "date de l’opération", "date d’opération", "date comptable", "date de comptabilisation",
         "date operation", "dateop", "date op", "booking date"),
    ),
    Column("value", gettext_lazy("Date de valeur"), ("valeur", "date valeur", "dateval")),
    Column(
        "label",
        gettext_lazy("Libellé"),
        ("libellé opération", "libellé de l’opération", "opération", "nature", "description", "libellé simplifié",
         "libellé court", "intitulé", "label"),
    ),
    Column(
        "detail",
        gettext_lazy("Détail"),
        ("libellé complémentaire", "informations complémentaires", "détail de l’écriture", "libellé complet", "détails",
         "motif", "commentaire", "détail 1", "libellé opération détaillé", "info complémentaire"),
    ),
    Column("counterparty", gettext_lazy("Payeur ou bénéficiaire"), ("tiers", "contrepartie", "nom", "émetteur", "débiteur")),
    Column("iban", gettext_lazy("IBAN du payeur"), ("iban", "iban tiers", "iban contrepartie", "compte tiers")),
    Column(
        "reference",
        gettext_lazy("Référence"),
        ("référence opération", "numéro d’opération", "ref", "n° opération", "référence de l’opération"),
    ),
    Column("amount", gettext_lazy("Montant"), ("montant (euros)", "montant eur", "montant en euros", "montant opération", "montant de l’opération")),
    Column("debit", gettext_lazy("Débit"), ("débit (euros)", "débit eur", "débit euros", "montant débit", "débits")),
    Column("credit", gettext_lazy("Crédit"), ("crédit (euros)", "crédit eur", "crédit euros", "montant crédit", "crédits")),
    Column("balance", gettext_lazy("Solde"), ("solde (euros)", "solde après opération", "solde progressif", "solde eur")),
    Column("currency", gettext_lazy("Devise"), ("monnaie", "currency")),
)  # fmt: skip
DATE_FORMATS = ("%d/%m/%Y", "%d/%m/%y", "%Y-%m-%d", "%d-%m-%Y", "%d.%m.%Y", "%Y/%m/%d")
# Lines that sum up, which banks add under the table or in it.
SUM = re.compile(r"(ancien |nouveau )?(solde|total|totaux)\b")
BALANCE = re.compile(r"(ancien |nouveau )?solde (crediteur|debiteur|au|initial|final|precedent|comptable)\b")


@dataclass(frozen=True)
class Columns:
    """The line of headers as it stands, and the column of each thing read."""

    header: Sequence[str]
    columns: Mapping[str, int]

    @property
    def is_enough(self) -> bool:
        return {"date", "label"} <= set(self.columns) and (
            ("amount" in self.columns) != bool({"debit", "credit"} & set(self.columns))
        )


def guess(sheet: Sheet) -> Columns:
    """The columns as their headers say; not enough of them when the bank has words of its own."""
    best = Columns(header=sheet.lines[0][1], columns={})
    for _number, cells in sheet.lines[:HEAD_WITHIN]:
        found: dict[str, int] = {}
        for position, text in enumerate(cells):
            for column in COLUMNS:
                if column.key not in found and column.is_named(text):
                    found[column.key] = position
                    break
        if {"debit", "credit"} & set(found):
            found.pop("amount", None)
        if len(found) > len(best.columns):
            best = Columns(header=cells, columns=found)
    return best


def known_here(sheet: Sheet, mapping: Columns) -> bool:
    """Whether the file has the very line of headers that the mapping was told on."""
    return _head_of(sheet, mapping) is not None


def _head_of(sheet: Sheet, mapping: Columns) -> int | None:
    wanted = _bare(mapping.header)
    for place, (_number, cells) in enumerate(sheet.lines[:HEAD_WITHIN]):
        if _bare(cells) == wanted:
            return place
    return None


def _bare(cells: Sequence[str]) -> list[str]:
    bare = [plain(cell) for cell in cells]
    while bare and not bare[-1]:
        bare.pop()
    return bare


def read(content: bytes, mapping: Columns | None = None) -> ReadStatement:
    """The lines under the headers. What cannot be read is told line by line, and stops the import."""
    sheet = read_sheet(content)
    mapping = mapping or guess(sheet)
    head = _head_of(sheet, mapping)
    if head is None or not mapping.is_enough:
        raise StatementRefused(_("Dites d’abord quelle colonne dit quoi."))
    lines: list[ReadLine] = []
    unread: list[Unread] = []
    balances: list[tuple[int, Decimal, Decimal]] = []
    for number, cells in sheet.lines[head + 1 :]:
        row = {key: cells[at].strip() if at < len(cells) else "" for key, at in mapping.columns.items()}
        text = " · ".join(cell.strip() for cell in cells if cell.strip())[:200]
        try:
            line = _line(number, row)
            balance = _number(row, "balance") if line else None
        except Wrong as wrong:
            unread.append(Unread(number, text, str(wrong), stops=True))
            continue
        if line is None:
            unread.append(Unread(number, text, _("Ce n’est pas un mouvement."), stops=False))
            continue
        lines.append(line)
        if balance is not None:
            balances.append((number, line.amount, balance))
    _check_balances(balances, len(lines))
    return ReadStatement(format=StatementFormat.CSV, lines=lines, unread=unread, notes=list(sheet.notes))


def _line(number: int, row: Mapping[str, str]) -> ReadLine | None:
    """The line, or None for one that sums up. Raises Wrong."""
    said = plain(row.get("label", ""))
    # « TOTAL ENERGIES » is a supplier: only a line without a day sums up, or one that says it is a balance.
    if SUM.match(plain(row["date"])) or BALANCE.match(said) or (not row["date"] and SUM.match(said)):
        return None
    amount = _amount(row)
    if amount is None and not (row["date"] and said):
        return None
    if plain(row.get("currency", "")) not in ("", "eur", "euro", "euros"):
        raise Wrong(
            _("Ce mouvement est en %s. Le portail tient les comptes en euros seulement.") % row["currency"][:20]
        )
    if amount is None:
        raise Wrong(_("Il n’y a pas de montant."))
    return ReadLine(
        place=number,
        on=day(row["date"]),
        value_on=day(row["value"]) if row.get("value") else None,
        amount=amount,
        label=tidy(row.get("label", ""), row.get("detail", "")) or _("(sans libellé)"),
        counterparty=tidy(row.get("counterparty", ""), longest=160),
        counterparty_iban=re.sub(r"[^A-Z0-9]", "", row.get("iban", "").upper())[:34],
        bank_reference=tidy(row.get("reference", ""), longest=80),
    )


def _amount(row: Mapping[str, str]) -> Decimal | None:
    """What came in, less what went out; None where nothing is written, or nothing moved."""
    if "amount" in row:
        return _number(row, "amount") or None
    credit, debit = _number(row, "credit"), _number(row, "debit")
    if credit and debit:
        raise Wrong(_("Le débit et le crédit sont remplis tous les deux."))
    if credit:
        return credit
    return -abs(debit) if debit else None


def _number(row: Mapping[str, str], key: str) -> Decimal | None:
    text = row.get(key, "").strip().removeprefix("+").strip()
    return values.number(text, digits=12, places=2, signed=True)


def day(text: str) -> dt.date:
    """« 31/10/2026 », « 2026-10-31 00:00:00 ». Raises Wrong."""
    bare = re.split(r"[ T]", text.strip())[0]
    found = as_day(bare, *DATE_FORMATS)
    if found is None:
        raise Wrong(_("«\u00a0%s\u00a0» n’est pas une date. Exemple\u00a0: 31/10/2026.") % text[:40])
    return found


def _check_balances(balances: list[tuple[int, Decimal, Decimal]], count: int) -> None:
    """Where each line has its balance, each follows from the one before, the file being in either order."""
    if len(balances) < 2 or len(balances) != count:
        return
    pairs = list(pairwise(balances))
    downward = [after[2] == before[2] + after[1] for before, after in pairs]
    upward = [before[2] == after[2] + before[1] for before, after in pairs]
    if all(downward) or all(upward):
        return
    wrong = downward if sum(downward) >= sum(upward) else upward
    raise BalanceWrong(
        _("Le solde ne tombe pas juste à la ligne %s du fichier. Téléchargez le relevé de nouveau, sans le modifier.")
        % pairs[wrong.index(False)][1][0]
    )
