import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING

from hubs.parts import HubAppConfig

if TYPE_CHECKING:
    from hubs.personal import Section, Subject


class DocumentsConfig(HubAppConfig):
    name = "documents"
    verbose_name = "Documents"
    # A file goes by the name of what it is about, which says whose it is; a paper kept by the law keeps its name.
    mended_texts = ("documents.Document", "documents.StoredFile")

    def personal_data(self, subject: "Subject") -> "Sequence[Section]":
        from documents import personal

        return personal.personal_data(subject)

    def erase(self, subject: "Subject", now: dt.datetime) -> Sequence[str]:
        from documents import personal

        return personal.erase(subject)

    def tidy(self, now: dt.datetime) -> None:
        """What killed processes left half written."""
        from documents.storage import forget_parts

        forget_parts(now - dt.timedelta(days=1))
