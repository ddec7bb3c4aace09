"""Writing the archive beside a site that goes on working."""

import datetime as dt
import errno
import os
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import connections, models, transaction
from psycopg import sql

from documents.backups.archive import FILES, FOLDERS, ROWS, Manifest, Table, add, chunks_of
from documents.models import StoredFile

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class CannotBackUp(Exception):
    pass


def back_up(path: Path, *, now: dt.datetime) -> Manifest:
    """Write the archive at `path`, whole or not at all, readable by its owner alone.

    Rows come first, in one snapshot; then the files. Bytes are written before the row that names
    them and never change, so that the files hold all that the snapshot names, whatever happens meanwhile.
    Raises CannotBackUp.
    """
    part = path.with_name(path.name + ".part")
    try:
        part.unlink(missing_ok=True)
        with os.fdopen(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
            with zipfile.ZipFile(file, "w") as archive:
                manifest = _write(archive, now)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as error:
        words = "le disque est plein" if error.errno in FULL else error.strerror
        raise CannotBackUp(f"La sauvegarde ne s’écrit pas : {words} ({path.parent}).") from error
    finally:
        part.unlink(missing_ok=True)
    return manifest


def _write(archive: zipfile.ZipFile, now: dt.datetime) -> Manifest:
    with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        manifest = Manifest(version=_version(), made_at=now.isoformat(), migrations=_migrations(cursor))
        for table, columns in _tables(cursor).items():
            _write_table(archive, cursor, manifest, table, columns)
        named = set(_named_files(cursor))
        # Not part of the snapshot: read last, they are past every row in it.
        manifest.sequences = _sequences(cursor)
    for path in _files(settings.DATA_DIR):
        try:
            with (settings.DATA_DIR / path).open("rb") as file:
                manifest.parts[FILES + path] = add(archive, FILES + path, chunks_of(file), compressed=False)
        except FileNotFoundError:
            continue  # gone since it was listed
    manifest.missing = sorted(named - manifest.files.keys())
    manifest.write(archive)
    return manifest


def _write_table(archive: zipfile.ZipFile, cursor: Any, manifest: Manifest, table: str, columns: list[str]) -> None:
    rows = 0

    def lines() -> Iterator[bytes | memoryview]:
        nonlocal rows
        statement = sql.SQL("COPY {} ({}) TO STDOUT").format(
            sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns))
        )
        with cursor.copy(statement) as copy:
            for chunk in copy:
                rows += bytes(chunk).count(b"\n")
                yield chunk

    manifest.parts[ROWS + table] = add(archive, ROWS + table, lines(), compressed=True)
    manifest.tables[table] = Table(columns=columns, rows=rows)


def _version() -> str:
    return str(tomllib.loads((settings.BASE_DIR / "pyproject.toml").read_text())["project"]["version"])


def _migrations(cursor: Any) -> list[list[str]]:
    cursor.execute("SELECT app, name FROM django_migrations ORDER BY id")
    return [list(row) for row in cursor.fetchall()]


def _tables(cursor: Any) -> dict[str, list[str]]:
    """Every table and its columns; computed ones compute themselves again."""
    cursor.execute(
        "SELECT table_name, array_agg(column_name::text ORDER BY ordinal_position)"
        " FROM information_schema.columns JOIN information_schema.tables USING (table_schema, table_name)"
        " WHERE table_schema = 'public' AND table_type = 'BASE TABLE' AND is_generated = 'NEVER'"
        " AND table_name <> 'django_migrations' GROUP BY table_name ORDER BY table_name"
    )
    return dict(cursor.fetchall())


def _sequences(cursor: Any) -> dict[str, tuple[int, bool]]:
    cursor.execute("SELECT sequencename FROM pg_sequences WHERE schemaname = 'public' ORDER BY sequencename")
    found = {}
    for (name,) in cursor.fetchall():
        cursor.execute(sql.SQL("SELECT last_value, is_called FROM {}").format(sql.Identifier(name)))
        found[name] = cursor.fetchone()
    return found


def _named_files(cursor: Any) -> Iterator[str]:
    """Paths under COURSIVE_DATA that rows name."""
    named = {("private", StoredFile._meta.db_table, "key")}
    for model in apps.get_models():
        pictures = [field for field in model._meta.get_fields() if isinstance(field, models.FileField)]
        named |= {("public", model._meta.db_table, field.column) for field in pictures}
    for folder, table, column in sorted(named):
        query = sql.SQL("SELECT DISTINCT {0} FROM {1} WHERE {0} <> ''")
        cursor.execute(query.format(sql.Identifier(column), sql.Identifier(table)))
        yield from (f"{folder}/{name}" for (name,) in cursor.fetchall())


def _files(root: Path) -> Iterator[str]:
    for folder in FOLDERS:
        for path in sorted((root / folder).rglob("*")):
            if path.is_file():
                yield path.relative_to(root).as_posix()
