"""Invoices as data: CII at profile EN 16931, carried by the PDF (Factur-X), checked before the number."""
