"""The six figures of a year: their names, and how they are shown."""

from hubs.french import figure as shown
from parties.enums import FIGURES
from parties.models import YearFigures

__all__ = ["FIGURES", "label_of", "shown"]


def label_of(name: str) -> str:
    return str(YearFigures._meta.get_field(name).verbose_name)
