"""New code under people who work: nobody is refused, nothing is lost. Real processes."""

import os
import signal

import pytest

from tests.documents.test_backups import LEFT, MONTH, Reader, papers
from tests.instances import eventually, instance


@pytest.fixture
def live(tmp_path):
    with instance(tmp_path / "live") as made:
        yield made


def children(pid: int) -> set[int]:
    with open(f"/proc/{pid}/task/{pid}/children") as listed:
        return set(map(int, listed.read().split()))


@pytest.mark.parametrize("times", [2, pytest.param(10, marks=pytest.mark.long)])
def test_the_web_reloads_under_load_without_failing_a_request(live, times):
    live.python("from tests.cast import cast_of; cast_of('nord')")
    port = live.web("--workers=2")
    master = live.processes[-1].pid
    readers = [Reader(live, port) for _ in range(4)]
    for reader in readers:
        reader.start()
    for _ in range(times):
        eventually(lambda: len(children(master)) == 2)
        old, answered = children(master), sum(len(reader.answers) for reader in readers)
        os.kill(master, signal.SIGHUP)
        eventually(lambda old=old: len(children(master) - old) == 2 and not children(master) & old)
        # People read while it happens, on whatever machine.
        eventually(lambda answered=answered: sum(len(reader.answers) for reader in readers) > answered + 8)

    answers = [answer for reader in readers for answer in reader.leave()]

    assert set(answers) == {200}


@pytest.mark.parametrize("invoices", [12, pytest.param(100, marks=pytest.mark.long)])
def test_a_worker_replaced_in_the_middle_of_a_month_loses_nothing(live, invoices):
    live.python(MONTH.format(count=invoices))
    worker = live.worker()
    eventually(lambda: len(papers(live)) >= invoices // 3)

    # As compose does: the old one is asked to end, and finishes what it holds.
    assert live.end(worker) == 0
    assert live.rows(LEFT) != [(0,)]
    live.worker()

    # What the old one had not taken is still in the queue; nobody sweeps.
    eventually(lambda: live.rows(LEFT) == [(0,)])
    assert len(papers(live)) == invoices
    assert live.rows("SELECT count(*), count(DISTINCT source) FROM documents_document") == [(2 * invoices, invoices)]
    assert live.rows("SELECT count(*), count(DISTINCT about) FROM hubs_mail") == [(invoices, invoices)]
