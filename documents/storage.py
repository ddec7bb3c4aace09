"""Bytes under their hub and their SHA-256, written before the row that names them."""

import contextlib
import datetime as dt
import hashlib
import os
import secrets
from pathlib import Path

from django.core.files.base import ContentFile, File
from django.core.files.storage import FileSystemStorage, Storage, storages

from hubs.scope import current_hub_id

PART = ".part"


class WholeFileStorage(FileSystemStorage):
    """A name appears with all of its bytes or not at all, whether the disk fills up or the process is killed."""

    def _save(self, name: str, content: File) -> str:
        path = Path(self.path(name))
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f"{path.name}.{secrets.token_hex(8)}{PART}")
        try:
            with open(part, "xb", opener=self._open_part) as file:
                for chunk in content.chunks():
                    file.write(chunk)
                file.flush()
                # A power cut after the row's commit must not find the name without its bytes.
                os.fsync(file.fileno())
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
        _sync_folder(path.parent)
        return name

    def _open_part(self, path: str, flags: int) -> int:
        return os.open(path, flags, self.file_permissions_mode or 0o666)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def private_storage() -> Storage:
    return storages["private"]


def folder_of_hub() -> str:
    return f"hubs/{current_hub_id()}"


def key_of(sha256: str) -> str:
    return f"{folder_of_hub()}/{sha256}"


def write_once(content: bytes) -> tuple[str, str]:
    """Write the bytes if they are not there yet, and give their (sha256, key).

    A file of another size is damaged: it is written over.
    """
    sha256 = hashlib.sha256(content).hexdigest()
    key = key_of(sha256)
    storage = private_storage()
    if not (storage.exists(key) and storage.size(key) == len(content)):
        storage.save(key, ContentFile(content))
    return sha256, key


def read(key: str) -> bytes:
    with private_storage().open(key) as file:
        return file.read()


def forget_parts(before: dt.datetime) -> None:
    """Remove what killed processes were writing for the open hub."""
    storage = private_storage()
    with contextlib.suppress(FileNotFoundError):
        for name in storage.listdir(folder_of_hub())[1]:
            key = f"{folder_of_hub()}/{name}"
            if name.endswith(PART) and storage.get_modified_time(key) < before:
                storage.delete(key)
