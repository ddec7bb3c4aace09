"""What every format gives, and how it says no."""

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing.enums import StatementFormat
from billing.money import ZERO
from hubs import french
from parties.imports.sheets import FileRefused

LONGEST_LABEL = 500
# A French account number has eleven characters: what is shorter names no account.
SHORTEST_ACCOUNT = 11
# What fits numeric(12, 2).
LARGEST = Decimal(10) ** 10


class StatementRefused(FileRefused):
    message = gettext_lazy("Ce fichier n’est pas un relevé que le portail sait lire.")


class NotEuros(StatementRefused):
    message = gettext_lazy("Ce relevé n’est pas en euros. Le portail tient les comptes en euros seulement.")


class BalanceWrong(StatementRefused):
    """The lines do not lead from the opening balance to the closing one."""


@dataclass(frozen=True)
class ReadLine:
    """A line as the bank wrote it; `place` is where it stands in the file, from 1."""

    place: int
    on: dt.date
    amount: Decimal
    label: str
    value_on: dt.date | None = None
    counterparty: str = ""
    counterparty_iban: str = ""
    end_to_end_id: str = ""
    bank_reference: str = ""


@dataclass(frozen=True)
class Unread:
    """A line of the file that was left out (`stops` False), or that stops the import."""

    place: int
    text: str
    why: str
    stops: bool


@dataclass(frozen=True)
class ReadStatement:
    """`account` is what the file says of its account: an IBAN, or the part of one that old formats know."""

    format: StatementFormat
    lines: Sequence[ReadLine]
    opening: Decimal | None = None
    closing: Decimal | None = None
    starts_on: dt.date | None = None
    last_on: dt.date | None = None
    account: str = ""
    unread: Sequence[Unread] = ()
    notes: list[str] = field(default_factory=list)

    @property
    def first_day(self) -> dt.date:
        days = [line.on for line in self.lines]
        return min([*days, *([self.starts_on] if self.starts_on else [])])

    @property
    def last_day(self) -> dt.date:
        days = [line.on for line in self.lines]
        return max([*days, *([self.last_on] if self.last_on else [])])

    @property
    def stopping(self) -> list[Unread]:
        return [each for each in self.unread if each.stops]

    def is_of(self, iban: str) -> bool:
        """Whether the file may be that account's: it says so, or says nothing."""
        said = re.sub(r"[^A-Z0-9]", "", self.account.upper())
        return len(said) < SHORTEST_ACCOUNT or said in iban


def checked(read: ReadStatement) -> ReadStatement:
    """The statement, once its balances tie. Raises BalanceWrong, StatementRefused."""
    if not read.lines and not read.unread:
        raise StatementRefused(_("Ce relevé n’a aucune ligne. Choisissez une période où le compte a bougé."))
    if read.opening is None or read.closing is None:
        return read
    moved = sum((line.amount for line in read.lines), ZERO)
    if read.opening + moved != read.closing:
        raise BalanceWrong(
            _(
                "Le solde ne tombe pas juste\u00a0: %(opening)s au départ, %(moved)s de mouvements, et %(closing)s à "
                "l’arrivée. Le fichier est incomplet ou abîmé\u00a0: téléchargez-le de nouveau."
            )
            % {
                "opening": french.euros(read.opening),
                "moved": french.euros(moved),
                "closing": french.euros(read.closing),
            }
        )
    return read


def tidy(*parts: str, longest: int = LONGEST_LABEL) -> str:
    """The parts said once each, on one line, without what no database keeps."""
    kept: list[str] = []
    for part in parts:
        plain = " ".join("".join(letter if letter.isprintable() else " " for letter in part).split())
        if plain and plain not in kept:
            kept.append(plain)
    return " ".join(kept)[:longest]


def as_day(text: str, *formats: str) -> dt.date | None:
    """The day that a text says in one of these formats, if it does."""
    for written in formats:
        try:
            return dt.datetime.strptime(text, written).date()  # noqa: DTZ007 -- a day has no zone
        except ValueError:
            continue
    return None


def exact(text: str) -> Decimal:
    """An amount written for machines. Raises StatementRefused."""
    try:
        amount = Decimal(text.strip().replace(",", "."))
    except InvalidOperation as error:
        raise StatementRefused(_("«\u00a0%s\u00a0» n’est pas un montant. Le fichier est abîmé.") % text[:40]) from error
    if not amount.is_finite() or abs(amount) >= LARGEST or amount != amount.quantize(Decimal("0.01")):
        raise StatementRefused(_("«\u00a0%s\u00a0» n’est pas un montant en centimes.") % text[:40])
    return amount.quantize(Decimal("0.01"))
