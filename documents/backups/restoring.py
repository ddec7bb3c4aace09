"""An archive back into an instance: all of it, or nothing."""

import hashlib
import os
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import connections, transaction
from django.db.migrations.executor import MigrationExecutor
from psycopg import sql

from documents.backups.archive import CHUNK, FILES, FOLDERS, ROWS, Manifest, check, chunks_of, opened
from documents.backups.writing import FULL


class CannotRestore(Exception):
    pass


def restore(path: Path, *, replace: bool = False) -> Manifest:
    """Put the archive's rows and files in place of what the instance holds.

    Every byte is checked before anything is touched. An instance that holds hubs or files is
    refused unless `replace`; one whose site is running is refused always. An archive of an older version
    is restored as it was, then migrated. Raises BadArchive, CannotRestore.
    """
    manifest = check(path)
    _refuse_running_site()
    if not replace:
        _refuse_full_instance()
    with opened(path) as (archive, _manifest), _files_ready(archive, manifest) as ready:
        _bring_tables_to(manifest)
        with _files_swapped(ready), transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
            _replace_rows(cursor, archive, manifest)
    call_command("migrate", verbosity=0, interactive=False)
    return manifest


def _refuse_running_site() -> None:
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND usename = %s",
            [settings.DATABASES["default"]["USER"]],
        )
        if count := cursor.fetchone()[0]:
            raise CannotRestore(
                f"Le site tourne encore ({count} connexions) : arrêtez d’abord le web, les tâches et l’horloge."
            )


def _refuse_full_instance() -> None:
    connection = connections["owner"]
    with connection.cursor() as cursor:
        hubs = 0
        if "hubs_hub" in connection.introspection.table_names(cursor):
            cursor.execute("SELECT count(*) FROM hubs_hub")
            hubs = cursor.fetchone()[0]
    if hubs:
        raise CannotRestore(f"La base tient déjà {hubs} pôles. Pour les remplacer par l’archive : --replace.")
    private = settings.DATA_DIR / "private"
    if private.exists() and any(path.is_file() for path in private.rglob("*")):
        raise CannotRestore(f"{private} contient déjà des fichiers. Pour les remplacer par l’archive : --replace.")


def _bring_tables_to(manifest: Manifest) -> None:
    """Make the tables as they were when the archive was written."""
    executor = MigrationExecutor(connections["owner"])
    wanted = {(app, name) for app, name in manifest.migrations}
    if unknown := sorted(wanted - executor.loader.disk_migrations.keys()):
        raise CannotRestore(
            f"L’archive vient d’une version plus récente ({manifest.version}) : ce code ne connaît pas"
            f" {'.'.join(unknown[0])}. Installez cette version-là, puis recommencez."
        )
    if ahead := sorted(set(executor.loader.applied_migrations) - wanted):
        raise CannotRestore(
            f"La base est en avance sur l’archive ({'.'.join(ahead[0])}) : restaurez dans une base vide, sans"
            " tables ; elle sera mise à jour ensuite."
        )
    inner = {parent for node in wanted for parent in executor.loader.graph.node_map[node].parents}
    executor.migrate([node for node in sorted(wanted) if node not in inner])


@contextmanager
def _files_ready(archive: zipfile.ZipFile, manifest: Manifest) -> Iterator[Path]:
    """The archive's files in a folder of their own, on the disk where they will stay."""
    try:
        settings.DATA_DIR.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix="restoring-", dir=settings.DATA_DIR))
    except OSError as error:
        raise CannotRestore(f"{settings.DATA_DIR} ne s’écrit pas : {error.strerror}.") from error
    try:
        for path, part in manifest.files.items():
            _extract(archive, path, folder / path, part.sha256)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _files_swapped(ready: Path) -> Iterator[None]:
    """The files of `ready` in place; the old ones are back if the rows do not follow, and gone if they do."""
    old = Path(tempfile.mkdtemp(prefix="replaced-", dir=settings.DATA_DIR))
    _move(settings.DATA_DIR, old)
    _move(ready, settings.DATA_DIR)
    try:
        yield
    except BaseException:
        _move(settings.DATA_DIR, ready)
        _move(old, settings.DATA_DIR)
        old.rmdir()
        raise
    shutil.rmtree(old, ignore_errors=True)


def _move(source: Path, target: Path) -> None:
    for folder in FOLDERS:
        if (source / folder).exists():
            (source / folder).rename(target / folder)


def _extract(archive: zipfile.ZipFile, path: str, target: Path, sha256: str) -> None:
    mode = 0o644 if path.startswith("public/") else 0o600
    digest = hashlib.sha256()
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with (
            archive.open(FILES + path) as source,
            os.fdopen(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, mode), "wb") as file,
        ):
            for chunk in chunks_of(source):
                digest.update(chunk)
                file.write(chunk)
    except OSError as error:
        words = "le disque est plein" if error.errno in FULL else error.strerror
        raise CannotRestore(f"Les fichiers ne s’écrivent pas : {words} ({settings.DATA_DIR}).") from error
    if digest.hexdigest() != sha256:
        raise CannotRestore(f"{path} a changé pendant la restauration.")


def _replace_rows(cursor: Any, archive: zipfile.ZipFile, manifest: Manifest) -> None:
    cursor.execute("SET LOCAL lock_timeout = '10s'")
    tables = sql.SQL(", ").join(sql.Identifier("public", name) for name in manifest.tables)
    # Tables point at one another and at themselves: keys are taken off, and put back over all rows.
    keys = _foreign_keys(cursor)
    for table, name, _definition in keys:
        cursor.execute(sql.SQL("ALTER TABLE {} DROP CONSTRAINT {}").format(sql.Identifier(table), sql.Identifier(name)))
    cursor.execute(sql.SQL("TRUNCATE {}").format(tables))
    for name, table in manifest.tables.items():
        # What freezes an issued invoice would refuse to write it.
        cursor.execute(sql.SQL("ALTER TABLE {} DISABLE TRIGGER USER").format(sql.Identifier(name)))
        _load(cursor, archive, name, table.columns)
        cursor.execute(sql.SQL("ALTER TABLE {} ENABLE TRIGGER USER").format(sql.Identifier(name)))
        cursor.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(name)))
        if (found := cursor.fetchone()[0]) != table.rows:
            raise CannotRestore(f"{name} a reçu {found} lignes, et le manifeste en annonce {table.rows}.")
    for table_name, name, definition in keys:
        cursor.execute(
            sql.SQL("ALTER TABLE {} ADD CONSTRAINT {} {}").format(
                sql.Identifier(table_name), sql.Identifier(name), sql.SQL(definition)
            )
        )
    for name, (value, called) in manifest.sequences.items():
        cursor.execute("SELECT setval(%s::regclass, %s, %s)", [f'public."{name}"', value, called])


def _foreign_keys(cursor: Any) -> list[tuple[str, str, str]]:
    cursor.execute(
        "SELECT relname, conname, pg_get_constraintdef(c.oid) FROM pg_constraint c JOIN pg_class t ON t.oid = conrelid"
        " WHERE contype = 'f' AND connamespace = 'public'::regnamespace ORDER BY relname, conname"
    )
    return list(cursor.fetchall())


def _load(cursor: Any, archive: zipfile.ZipFile, name: str, columns: list[str]) -> None:
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(name), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    with archive.open(ROWS + name) as file, cursor.copy(statement) as copy:
        while chunk := file.read(CHUNK):
            copy.write(chunk)
