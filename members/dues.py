"""How a year's dues are counted, and said: the bracket of a figure, then the part of the year."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from billing.money import ZERO, to_cents
from billing.periods import add_months
from hubs import french
from members.enums import DuesBasis, LateRule
from members.models import DuesBracket, DuesScale, FiscalYear

# What a full-time year is, and what an isolated « cachet » counts for: Code du travail L3121-41, annexe X.
HOURS_OF_YEAR = 1_607
HOURS_OF_CACHET = 12


@dataclass(frozen=True)
class Dues:
    """What is due, for which days (`ends_on` left out), and the words that explain it."""

    amount: Decimal
    starts_on: dt.date
    ends_on: dt.date
    why: str


def full_dues(scale: DuesScale, brackets: Sequence[DuesBracket], figure: Decimal) -> Decimal:
    """The dues of a whole year for that figure, in whole cents."""
    bracket = next(
        each for each in brackets if each.from_value <= figure and (each.to_value is None or figure < each.to_value)
    )
    amount = bracket.amount if bracket.amount is not None else figure * (bracket.rate or ZERO) / 100
    if scale.minimum is not None:
        amount = max(amount, scale.minimum)
    if scale.maximum is not None:
        amount = min(amount, scale.maximum)
    return to_cents(amount)


def part_of_year(amount: Decimal, *, start: int, end: int, whole: int) -> Decimal:
    """What the units from `start` to `end` of a year of `whole` owe; adjoining parts sum to the year, to the cent."""
    return to_cents(amount * end / whole) - to_cents(amount * start / whole)


def months_in(starts_on: dt.date, ends_on: dt.date) -> int:
    """The months from one day to another, one that is begun counting whole."""
    months = (ends_on.year - starts_on.year) * 12 + ends_on.month - starts_on.month
    return months if add_months(starts_on, months) >= ends_on else months + 1


def months_before(starts_on: dt.date, day: dt.date) -> int:
    """The whole months gone by before the month that holds the day."""
    months = (day.year - starts_on.year) * 12 + day.month - starts_on.month
    return months if add_months(starts_on, months) <= day else months - 1


def dues_of(
    *,
    scale: DuesScale,
    brackets: Sequence[DuesBracket],
    year: FiscalYear,
    figure: Decimal,
    joined_on: dt.date | None,
) -> Dues:
    """The dues of a member for the year. `joined_on` is the day of the admission: today plays no part."""
    full = full_dues(scale, brackets, figure)
    why = _words_of(scale, figure, full)
    starts_on = max(joined_on or year.starts_on, year.starts_on)
    if scale.late_rule == LateRule.ROLLING:
        return Dues(full, starts_on, add_months(starts_on, 12), why)
    if starts_on == year.starts_on or starts_on >= year.ends_on or scale.late_rule == LateRule.FULL:
        return Dues(full, starts_on, year.ends_on, why)
    amount, part = _part(scale, year, full, starts_on)
    told = _("%(why)s\u00a0; arrivée le %(day)s\u00a0: %(part)s") % {
        "why": why, "day": french.day(starts_on, year=True, weekday=False), "part": part,
    }  # fmt: skip
    return Dues(amount, starts_on, year.ends_on, told)


def _part(scale: DuesScale, year: FiscalYear, full: Decimal, starts_on: dt.date) -> tuple[Decimal, str]:
    whole, gone = months_in(year.starts_on, year.ends_on), months_before(year.starts_on, starts_on)
    if scale.late_rule == LateRule.OFFERED:
        if whole - gone <= scale.offered_months:
            return ZERO, _("les derniers mois sont offerts")
        return full, _("l’année entière")
    words = _("%(left)s mois sur %(whole)s")
    if scale.late_rule == LateRule.DAYS:
        whole, gone = (year.ends_on - year.starts_on).days, (starts_on - year.starts_on).days
        words = _("%(left)s jours sur %(whole)s")
    return part_of_year(full, start=gone, end=whole, whole=whole), words % {"left": whole - gone, "whole": whole}


def _words_of(scale: DuesScale, figure: Decimal, full: Decimal) -> str:
    given = {
        "label": scale.label,
        "day": french.day(scale.adopted_on, year=True, weekday=False) if scale.adopted_on else "",
        "amount": french.euros(full),
        "figure": _figure_said(DuesBasis(scale.basis), figure),
    }
    if scale.basis == DuesBasis.FLAT:
        return _("%(label)s, adopté le %(day)s\u00a0: %(amount)s") % given
    return _("%(figure)s, %(label)s adopté le %(day)s\u00a0: %(amount)s") % given


def _figure_said(basis: DuesBasis, figure: Decimal) -> str:
    """« 3,3 équivalents temps plein (ETP) », « un budget de 120 000 € ». French says « 1,5 salarié » in the singular."""
    many, given = 1 if figure < 2 else 2, {"figure": french.figure(figure)}
    return {
        DuesBasis.FLAT: "",
        DuesBasis.HEADS: ngettext("%(figure)s salarié permanent", "%(figure)s salariés permanents", many),
        DuesBasis.FTE: ngettext(
            "%(figure)s équivalent temps plein (ETP)", "%(figure)s équivalents temps plein (ETP)", many
        ),
        DuesBasis.BUDGET: _("un budget de %(figure)s\u00a0€"),
        DuesBasis.TURNOVER: _("un chiffre d’affaires de %(figure)s\u00a0€"),
    }[basis] % given
