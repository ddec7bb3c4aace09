"""Accounts kept elsewhere, brought in from files with other people's columns (HU12).

Each app or journey declares what it can bring in: a class that extends `Importer`, named in the `opening_importers` of
its AppConfig. The pages, the columns that are remembered, the dry run and the file of lines to mend are the same for
all.
"""

from billing.openings.base import Fate, Importer, Outcome, Plan, Row, importers

__all__ = ["Fate", "Importer", "Outcome", "Plan", "Row", "importers"]
