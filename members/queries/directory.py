"""The search of the directory and of the showcase: a plain statement, which forgives accents and letters.

Building the queryset took as long as running it (docs/adr/0013). Who is in the directory is said by
`shown_in_directory` too, for one structure or for all: a test compares them.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db import connection

from hubs.scope import current_hub_id

# How alike a word and one of the page must be, by their letters three by three, to be the one that was meant:
# « grafisme » finds « graphisme », two first letters of four find nothing.
ALIKE = 0.42
MOST_WORDS = 5
PER_PAGE = 24


@dataclass(frozen=True)
class Wanted:
    """What a visitor asks of the directory. Without anything, all of it."""

    words: str = ""
    trade: int | None = None
    town: str = ""
    is_here: bool = False
    takes_orders: bool = False

    @property
    def is_anything(self) -> bool:
        return bool(self.words or self.trade or self.town or self.is_here or self.takes_orders)

    @property
    def several(self) -> list[str]:
        return self.words.split()[:MOST_WORDS]


@dataclass(frozen=True)
class Line:
    """What a card of the directory tells of a structure. `cover` is the id of its first picture."""

    public_id: str
    name: str
    town: str
    trade: str
    tagline: str = ""
    takes_orders: bool = False
    cover: int | None = None
    alt: str = ""


@dataclass(frozen=True)
class Found:
    """A page of the lines found among `total`. `is_alike`: nothing holds the words as typed, these come near."""

    lines: list[Line]
    total: int
    number: int = 1
    is_alike: bool = False


# What `Line` reads, then how many there are in all; of a page that is not published, nothing is told.
_SEARCH = """
SELECT organisation.public_id, organisation.name, organisation.town, coalesce(trade.name, ''),
    CASE WHEN {published} THEN page.tagline ELSE '' END, coalesce({published} AND page.takes_orders, false),
    CASE WHEN {published} THEN cover.id END, CASE WHEN {published} THEN coalesce(cover.alt, '') ELSE '' END,
    count(*) OVER ()
FROM parties_organisation organisation
LEFT JOIN members_publicpage page ON page.organisation_id = organisation.id
LEFT JOIN parties_trade trade ON trade.id = organisation.trade_id
LEFT JOIN members_pagepicture cover ON cover.page_id = page.id AND cover.rank = 1
WHERE organisation.hub_id = %(hub)s AND organisation.merged_into_id IS NULL
    AND (page.id IS NULL OR page.state IN ('draft', 'published'))
    AND organisation.id IN (
        SELECT coalesce(sheet.merged_into_id, sheet.id)
        FROM members_membership membership JOIN parties_organisation sheet ON sheet.id = membership.organisation_id
        WHERE (membership.left_on IS NULL OR membership.left_on > %(day)s) AND membership.fiscal_year_id = (
            SELECT id FROM members_fiscalyear WHERE starts_on <= %(day)s ORDER BY starts_on DESC LIMIT 1
        ) {kind}
    ) {narrowed}
ORDER BY {order} coursive_plain(organisation.name), organisation.id LIMIT %(most)s OFFSET %(first)s
"""
_PUBLISHED = "page.state = 'published'"
_NAMED = "coursive_plain(concat_ws(' ', organisation.name, trade.name, organisation.town))"
_TOLD = f"concat_ws(' ', {_NAMED}, CASE WHEN {_PUBLISHED} THEN page.said ELSE '' END)"
_DRAWN = "EXISTS (SELECT FROM members_pagepicture picture WHERE picture.page_id = page.id)"


def found_in_directory(wanted: Wanted, on: dt.date, *, number: int = 1, per_page: int = PER_PAGE) -> Found:
    """By name. Words that nothing holds are looked for again by their letters, the nearest first: one query more."""
    exact = _page(wanted, on, _held(wanted), number=number, per_page=per_page)
    if exact.total or not wanted.several:
        return exact
    nearness = [f"word_similarity(coursive_plain(%(word{rank})s), {_TOLD})" for rank in range(len(wanted.several))]
    near = [f"{each} >= {ALIKE}" for each in nearness]
    found = _page(wanted, on, near, order=f"{' + '.join(nearness)} DESC,", number=number, per_page=per_page)
    return replace(found, is_alike=bool(found.total))


def makers_on(wanted: Wanted, on: dt.date, *, number: int = 1) -> Found:
    """The showcase: published pages that have pictures or take orders, those with pictures first."""
    shown = [_PUBLISHED, f"({_DRAWN} OR page.takes_orders)", *_held(wanted)]
    return _page(wanted, on, shown, order=f"{_DRAWN} DESC,", number=number, per_page=PER_PAGE)


def _held(wanted: Wanted) -> list[str]:
    """Each word is in the name, the trade or the town of the structure, or is said on its published page."""
    return [
        f"({_PUBLISHED} AND (strpos(page.said, coursive_plain(%(word{rank})s)) > 0"
        f" OR strpos(page.sold, coursive_plain(%(word{rank})s)) > 0)"
        f" OR strpos({_NAMED}, coursive_plain(%(word{rank})s)) > 0)"
        for rank in range(len(wanted.several))
    ]


def _page(
    wanted: Wanted, on: dt.date, conditions: Sequence[str], *, number: int, per_page: int, order: str = ""
) -> Found:
    """One page with the number of all of them, in one query; beyond the last page, the last."""
    narrowed = [*_narrowed(wanted), *conditions]
    statement = _SEARCH.format(
        published=_PUBLISHED,
        kind="AND membership.kind = 'resident'" if wanted.is_here else "",
        narrowed="".join(f" AND {condition}" for condition in narrowed),
        order=order,
    )
    given = {
        "day": on,
        "hub": current_hub_id(),
        "trade": wanted.trade,
        "town": wanted.town,
        "most": per_page,
        "first": per_page * (number - 1),
        **{f"word{rank}": word for rank, word in enumerate(wanted.several)},
    }
    rows = _rows(statement, given)
    if not rows and number > 1:
        whole = _rows(statement, given | {"most": 1, "first": 0})
        number = max(1, -(-(whole[0][-1] if whole else 0) // per_page))
        rows = _rows(statement, given | {"first": per_page * (number - 1)})
    return Found([Line(*row[:-1]) for row in rows], rows[0][-1] if rows else 0, number)


def _narrowed(wanted: Wanted) -> list[str]:
    """What the filters ask, whatever the words."""
    asked = {
        "organisation.trade_id = %(trade)s": wanted.trade,
        "organisation.town = %(town)s": wanted.town,
        f"{_PUBLISHED} AND page.takes_orders": wanted.takes_orders,
    }
    return [condition for condition, is_asked in asked.items() if is_asked]


def _rows(statement: str, given: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, given)
        return cursor.fetchall()


_CHOICES = """
SELECT organisation.town, trade.id, trade.name
FROM parties_organisation organisation LEFT JOIN parties_trade trade ON trade.id = organisation.trade_id
WHERE organisation.id IN (SELECT organisation_id FROM members_membership) GROUP BY 1, 2, 3
"""


def places_and_trades() -> tuple[list[str], list[tuple[int, str]]]:
    """The towns and the trades of those who are or were members, to choose from; one query."""
    rows = _rows(_CHOICES, {})
    towns = sorted({town for town, _trade, _name in rows if town}, key=str.casefold)
    trades = {trade: name for _town, trade, name in rows if trade}
    return towns, sorted(trades.items(), key=lambda pair: pair[1].casefold())
