"""The disk full while PDFs are written: no half file, words that say so, and all goes through once there is room."""

import contextlib
import os
import resource
import subprocess
from collections.abc import Iterator

import psutil
import pytest

from tests.bad_luck.instance import Instance, until
from tests.bad_luck.test_worker import all_of, is_done, issue, outcome

INVOICES = 3
WORDS = "Le disque du serveur est plein. Prévenez qui héberge le portail\u00a0; il suffira ensuite de relancer."


@contextlib.contextmanager
def small_disk(site: Instance, hub: dict) -> Iterator[None]:
    """The hub's private files lie on a disk of 16 kB; it grows when the block is left."""
    folder = site.data / "private" / "hubs" / str(hub["id"])
    folder.mkdir(parents=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16k", "coursive-test", folder], check=True)
    yield
    subprocess.run(["mount", "-o", "remount,size=16m", folder], check=True)


@contextlib.contextmanager
def short_files(site: Instance, hub: dict) -> Iterator[None]:
    """The worker's processes may write 8 kB to a file, then the system refuses, as a quota does."""
    parent = psutil.Process(site.processes["worker"].process.pid)
    pids = [process.pid for process in (parent, *parent.children(recursive=True))]
    before = resource.prlimit(pids[0], resource.RLIMIT_FSIZE)
    for pid in pids:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (8192, before[1]))
    yield
    for pid in pids:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, before)


@pytest.fixture
def unmounted(site):
    yield
    for folder in (site.data / "private" / "hubs").glob("*"):
        if os.path.ismount(folder):
            subprocess.run(["umount", folder], check=True)


@pytest.mark.usefixtures("unmounted")
@pytest.mark.parametrize(
    "no_room",
    [
        short_files,
        pytest.param(small_disk, marks=pytest.mark.skipif(os.geteuid() != 0, reason="only root mounts a disk")),
    ],
)
def test_a_full_disk_is_said_and_passes(site, full, tell, no_room):
    hub = site.new_hub(invoices=INVOICES)
    with site.running():
        with no_room(site, hub):
            issue(site, hub)
            failed = "SELECT error FROM hubs_runitem WHERE hub_id = %s AND error != ''"
            until(lambda: len(site.rows(failed, hub["id"])) == INVOICES, what="each paper has failed")
            errors = {error for (error,) in site.rows(failed, hub["id"])}
            run = site.one("SELECT id FROM hubs_run WHERE hub_id = %s", hub["id"])
            path = f"/gestion/suivi/travaux/{run}/"
            page = site.get(path, hub=hub["slug"], session=hub["staff"]["session"])
            folder = site.data / "private" / "hubs" / str(hub["id"])
            left = [path for path in folder.rglob("*") if path.is_file()] if folder.exists() else []
        if not full:
            site.let_time_pass()
        until(lambda: is_done(site, hub, INVOICES), 300)
        made = outcome(site, hub)

    assert (errors, left) == ({WORDS}, [])
    assert page.text.count(WORDS) == INVOICES
    assert made == all_of(INVOICES)
    tell(f"{no_room.__name__}: {INVOICES} papers refused, no half file, all made once there was room")
