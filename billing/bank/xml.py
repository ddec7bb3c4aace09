"""XML from outside, read so that it can reach nothing and unfold into nothing."""

from typing import Any

from django.utils.translation import gettext as _
from lxml import etree

from billing.bank.base import StatementRefused


def read_xml(content: bytes) -> Any:
    """The root. Raises StatementRefused, also for any DOCTYPE: no bank sends one, and bombs need it."""
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise StatementRefused(_("Ce fichier XML est abîmé. Téléchargez-le de nouveau à la banque.")) from error
    info = root.getroottree().docinfo
    if info.doctype or info.internalDTD is not None:
        raise StatementRefused(_("Ce fichier XML contient une déclaration DOCTYPE, que le portail refuse d’ouvrir."))
    return root


def named(element: Any, *path: str) -> list[Any]:
    """The elements at the end of the path, whatever their namespace."""
    found = [element]
    for name in path:
        found = [child for each in found for child in each if etree.QName(child).localname == name]
    return found


def text_of(element: Any, *path: str) -> str:
    """The text of the first of them, or nothing."""
    found = named(element, *path)
    return (found[0].text or "").strip() if found else ""
