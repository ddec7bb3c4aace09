"""OFX: the few tags that a statement needs, in the old SGML (tags that never close) as in XML."""

import datetime as dt
import html
import re

from django.utils.translation import gettext as _

from billing.bank.base import NotEuros, ReadLine, ReadStatement, StatementRefused, as_day, exact, tidy
from billing.enums import StatementFormat

_TAG = re.compile(r"<([A-Z0-9.]+)>([^<\r\n]*)", re.IGNORECASE)


def looks_like(content: bytes) -> bool:
    return b"<OFX>" in content[:4000].upper()


def read(content: bytes) -> ReadStatement:
    """The transactions of one account. The balance of the end is told; that of the start is not in OFX."""
    text = _decoded(content)
    if re.search(r"<!(DOCTYPE|ENTITY)", text, re.IGNORECASE):
        raise StatementRefused(_("Ce fichier contient une déclaration DOCTYPE, que le portail refuse d’ouvrir."))
    if len(re.findall(r"<ACCTID>", text, re.IGNORECASE)) > 1:
        raise StatementRefused(_("Ce fichier mêle plusieurs comptes. Demandez à la banque un fichier par compte."))
    head, *transactions = re.split(r"<STMTTRN>", text, flags=re.IGNORECASE)
    about = _tags(head)
    if about.get("CURDEF", "EUR").upper() != "EUR":
        raise NotEuros
    lines = [_line(place, _tags(part)) for place, part in enumerate(transactions, start=1)]
    after = _tags(re.split(r"</STMTTRN>|</BANKTRANLIST>", text, flags=re.IGNORECASE)[-1])
    return ReadStatement(
        format=StatementFormat.OFX,
        lines=[line for line in lines if line.amount],
        closing=exact(after["BALAMT"]) if after.get("BALAMT") else None,
        starts_on=_day(about["DTSTART"]) if about.get("DTSTART") and transactions else None,
        last_on=_day(about["DTEND"]) if about.get("DTEND") and transactions else None,
        account=about.get("ACCTID", ""),
    )


def _decoded(content: bytes) -> str:
    head = content[:600].upper()
    if b"CHARSET:1252" in head or b"WINDOWS-1252" in head:
        return content.decode("cp1252", errors="replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("latin-1")


def _tags(text: str) -> dict[str, str]:
    """The first value of each tag."""
    found: dict[str, str] = {}
    for name, value in _TAG.findall(text):
        found.setdefault(name.upper(), html.unescape(value).strip())
    return found


def _line(place: int, tags: dict[str, str]) -> ReadLine:
    if "TRNAMT" not in tags or "DTPOSTED" not in tags:
        raise StatementRefused(_("Une ligne de ce relevé n’a pas de date ou pas de montant."))
    number = _("chèque %s") % tags["CHECKNUM"] if tags.get("CHECKNUM", "").strip("0") else ""
    return ReadLine(
        place=place,
        on=_day(tags["DTPOSTED"]),
        amount=exact(tags["TRNAMT"]),
        label=tidy(tags.get("NAME", ""), tags.get("MEMO", ""), number) or _("(sans libellé)"),
        bank_reference=tidy(tags.get("FITID", ""), longest=80),
    )


def _day(text: str) -> dt.date:
    found = as_day(text[:8], "%Y%m%d")
    if found is None:
        raise StatementRefused(_("«\u00a0%s\u00a0» n’est pas une date.") % text[:30])
    return found
