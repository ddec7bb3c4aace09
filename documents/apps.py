import datetime as dt

from hubs.parts import HubAppConfig


class DocumentsConfig(HubAppConfig):
    name = "documents"
    verbose_name = "Documents"

    def tidy(self, now: dt.datetime) -> None:
        """What killed processes left half written."""
        from documents.storage import forget_parts

        forget_parts(now - dt.timedelta(days=1))
