"""Fonts, cut from the packages that carry them: small WOFF2 for the web, static TTF for documents."""

import hashlib
from dataclasses import dataclass
from importlib.metadata import version
from io import BytesIO
from pathlib import Path

import fontpkg
from fontTools import subset
from fontTools.ttLib import TTFont
from fontTools.varLib.instancer import instantiateVariableFont

# French, its neighbours of Latin-1, and the punctuation, spaces and signs that our pages use.
LATIN = (
    *range(0x20, 0x7F),
    *range(0xA0, 0x100),
    *(0x131, 0x152, 0x153, 0x160, 0x161, 0x178, 0x17D, 0x17E),
    *(0x2009, 0x2010, 0x2011, 0x2013, 0x2014, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2026, 0x202F, 0x2030),
    *(0x2039, 0x203A, 0x20AC, 0x2116, 0x2190, 0x2191, 0x2192, 0x2193, 0x2212),
)
# Names of people from elsewhere: fetched by the pages that show one, and always in documents.
LATIN_EXTENDED = tuple(code for code in (*range(0x100, 0x180), *range(0x218, 0x21C)) if code not in LATIN)
FEATURES = ("kern", "liga", "calt", "ccmp", "locl", "mark", "mkmk", "tnum", "lnum", "case", "sups")
DISPLAY, TEXT = "Bricolage Grotesque", "Source Sans 3"


@dataclass(frozen=True)
class Cut:
    """One file to make. `limits` pins an axis to a value or keeps it over a range."""

    path: str
    family: str
    limits: dict[str, float | tuple[float, float]]
    characters: tuple[int, ...] = LATIN
    style: str = "normal"

    @property
    def is_web(self) -> bool:
        return self.path.endswith(".woff2")


# Bricolage has an optical axis from 12 to 96; kept whole it doubles the file. At 24 its titles keep
# their character and the dot of a small i stays off its stem; slightly narrow, so that long French words fit a phone.
_display = {"opsz": 24.0, "wdth": 92.0}
CUTS = (
    Cut("fonts/bricolage.woff2", DISPLAY, {**_display, "wght": (400, 800)}),
    Cut("fonts/source-sans.woff2", TEXT, {}),
    Cut("fonts/source-sans-italic.woff2", TEXT, {}, style="italic"),
    Cut("fonts/source-sans-ext.woff2", TEXT, {}, LATIN_EXTENDED),
    Cut("fonts-pdf/SourceSans3-Regular.ttf", TEXT, {"wght": 400}, LATIN + LATIN_EXTENDED),
    Cut("fonts-pdf/SourceSans3-Semibold.ttf", TEXT, {"wght": 600}, LATIN + LATIN_EXTENDED),
    Cut("fonts-pdf/SourceSans3-Italic.ttf", TEXT, {"wght": 400}, LATIN + LATIN_EXTENDED, "italic"),
    Cut("fonts-pdf/BricolageGrotesque-Bold.ttf", DISPLAY, {**_display, "wght": 700}, LATIN + LATIN_EXTENDED),
)


def make_cut(cut: Cut) -> bytes:
    font = TTFont(fontpkg.path(cut.family, style=cut.style), recalcTimestamp=False)
    options = subset.Options()
    options.layout_features = list(FEATURES)
    options.hinting = False
    options.notdef_outline = True
    if cut.is_web:
        options.name_IDs = [1, 2, 4, 6, 13, 14]
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=cut.characters)
    subsetter.subset(font)
    if cut.limits:
        font = instantiateVariableFont(font, cut.limits, inplace=True)
    if not cut.is_web:
        name_static(font, cut)
    font.flavor = "woff2" if cut.is_web else None
    out = BytesIO()
    font.save(out)
    return out.getvalue()


def name_static(font: TTFont, cut: Cut) -> None:
    """Four cuts of two families must not share a name inside one document."""
    postscript = Path(cut.path).stem
    for name_id, name in ((1, cut.family), (4, postscript.replace("-", " ")), (6, postscript)):
        font["name"].setName(name, name_id, 3, 1, 0x409)
    font["OS/2"].usWeightClass = int(cut.limits["wght"])  # type: ignore[arg-type]  # a static cut pins it


def stamp() -> str:
    """Changes when a font package, fontTools, a cut or this file does."""
    packages = ("fontpkg-bricolage-grotesque", "fontpkg-source-sans-3", "fonttools", "brotli")
    parts = [f"{name} {version(name)}" for name in packages]
    return hashlib.sha256("\n".join(parts).encode() + Path(__file__).read_bytes()).hexdigest()


def build(root: Path, *, force: bool = False) -> list[Path]:
    """Makes the fonts under `root`; the files made, none when all are up to date."""
    mark = root / "fonts.stamp"
    wanted = stamp()
    current = mark.exists() and mark.read_text() == wanted
    if current and not force and all((root / cut.path).exists() for cut in CUTS):
        return []
    made = []
    for cut in CUTS:  # a second or two each; in several processes they gained nothing
        path = root / cut.path
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(path.name + ".part")
        part.write_bytes(make_cut(cut))
        part.replace(path)
        made.append(path)
    mark.write_text(wanted)
    return made
