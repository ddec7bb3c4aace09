"""PostgreSQL restarted, full or interrupted under load: a page says so, nothing is half done, all comes back."""

import contextlib
import re
import threading
import time

import psycopg
import pytest

from tests.bad_luck.instance import Answer, Load, odd, until
from tests.bad_luck.people import BOOKED, Booker, bookers, kept_once, reader
from tests.bad_luck.test_worker import all_of, is_done, issue, outcome

INVOICES = 6
CLIENTS = 4
STYLE = "/style/0b6e4f.css"


def says_so(answer: Answer, hub) -> None:
    """The whole page, in French, in the hub's name and colour."""
    assert (answer.status, answer.headers["Retry-After"], answer.headers["Cache-Control"]) == (503, "20", "no-store")
    assert "<h1>Nous revenons dans un instant</h1>" in answer.text
    assert f'<a class="mark" href="/">Pôle {hub["slug"]}</a>' in answer.text
    assert re.search(rf'<link rel="stylesheet" href="{STYLE}">', answer.text)


def say_it_in_both_processes(site, hub) -> None:
    """Each web process has shown the hub, so that each remembers it."""
    with Load(*[reader(site, hub) for _ in range(4)]) as load:
        until(lambda: load.count(200) > 20)


def finish(people: list[Booker]) -> None:
    """Each sends its last form until it is answered."""
    for person in people:
        until(lambda person=person: not person.form or not (person() and person.form), what="the form is taken")


def test_postgresql_restarted_under_load(site, full, tell):
    hub = site.new_hub(members=CLIENTS, invoices=INVOICES)
    people = bookers(site, hub, CLIENTS)
    with site.running():
        processes = {name: process.process.pid for name, process in site.processes.items()}
        with Load(*people, reader(site, hub), lambda: site.get("/healthz")) as load:
            until(lambda: all(len(person.booked) > 2 for person in people))
            issue(site, hub)
            site.stop_postgres()
            gone = time.monotonic()
            page = until(lambda: (found := site.get("/", hub=hub["slug"])).status == 503 and found)
            part = site.get("/mon-espace/", hub=hub["slug"], headers={"HX-Request": "true"})
            colour = site.get(STYLE, hub=hub["slug"])
            ready = site.get("/readyz")
            until(lambda: time.monotonic() > gone + (20 if full else 5))
            site.start_postgres()
            back = time.monotonic()
            until(lambda: site.get("/readyz").status == 200)
            ready_again = time.monotonic() - back
            booked = [len(person.booked) for person in people]
            until(lambda: all(len(person.booked) > n for person, n in zip(people, booked, strict=True)))
        finish(people)
        if not full:
            site.let_time_pass()
        until(lambda: is_done(site, hub, INVOICES), 300)
        done = time.monotonic() - back
        assert {name: process.process.pid for name, process in site.processes.items()} == processes

    says_so(page, hub)
    assert (part.status, "<html" in part.text, 'role="alert"' in part.text) == (503, False, True)
    assert (colour.status, colour.headers["Content-Type"]) == (200, "text/css; charset=utf-8")
    assert (ready.status, ready.text) == (503, "database\n")
    assert odd(load.answers, 200, 302, 503) == []
    assert kept_once(site, hub, people)
    assert outcome(site, hub) == all_of(INVOICES)
    tell(
        f"{len(load.answers)} requests: {load.count(200, 302)} answered, {load.count(503)} 503, {load.count(500)} 500; "
        f"ready again after {ready_again:.1f} s, month done after {done:.0f} s"
    )


def test_no_connection_left_is_said_and_passes(site):
    hub = site.new_hub(members=1)
    with site.running():
        say_it_in_both_processes(site, hub)
        site.as_superuser("ALTER ROLE coursive_app CONNECTION LIMIT 0")
        try:
            site.as_superuser("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'coursive_app'")
            answers = [site.get("/mon-espace/", hub=hub["slug"]) for _ in range(4)]
            ready = site.get("/readyz").status
        finally:
            site.as_superuser("ALTER ROLE coursive_app CONNECTION LIMIT -1")
        after = site.get("/", hub=hub["slug"])

    for answer in answers:
        says_so(answer, hub)
    assert (ready, after.status) == (503, 200)


@pytest.mark.parametrize("end", ["pg_cancel_backend", "pg_terminate_backend"])
def test_a_booking_cut_in_the_middle_is_not_made_and_is_made_once_when_sent_again(site, end):
    hub = site.new_hub(members=1)
    person = Booker(site, hub, 0)
    answers: list[Answer] = []
    with site.running():
        say_it_in_both_processes(site, hub)
        with someone_else_holds_the_units(site):
            click = threading.Thread(target=lambda: answers.append(person()))
            click.start()
            waiting = "FROM pg_stat_activity WHERE usename = 'coursive_app' AND wait_event_type = 'Lock'"
            until(lambda: site.as_superuser(f"SELECT pid {waiting}"), what="the booking waits for the room")
            site.as_superuser(f"SELECT {end}(pid) {waiting}")
            click.join()
        left = site.rows(BOOKED, hub["id"])
        again = person()

    says_so(answers[0], hub)
    assert "est enregistré en entier ou pas du tout" in answers[0].text
    assert (left, again.status) == ([], 302)
    assert kept_once(site, hub, [person])


@contextlib.contextmanager
def someone_else_holds_the_units(site):
    with psycopg.connect(site.environment["DATABASE_OWNER_URL"]) as connection:
        connection.execute("SELECT FROM spaces_unit FOR UPDATE")
        yield
        connection.rollback()
