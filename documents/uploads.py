"""What somebody drops on the portal: typed by its bytes, never by its name or by what the browser says."""

import io
import zipfile

from django.utils.translation import gettext_lazy as _

from hubs.refusals import Refusal

MAX_SIZE = 10 * 1024 * 1024
ACCEPTED = ".pdf,.jpg,.jpeg,.png,.odt,.docx,.xlsx"

PDF = "application/pdf"
JPEG = "image/jpeg"
PNG = "image/png"
ODT = "application/vnd.oasis.opendocument.text"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ENDINGS = {PDF: "pdf", JPEG: "jpg", PNG: "png", ODT: "odt", DOCX: "docx", XLSX: "xlsx"}

_STARTS = {b"%PDF-": PDF, b"\xff\xd8\xff": JPEG, b"\x89PNG\r\n\x1a\n": PNG}
_PARTS = {"word/document.xml": DOCX, "xl/workbook.xml": XLSX}
# Members of an archive that a document has, at the very most.
_MOST_PARTS = 5_000


class TooHeavy(Refusal):
    message = _("Ce fichier dépasse 10\u00a0Mo. Déposez-en une version plus légère.")
    field = "file"


class NotADocument(Refusal):
    message = _("Déposez un PDF, une photo (JPEG, PNG) ou un document ODT, DOCX ou XLSX.")
    field = "file"


class HasMacros(Refusal):
    message = _("Ce document contient des macros. Enregistrez-le en PDF, puis déposez-le.")
    field = "file"


def type_of(content: bytes) -> str:
    """What these bytes are. Raises TooHeavy, NotADocument, HasMacros."""
    if len(content) > MAX_SIZE:
        raise TooHeavy
    found = next((kind for start, kind in _STARTS.items() if content.startswith(start)), "")
    if not found and content.startswith(b"PK\x03\x04"):
        found = _office(content)
    if not found:
        raise NotADocument
    return found


def _office(content: bytes) -> str:
    """Which office document this archive is; nothing of it is unpacked but the word by which ODT names itself."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = set(archive.namelist())
            if len(parts) > _MOST_PARTS:
                return ""
            if any(part.endswith("vbaProject.bin") or part.startswith("Basic/") for part in parts):
                raise HasMacros
            if "mimetype" in parts:
                with archive.open("mimetype") as word:
                    return ODT if word.read(len(ODT) + 1).decode("ascii", "replace") == ODT else ""
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError):
        return ""
    return next((kind for part, kind in _PARTS.items() if part in parts and "[Content_Types].xml" in parts), "")
