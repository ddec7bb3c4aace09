"""Bytes under their hub and their SHA-256, written before the row that names them."""

import hashlib

from django.core.files.base import ContentFile
from django.core.files.storage import Storage, storages

from hubs.scope import current_hub_id


def private_storage() -> Storage:
    return storages["private"]


def key_of(sha256: str) -> str:
    return f"hubs/{current_hub_id()}/{sha256}"


def write_once(content: bytes) -> tuple[str, str]:
    """Write the bytes if they are not there yet, and give their (sha256, key).

    A write cut short by a kill leaves a file of another size: it is written again.
    """
    sha256 = hashlib.sha256(content).hexdigest()
    key = key_of(sha256)
    storage = private_storage()
    if storage.exists(key):
        if storage.size(key) == len(content):
            return sha256, key
        storage.delete(key)
    written = storage.save(key, ContentFile(content))
    if written != key:  # Someone wrote the same bytes in between.
        storage.delete(written)
    return sha256, key


def read(key: str) -> bytes:
    with private_storage().open(key) as file:
        return file.read()
