"""Lines of a member's account that settle one another bear one letter: AAA, then AAB."""

from collections import defaultdict
from collections.abc import Collection

from billing.books.posters import POSTERS
from billing.models import JournalLine
from billing.money import ZERO


def letter(accounts: Collection[int]) -> None:
    """Letter anew the lines of these accounts: what settles to zero, and nothing else. A kept group keeps its letter."""
    lines_of: dict[int, list[JournalLine]] = defaultdict(list)
    for line in JournalLine.objects.filter(account__in=accounts).select_related("entry").order_by("pk"):
        lines_of[line.account_id].append(line)  # type: ignore[index]
    ties = [tie for poster in POSTERS for tie in poster.ties(accounts)]
    root: dict[str, str] = {}
    for one, other in ties:
        root[_top(root, one)] = _top(root, other)
    changed = [line for lines in lines_of.values() for line in _letter_account(lines, root)]
    JournalLine.objects.bulk_update(changed, ["letter", "lettered_on"], batch_size=500)


def _top(root: dict[str, str], name: str) -> str:
    while root.get(name, name) != name:
        name = root[name]
    return name


def _letter_account(lines: list[JournalLine], root: dict[str, str]) -> list[JournalLine]:
    """The lines of one account whose letter changes, changed."""
    groups: dict[str, list[JournalLine]] = defaultdict(list)
    before: dict[str, set[int]] = defaultdict(set)
    for line in lines:
        groups[_top(root, line.entry.source)].append(line)
        if line.letter:
            before[line.letter].add(line.pk)
    kept = {frozenset(ids): text for text, ids in before.items()}
    last = max((_rank(text) for text in before), default=-1)
    changed = []
    for group in groups.values():
        text, on = "", None
        if len(group) > 1 and sum((line.debit - line.credit for line in group), ZERO) == 0:
            ids = frozenset(line.pk for line in group)
            if ids not in kept:
                last += 1
            text, on = kept.get(ids) or _text(last), max(line.entry.on for line in group)
        for line in group:
            if (line.letter, line.lettered_on) != (text, on):
                line.letter, line.lettered_on = text, on
                changed.append(line)
    return changed


def _text(rank: int) -> str:
    letters = ""
    while rank or len(letters) < 3:
        rank, place = divmod(rank, 26)
        letters = chr(ord("A") + place) + letters
    return letters


def _rank(text: str) -> int:
    rank = 0
    for each in text:
        rank = rank * 26 + ord(each) - ord("A")
    return rank
