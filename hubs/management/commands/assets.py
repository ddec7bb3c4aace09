from argparse import ArgumentParser
from pathlib import Path
from typing import Any, ClassVar

from django.conf import settings
from django.core.management.base import BaseCommand
from django.template.loader import render_to_string


class Command(BaseCommand):
    help = "Cuts the fonts into ASSETS_ROOT and compiles the translations; does nothing when they are up to date."
    requires_system_checks: ClassVar[list[str]] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--force", action="store_true", help="cut them again")
        parser.add_argument(
            "--page", type=Path, help="write there, after collectstatic, what a proxy shows while the site is away"
        )

    def handle(self, *, force: bool, page: Path | None, **options: Any) -> None:
        if page:
            page.write_text(render_to_string("503.html", {"hub": None}), encoding="utf-8")
            return
        # fontTools and Babel take half a second to import: only this command pays for it.
        from hubs import assets, catalogues

        made = assets.build(Path(settings.ASSETS_ROOT), force=force)
        for path in made:
            self.stdout.write(f"{path.name}: {path.stat().st_size / 1000:.1f} kB")
        compiled = catalogues.compile_all()
        for path in compiled:
            self.stdout.write(f"{path.parent.parent.name}: translations")
        if not made and not compiled:
            self.stdout.write("Fonts and translations are up to date.")
