"""What a platform tells of an invoice: a message of life cycle (CDAR, UN/CEFACT D22B), as XP Z12-012 uses it."""

import datetime as dt
import re
from typing import Any

from django.utils import timezone

from billing.einvoice.platforms import Status

MAX_TEXT = 500


class NotAStatus(ValueError):
    """These bytes are no message of life cycle about one invoice."""


def read_status(content: bytes) -> Status:
    """Raises NotAStatus."""
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise NotAStatus("no XML") from error
    info = root.getroottree().docinfo
    if info.doctype or info.internalDTD is not None:
        raise NotAStatus("a DOCTYPE")
    document = _first(root, "AcknowledgementDocument/ReferenceReferencedDocument")
    if document is None:
        raise NotAStatus("about nothing")
    number, code = _text(document, "IssuerAssignedID"), _text(document, "ProcessConditionCode")
    if not number or not re.fullmatch(r"\d{3}", code):
        raise NotAStatus("no number, or no code")
    at = _moment(_text(root, "AcknowledgementDocument/IssueDateTime/DateTimeString")) or _moment(
        _text(root, "ExchangedDocument/IssueDateTime/DateTimeString")
    )
    if at is None:
        raise NotAStatus("no date")
    return Status(code=code, at=at, number=number[:80], seller=_seller(document), text=_reasons(document))


def _reasons(document: Any) -> str:
    """What is reproached: the words before the code, each once."""
    said: list[str] = []
    for status in _all(document, "SpecifiedDocumentStatus"):
        reason = _text(status, "Reason") or _text(status, "ReasonCode")
        said += [reason, *(_clean(note.text) for note in _all(status, "IncludedNote/Content"))]
    return " ; ".join(dict.fromkeys(filter(None, said)))[:MAX_TEXT]


def _seller(document: Any) -> str:
    """The SIREN of who issued the invoice (list 0002 of ISO 6523)."""
    ids = _all(document, "IssuerTradeParty/GlobalID")
    return next((_clean(each.text)[:9] for each in ids if each.get("schemeID") == "0002"), "")


def _moment(said: str) -> dt.datetime | None:
    """AAAAMMJJHHMMSS of the French clock: the format has no zone."""
    try:
        moment = dt.datetime.strptime(said, "%Y%m%d%H%M%S")  # noqa: DTZ007 made aware below
    except ValueError:
        return None
    return timezone.make_aware(moment) if 2000 <= moment.year < 2100 else None


def _all(element: Any, path: str) -> list[Any]:
    """Elements by the local names of a path: their prefixes are each platform's own."""
    return list(element.xpath("/".join(f"*[local-name()='{name}']" for name in path.split("/"))))


def _first(element: Any, path: str) -> Any:
    return next(iter(_all(element, path)), None)


def _text(element: Any, path: str) -> str:
    found = _first(element, path)
    return "" if found is None else _clean(found.text)


def _clean(text: str | None) -> str:
    return " ".join((text or "").split())
