"""Figures as a drawing: the server draws, so that a page and a document show the same."""

from dataclasses import dataclass, field
from decimal import Decimal
from math import floor, log10

from hubs import french

WIDTH, HEIGHT = 640, 280
TOP, BOTTOM = 16, 28
MOST = 24


@dataclass(frozen=True, slots=True)
class Bar:
    """One figure; None is not known, which is not zero."""

    label: str
    value: Decimal | int | None


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars from left to right, `unit` being what they count: « € », « h »."""

    title: str
    bars: tuple[Bar, ...]
    unit: str = ""
    heading: str = ""  # what the bars are: « Mois », « Année »
    places: int | None = field(default=None)

    def __post_init__(self) -> None:
        if len(self.bars) > MOST:
            raise ValueError(f"{len(self.bars)} bars: beyond {MOST} nobody reads them")
        if any(bar.value is not None and bar.value < 0 for bar in self.bars):
            raise ValueError("bars start at zero: a negative figure needs another drawing")

    @property
    def step(self) -> Decimal:
        """Between two lines: 1, 2 or 5 times a power of ten, four lines at most."""
        top = max((bar.value for bar in self.bars if bar.value is not None), default=0)
        if not top:
            return Decimal(1)
        power = Decimal(10) ** floor(log10(top / 4))
        return next(power * times for times in (1, 2, 5, 10) if power * times * 4 >= top)

    @property
    def top(self) -> Decimal:
        return self.step * 4

    @property
    def ticks(self) -> list[tuple[Decimal, str]]:
        """The lines of the drawing, from zero up, with their figures."""
        return [(self.step * times, french.number((self.step * times).normalize())) for times in range(5)]

    @property
    def left(self) -> int:
        """Where the bars begin: after the longest figure."""
        return 16 + 8 * max(len(told) for _value, told in self.ticks)

    def height_of(self, value: Decimal | int) -> float:
        return float(Decimal(value) / self.top) * (HEIGHT - TOP - BOTTOM)

    def told(self, value: Decimal | int | None) -> str:
        """« 1 234 € », « – » for what is not known."""
        if value is None:
            return "\N{EN DASH}"
        return french.number(value, self.places) + (f"{french.NBSP}{self.unit}" if self.unit else "")
