"""CFONB 120: French banks' lines of 120 characters, the sign hidden in the last digit of the amount."""

import datetime as dt
import re
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from billing.bank.base import NotEuros, ReadLine, ReadStatement, StatementRefused, as_day, tidy
from billing.enums import StatementFormat

OPENING, MOVEMENT, DETAIL, CLOSING = "01", "04", "05", "07"
POSITIVE = {letter: digit for digit, letter in enumerate("{ABCDEFGHI")}
NEGATIVE = {letter: digit for digit, letter in enumerate("}JKLMNOPQR")}


def looks_like(content: bytes) -> bool:
    return re.match(rb"\xef?\xbb?\xbf?01\d{5}    \d{5}(EUR|[A-Z]{3})", content) is not None


def read(content: bytes) -> ReadStatement:
    """The records of one account, in the order of the file."""
    lines: list[dict[str, Any]] = []
    opening: tuple[dt.date, Decimal] | None = None
    closing: tuple[dt.date, Decimal] | None = None
    accounts: set[str] = set()
    for record in _records(content):
        kind = record[:2]
        if record[16:19] != "EUR" and kind != DETAIL:
            raise NotEuros
        accounts.add(record[2:7] + record[11:16] + record[21:32])
        if kind == OPENING:
            opening = opening or (_day(record[34:40]), _amount(record))
        elif kind == CLOSING:
            closing = (_day(record[34:40]), _amount(record))
        elif kind == MOVEMENT:
            lines.append(_movement(record))
        elif kind == DETAIL and lines:
            _tell_more(lines[-1], record)
    if len(accounts) > 1:
        raise StatementRefused(_("Ce fichier mêle plusieurs comptes. Demandez à la banque un fichier par compte."))
    return ReadStatement(
        format=StatementFormat.CFONB,
        lines=[
            ReadLine(place=place, **line | {"label": tidy(line["label"]) or _("(sans libellé)")})
            for place, line in enumerate(lines, start=1)
            if line["amount"]
        ],
        opening=opening[1] if opening else None,
        closing=closing[1] if closing else None,
        # The balance of departure is that of the evening before.
        starts_on=opening[0] + dt.timedelta(days=1) if opening and lines else None,
        last_on=closing[0] if closing else None,
        account=accounts.pop() if accounts else "",
    )


def _records(content: bytes) -> list[str]:
    """Lines of 120, or one long line cut every 120."""
    text = content.removeprefix(b"\xef\xbb\xbf").decode("latin-1").rstrip("\r\n\x1a ")
    rows = [row for row in re.split(r"\r\n|\n|\r", text) if row.strip()]
    if len(rows) == 1 and len(rows[0]) > 120:
        rows = [rows[0][start : start + 120] for start in range(0, len(rows[0]), 120)]
    for place, row in enumerate(rows, start=1):
        if len(row) > 120 or row[:2] not in (OPENING, MOVEMENT, DETAIL, CLOSING):
            raise StatementRefused(
                _("La ligne %s de ce relevé CFONB est abîmée. Téléchargez-le de nouveau à la banque.") % place
            )
    return [row.ljust(120) for row in rows]


def _movement(record: str) -> dict[str, Any]:
    return {
        "on": _day(record[34:40]),
        "value_on": _day(record[42:48]) if record[42:48].strip() else None,
        "amount": _amount(record),
        "label": record[48:79],
        "bank_reference": tidy(record[81:88].strip("0 "), record[104:120], longest=80),
    }


def _tell_more(line: dict[str, Any], record: str) -> None:
    """A record 05 says more of the movement before it, by its qualifier."""
    qualifier, words = record[45:48], record[48:118].strip()
    if qualifier in ("NPY", "NBE"):
        line["counterparty"] = tidy(words, longest=160)
    elif qualifier == "RCN":
        line["end_to_end_id"] = tidy(words[:35], longest=80)
        line["label"] += f" {words}"
    elif qualifier == "IPY":
        line["counterparty_iban"] = words.split(" ")[0][:34]
    else:
        line["label"] += f" {words}"


def _day(text: str) -> dt.date:
    found = as_day(text, "%d%m%y")
    if found is None:
        raise StatementRefused(_("«\u00a0%s\u00a0» n’est pas une date.") % text)
    return found


def _amount(record: str) -> Decimal:
    decimals, text = record[19], record[90:104]
    last = text[-1:]
    sign, digit = (1, POSITIVE[last]) if last in POSITIVE else (-1, NEGATIVE.get(last, -1))
    if digit < 0 or not text[:-1].isdigit() or decimals != "2":
        raise StatementRefused(_("«\u00a0%s\u00a0» n’est pas un montant. Le fichier est abîmé.") % text)
    return sign * Decimal(f"{text[:-1]}{digit}").scaleb(-2)
