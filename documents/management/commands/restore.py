import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from documents.backups import BadArchive, CannotRestore, restore


class Command(BaseCommand):
    help = "Puts an archive of `backup` into an instance, which must be empty unless told."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("path", type=Path)
        parser.add_argument("--replace", action="store_true", help="lose what the instance holds")

    def handle(self, *, path: Path, replace: bool, **options: Any) -> None:
        if "owner" not in settings.DATABASES:
            raise CommandError(
                "DATABASE_OWNER_URL n’est pas donné : seul le propriétaire de la base écrit pour tous les pôles."
            )
        start = time.monotonic()
        try:
            manifest = restore(path, replace=replace)
        except (BadArchive, CannotRestore) as error:
            raise CommandError(f"{error} Rien n’a changé.") from error
        self.stdout.write(
            f"Restauré en {time.monotonic() - start:.1f} s : {manifest.rows} lignes de {len(manifest.tables)} tables et"
            f" {len(manifest.files)} fichiers, comme au {manifest.made_at}. Comptes et empreintes sont ceux du manifeste."
        )
        if manifest.missing:
            self.stdout.write(
                f"Il manquait déjà {len(manifest.missing)} fichiers à l’original, dont {manifest.missing[0]}."
            )
