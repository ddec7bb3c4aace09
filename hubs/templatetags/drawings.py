"""The components that are drawn: weeks and days, and the pictures and patterns of public pages."""

import datetime as dt
import hashlib
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from django import template
from django.utils import timezone
from django.utils.html import escape
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext

from hubs import charts, french, grids, strokes
from hubs.templatetags.ui import draw

register = template.Library()

# --- Time as a drawing ---------------------------------------------------------------------------


@register.simple_tag
def week_grid(grid: grids.WeekGrid, id: str = "semaine") -> SafeString:
    """Hours down, days and units across."""
    book = gettext("Réserver %(unit)s, %(day)s à %(hour)s")
    days = [
        {
            "day": day,
            "title": day.title,
            "anchor": f"{id}-{day.date.isoformat()}",
            "lanes": [{"lane": lane, "drawn": _lane(grid, day.title, lane, book)} for lane in day.lanes],
        }
        for day in grid.days
    ]
    zone = timezone.get_current_timezone_name()
    return draw("week_grid", grid=grid, id=id, days=days, one_lane=grid.lanes == 1, zone=zone)


def _lane(grid: grids.WeekGrid, day: str, lane: grids.Lane, book: str) -> SafeString:
    """Free hours, time kept and bookings of a lane, counted from the grid's first hour and clipped to its height."""
    parts = []
    for cell in lane.cells:
        if place := _clipped(grid, cell.q, cell.end):
            words = book % {"unit": lane.label, "day": day, "hour": french.quarter(cell.q)}
            parts.append(strokes.free(cell.url, words, place, end="{:02d}:{:02d}".format(*divmod(cell.end * 15, 60))))
    for entry in lane.entries:
        for q, n in ((entry.q - entry.buffer_before, entry.buffer_before), (entry.end, entry.buffer_after)):
            if n and (place := _clipped(grid, q, q + n)):
                parts.append(strokes.buffer(place))
    parts += [
        strokes.entry(entry, place=strokes.position(place), words=strokes.words_of(entry))
        for entry in lane.entries
        if (place := _clipped(grid, entry.q, entry.end))
    ]
    return strokes.drawn(parts)


def _clipped(grid: grids.WeekGrid | grids.DayPlan | grids.DayBar, q: int, end: int) -> tuple[int, int] | None:
    """First row or column from the grid's first hour, and how many; None outside of it."""
    first, last = max(q, grid.opens), min(end, grid.closes)
    return (first - grid.opens, last - first) if last > first else None


@register.simple_tag
def week_table(table: grids.WeekTable) -> SafeString:
    """Units down, days across: the week of more units than a grid holds."""
    rows = strokes.drawn(
        f'<tr><th scope="row">{escape(unit)}</th>{"".join(map(strokes.box, boxes))}</tr>' for unit, boxes in table.rows
    )
    return draw("week_table", table=table, rows=rows)


@register.simple_tag
def day_plan(plan: grids.DayPlan) -> SafeString:
    """Hours across, units down."""
    book = gettext("Réserver %(unit)s, %(hours)s")
    lines = [(lane.label, _line(plan, lane, book)) for lane in plan.lanes]
    return draw("day_plan", plan=plan, lines=lines, width=f"w{plan.width}", hours=_hours_under(plan.opens, plan.closes))


def _line(plan: grids.DayPlan, lane: grids.Lane, book: str) -> SafeString:
    parts = [
        strokes.free(cell.url, book % {"unit": lane.label, "hours": cell.hours}, place, kind="slice free")
        for cell in lane.cells
        if (place := _clipped(plan, cell.q, cell.end))
    ]
    parts += [
        strokes.entry(entry, place=f" slice{strokes.position(place)}", tag="span", words=strokes.words_of(entry))
        for entry in lane.entries
        if (place := _clipped(plan, entry.q, entry.end))
    ]
    return strokes.drawn(parts)


@register.simple_tag
def day_bar(bar: grids.DayBar) -> SafeString:
    """A day lying down: free hours are links, and said in words under it."""
    states, book = _words_of_day(get_language())
    slices = strokes.drawn(
        strokes.slice_of_bar(part, place, states[part.state], book)
        for part in bar.slices
        if (place := _clipped(bar, part.q, part.end))
    )
    free = bar.free_text
    return draw(
        "day_bar",
        label=bar.label or gettext("La journée"),
        words=gettext("Libre de %(hours)s") % {"hours": free} if free else gettext("Rien de libre ce jour-là"),
        slices=slices,
        width=f"w{bar.width}",
        hours=_hours_under(bar.opens, bar.closes),
    )


@lru_cache(maxsize=8)
def _words_of_day(language: str | None) -> tuple[dict[str, str], str]:
    """What a part of the day is, and what its link says."""
    states = {
        "taken": gettext("pris"),
        "mine": gettext("votre réservation"),
        "hold": gettext("en attente"),
        "closed": gettext("fermé"),
        "past": gettext("passé"),
        "free": gettext("libre"),
    }
    return states, gettext("Réserver de %(hours)s")


