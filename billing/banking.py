"""What banks agree on: days when they settle, numbers that check, letters that pass."""

import datetime as dt
import re
import unicodedata

import holidays
from django.utils.translation import gettext_lazy as _
from stdnum import bic as stdnum_bic
from stdnum import iban as stdnum_iban
from stdnum.eu import at_02
from stdnum.exceptions import ValidationError as WrongNumber

from hubs.refusals import Refusal

# Closed with the European Central Bank: the calendar of TARGET.
TARGET = holidays.financial_holidays("XECB")
LIGATURES = str.maketrans({"œ": "oe", "Œ": "OE", "æ": "ae", "Æ": "AE", "’": "'", "–": "-", "—": "-", "&": "+"})
# What a mandate's reference (RUM) is made of: the letters that every bank of the SEPA takes.
REFERENCE = r"^[A-Za-z0-9+?/:().,'-][A-Za-z0-9+?/:().,' -]{0,34}$"


class WrongIban(Refusal):
    message = _("Cet IBAN ne tombe pas juste. Recopiez-le du relevé d’identité bancaire.")
    field = "iban"


class WrongBic(Refusal):
    message = _("Un BIC compte 8 ou 11 caractères.")
    field = "bic"


class WrongCreditor(Refusal):
    message = _("Cet ICS ne tombe pas juste. Recopiez-le de la lettre de votre banque\u00a0: FR, deux chiffres, ZZZ…")
    field = "ics"


class WrongReference(Refusal):
    message = _(
        "Une référence de mandat a 35 caractères au plus, sans accent\u00a0: "
        "lettres, chiffres, espace et + ? / - : ( ) . , '"
    )
    field = "rum"


def clean_iban(text: str) -> str:
    """Without spaces, in capitals. Raises WrongIban."""
    try:
        return str(stdnum_iban.validate(text))
    except WrongNumber as error:
        raise WrongIban from error


def clean_bic(text: str) -> str:
    """Raises WrongBic; nothing stays nothing."""
    try:
        return str(stdnum_bic.validate(text)) if text.strip() else ""
    except WrongNumber as error:
        raise WrongBic from error


def clean_creditor(text: str) -> str:
    """The creditor's identifier (ICS) without spaces; nothing stays nothing. Raises WrongCreditor."""
    try:
        number = at_02.validate(text) if text.strip() else ""
    except WrongNumber as error:
        raise WrongCreditor from error
    # The key does not cover the country nor the length: FR and its thirteen characters are what banks here give.
    if number and not re.fullmatch(r"[A-Z]{2}[0-9]{2}[0-9A-Z]{3}[0-9A-Z]{1,28}", number):
        raise WrongCreditor
    return str(number)


def clean_reference(text: str) -> str:
    """Raises WrongReference."""
    reference = " ".join(text.split())
    if not re.match(REFERENCE, reference) or reference.endswith("/") or reference[0] == "/" or "//" in reference:
        raise WrongReference
    return reference


def masked(iban: str) -> str:
    """« FR76 •••• 0189 »: enough to know one's account again, too little to use it."""
    iban = iban.replace(" ", "")
    return f"{iban[:4]} •••• {iban[-4:]}" if iban else ""


def grouped(iban: str) -> str:
    """« FR76 3000 6000 … », as it is read aloud."""
    return " ".join(iban[start : start + 4] for start in range(0, len(iban), 4))


def plain(text: str, length: int) -> str:
    """In the letters that banks pass on unchanged: « Café & Cie » → « Cafe + Cie »."""
    bare = unicodedata.normalize("NFKD", text.translate(LIGATURES)).encode("ascii", "ignore").decode()
    letters = re.sub(r"[^A-Za-z0-9+?/:().,' -]", " ", bare)
    return " ".join(letters.split())[:length].strip()


def is_bank_day(day: dt.date) -> bool:
    """Whether banks settle in euros on that day: the calendar of TARGET."""
    return day.weekday() < 5 and day not in TARGET


def bank_day(day: dt.date) -> dt.date:
    """That day, or the next on which banks settle."""
    while not is_bank_day(day):
        day += dt.timedelta(days=1)
    return day


def bank_day_before(day: dt.date) -> dt.date:
    """The last day on which banks settle before that day."""
    day -= dt.timedelta(days=1)
    while not is_bank_day(day):
        day -= dt.timedelta(days=1)
    return day
