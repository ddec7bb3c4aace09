"""Mail on an instance that names no mail server: a folder to look into."""

from collections.abc import Sequence
from pathlib import Path

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend


class FolderBackend(BaseEmailBackend):
    """Each message is one file, named by its Message-ID and whole: handed over twice, it is there once."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        folder = Path(settings.EMAIL_FILE_PATH)
        parts = folder.with_name(f"{folder.name}-part")
        for place in (folder, parts):
            place.mkdir(parents=True, exist_ok=True)
        for email_message in email_messages:
            message = email_message.message()
            name = message["Message-ID"].strip("<>").replace("/", "_") + ".eml"
            (parts / name).write_bytes(message.as_bytes())
            (parts / name).replace(folder / name)
        return len(email_messages)
