"""How amounts are counted: exact decimals, rounded half up, whole cents that sum to the whole.

Tax is counted per rate on the sum of its lines, as EN 16931 does (BR-CO-17): 7 × 10.03 at 5.5 %
make 3.86, not the 3.85 of seven rounded lines.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Protocol

CENT = Decimal("0.01")
ZERO = Decimal("0.00")


class Taxed(Protocol):
    """What a charge and an invoice line have in common."""

    amount_excl: Decimal
    vat_category: str
    vat_rate: Decimal | None
    exemption_text: str


@dataclass(frozen=True)
class VatGroup:
    """The lines of an invoice under one category and rate."""

    category: str
    rate: Decimal | None
    exemption_text: str
    base: Decimal
    amount: Decimal


@dataclass(frozen=True)
class Totals:
    excl: Decimal
    vat: Decimal
    incl: Decimal
    groups: tuple[VatGroup, ...]


@dataclass(frozen=True)
class Price:
    """A price as a page and an invoice show it: `shown` is the one the buyer compares."""

    excl: Decimal
    incl: Decimal
    to_person: bool

    @property
    def shown(self) -> Decimal:
        return self.incl if self.to_person else self.excl

    @property
    def suffix(self) -> str:
        return "TTC" if self.to_person else "HT"


def to_cents(amount: Decimal) -> Decimal:
    """Two decimals, half away from zero."""
    return amount.quantize(CENT, ROUND_HALF_UP)


def line_amount(quantity: Decimal, unit_price_excl: Decimal) -> Decimal:
    return to_cents(quantity * unit_price_excl)


def vat_of(base: Decimal, rate: Decimal | None) -> Decimal:
    """The tax on a base; none out of scope."""
    return to_cents(base * (rate or 0) / 100)


def with_tax(amount_excl: Decimal, rate: Decimal | None) -> Decimal:
    return to_cents(amount_excl) + vat_of(amount_excl, rate)


def totals(lines: Iterable[Taxed]) -> Totals:
    """What an invoice of these lines comes to, with its tax by category, rate and reason."""
    bases: dict[tuple[str, Decimal | None, str], Decimal] = {}
    for line in lines:
        key = (line.vat_category, line.vat_rate, line.exemption_text)
        bases[key] = bases.get(key, ZERO) + line.amount_excl
    order = sorted(bases, key=lambda key: (-(key[1] or 0), key[0], key[2]))
    groups = tuple(VatGroup(*key, base=bases[key], amount=vat_of(bases[key], key[1])) for key in order)
    excl = sum((group.base for group in groups), ZERO)
    vat = sum((group.amount for group in groups), ZERO)
    return Totals(excl=excl, vat=vat, incl=excl + vat, groups=groups)


def split(amount: Decimal, weights: Sequence[Decimal | int]) -> list[Decimal]:
    """Cut an amount of whole cents by weights, by largest remainder: the parts sum to it exactly.

    Cents left over go to the largest remainders, and among equals to those named first.
    """
    if not weights or any(weight < 0 for weight in weights) or not any(weights):
        raise ValueError("weights are positive, and one at least is not zero")
    if amount != to_cents(amount):
        raise ValueError("only whole cents are split")
    sign = -1 if amount < 0 else 1
    cents = int(abs(amount) * 100)
    whole = sum(Fraction(weight) for weight in weights)
    exact = [cents * Fraction(weight) / whole for weight in weights]
    parts = [int(share) for share in exact]
    by_remainder = sorted(range(len(parts)), key=lambda i: (parts[i] - exact[i], i))
    for i in by_remainder[: cents - sum(parts)]:
        parts[i] += 1
    return [sign * part * CENT for part in parts]


def price_shown(unit_price_excl: Decimal, vat_rate: Decimal | None, *, to_person: bool) -> Price:
    """A catalogue price for a person (with tax) or a structure (both), rounded as the invoice rounds."""
    return Price(
        excl=to_cents(unit_price_excl),
        incl=to_cents(unit_price_excl * (100 + (vat_rate or 0)) / 100),
        to_person=to_person,
    )


def sum_with_tax(bases: Sequence[Decimal], rates: Sequence[Decimal | None]) -> Decimal:
    """What these bases, one for each rate, come to with their tax."""
    return sum((with_tax(base, rate) for base, rate in zip(bases, rates, strict=True)), ZERO)


def part_with_tax(wanted: Decimal, bases: Sequence[Decimal], rates: Sequence[Decimal | None]) -> list[Decimal]:
    """The part of each base, none beyond it, that together come nearest to `wanted` with their tax.

    Not every amount with tax is that of a whole number of cents without: one cent may be missed, per rate.
    """
    whole = sum(bases, ZERO)
    about = to_cents(whole * wanted / sum_with_tax(bases, rates))
    near = [about + cents * CENT for cents in (0, -1, 1, -2, 2)]
    cuts = [split(excl, bases) for excl in near if 0 < excl <= whole]
    return min(cuts, key=lambda parts: abs(sum_with_tax(parts, rates) - wanted))
