"""The whole instance in one archive: every row as of one instant, and the files that the rows name.

Rows are written by COPY rather than by pg_dump: the image holds no PostgreSQL program, and a pg_dump
older than the server refuses it.
"""

from documents.backups.archive import BadArchive, Manifest, check
from documents.backups.restoring import CannotRestore, restore
from documents.backups.writing import CannotBackUp, back_up

__all__ = ["BadArchive", "CannotBackUp", "CannotRestore", "Manifest", "back_up", "check", "restore"]
