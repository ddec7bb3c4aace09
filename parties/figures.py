"""The six figures of a year: their names, and how they are shown."""

from decimal import Decimal

from hubs.french import number
from parties.models import YearFigures

FIGURES = ("fte", "permanent", "budget", "turnover", "equity", "area")


def label_of(name: str) -> str:
    return str(YearFigures._meta.get_field(name).verbose_name)


def shown(value: Decimal | int | str | None) -> str:
    """« 6,5 », « 620 000 »: no decimals but those that say something."""
    return "" if value is None else number(f"{Decimal(str(value)).normalize():f}")
