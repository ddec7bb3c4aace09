"""One way from a template to a PDF that is PDF/A-3a and PDF/UA-1, the same bytes each time.

WeasyPrint is imported by the first rendering only: it costs half a second and 50 MB, which
a web process that writes no PDF does not pay.
"""

import atexit
import gc
import hashlib
import os
import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.template.loader import render_to_string

from documents.fonts import font_face_rules, font_paths
from documents.metadata import PDF_UA_1, ExtensionSchema, merge_xmp

if TYPE_CHECKING:
    import pydyf
    from weasyprint import CSS, Document
    from weasyprint.text.fonts import FontConfiguration
    from weasyprint.urls import URLFetcher

LETTERHEAD_CSS = Path(__file__).parent / "css" / "letterhead.css"
IMAGE_URLS = ("data:image/png", "data:image/jpeg", "data:image/svg+xml")


@dataclass(frozen=True)
class Attachment:
    """A file carried inside the PDF; `relationship` is its AFRelationship."""

    name: str
    content: bytes
    description: str
    relationship: str = "Data"


@dataclass(frozen=True)
class Pdf:
    content: bytes
    sha256: str
    pages: int


@dataclass(frozen=True)
class Engine:
    """What is costly to build and safe to share: the fonts and the parsed stylesheet.

    A FontConfiguration per rendering leaks about 0.2 MB each time, hence one per process.
    """

    fonts: "FontConfiguration"
    stylesheet: "CSS"
    fetcher: "URLFetcher"


_lock = threading.Lock()
_engine: Engine | None = None


def render_pdf(
    *,
    template: str,
    context: Mapping[str, Any],
    issued_at: datetime,
    title: str,
    author: str,
    attachments: Sequence[Attachment] = (),
    schemas: Sequence[ExtensionSchema] = (),
) -> Pdf:
    """Render `template` (which extends documents/letterhead.html) as a PDF dated `issued_at`.

    `schemas` are told in its metadata beside PDF/UA: what an attachment is, as Factur-X asks.
    """
    if issued_at.tzinfo is None:
        raise ValueError("issued_at must be aware: the same instant gives the same bytes")
    moment = issued_at.astimezone(UTC).replace(microsecond=0)
    html = render_to_string(template, {**context, "document_title": title})
    with _lock:  # Pango's font map is not meant to be shared by two threads at once.
        return _render(html, moment, title, author, attachments, (PDF_UA_1, *schemas))


def _render(
    html: str,
    moment: datetime,
    title: str,
    author: str,
    attachments: Sequence[Attachment],
    schemas: Sequence[ExtensionSchema],
) -> Pdf:
    import weasyprint

    engine = _get_engine()
    document = weasyprint.HTML(string=html, url_fetcher=engine.fetcher).render(
        font_config=engine.fonts, stylesheets=[engine.stylesheet], pdf_variant="pdf/a-3a"
    )
    document.metadata.title = title
    document.metadata.authors = [author]
    document.metadata.generator = "Coursive"
    document.metadata.created = document.metadata.modified = moment.isoformat()

    def attach() -> None:
        """Only what the caller hands over: never a <link rel="attachment"> of the HTML."""
        document.metadata.attachments = [
            weasyprint.Attachment(
                string=attachment.content,
                name=attachment.name,
                description=attachment.description,
                relationship=attachment.relationship,
                created=moment,
                modified=moment,
            )
            for attachment in attachments
        ]

    content = _write(document, schemas, attach)
    return Pdf(content, hashlib.sha256(content).hexdigest(), len(document.pages))


def _write(document: "Document", schemas: Sequence[ExtensionSchema], attach: Callable[[], None]) -> bytes:
    """The file, written so that no stream ends with a carriage return.

    pydyf puts one line feed before `endstream`: after data that ends with a carriage return,
    a strict validator reads a two-byte line end, and finds /Length wrong by one.
    """
    padding = 0
    while True:
        attach()  # each time: WeasyPrint reads an attachment once
        content: bytes = document.write_pdf(
            pdf_variant="pdf/a-3a",
            finisher=partial(_finish, schemas=schemas, padding=padding),
        )
        if b"\r\nendstream" not in content:
            return content
        padding += 1


def _get_engine() -> Engine:
    global _engine
    if _engine is None:
        _engine = _build_engine()
    return _engine


def _build_engine() -> Engine:
    from weasyprint import CSS
    from weasyprint.text.fonts import FontConfiguration

    paths = font_paths()
    fonts = FontConfiguration()
    stylesheet = CSS(
        string=font_face_rules(paths) + LETTERHEAD_CSS.read_text(),
        font_config=fonts,
        url_fetcher=_fetcher(files={path.as_uri() for path in paths.values()}),
    )
    return Engine(fonts, stylesheet, _fetcher(files=()))


def _fetcher(*, files: Collection[str]) -> "URLFetcher":
    """A fetcher of pictures written in the page itself, and of the files named here."""
    from weasyprint.urls import URLFetcher, URLFetcherResponse

    class ClosedFetcher(URLFetcher):  # type: ignore[misc]  # WeasyPrint carries no types
        def fetch(self, url: str, headers: Mapping[str, str] | None = None) -> URLFetcherResponse:
            if url not in files and not url.lower().startswith(IMAGE_URLS):
                raise ValueError("a document reaches nothing outside itself")
            return super().fetch(url, headers)

    return ClosedFetcher(allowed_protocols=("data", "file"), allow_redirects=False)


def _forget_parent() -> None:
    """A forked worker builds its own engine, and leaves its parent's font files alone."""
    global _engine, _lock
    if _engine is not None:
        _engine.fonts._folder = None  # its __del__ would remove the parent's folder
    _engine = None
    _lock = threading.Lock()


def release() -> None:
    """Remove this process's copies of the fonts: for workers that end without `atexit`."""
    global _engine
    _engine = None
    gc.collect()  # laid-out boxes hold the fonts in cycles


os.register_at_fork(after_in_child=_forget_parent)
atexit.register(release)


def _finish(document: "Document", pdf: "pydyf.PDF", *, schemas: Sequence[ExtensionSchema], padding: int) -> None:
    """Mend what WeasyPrint 70 leaves: two RDF blocks, doubled /AF, header cells without scope."""
    import pydyf

    for item in pdf.objects:
        if isinstance(item, pydyf.Stream):
            if item.extra.get("Type") == "/Metadata":
                item.stream = [merge_xmp(b"".join(item.stream), schemas)]
                item.compress = False  # so that tools that do not read PDF find the packet
            elif item.compress and item.data.endswith(b"\r\nendstream"):
                item.compress = False
        elif isinstance(item, pydyf.Dictionary) and item.get("S") == "/TH":
            item["A"]["Scope"] = "/Column" if _in_table_head(item, pdf) else "/Row"
    if "AF" in pdf.catalog:
        pdf.catalog["AF"] = pydyf.Array(dict.fromkeys(pdf.catalog["AF"]))
    for _ in range(padding):  # unused objects, which change the streams that pydyf adds itself
        pdf.add_object(pydyf.String(""))


def _in_table_head(cell: "pydyf.Dictionary", pdf: "pydyf.PDF") -> bool:
    row = pdf.objects[int(cell["P"].split()[0])]
    return bool(pdf.objects[int(row["P"].split()[0])]["S"] == "/THead")
