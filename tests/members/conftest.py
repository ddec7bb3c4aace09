"""Papers are made by the worker, from private files: as for invoices."""

from tests.billing.conftest import private_files, work

__all__ = ["private_files", "work"]
