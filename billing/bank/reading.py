"""Which format a file is in, by its content and never by its name."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from billing.bank import camt, cfonb, helloasso, ofx, table
from billing.bank.base import ReadStatement, StatementRefused, checked
from parties.imports.sheets import MAX_BYTES, FileEmpty, FileTooBig, read_sheet

HELLOASSO = "helloasso"


def recognise(content: bytes) -> str:
    """The format: one of StatementFormat, or HELLOASSO. Raises FileRefused."""
    if len(content) > MAX_BYTES:
        raise FileTooBig
    if not content.strip():
        raise FileEmpty
    for reader, name in ((camt, "camt053"), (ofx, "ofx"), (cfonb, "cfonb120")):
        if reader.looks_like(content):
            return name
    if content.lstrip(b"\xef\xbb\xbf\r\n\t ").startswith(b"<"):
        raise StatementRefused(
            _("Ce fichier XML n’est pas un relevé. Le portail lit le camt.053\u00a0; demandez-le à la banque.")
        )
    return HELLOASSO if helloasso.looks_like(read_sheet(content)) else "csv"


def read_statement(content: bytes, mapping: table.Columns | None = None) -> ReadStatement:
    """The statement, whatever its format, once its balances tie. Raises FileRefused."""
    readers: Mapping[str, Any] = {"camt053": camt.read, "ofx": ofx.read, "cfonb120": cfonb.read}
    name = recognise(content)
    if name == HELLOASSO:
        raise StatementRefused(_("Ce fichier est un export HelloAsso, pas un relevé de la banque."))
    return checked(readers[name](content) if name in readers else table.read(content, mapping))
