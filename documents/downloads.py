from urllib.parse import quote

from django.http import HttpResponse

from documents.models import StoredFile
from documents.storage import read

# What a browser may be told that a file is; the rest is bytes.
KNOWN_TYPES = frozenset(
    {
        "application/pdf",
        "application/xml",
        "application/zip",
        "application/vnd.oasis.opendocument.text",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "image/jpeg",
        "image/png",
        "image/webp",
        "text/csv",
        "text/plain",
    }
)


def attachment(stored_file: StoredFile, name: str = "") -> HttpResponse:
    """The file as a download. The view that calls this has asked its own rule."""
    return download(name=name or stored_file.name, content_type=stored_file.content_type, content=read(stored_file.key))


def download(*, name: str, content_type: str, content: bytes) -> HttpResponse:
    """Bytes as a download, named in any script (RFC 5987), read by nobody's cache and guessed by no browser."""
    known = content_type.split(";")[0] in KNOWN_TYPES
    plain = "".join(
        letter if letter.isascii() and letter.isprintable() and letter not in '"\\' else "_" for letter in name
    )
    return HttpResponse(
        content,
        content_type=content_type if known else "application/octet-stream",
        headers={
            "Content-Disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}",
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "private, no-store",
        },
    )