@lru_cache(maxsize=256)
def _hours_under(opens: int, closes: int) -> SafeString:
    """Every second whole hour under a day that lies down."""
    first = -(-opens // 4) * 4
    return strokes.drawn(f'<span class="q{q - opens}">{q // 4}</span>' for q in range(first, closes, 8))


# --- Figures --------------------------------------------------------------------------------------


@register.simple_tag
def chart(chart: charts.Chart, id: str = "figure") -> SafeString:
    """Bars, and beside them the table of the same figures."""
    each = (charts.WIDTH - chart.left) / max(len(chart.bars), 1)
    floor = charts.HEIGHT - charts.BOTTOM
    bars = [
        {
            "bar": bar,
            "told": chart.told(bar.value),
            "x": f"{chart.left + (place + 0.15) * each:.1f}",
            "middle": f"{chart.left + (place + 0.5) * each:.1f}",
            "width": f"{each * 0.7:.1f}",
            "y": f"{floor - chart.height_of(bar.value or 0):.1f}",
            "height": f"{chart.height_of(bar.value or 0):.1f}",
        }
        for place, bar in enumerate(chart.bars)
    ]
    return draw(
        "chart",
        chart=chart,
        id=id,
        bars=bars,
        lines=[{"y": f"{floor - chart.height_of(value):.1f}", "told": told} for value, told in chart.ticks],
        # Labels that would touch are left to the table.
        every=-(-max((len(bar.label) for bar in chart.bars), default=1) * 9 // max(int(each), 1)),
        tick_x=chart.left - 8,
        floor=floor,
        label_y=charts.HEIGHT - 8,
        width=charts.WIDTH,
        height=charts.HEIGHT,
    )


# --- Public pages --------------------------------------------------------------------------------


@register.simple_tag
def doors(items: Iterable[Any]) -> SafeString:
    """The large links of a home: `hubs.pieces.Door`s."""
    return draw("doors", items=items)


@register.simple_tag
def agenda(items: Iterable[Any]) -> SafeString:
    """What happens: `hubs.pieces.Happening`s."""
    lines = [
        {
            "item": item,
            "machine": item.when.isoformat(),
            "day": french.day(item.when),
            "number": french.day_number(french.local(item.when)),
            "month": french.month(item.when),
            "hour": french.hour(item.when) if isinstance(item.when, dt.datetime) else "",
        }
        for item in items
    ]
    return draw("agenda", lines=lines)


@register.simple_tag
def picture(
    src: str = "",
    alt: str = "",
    seed: str = "",
    ratio: str = "wide",
    eager: bool = False,
    srcset: str = "",
    sizes: str = "100vw",
) -> SafeString:
    """A picture, or a pattern in the hub's colour where there is none. Ratios: wide, square, tall."""
    return draw("picture", src=src, alt=alt, seed=seed or alt, ratio=ratio, eager=eager, srcset=srcset, sizes=sizes)


TILE = 40
TILES = (
    # Arcs, discs, arches and bars: drawn from one corner, four turns each.
    "M{l} {t}h40a40 40 0 0 1-40 40z",
    "M{r} {t}v40a40 40 0 0 1-40-40z",
    "M{r} {b}h-40a40 40 0 0 1 40-40z",
    "M{l} {b}v-40a40 40 0 0 1 40 40z",
    "M{l} {m}a20 20 0 0 1 40 0a20 20 0 0 1-40 0z",
    "M{l} {b}v-20a20 20 0 0 1 40 0v20z",
    "M{l} {t}h40v20a20 20 0 0 1-40 0z",
    "M{l} {t}h8v40h-8zM{c} {t}h8v40h-8z",
    "M{l} {t}h40l-40 40z",
)


@register.simple_tag
def pattern(seed: str = "", columns: int = 8, rows: int = 4) -> SafeString:
    """A drawing of the hub's own: the same seed always gives the same one."""
    return _pattern(str(seed), columns, rows)


@lru_cache(maxsize=256)
def _pattern(seed: str, columns: int, rows: int) -> SafeString:
    layers: dict[int, list[str]] = {1: [], 2: [], 3: []}
    stream = b"".join(hashlib.sha256(f"{seed}/{part}".encode()).digest() for part in range(1 + columns * rows // 16))
    for place in range(columns * rows):
        shape, ink = stream[2 * place], stream[2 * place + 1]
        if shape < 36:  # room to breathe
            continue
        left, top = place % columns * TILE, place // columns * TILE
        path = TILES[shape % len(TILES)].format(
            l=left, r=left + TILE, t=top, b=top + TILE, m=top + TILE // 2, c=left + TILE // 2
        )
        layers[1 + ink % 3].append(path)
    return draw(
        "pattern",
        width=columns * TILE,
        height=rows * TILE,
        layers=[(number, "".join(paths)) for number, paths in layers.items() if paths],
    )
