"""Dues are called by the worker, and their papers are kept: as where invoices are tested."""

from tests.billing.conftest import private_files, work

__all__ = ["private_files", "work"]
