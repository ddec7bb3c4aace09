import io
import zipfile

import pytest

from documents import uploads
from documents.uploads import HasMacros, NotADocument, TooHeavy, type_of


def archive(**parts: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as made:
        for name, content in parts.items():
            made.writestr(name, content)
    return file.getvalue()


def office(*names: str, **more: bytes) -> bytes:
    return archive(**{"[Content_Types].xml": b"<x/>"}, **dict.fromkeys(names, b"<x/>"), **more)


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"%PDF-1.7 x", uploads.PDF),
        (b"\xff\xd8\xff\xe0 x", uploads.JPEG),
        (b"\x89PNG\r\n\x1a\n x", uploads.PNG),
        (archive(mimetype=uploads.ODT.encode()), uploads.ODT),
        (office("word/document.xml"), uploads.DOCX),
        (office("xl/workbook.xml"), uploads.XLSX),
    ],
)
def test_a_document_is_known_by_its_bytes(content, kind):
    assert type_of(content) == kind


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<html><script>",
        b"MZ\x90",
        b"GIF89a",
        b"PK\x03\x04 nothing of an archive",
        archive(mimetype=b"application/epub+zip"),
        archive(mimetype=uploads.ODT.encode() + b"-template"),
        archive(readme=b"x"),
        archive(**{"word/document.xml": b"x"}),
    ],
)
def test_the_rest_is_refused(content):
    with pytest.raises(NotADocument):
        type_of(content)


@pytest.mark.parametrize("part", ["word/vbaProject.bin", "Basic/Standard/Module1.xml"])
def test_a_document_with_macros_is_refused(part):
    with pytest.raises(HasMacros):
        type_of(office("word/document.xml", **{part: b"x"}))


def test_ten_megabytes_are_the_most():
    start = b"%PDF-1.7 "

    assert type_of(start.ljust(uploads.MAX_SIZE)) == uploads.PDF
    with pytest.raises(TooHeavy):
        type_of(start.ljust(uploads.MAX_SIZE + 1))
