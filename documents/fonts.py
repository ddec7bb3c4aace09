"""The four faces of every PDF, cut to static TTF files by `manage.py assets`."""

from dataclasses import dataclass
from pathlib import Path

from django.conf import settings


class FontsMissing(RuntimeError):
    """The faces have not been built: a PDF set in another face is never written instead."""


@dataclass(frozen=True)
class Face:
    family: str
    filename: str
    weight: int
    style: str = "normal"


FACES = (
    Face("Source Sans 3", "SourceSans3-Regular.ttf", 400),
    Face("Source Sans 3", "SourceSans3-Semibold.ttf", 600),
    Face("Source Sans 3", "SourceSans3-Italic.ttf", 400, "italic"),
    Face("Bricolage Grotesque", "BricolageGrotesque-Bold.ttf", 700),
)


def font_paths() -> dict[Face, Path]:
    folder = Path(settings.ASSETS_ROOT) / "fonts-pdf"
    paths = {face: (folder / face.filename).resolve() for face in FACES}
    if missing := [path.name for path in paths.values() if not path.is_file()]:
        raise FontsMissing(f"PDF fonts missing from {folder}: {', '.join(missing)}. Run `manage.py assets`.")
    return paths


def font_face_rules(paths: dict[Face, Path]) -> str:
    return "\n".join(
        f'@font-face {{ font-family: "{face.family}"; font-weight: {face.weight};'
        f' font-style: {face.style}; src: url("{path.as_uri()}") }}'
        for face, path in paths.items()
    )
