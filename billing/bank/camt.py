"""camt.053, versions 001.02 to 001.08: the statement that banks give in XML (ISO 20022)."""

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from billing.bank.base import NotEuros, ReadLine, ReadStatement, StatementRefused, exact, tidy
from billing.bank.xml import named, read_xml, text_of
from billing.enums import StatementFormat
from billing.money import ZERO

OPENING = ("OPBD", "PRCD")
CLOSING = "CLBD"


def looks_like(content: bytes) -> bool:
    return b"BkToCstmrStmt" in content[:4000]


def read(content: bytes) -> ReadStatement:
    """Every booked entry; several statements of one account follow one another."""
    statements = named(read_xml(content), "BkToCstmrStmt", "Stmt")
    if not statements:
        raise StatementRefused(_("Ce fichier XML n’est pas un relevé camt.053."))
    accounts = {_account(statement) for statement in statements}
    if len(accounts) > 1:
        raise StatementRefused(_("Ce fichier mêle plusieurs comptes. Demandez à la banque un fichier par compte."))
    statements.sort(key=lambda statement: text_of(statement, "FrToDt", "FrDtTm") or text_of(statement, "CreDtTm"))
    lines = [line for statement in statements for line in _lines(statement)]
    opening, closing = _balance(statements[0], *OPENING), _balance(statements[-1], CLOSING)
    return ReadStatement(
        format=StatementFormat.CAMT,
        lines=[_at(line, place) for place, line in enumerate(lines, start=1)],
        opening=opening[0] if opening else None,
        closing=closing[0] if closing else None,
        starts_on=_day(text_of(statements[0], "FrToDt", "FrDtTm")),
        last_on=_day(text_of(statements[-1], "FrToDt", "ToDtTm")) or (closing[1] if closing else None),
        account=accounts.pop(),
    )


def _at(line: dict[str, Any], place: int) -> ReadLine:
    return ReadLine(place=place, **line)


def _account(statement: Any) -> str:
    currency = text_of(statement, "Acct", "Ccy")
    if currency not in ("", "EUR"):
        raise NotEuros
    return text_of(statement, "Acct", "Id", "IBAN") or text_of(statement, "Acct", "Id", "Othr", "Id")


def _balance(statement: Any, *codes: str) -> tuple[Decimal, dt.date | None] | None:
    for code in codes:
        for balance in named(statement, "Bal"):
            if text_of(balance, "Tp", "CdOrPrtry", "Cd") == code:
                return _signed(balance), _day(text_of(balance, "Dt", "Dt") or text_of(balance, "Dt", "DtTm"))
    return None


def _signed(element: Any) -> Decimal:
    (amount, *_others) = named(element, "Amt") or [None]
    if amount is None:
        raise StatementRefused(_("Une ligne de ce relevé n’a pas de montant."))
    if amount.get("Ccy", "EUR") != "EUR":
        raise NotEuros
    return exact(amount.text or "") * (-1 if text_of(element, "CdtDbtInd") == "DBIT" else 1)


def _day(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text[:10]) if text else None
    except ValueError as error:
        raise StatementRefused(_("«\u00a0%s\u00a0» n’est pas une date.") % text[:30]) from error


def _lines(statement: Any) -> Iterator[dict[str, Any]]:
    """The entries that are booked: what is announced only (PDNG, INFO) has not moved the account."""
    for entry in named(statement, "Ntry"):
        status = text_of(entry, "Sts", "Cd") or text_of(entry, "Sts")
        amount = _signed(entry)
        if status not in ("BOOK", "") or amount == ZERO:
            continue
        on = _day(text_of(entry, "BookgDt", "Dt") or text_of(entry, "BookgDt", "DtTm"))
        value_on = _day(text_of(entry, "ValDt", "Dt") or text_of(entry, "ValDt", "DtTm"))
        if on is None and value_on is None:
            raise StatementRefused(_("Une ligne de ce relevé n’a pas de date."))
        details = named(entry, "NtryDtls", "TxDtls")
        yield {
            "on": on or value_on,
            "value_on": value_on,
            "amount": amount,
            "bank_reference": tidy(text_of(entry, "AcctSvcrRef"), longest=80),
            **_who(details, amount),
            "label": tidy(*_words(entry, details)) or _("(sans libellé)"),
        }


def _who(details: list[Any], amount: Decimal) -> dict[str, str]:
    """The other side of a line of one transaction. A line of several has none of its own."""
    if len(details) != 1:
        return {}
    (detail,) = details
    side = "Dbtr" if amount > 0 else "Cdtr"
    end_to_end = text_of(detail, "Refs", "EndToEndId")
    return {
        # From version 08 on, the party stands one level further down.
        "counterparty": tidy(
            text_of(detail, "RltdPties", side, "Nm") or text_of(detail, "RltdPties", side, "Pty", "Nm"), longest=160
        ),
        "counterparty_iban": text_of(detail, "RltdPties", f"{side}Acct", "Id", "IBAN").replace(" ", "")[:34],
        "end_to_end_id": "" if end_to_end == "NOTPROVIDED" else tidy(end_to_end, longest=80),
    }


def _words(entry: Any, details: list[Any]) -> Iterator[str]:
    yield text_of(entry, "AddtlNtryInf")
    for detail in details:
        if len(details) > 1:
            yield text_of(detail, "Refs", "EndToEndId").replace("NOTPROVIDED", "")
        yield text_of(detail, "RmtInf", "Strd", "CdtrRefInf", "Ref")
        for words in named(detail, "RmtInf", "Ustrd"):
            yield words.text or ""
        yield text_of(detail, "AddtlTxInf")
