import datetime as dt
import errno
import os

import pytest
from django.apps import apps
from django.utils import timezone

from documents.actions import DocumentDiffers, attach_document, store_file
from documents.downloads import attachment
from documents.models import Document, StoredFile
from documents.queries import document_of, documents_of
from documents.storage import PART, read, write_once
from hubs.scope import open_hub


@pytest.fixture(autouse=True)
def private_files(settings, tmp_path):
    storages = {name: dict(value) for name, value in settings.STORAGES.items()}
    storages["private"]["OPTIONS"] = {**storages["private"]["OPTIONS"], "location": tmp_path}
    settings.STORAGES = storages
    return tmp_path


def store(content: bytes = b"%PDF-", name: str = "facture.pdf") -> StoredFile:
    return store_file(name=name, content_type="application/pdf", content=content)


def test_the_same_bytes_are_kept_once(hub, private_files):
    first, second, other = store(), store(name="copie.pdf"), store(b"autre")

    assert (first, first.name, read(first.key)) == (second, "facture.pdf", b"%PDF-")
    assert other != first
    assert len([path for path in private_files.rglob("*") if path.is_file()]) == 2


def test_bytes_lie_under_their_hub(nord, sud):
    keys = []
    for cast in (nord, sud):
        with open_hub(cast.hub):
            keys.append(store().key)

    assert keys == [f"hubs/{cast.hub.pk}/{keys[0].split('/')[-1]}" for cast in (nord, sud)]
    with open_hub(sud.hub):
        assert StoredFile.objects.count() == 1


def test_bytes_cut_short_are_written_again(hub, private_files):
    stored = store()
    (private_files / stored.key).write_bytes(b"%P")

    _sha256, key = write_once(b"%PDF-")

    assert (key, read(key)) == (stored.key, b"%PDF-")


def test_a_document_has_one_file_per_version(hub):
    attach_document(about=hub, kind="charter", file=store())
    attach_document(about=hub, kind="charter", file=store())
    with pytest.raises(DocumentDiffers):
        attach_document(about=hub, kind="charter", file=store(b"autre"))
    attach_document(about=hub, kind="charter", file=store(b"autre"), version=2)

    assert Document.objects.count() == 2
    assert document_of(hub, "charter").version == 2
    assert documents_of([hub], "charter")[hub.pk].version == 2
    assert document_of(hub, "minutes") is None


def test_a_download_is_named_in_any_script_and_guessed_by_no_browser(hub):
    response = attachment(store(), 'Facture « été » "1".pdf')

    assert response.content == b"%PDF-"
    assert response.headers["Content-Type"] == "application/pdf"
    assert response.headers["Content-Disposition"] == (
        'attachment; filename="Facture _ _t_ _ _1_.pdf"; '
        "filename*=UTF-8''Facture%20%C2%AB%20%C3%A9t%C3%A9%20%C2%BB%20%221%22.pdf"
    )
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Cache-Control"] == "private, no-store"


def test_a_type_that_a_browser_would_run_is_plain_bytes(hub):
    stored = store_file(name="page.html", content_type="text/html", content=b"<script>")

    assert attachment(stored).headers["Content-Type"] == "application/octet-stream"


@pytest.fixture
def full_disk(monkeypatch):
    """A disk that takes the bytes and has no room to keep them."""

    def refuse(descriptor):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", refuse)


def test_a_full_disk_leaves_no_file_under_any_name(hub, private_files, full_disk):
    with pytest.raises(OSError, match="No space left"):
        store()

    assert [path for path in private_files.rglob("*") if path.is_file()] == []


def test_each_night_lets_go_of_what_killed_processes_were_writing(hub, private_files):
    stored = private_files / store().key
    now = timezone.now()
    for name, hours in (("old", 25), ("young", 1)):
        part = stored.with_name(f"{name}{PART}")
        part.write_bytes(b"%P")
        moment = (now - dt.timedelta(hours=hours)).timestamp()
        os.utime(part, (moment, moment))

    apps.get_app_config("documents").tidy(now)

    assert {path.name for path in stored.parent.iterdir()} == {stored.name, f"young{PART}"}
