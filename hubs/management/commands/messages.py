from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = "Reads the words of the sources into locale/*.po: what is new waits for its translation, what is gone goes."
    requires_system_checks = []

    def handle(self, **options: Any) -> None:
        from hubs import catalogues  # babel takes a moment to import: only this command and `assets` pay for it

        for language, _name in settings.LANGUAGES:
            catalogue = catalogues.write(language)
            missing = [message for message in catalogue if message.id and not all(_words(message.string))]
            self.stdout.write(f"{language}: {len(catalogue)} messages, {len(missing)} to translate")


def _words(string: str | tuple[str, ...]) -> tuple[str, ...]:
    return string if isinstance(string, tuple) else (string,)
