"""The archive: a zip of tables and files, closed by a manifest that says what must be in it."""

import hashlib
import json
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO, Any

FORMAT = 1
MANIFEST = "manifest.json"
ROWS, FILES = "rows/", "files/"
# What COURSIVE_DATA holds that cannot be made again.
FOLDERS = ("private", "public", "mail")
CHUNK = 1 << 20


class BadArchive(Exception):
    """The archive is not whole, not ours, or not of this version."""


@dataclass(frozen=True)
class Table:
    columns: list[str]
    rows: int


@dataclass(frozen=True)
class Part:
    size: int
    sha256: str


@dataclass
class Manifest:
    version: str
    made_at: str
    migrations: list[list[str]]
    tables: dict[str, Table] = field(default_factory=dict)
    # Name → (last value, whether it was given).
    sequences: dict[str, tuple[int, bool]] = field(default_factory=dict)
    parts: dict[str, Part] = field(default_factory=dict)
    # Files that rows name and that the disk no longer had.
    missing: list[str] = field(default_factory=list)

    @property
    def rows(self) -> int:
        return sum(table.rows for table in self.tables.values())

    @property
    def files(self) -> dict[str, Part]:
        """Path under COURSIVE_DATA → what it holds."""
        return {name.removeprefix(FILES): part for name, part in self.parts.items() if name.startswith(FILES)}

    def write(self, archive: zipfile.ZipFile) -> None:
        archive.writestr(entry(MANIFEST, compressed=True), json.dumps({"format": FORMAT} | asdict(self), indent=1))


def entry(name: str, *, compressed: bool) -> zipfile.ZipInfo:
    # A date of its own would tell nothing: the manifest has the instant.
    info = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
    info.compress_type = zipfile.ZIP_DEFLATED if compressed else zipfile.ZIP_STORED
    info.external_attr = 0o600 << 16
    return info


def add(archive: zipfile.ZipFile, name: str, chunks: Iterable[bytes | memoryview], *, compressed: bool) -> Part:
    """Write one member as it comes, never whole in memory."""
    digest, size = hashlib.sha256(), 0
    with archive.open(entry(name, compressed=compressed), "w", force_zip64=True) as out:
        for chunk in chunks:
            digest.update(chunk)
            size += len(chunk)
            out.write(chunk)
    return Part(size=size, sha256=digest.hexdigest())


def chunks_of(file: IO[bytes]) -> Iterator[bytes]:
    while chunk := file.read(CHUNK):
        yield chunk


@contextmanager
def opened(path: Path) -> Iterator[tuple[zipfile.ZipFile, Manifest]]:
    """The archive and its manifest, members unread. Raises BadArchive."""
    try:
        archive = zipfile.ZipFile(path)
    except zipfile.BadZipFile as error:
        raise BadArchive("L’archive est coupée ou abîmée : elle n’a pas de fin lisible.") from error
    except OSError as error:
        raise BadArchive(f"L’archive ne se lit pas ({path}) : {error.strerror}.") from error
    with archive:
        yield archive, _manifest(archive)


def _manifest(archive: zipfile.ZipFile) -> Manifest:
    try:
        content: dict[str, Any] = json.loads(archive.read(MANIFEST))
        if (found := content.pop("format", None)) != FORMAT:
            raise BadArchive(f"Cette version lit le format {FORMAT}, et l’archive est au format {found}.")
        tables = {name: Table(**table) for name, table in content.pop("tables").items()}
        parts = {name: Part(**part) for name, part in content.pop("parts").items()}
        return Manifest(**content, tables=tables, parts=parts)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise BadArchive("Ce fichier n’est pas une sauvegarde de Coursive : son manifeste ne se lit pas.") from error


def check(path: Path) -> Manifest:
    """Read every byte against the manifest. Raises BadArchive."""
    with opened(path) as (archive, manifest):
        present = set(archive.namelist()) - {MANIFEST}
        if absent := sorted(manifest.parts.keys() - present):
            raise BadArchive(f"Il manque {len(absent)} éléments à l’archive, dont {absent[0]}.")
        if foreign := sorted(present - manifest.parts.keys()):
            raise BadArchive(f"Le manifeste ne connaît pas {foreign[0]}.")
        for name, part in manifest.parts.items():
            _check_part(archive, name, part, manifest)
    return manifest


def _check_part(archive: zipfile.ZipFile, name: str, part: Part, manifest: Manifest) -> None:
    if name.startswith(FILES):
        path = PurePosixPath(name.removeprefix(FILES))
        if path.is_absolute() or ".." in path.parts or path.parts[0] not in FOLDERS:
            raise BadArchive(f"{name} sortirait du dossier des données.")
    digest, lines = hashlib.sha256(), 0
    try:
        with archive.open(name) as file:
            for chunk in chunks_of(file):
                digest.update(chunk)
                lines += chunk.count(b"\n")
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError) as error:
        raise BadArchive(f"L’archive est abîmée : {name} ne se lit pas.") from error
    if digest.hexdigest() != part.sha256:
        raise BadArchive(f"{name} n’est pas ce que dit le manifeste.")
    # In PostgreSQL's text format a row is a line, whatever its values.
    if name.startswith(ROWS) and lines != (rows := manifest.tables[name.removeprefix(ROWS)].rows):
        raise BadArchive(f"{name} a {lines} lignes, et le manifeste en annonce {rows}.")
