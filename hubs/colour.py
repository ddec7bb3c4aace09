"""A hub chooses one colour; what can be read on it and beside it is computed here (WCAG 2.2, 1.4.3)."""

import re
from typing import NamedTuple

READABLE = 4.5
VISIBLE = 3.0  # a shape against the page, WCAG 1.4.11

# The same values stand in static/css/tokens.css; a test holds them together.
PAPERS = {"light": ("#ffffff", "#f4f4f1"), "dark": ("#131418", "#1d1f24")}
INKS = ("#ffffff", "#17181c")


class Rgb(NamedTuple):
    red: int
    green: int
    blue: int

    @property
    def hex(self) -> str:
        return f"#{self.red:02x}{self.green:02x}{self.blue:02x}"


BLACK, WHITE = Rgb(0, 0, 0), Rgb(255, 255, 255)


def parse(color_hex: str) -> Rgb:
    """`#0b6e4f` or `#0b6`; anything else is a ValueError, so that no other text reaches a stylesheet."""
    match = re.fullmatch(r"#([0-9a-fA-F]{6}|[0-9a-fA-F]{3})", color_hex)
    if not match:
        raise ValueError(f"{color_hex!r} is not a colour such as #0b6e4f")
    digits = match[1] if len(match[1]) == 6 else "".join(digit * 2 for digit in match[1])
    return Rgb(*bytes.fromhex(digits))


def mix(a: Rgb, b: Rgb, share: float) -> Rgb:
    """`a` with that share of `b`."""
    return Rgb(*(round(x + (y - x) * share) for x, y in zip(a, b, strict=True)))


def luminance(color: Rgb) -> float:
    def linear(channel: int) -> float:
        value = channel / 255
        return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4

    red, green, blue = (linear(channel) for channel in color)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(a: str, b: str) -> float:
    """Between 1 and 21."""
    high, low = sorted((luminance(parse(a)), luminance(parse(b))), reverse=True)
    return (high + 0.05) / (low + 0.05)


def _until(color: Rgb, target: Rgb, backgrounds: tuple[str, ...], ratio: float) -> Rgb:
    """`color`, moved towards black or white by hundredths until it stands out from every background."""
    for percent in range(101):
        moved = mix(color, target, percent / 100)
        if all(contrast(moved.hex, background) >= ratio for background in backgrounds):
            return moved
    return target


def accent_tokens(color_hex: str, theme: str) -> dict[str, str]:
    """The five accent tokens of one theme, "light" or "dark"."""
    papers = PAPERS[theme]
    accent = parse(color_hex)
    if theme == "dark":
        accent = _until(accent, WHITE, (papers[0],), VISIBLE)
    # White is kept where it can be read; else dark ink; a middle tone that carries neither is darkened.
    ink = next((ink for ink in INKS if contrast(accent.hex, ink) >= READABLE), None)
    if ink is None:
        ink = INKS[0]
        accent = _until(accent, BLACK, (ink,), READABLE)
    away = BLACK if ink == INKS[0] else WHITE
    tint = mix(parse(papers[0]), accent, 0.09 if theme == "light" else 0.16)
    strong = _until(accent, BLACK if theme == "light" else WHITE, (*papers, tint.hex), READABLE)
    return {
        "--accent": accent.hex,
        "--accent-ink": ink,
        "--accent-hover": mix(accent, away, 0.14).hex,
        "--accent-strong": strong.hex,
        "--accent-tint": tint.hex,
    }


def accent_css(color_hex: str) -> str:
    """The hub's own stylesheet. Unlayered, so that it wins over the defaults of tokens.css."""

    def rule(selector: str, theme: str) -> str:
        tokens = accent_tokens(color_hex, theme)
        return selector + "{" + ";".join(f"{name}:{value}" for name, value in tokens.items()) + "}"

    return (
        rule(":root", "light")
        + "@media screen and (prefers-color-scheme:dark){"
        + rule(":root:not([data-theme=light])", "dark")
        + "}"
        + rule(":root[data-theme=dark]", "dark")
    )
