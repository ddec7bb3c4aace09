import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from documents.backups import BadArchive, CannotBackUp, back_up, check

NAME = "coursive-%Y%m%dT%H%M%SZ.zip"


class Command(BaseCommand):
    help = "Writes the whole instance, rows and files, into one archive, while the site works."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("path", type=Path, help="a folder, or the archive to write (or to check)")
        parser.add_argument(
            "--check", action="store_true", help="read an archive against its manifest, and write nothing"
        )
        parser.add_argument("--keep", type=int, metavar="N", help="in a folder: keep the N latest archives")

    def handle(self, *, path: Path, check: bool, keep: int | None, **options: Any) -> None:
        if check:
            self._check(path)
            return
        if "owner" not in settings.DATABASES:
            raise CommandError(
                "DATABASE_OWNER_URL n’est pas donné : seul le propriétaire de la base voit tous les pôles."
            )
        if keep is not None and (keep < 1 or not path.is_dir()):
            raise CommandError("--keep veut un dossier, et au moins une archive.")
        start, now = time.monotonic(), timezone.now()
        target = path / now.strftime(NAME) if path.is_dir() else path
        try:
            manifest = back_up(target, now=now)
        except CannotBackUp as error:
            raise CommandError(str(error)) from error
        size = target.stat().st_size / 1_000_000
        self.stdout.write(
            f"{target} : {manifest.rows} lignes de {len(manifest.tables)} tables et {len(manifest.files)} fichiers,"
            f" {size:.1f} Mo, en {time.monotonic() - start:.1f} s."
        )
        if keep:
            self._keep(path, keep)
        if manifest.missing:
            raise CommandError(
                f"L’archive est écrite, mais {len(manifest.missing)} fichiers que la base nomme n’étaient plus sur le"
                f" disque, dont {manifest.missing[0]}.",
                returncode=3,
            )

    def _check(self, path: Path) -> None:
        try:
            manifest = check(path)
        except BadArchive as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            f"L’archive est entière : {manifest.rows} lignes, {len(manifest.files)} fichiers,"
            f" du {manifest.made_at} (version {manifest.version})."
        )

    def _keep(self, folder: Path, count: int) -> None:
        # The name ends with the instant: in order of names they are in order of time.
        for old in sorted(folder.glob("coursive-*Z.zip"))[:-count]:
            old.unlink()
            self.stdout.write(f"{old.name} : effacée.")
