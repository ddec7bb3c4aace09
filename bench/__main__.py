"""`make bench`: how long our pages take, as ratios to floors measured in the same run.

The ratio is the figure; seconds depend on the machine. Exits with 1 where a target is missed.
"""

import argparse
import contextlib
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bench.measure import TOKEN, Posts, Target, half_of
from coursive import servers

ROUNDS = 3
PARTS = ("pages", "crowd", "paper", "month")


@dataclass(frozen=True)
class Goal:
    """A page: at most `most` times its floor."""

    name: str
    target: Target
    floor: Target
    most: float


def say(line: str = "") -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def verdict(name: str, figure: float, most: float, note: str = "") -> bool:
    met = figure <= most
    say(f"{'ok  ' if met else 'MISS'} {name:<44} {figure:8.2f}  at most {most:g}{note}")
    return met


@contextlib.contextmanager
def served(application: str, settings: str) -> Iterator[str]:
    """A site on two workers of gunicorn; its address."""
    port = servers.free_port()
    address = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "gunicorn", application, "--workers=2", f"--bind=127.0.0.1:{port}"]
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": settings}
    with subprocess.Popen([*command, "--log-level=warning"], cwd=servers.CLONE, env=environment) as process:
        try:
            if not servers.wait(lambda: _answers(address), 30):
                raise RuntimeError(f"{settings} does not answer")
            yield address
        finally:
            process.terminate()


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"{address}/healthz", timeout=2):
            return True
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False


def goals(site: str, floor: str, sessions: dict[str, str], posts: Posts) -> list[Goal]:
    """What is measured, and what the issue asks of it."""
    from django.utils import timezone

    from bench.data import HUB, monday

    def asked(path: str, who: str, forms: Posts | None = None) -> Target:
        cookie = f"coursive={sessions[who]}; coursive_csrf={TOKEN}"
        return Target(site, path, {"Host": f"{HUB}.localhost", "Cookie": cookie}, forms)

    def visited(path: str) -> Target:
        return Target(site, path, {"Host": f"{HUB}.localhost"})

    hello, insert = Target(floor, "/hello"), Target(floor, "/insert")
    day = monday(timezone.localdate()).isoformat()
    return [
        Goal("empty signed-in page", asked("/mon-espace/vide/", "member"), hello, 20),
        Goal(
            "100 structures of 1,000, sorted, filtered",
            asked("/gestion/structures/?forme=association&sort=town", "coordinator"),
            hello,
            80,
        ),
        Goal(
            "week of 50 units with 500 bookings",
            asked(f"/gestion/planning/?week={day}&kind=room", "coordinator"),
            hello,
            120,
        ),
        Goal("day plan of 50 units", asked(f"/gestion/planning/jour/?day={day}&kind=room", "coordinator"), hello, 60),
        Goal(
            "free units for a slot",
            asked(f"/mon-espace/reserver/?day={day}&starts=12%3A00&ends=13%3A00&kind=room", "member"),
            hello,
            40,
        ),
        Goal("directory of 1,000, a word searched", visited("/annuaire/?q=serigraphie"), hello, 40),
        Goal("directory of 1,000, a word misspelt", visited("/annuaire/?q=serigrafie"), hello, 80),
        Goal("booking a desk", asked("/", "member", posts), insert, 30),
    ]


def measured(everything: list[Goal], rounds: int) -> dict[str, float]:
    """The ratio of each page to its floor: the median of the rounds, floors measured beside each page."""
    ratios: dict[str, list[float]] = {goal.name: [] for goal in everything}
    for goal in everything:
        half_of(goal.target, 1)  # warms both workers
    for _ in range(rounds):
        for goal in everything:
            floor = half_of(goal.floor, 2)
            page = half_of(goal.target, 3)
            ratios[goal.name].append(page / floor)
            say(f"     {goal.name:<44} {page * 1000:8.2f} ms, floor {floor * 1000:.3f} ms")
    return {name: statistics.median(found) for name, found in ratios.items()}


def queries(everything: list[Goal]) -> bool:
    """No page asks more than five queries more than the empty one, whatever its rows."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    counts = {}
    for goal in everything:
        if goal.target.posts is None:
            with CaptureQueriesContext(connection) as asked:
                answer = Client(headers=dict(goal.target.headers)).get(goal.target.path)
            if answer.status_code != 200:
                raise RuntimeError(f"{goal.name}: {answer.status_code}")
            counts[goal.name] = len(asked)
    empty = counts.pop("empty signed-in page")
    say(f"     queries of the empty signed-in page: {empty}")
    met = [verdict(f"queries more, {name}", count - empty, 5) for name, count in counts.items()]
    return all(met)


def pages(rounds: int, *, crowd: bool) -> bool:
    from django.utils import timezone

    from bench import data

    today = timezone.localdate()
    sessions = data.fill(today)
    data.analyse()
    posts = Posts(iter(data.free_slots(today)))
    with (
        served("coursive.wsgi:application", "bench.settings") as site,
        served("django.core.wsgi:get_wsgi_application()", "bench.floor") as floor,
    ):
        everything = goals(site, floor, sessions, posts)
        alone = measured(everything, rounds)
        met = [verdict(goal.name, alone[goal.name], goal.most, " times its floor") for goal in everything]
        met.append(queries(everything))
        if crowd:
            data.crowd(today)
            among = measured(everything, rounds)
            met += [
                verdict(f"among {data.HUBS} hubs, {name}", among[name] / alone[name], 1.2, " times alone")
                for name in alone
            ]
    return all(met)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measures pages and papers against floors.")
    parser.add_argument("parts", nargs="*", choices=PARTS, help="what to measure; all unless named")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    arguments = parser.parse_args()
    parts = arguments.parts or PARTS
    if shutil.which("wrk") is None:
        say("bench: wrk is missing; an administrator must run: apt-get install wrk")
        return 2
    servers.Home(servers.default_home()).prepare()
    folder = Path(tempfile.mkdtemp(prefix="bench-", dir=servers.default_home()))
    try:
        # Servers that keep what they are told, as in production: an INSERT waits for the disk.
        with servers.running(folder) as environment:
            os.environ.update(environment | {"DJANGO_SETTINGS_MODULE": "bench.settings", "DEBUG": "0"})
            prepare()
            met = []
            if {"pages", "crowd"} & set(parts):
                met.append(pages(arguments.rounds, crowd="crowd" in parts))
            if "paper" in parts:
                from bench import paper

                met.append(paper.measure(arguments.rounds))
            if "month" in parts:
                from bench import month

                met.append(month.measure())
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return 0 if all(met) else 1


def prepare() -> None:
    import django
    from django.core.management import call_command
    from django.db import connections

    django.setup()
    call_command("migrate", verbosity=0)
    call_command("assets", verbosity=0)
    with connections["owner"].cursor() as cursor:
        cursor.execute("CREATE TABLE bench_row (id bigserial PRIMARY KEY, number bigint, words text)")


if __name__ == "__main__":
    sys.exit(main())
