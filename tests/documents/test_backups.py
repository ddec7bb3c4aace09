"""A backup of a site that works, restored elsewhere, with real processes."""

import hashlib
import json
import subprocess
import sys
import threading
import zipfile
from pathlib import Path

import pytest

from tests.instances import ROOT, Instance, eventually, instance

MONTH = """
import datetime as dt
from billing.actions import issue_month, preview_month
from hubs.scope import open_hub
from tests.billing.factories import ChargeFactory, IssuerFactory, VatRuleFactory
from tests.cast import cast_of

nord = cast_of("nord")
with open_hub(nord.hub):
    IssuerFactory()
    VatRuleFactory()
    for number in range({count}):
        ChargeFactory(account__organisation__name=f"Structure {{number}}")
    by, month = nord.actor("accountant"), dt.date(2026, 10, 1)
    preview_month(month=month, by=by)
    issue_month(month=month, by=by, today=dt.date(2026, 11, 2))
"""
SWEEP = "from hubs.tasks import sweep; sweep()"
LEFT = "SELECT count(*) FROM hubs_runitem WHERE state <> 'done'"
PAPERS = """
SELECT number, issued_at, total_incl, sha256, key FROM billing_invoice i
LEFT JOIN documents_document d ON d.kind = 'invoice' AND d.source = 'billing.invoice:' || i.id
LEFT JOIN documents_storedfile f ON f.id = d.file_id
WHERE number <> '' ORDER BY number
"""


@pytest.fixture
def live(tmp_path):
    with instance(tmp_path / "live") as made:
        yield made


@pytest.fixture
def elsewhere(tmp_path):
    """Another machine: a database without tables, an empty folder."""
    with instance(tmp_path / "elsewhere", migrated=False) as made:
        yield made


def papers(site: Instance) -> dict[str, tuple[object, ...]]:
    return {row[0]: row[1:4] for row in site.rows(PAPERS)}


def bytes_are_those_named(site: Instance) -> bool:
    keys = [row[4] for row in site.rows(PAPERS) if row[4]]
    return all(
        hashlib.sha256((site.data / "private" / key).read_bytes()).hexdigest() == key.split("/")[-1] for key in keys
    )


