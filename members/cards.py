"""The cards of the directory, as strings: a page shows two dozen of them (docs/adr/0013)."""

from collections.abc import Iterable
from html import escape

from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from hubs.strokes import drawn
from hubs.templatetags.drawings import picture
from hubs.templatetags.ui import badge
from members.pictures import WIDTHS
from members.queries.directory import Line

SIZES = "(min-width: 40rem) 20rem, 100vw"


def cards(lines: Iterable[Line], *, ratio: str = "wide", level: int = 2) -> SafeString:
    """Each a link to its page, with its picture or a pattern of the hub's. `level` is that of its heading."""
    before, after = reverse("members:structure_page", args=["-"]).split("-")
    orders = f"<p>{badge(_('prend des commandes'), 'done')}</p>"
    return drawn(
        f'<section class="card is-link"><h{level} class="card-title">'
        f'<a href="{before}{line.public_id}{after}">{escape(line.name)}</a></h{level}>'
        f"{_picture(line, ratio)}{_muted(line)}"
        f"{f'<p>{escape(line.tagline)}</p>' if line.tagline else ''}{orders if line.takes_orders else ''}</section>"
        for line in lines
    )


def _picture(line: Line, ratio: str) -> SafeString:
    if line.cover is None:
        return picture(seed=line.name, ratio=ratio)
    urls = {width: reverse("members:picture", args=[line.cover, width]) for width in WIDTHS}
    srcset = ", ".join(f"{url} {width}w" for width, url in urls.items())
    return picture(src=urls[WIDTHS[1]], alt=line.alt, ratio=ratio, srcset=srcset, sizes=SIZES)


def _muted(line: Line) -> str:
    told = " · ".join(escape(word) for word in (line.trade, line.town) if word)
    return f'<p class="muted">{told}</p>' if told else ""
