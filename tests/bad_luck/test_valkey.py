"""Valkey away while people book and a month is issued: nobody notices but by the mail, which leaves later."""

import time

import pytest

from tests.bad_luck.instance import Load, odd, until
from tests.bad_luck.people import bookers, kept_once, reader
from tests.bad_luck.test_worker import all_of, is_done, issue, outcome

INVOICES = 12
CLIENTS = 4


@pytest.fixture(params=["stopped", "frozen"])
def without_valkey(request, site):
    """Stopped: its port is closed. Frozen: it takes connections and answers nothing."""
    process = site.valkey_process()

    def go() -> None:
        if request.param == "stopped":
            site.stop_valkey()
        else:
            process.suspend()

    def come_back() -> None:
        if request.param == "stopped":
            site.start_valkey()
        else:
            process.resume()

    return request.param, go, come_back


def test_valkey_away_during_bookings_and_issue(site, full, tell, without_valkey):
    how, go, come_back = without_valkey
    hub = site.new_hub(members=CLIENTS + 1, invoices=INVOICES)
    people = bookers(site, hub, CLIENTS)
    with site.running():
        with Load(*people, reader(site, hub, CLIENTS)) as before:
            until(lambda: before.count(302) > 20)
        go()
        away_since = time.monotonic()
        with Load(*people, reader(site, hub, CLIENTS)) as load:
            clicked = issue(site, hub)
            until(lambda: time.monotonic() > away_since + (60 if full else 20) and load.count(302) > 20)
        come_back()
        back_at = time.monotonic()
        if not full:
            site.let_time_pass()
        until(lambda: is_done(site, hub, INVOICES), 300)
        seconds = time.monotonic() - back_at

    assert odd([*before.answers, *load.answers], 200, 302) == []
    assert outcome(site, hub) == {**all_of(INVOICES), "mails": INVOICES}
    assert kept_once(site, hub, people)
    # Once in a while a process asks again whether Valkey is back.
    assert max(load.longest, clicked.seconds) < before.longest + 3
    tell(
        f"{how}: {len(load.answers)} requests answered, no 500; longest {load.longest:.2f} s away, "
        f"{before.longest:.2f} s before, {clicked.seconds:.2f} s to issue; month done {seconds:.0f} s after it was back"
    )