def counts(site: Instance) -> dict[str, int]:
    tables = [name for (name,) in site.rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")]
    return {table: site.rows(f"SELECT count(*) FROM {table}")[0][0] for table in tables}


def says(done: subprocess.CompletedProcess[str], code: int = 0) -> str:
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout if code == 0 else done.stderr


def back_up(site: Instance, folder: Path) -> Path:
    says(site.manage("backup", folder))
    return max(folder.glob("*.zip"))


class Reader(threading.Thread):
    """Someone who reads the home page again and again, and notes each answer."""

    def __init__(self, site: Instance, port: int) -> None:
        super().__init__(daemon=True)
        self.site, self.port = site, port
        self.done, self.answers = threading.Event(), []

    def run(self) -> None:
        while not self.done.is_set():
            self.answers.append(self.site.get(self.port, "/").status)

    def leave(self) -> list[int]:
        self.done.set()
        self.join()
        return self.answers


@pytest.mark.parametrize("invoices", [12, pytest.param(150, marks=pytest.mark.long)])
def test_a_backup_during_the_months_close_goes_on_elsewhere_to_its_end(live, elsewhere, tmp_path, invoices):
    live.python(MONTH.format(count=invoices))
    reader = Reader(live, live.web("--workers=1"))
    reader.start()
    live.worker()
    eventually(lambda: len(papers(live)) >= invoices // 3)

    archive = back_up(live, tmp_path)

    assert set(reader.leave()) == {200}
    eventually(lambda: live.rows(LEFT) == [(0,)])
    says(elsewhere.manage("restore", archive))
    taken = papers(elsewhere)
    # The backup saw a month half done, else this shows nothing.
    assert elsewhere.rows(LEFT) != [(0,)]
    assert taken == {
        number: (*paper[:2], taken[number][2] and paper[2]) for number, paper in papers(live).items() if number in taken
    }
    assert bytes_are_those_named(elsewhere)

    elsewhere.rows("UPDATE hubs_runitem SET handed_at = now() - interval '1 hour'")
    elsewhere.worker()
    elsewhere.python(SWEEP)
    eventually(lambda: elsewhere.rows(LEFT) == [(0,)])
    assert list(papers(elsewhere)) == list(papers(live)) and len(papers(elsewhere)) == invoices
    assert bytes_are_those_named(elsewhere)
    once = "SELECT count(*), count(DISTINCT {0}) FROM {1}"
    # Each has its paper and, carried by it, its XML.
    assert elsewhere.rows(once.format("source", "documents_document")) == [(2 * invoices, invoices)]
    assert elsewhere.rows(once.format("about", "hubs_mail")) == [(invoices, invoices)]


@pytest.fixture
def furnished(live) -> Instance:
    """A hub with two papers."""
    live.python(
        "from tests.cast import cast_of; from hubs.scope import open_hub; from documents.actions import *\n"
        "cast = cast_of('nord')\n"
        "with open_hub(cast.hub):\n"
        "    for content in (b'un', b'deux' * 100_000):\n"
        "        store_file(name='f.pdf', content_type='application/pdf', content=content)"
    )
    return live


def test_a_restore_gives_back_rows_files_keys_and_sequences(furnished, elsewhere, tmp_path):
    archive = back_up(furnished, tmp_path)

    told = says(elsewhere.manage("restore", archive))

    assert archive.stat().st_mode & 0o777 == 0o600
    assert counts(elsewhere) == counts(furnished)
    assert (
        f"{sum(counts(furnished).values()) - furnished.rows('SELECT count(*) FROM django_migrations')[0][0]} lignes"
        in told
    )
    for query in (
        "SELECT * FROM documents_storedfile ORDER BY id",
        "SELECT sequencename, last_value FROM pg_sequences ORDER BY 1",
        "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE connamespace = 'public'::regnamespace AND contype <> 'n' ORDER BY 1, 2",
        "SELECT tgrelid::regclass::text, tgname, tgenabled FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1, 2",
    ):
        assert elsewhere.rows(query) == furnished.rows(query)
    restored = {
        p.relative_to(elsewhere.data): p.read_bytes() for p in elsewhere.data.glob("private/**/*") if p.is_file()
    }
    original = {
        p.relative_to(furnished.data): p.read_bytes() for p in furnished.data.glob("private/**/*") if p.is_file()
    }
    assert (restored, len(restored)) == (original, 2)
    assert "no changes" in says(elsewhere.manage("makemigrations", "--check", "--dry-run")).lower()
    # The application's role has its rights, and is held.
    assert elsewhere.get(elsewhere.web("--workers=1"), "/").status == 200


def test_a_full_instance_is_replaced_only_when_told(furnished, tmp_path):
    archive = back_up(furnished, tmp_path)
    before = counts(furnished)
    furnished.rows(
        "INSERT INTO hubs_hubaddress (hub_id, host, is_main) SELECT id, 'autre.example', false FROM hubs_hub"
    )
    extra = furnished.data / "private" / "hubs" / "extra"
    extra.write_bytes(b"after the backup")

    assert "déjà 1 pôles" in says(furnished.manage("restore", archive), 1)
    assert counts(furnished) != before
    says(furnished.manage("restore", archive, "--replace"))
    assert counts(furnished) == before
    assert not extra.exists()
    assert list(furnished.data.glob("re*-*")) == []


def test_a_running_site_is_not_replaced(furnished, tmp_path):
    archive = back_up(furnished, tmp_path)
    furnished.get(furnished.web("--workers=1"), "/")

    assert "Le site tourne encore" in says(furnished.manage("restore", archive, "--replace"), 1)


def rewritten(archive: Path, target: Path, **changes: object) -> Path:
    with zipfile.ZipFile(archive) as source, zipfile.ZipFile(target, "w") as out:
        for name in source.namelist():
            content = source.read(name)
            if name == "manifest.json":
                content = json.dumps(json.loads(content) | changes).encode()
            out.writestr(name, content)
    return target


def test_an_archive_that_is_not_whole_or_not_ours_is_refused_with_words(furnished, elsewhere, tmp_path):
    archive = back_up(furnished, tmp_path)
    content = archive.read_bytes()
    assert "entière" in says(furnished.manage("backup", "--check", archive))

    cut = tmp_path / "cut.zip"
    cut.write_bytes(content[:-100])
    spoilt = tmp_path / "spoilt.zip"
    middle = content.index(b"deux" * 10)
    spoilt.write_bytes(content[:middle] + b"trop" + content[middle + 4 :])
    foreign = tmp_path / "foreign.zip"
    zipfile.ZipFile(foreign, "w").close()
    newer = rewritten(archive, tmp_path / "newer.zip", version="9.0", migrations=[["hubs", "0999_later"]])
    stranger = rewritten(archive, tmp_path / "stranger.zip", format=99)
    emptied = rewritten(archive, tmp_path / "emptied.zip", parts=None)

    for path, words in (
        (cut, "coupée ou abîmée"),
        (spoilt, "abîmée"),
        (foreign, "pas une sauvegarde de Coursive"),
        (newer, "version plus récente (9.0)"),
        (stranger, "format 99"),
        (emptied, "manifeste ne se lit pas"),
        (tmp_path / "absent.zip", "ne se lit pas"),
    ):
        refused = says(elsewhere.manage("restore", path), 1)
        assert words in refused
        assert "Traceback" not in refused
    assert counts(elsewhere) == {}
    assert list(elsewhere.data.iterdir()) == []


LIMITED = """
import resource, runpy, signal, sys
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
sys.argv = ["manage.py", *sys.argv[1:]]
runpy.run_path("manage.py", run_name="__main__")
"""


def on_a_full_disk(site: Instance, *arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", LIMITED, *map(str, arguments)],
        cwd=ROOT,
        env=site.environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_full_disk_leaves_nothing_behind_and_says_so(furnished, elsewhere, tmp_path):
    archive = back_up(furnished, tmp_path)
    folder = tmp_path / "full"
    folder.mkdir()

    assert "le disque est plein" in says(on_a_full_disk(furnished, "backup", folder), 1)
    assert list(folder.iterdir()) == []
    assert "le disque est plein" in says(on_a_full_disk(elsewhere, "restore", archive), 1)
    assert list(elsewhere.data.iterdir()) == []
    assert counts(elsewhere) == {}


def test_a_file_that_the_disk_lost_is_told_and_the_rest_is_kept(furnished, tmp_path):
    lost = next(path for path in furnished.data.glob("private/**/*") if path.is_file())
    lost.unlink()

    told = says(furnished.manage("backup", tmp_path), 3)

    assert f"dont private/{lost.relative_to(furnished.data / 'private')}" in told
    assert "1 fichiers" in says(furnished.manage("backup", "--check", max(tmp_path.glob("*.zip"))))


def test_only_the_latest_are_kept(furnished, tmp_path):
    for day in (1, 2, 3):
        (tmp_path / f"coursive-2020010{day}T000000Z.zip").touch()

    says(furnished.manage("backup", tmp_path, "--keep", "2"))

    kept = sorted(path.name for path in tmp_path.glob("*.zip"))
    assert (len(kept), kept[0]) == (2, "coursive-20200103T000000Z.zip")


def test_without_the_owner_it_says_who_is_needed(live, tmp_path):
    del live.environment["DATABASE_OWNER_URL"]

    assert "DATABASE_OWNER_URL" in says(live.manage("backup", tmp_path), 1)
