"""How votes become a result: exact fractions, and the arithmetic in words. Nothing here reads the database."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Protocol

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from governance.enums import BallotKind, Counting, MajorityBase, Outcome, Quorum, Threshold
from hubs import french

NEEDED = {
    Threshold.SIMPLE: Fraction(1, 2),
    Threshold.TWO_THIRDS: Fraction(2, 3),
    Threshold.THREE_QUARTERS: Fraction(3, 4),
}


class Rule(Protocol):
    """What a resolution says of its own count."""

    ballot: str
    counting: str
    base: str
    threshold: str
    quorum: str


@dataclass(frozen=True)
class Sheet:
    """What a college voted, in voices. `percent` is its weight where the votes are counted by college."""

    college: str
    percent: Decimal | None
    voters: int
    present: int
    represented: int
    voices: int
    voices_here: int
    in_favour: int
    against: int
    abstained: int

    def of_base(self, base: str) -> int:
        return self.voices if base == MajorityBase.ALL else self.in_favour + self.against

    def reaches(self, percent: int) -> bool:
        return (self.present + self.represented) * 100 >= percent * self.voters


@dataclass(frozen=True)
class Tally:
    """`share` is that of « pour », over the base; `weights` are what the colleges weigh, in the order of the sheets."""

    outcome: Outcome
    share: Fraction
    weights: tuple[Fraction, ...]
    words: tuple[str, ...]
    sheets: tuple[Sheet, ...]

    @property
    def is_adopted(self) -> bool:
        return self.outcome == Outcome.ADOPTED


def tally(sheets: Sequence[Sheet], rule: Rule, quorum_percent: int) -> Tally:
    """The result of a vote. By college, one that has cast no voice weighs nothing: the others make up the whole."""
    weights = _weights(sheets, rule)
    share = _share([sheet.in_favour for sheet in sheets], sheets, weights, rule)
    against = _share([sheet.against for sheet in sheets], sheets, weights, rule)
    outcome = _outcome(sheets, rule, quorum_percent, share, against, is_empty=not any(weights))
    words = [*_college_words(sheets, weights, rule), *_quorum_words(sheets, rule, quorum_percent)]
    return Tally(outcome, share, weights, (*words, _total_words(share, rule, outcome)), tuple(sheets))


def _weights(sheets: Sequence[Sheet], rule: Rule) -> tuple[Fraction, ...]:
    """By college, the weights of those that count; together, each college weighs what it cast."""
    parts = [
        Fraction(sheet.percent or 0) * (sheet.of_base(rule.base) > 0)
        if rule.counting == Counting.COLLEGES
        else Fraction(sheet.of_base(rule.base))
        for sheet in sheets
    ]
    whole = sum(parts, Fraction(0))
    return tuple(part / whole if whole else Fraction(0) for part in parts)


def _share(votes: Sequence[int], sheets: Sequence[Sheet], weights: Sequence[Fraction], rule: Rule) -> Fraction:
    parts = (
        weight * Fraction(given, sheet.of_base(rule.base))
        for given, sheet, weight in zip(votes, sheets, weights, strict=True)
        if weight
    )
    return sum(parts, Fraction(0))


def _outcome(
    sheets: Sequence[Sheet], rule: Rule, quorum_percent: int, share: Fraction, against: Fraction, *, is_empty: bool
) -> Outcome:
    if not _has_quorum(sheets, rule, quorum_percent):
        return Outcome.NO_QUORUM
    if is_empty or not any(sheet.in_favour + sheet.against for sheet in sheets):
        return Outcome.NO_VOICE
    needed = NEEDED[Threshold(rule.threshold)]
    if share > needed or (share == needed and rule.threshold != Threshold.SIMPLE):
        return Outcome.ADOPTED
    return Outcome.TIED if share == against and rule.threshold == Threshold.SIMPLE else Outcome.REJECTED


def _has_quorum(sheets: Sequence[Sheet], rule: Rule, percent: int) -> bool:
    if rule.quorum == Quorum.COLLEGES:
        return all(sheet.reaches(percent) for sheet in sheets)
    here, voters = _heads(sheets)
    return rule.quorum == Quorum.NONE or here * 100 >= percent * voters


def _heads(sheets: Sequence[Sheet]) -> tuple[int, int]:
    return sum(sheet.present + sheet.represented for sheet in sheets), sum(sheet.voters for sheet in sheets)


def percent_words(part: Fraction) -> str:
    """2/3 → « 66,67 % »"""
    rounded = (Decimal(part.numerator) * 100 / Decimal(part.denominator)).quantize(Decimal("0.01")).normalize()
    return f"{french.number(f'{rounded:f}')}\u00a0%"


def _college_words(sheets: Sequence[Sheet], weights: Sequence[Fraction], rule: Rule) -> list[str]:
    """« Collège A : 8 pour, 2 contre, 0 abstention → 80 % × 50 % = 40 % »

    A secret vote whose voices are counted together is told together: a small college would give its votes away.
    """
    if rule.counting == Counting.HEADS and rule.ballot == BallotKind.SECRET:
        together = (sum(getattr(sheet, name) for sheet in sheets) for name in ("in_favour", "against", "abstained"))
        return [_votes_words(_("Toutes les voix"), *together)]
    lines = []
    for sheet, weight in zip(sheets, weights, strict=True):
        votes = _votes_words(sheet.college, sheet.in_favour, sheet.against, sheet.abstained)
        lines.append(votes + (_arithmetic(sheet, weight, rule) if rule.counting == Counting.COLLEGES else ""))
    return lines


def _votes_words(whose: str, in_favour: int, against: int, abstained: int) -> str:
    return _("%(college)s\u00a0: %(for)s pour, %(against)s contre, %(abstained)s") % {
        "college": whose,
        "for": in_favour,
        "against": against,
        "abstained": ngettext("%(count)s abstention", "%(count)s abstentions", abstained) % {"count": abstained},
    }


def _arithmetic(sheet: Sheet, weight: Fraction, rule: Rule) -> str:
    if not weight:
        return "\u00a0→ " + _("aucune voix exprimée\u00a0: ne pèse pas")
    own = Fraction(sheet.in_favour, sheet.of_base(rule.base))
    parts = {"own": own, "weight": weight, "part": own * weight}
    return "\u00a0→ " + _("%(own)s × %(weight)s = %(part)s") % {
        name: percent_words(part) for name, part in parts.items()
    }


def _quorum_words(sheets: Sequence[Sheet], rule: Rule, percent: int) -> list[str]:
    if rule.quorum == Quorum.NONE:
        return []
    here, voters = _heads(sheets)
    told = [_("Quorum de %(percent)s\u00a0%%\u00a0: %(here)s présents ou représentés sur %(voters)s.")
            % {"percent": percent, "here": here, "voters": voters}]  # fmt: skip
    if rule.quorum == Quorum.COLLEGES:
        told += [
            _("Quorum manqué dans le collège «\u00a0%(college)s\u00a0»\u00a0: %(here)s sur %(voters)s.")
            % {"college": sheet.college, "here": sheet.present + sheet.represented, "voters": sheet.voters}
            for sheet in sheets
            if not sheet.reaches(percent)
        ]
    return told


def _total_words(share: Fraction, rule: Rule, outcome: Outcome) -> str:
    needed = percent_words(NEEDED[Threshold(rule.threshold)])
    more = _("plus de %s") if rule.threshold == Threshold.SIMPLE else _("au moins %s")
    return _("Au total\u00a0: %(share)s pour\u00a0; il en faut %(needed)s %(base)s. Résolution\u00a0: %(outcome)s.") % {
        "share": percent_words(share),
        "needed": more % needed,
        "base": MajorityBase(rule.base).label,
        "outcome": outcome.label,
    }
