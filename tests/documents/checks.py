"""What every PDF of Coursive must pass; each template has a test that calls it."""

import io

import page
from pypdf import PdfReader

from documents.rendering import Pdf


def assert_conforms(pdf: Pdf) -> None:
    """PDF/A-3a, to be kept for ten years, and PDF/UA-1, to be read by everyone."""
    for profile in (page.ValidationProfile.PDF_A_3A, page.ValidationProfile.PDF_UA_1):
        report = page.validate_pdf_bytes(pdf.content, profile=profile)
        assert report.is_compliant, [(f.rule_id, f.message) for f in report.failures]


def page_texts(pdf: Pdf) -> list[str]:
    reader = PdfReader(io.BytesIO(pdf.content))
    return [sheet.extract_text().replace("\u202f", " ").replace("\u00a0", " ") for sheet in reader.pages]
