from argparse import ArgumentParser
from pathlib import Path
from typing import Any, ClassVar

from django.conf import settings
from django.core.management.base import BaseCommand
from django.template.loader import render_to_string


class Command(BaseCommand):
    help = "Cuts the fonts for the web and for documents into ASSETS_ROOT; does nothing when they are up to date."
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
        from hubs import assets  # fontTools takes half a second to import: only this command pays for it

        made = assets.build(Path(settings.ASSETS_ROOT), force=force)
        for path in made:
            self.stdout.write(f"{path.name}: {path.stat().st_size / 1000:.1f} kB")
        if not made:
            self.stdout.write("Fonts are up to date.")
