"""One cell at a time: French numbers and words, and what makes a cell wrong, in plain French."""

import re
import unicodedata
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator
from django.utils.translation import gettext as _

_SPACES = re.compile(r"[\s\u00a0\u202f\u2009']+")
_UNITS = re.compile(r"(€|eur|euros?|m²|m2|etp)$", re.IGNORECASE)
_PLAIN_NUMBER = re.compile(r"-?\d+([.,]\d+)?")
_ONE_DOT_GROUP = re.compile(r"-?[1-9]\d{0,2}\.\d{3}")
_DOT_GROUPS = re.compile(r"-?\d{1,3}(\.\d{3})+,\d+|-?\d{1,3}(\.\d{3}){2,}")
_ROUNDED = re.compile(r"\d[.,]\d+e\+?\d+", re.IGNORECASE)
_is_email = EmailValidator()


class Wrong(Exception):
    """What is wrong with a cell, as its reader is told."""


def plain(text: str) -> str:
    """Text without accents, capitals, punctuation: « Chiffre d’affaires (€) » is « chiffre d affaires »."""
    folded = unicodedata.normalize("NFKD", text.replace("œ", "oe").replace("’", "'")).encode("ascii", "ignore").decode()
    return " ".join(re.sub(r"[^a-z0-9]+", " ", folded.lower()).split())


def words(text: str, longest: int) -> str:
    """A text to keep. Raises Wrong when it is a formula, or too long."""
    text = " ".join(text.split())
    if text.startswith(("=", "@")):
        raise Wrong(_("«\u00a0%s\u00a0» est une formule de tableur, pas un texte. Écrivez le texte seul.") % text[:60])
    if text[:1] in ("+", "-") and "!" in text:
        raise Wrong(_("«\u00a0%s\u00a0» est une formule de tableur, pas un texte. Écrivez le texte seul.") % text[:60])
    if len(text) > longest:
        raise Wrong(
            _("Ce texte a %(length)s caractères, il en faut %(longest)s au plus.")
            % {"length": len(text), "longest": longest}
        )
    return text


def email(text: str) -> str:
    text = words(text, 254).lower()
    try:
        if text:
            _is_email(text)
    except ValidationError as error:
        raise Wrong(_("«\u00a0%s\u00a0» n’est pas une adresse électronique.") % text) from error
    return text


def number(text: str, *, digits: int, places: int, signed: bool = False) -> Decimal | None:
    """« 1 234,50 », « 3,7 », « 1 600 000 € ». Raises Wrong, also when the dot may be either."""
    bare = _SPACES.sub("", text).replace("\u2212", "-")
    bare = _UNITS.sub("", bare)
    if bare in ("", "-", "–"):
        return None
    if bare.startswith("="):
        raise Wrong(_("«\u00a0%s\u00a0» est une formule dont le résultat manque. Écrivez le nombre.") % text[:60])
    if _DOT_GROUPS.fullmatch(bare):
        bare = bare.replace(".", "")
    elif _ONE_DOT_GROUP.fullmatch(bare):
        raise Wrong(
            _("«\u00a0%(text)s\u00a0» se lit de deux façons\u00a0: écrivez %(thousands)s ou %(decimal)s.")
            % {"text": text, "thousands": bare.replace(".", "\u202f"), "decimal": bare.replace(".", ",")}
        )
    if not _PLAIN_NUMBER.fullmatch(bare):
        raise Wrong(_("«\u00a0%s\u00a0» n’est pas un nombre. Exemples\u00a0: 1 234,50 ou 3,7.") % text[:60])
    if len(bare) > 25:  # beyond, decimals cannot be counted, and no structure weighs as much
        raise Wrong(_("«\u00a0%s\u00a0» est trop grand.") % text[:60])
    value = Decimal(bare.replace(",", "."))
    if value < 0 and not signed:
        raise Wrong(_("Ce nombre ne peut pas être négatif."))
    if value != round(value, places):
        raise Wrong(
            _("«\u00a0%s\u00a0»\u00a0: un nombre entier, sans virgule.") % text
            if places == 0
            else _("«\u00a0%(text)s\u00a0»\u00a0: %(places)s chiffres au plus après la virgule.")
            % {"text": text, "places": places}
        )
    if abs(value) >= Decimal(10) ** (digits - places):
        raise Wrong(_("«\u00a0%s\u00a0» est trop grand.") % text)
    return round(value, places)


def year(text: str) -> int | None:
    value = number(text, digits=6, places=0)
    if value is not None and not 1950 <= value <= 2100:
        raise Wrong(_("«\u00a0%s\u00a0» n’est pas une année.") % text)
    return None if value is None else int(value)


def identifier(text: str) -> str:
    """A number kept as digits. Raises Wrong when the spreadsheet has rounded it."""
    if _ROUNDED.fullmatch(_SPACES.sub("", text)):
        raise Wrong(
            _("Le tableur a arrondi ce numéro (%s). Mettez la colonne au format texte, puis écrivez-le de nouveau.")
            % text
        )
    return _SPACES.sub("", text)
