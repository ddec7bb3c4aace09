"""The ledger: where each frozen row is written, and the files that accountants read."""
