"""How a document writes amounts, dates and numbers: French typography, whatever the language."""

import colorsys
import re
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from django import template

register = template.Library()

NBSP = "\u00a0"
THIN_NBSP = "\u202f"
MINUS = "\u2212"
MONTHS = (
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
)
DEFAULT_ACCENT = "#1f3a5f"
PAPER_CONTRAST = 4.5


def _french_number(value: Decimal) -> str:
    sign = MINUS if value < 0 else ""
    return sign + f"{abs(value):,f}".replace(",", THIN_NBSP).replace(".", ",")


def _exact(value: Decimal | int) -> Decimal:
    if not isinstance(value, (Decimal, int)):
        raise TypeError(f"an amount is a Decimal, not {type(value).__name__}")
    return Decimal(value)


@register.filter
def euros(value: Decimal | int) -> str:
    """1 234,50 €"""
    amount = _exact(value).quantize(Decimal("0.01"), ROUND_HALF_UP)
    return f"{_french_number(amount)}{NBSP}€"


@register.filter
def unit_euros(value: Decimal | int) -> str:
    """A unit price: two decimals, and up to six when it has them (0,1234 €)."""
    amount = _exact(value).quantize(Decimal("0.000001"), ROUND_HALF_UP).normalize()
    if -amount.as_tuple().exponent < 2:  # type: ignore[operator]
        amount = amount.quantize(Decimal("0.01"))
    return f"{_french_number(amount)}{NBSP}€"


@register.filter
def quantity(value: Decimal | int) -> str:
    """2,5 and not 2,5000"""
    amount = _exact(value).normalize()
    return _french_number(amount.quantize(Decimal(1)) if amount == amount.to_integral() else amount)


@register.filter
def french_date(value: date) -> str:
    """1er octobre 2026"""
    day = "1er" if value.day == 1 else str(value.day)
    return f"{day}{NBSP}{MONTHS[value.month - 1]}{NBSP}{value.year}"


@register.filter
def iban(value: str) -> str:
    """FR76 3000 6000 0112 3456 7890 189"""
    compact = re.sub(r"\s", "", value).upper()
    return NBSP.join(compact[start : start + 4] for start in range(0, len(compact), 4))


@register.filter
def siren(value: str) -> str:
    """123 456 789, or 123 456 789 00012 for a SIRET."""
    compact = re.sub(r"\s", "", value)
    return NBSP.join(part for part in (compact[:3], compact[3:6], compact[6:9], compact[9:]) if part)


@register.filter
def document_accent(value: str) -> str:
    """The accent as a CSS colour that reads on paper: 4.5:1 at least, or the default one."""
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", value):
        return DEFAULT_ACCENT
    colour = tuple(int(value[start : start + 2], 16) for start in (1, 3, 5))
    hue, lightness, saturation = colorsys.rgb_to_hls(*(channel / 255 for channel in colour))
    while _contrast_on_white(colour) < PAPER_CONTRAST:
        lightness -= 0.01
        darker = colorsys.hls_to_rgb(hue, lightness, saturation)
        colour = tuple(round(channel * 255) for channel in darker)
    return "#" + bytes(colour).hex()


def _contrast_on_white(colour: tuple[int, ...]) -> float:
    scaled = [channel / 255 for channel in colour]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in scaled]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return 1.05 / (luminance + 0.05)
