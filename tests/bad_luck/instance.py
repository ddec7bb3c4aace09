"""A whole Coursive on servers of its own, whose parts a test may kill, stop and start again."""

import contextlib
import http.client
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlencode

import psutil
import psycopg
from celery import Celery

from coursive import servers, supervise

PATIENCE = 90
CSRF = "a" * 32


def until(done: Callable[[], Any], seconds: float = PATIENCE, what: str = "") -> Any:
    """Wait for a condition; what it answered when it held."""
    deadline = time.monotonic() + seconds
    while not (found := done()):
        assert time.monotonic() < deadline, f"not within {seconds} s: {what or done}"
        time.sleep(0.02)
    return found


@dataclass(frozen=True)
class Answer:
    """What a request was answered; status 0 is a connection refused or cut."""

    status: int
    seconds: float = 0.0
    text: str = ""
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class Process(supervise.Child):
    """One of the processes of `make run`: its lines are kept, and it starts again at once when it dies."""

    lines: list[str] = field(default_factory=list)

    def relay(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        with process.stdout as output:
            self.lines.extend(output)

    def kill(self) -> None:
        """kill -9 of the whole group: a prefork worker's children too."""
        children = psutil.Process(self.process.pid).children(recursive=True) if self.is_alive() else []
        super().kill()
        self.lines = []
        for child in children:
            with contextlib.suppress(psutil.NoSuchProcess):
                child.kill()

    def is_alive(self) -> bool:
        return self.process is not None and self.process.poll() is None


class Instance:
    def __init__(self, place: servers.Home) -> None:
        self.place = place
        self.port = servers.free_port()
        self.environment = {
            **os.environ,
            **place.environment(),
            **place.urls(),
            "COURSIVE_HOST": "localhost",
            "COURSIVE_PORT": str(self.port),
            "DEBUG": "0",
            "LOG_LEVEL": "info",
            "PYTHONUNBUFFERED": "1",
        }
        self.data = Path(self.environment["COURSIVE_DATA"])
        self.processes: dict[str, Process] = {}
        self.hubs = 0
        self._kept = threading.Event()
        self._keeper = threading.Thread(target=self._keep, daemon=True)

    # --- Its processes ---------------------------------------------------------------------------

    @contextlib.contextmanager
    def running(self, *, web: tuple[str, ...] = (), **environment: str) -> Iterator[None]:
        """Web, worker and beat, as `make run` starts them; each starts again when it dies. `web`: for gunicorn."""
        for child in supervise.children(self.port, self.environment | environment):
            command = [*child.command, *web] if child.name == "web" else child.command
            self.processes[child.name] = Process(child.name, command, child.environment)
        for process in self.processes.values():
            process.start()
        self._kept.set()
        self._keeper = threading.Thread(target=self._keep, daemon=True)
        self._keeper.start()
        try:
            until(lambda: self.get("/readyz").status == 200, what="the web process is ready")
            until(self.worker_is_ready, what="the worker is ready")
            yield
        finally:
            self._kept.clear()
            self._keeper.join()
            for process in self.processes.values():
                process.kill()
            for process in self.processes.values():
                process.process.wait()
                process.reader.join()
            self.processes.clear()
            self.valkey_client(lambda client: client.flushall())

    def _keep(self) -> None:
        while self._kept.wait(0):
            for process in self.processes.values():
                if not process.is_alive():
                    process.start()
            time.sleep(0.05)

    def another_beat(self) -> Process:
        """On another machine, as it were: with a schedule of its own."""
        first = self.processes["beat"]
        schedule = str(self.data / "celerybeat-schedule")
        command = [word.replace(schedule, f"{schedule}-2") for word in first.command]
        second = self.processes["beat 2"] = Process("beat 2", command, first.environment)
        second.start()
        return second

    def worker_is_ready(self) -> bool:
        worker = self.processes["worker"]
        return worker.is_alive() and any(line.rstrip().endswith(" ready.") for line in worker.lines)

    def said(self, words: str) -> list[str]:
        """The lines of all processes that hold these words."""
        return [line for process in self.processes.values() for line in process.lines if words in line]

    def manage(self, *arguments: str, module: str = "manage") -> str:
        done = subprocess.run(
            [sys.executable, "-m", module, *arguments],
            cwd=servers.CLONE,
            env=self.environment | {"DJANGO_SETTINGS_MODULE": "coursive.settings"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def new_hub(self, **wanted: int) -> dict[str, Any]:
        """What `arrange.hub` made, under a name of its own."""
        self.hubs += 1
        given = {"slug": f"pole{self.hubs}", **wanted}
        made: dict[str, Any] = json.loads(self.manage("hub", json.dumps(given), module="tests.bad_luck.arrange"))
        return made

    # --- What it answers -------------------------------------------------------------------------

    def ask(
        self,
        method: str,
        path: str,
        *,
        hub: str = "nulle-part",
        session: str = "",
        form: dict[str, Any] | None = None,
        headers: dict[str, str] | None = None,
        body: bytes | None = None,
    ) -> Answer:
        """One request on a connection of its own, with the cookies of a person signed in."""
        cookies = f"coursive_csrf={CSRF}" + (f"; coursive={session}" if session else "")
        sent = {"Host": f"{hub}.localhost:{self.port}", "Cookie": cookies, **(headers or {})}
        if form is not None:
            body = urlencode({"csrfmiddlewaretoken": CSRF, **form}).encode()
            sent["Content-Type"] = "application/x-www-form-urlencoded"
        start = time.monotonic()
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            connection.request(method, path, body=body, headers=sent)
            answer = connection.getresponse()
            text = answer.read().decode(errors="replace")
        except (OSError, http.client.HTTPException):
            return Answer(0, time.monotonic() - start)
        finally:
            connection.close()
        together = {name: ", ".join(answer.headers.get_all(name, [])) for name in answer.headers}
        return Answer(answer.status, time.monotonic() - start, text, together)

    def get(self, path: str, **how: Any) -> Answer:
        return self.ask("GET", path, **how)

    def post(self, path: str, form: dict[str, Any], **how: Any) -> Answer:
        return self.ask("POST", path, form=form, **how)

    # --- What it holds ---------------------------------------------------------------------------

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """Read, or write, as the owner: every hub is seen."""
        with psycopg.connect(self.environment["DATABASE_OWNER_URL"], autocommit=True) as connection:
            cursor = connection.execute(query, values)
            return cursor.fetchall() if cursor.description else []

    def as_superuser(self, query: str) -> list[tuple[Any, ...]]:
        url = self.place.postgres.url("postgres", self.place.secrets["postgres"])
        with psycopg.connect(url, autocommit=True) as connection:
            cursor = connection.execute(query)
            return cursor.fetchall() if cursor.description else []

    def one(self, query: str, *values: Any) -> Any:
        [(value,)] = self.rows(query, *values)
        return value

    def let_time_pass(self) -> None:
        """As if two minutes had gone by for what waits to be handed over again, and beat had just rung."""
        self.age()
        with Celery(broker=self.environment["REDIS_URL"], set_as_current=False) as celery:
            celery.send_task("hubs.tasks.sweep")

    def age(self) -> None:
        self.rows("UPDATE hubs_runitem SET handed_at = handed_at - interval '2 minutes' WHERE state = 'todo'")
        self.rows(
            "UPDATE hubs_mail SET next_try_at = next_try_at - interval '2 minutes' WHERE state IN ('queued', 'sending')"
        )

    # --- Its servers -----------------------------------------------------------------------------

    def stop_postgres(self) -> None:
        """As `systemctl restart` does: connections are cut at once, what is committed is kept."""
        pid = self.place.postgres.pid()
        os.kill(pid, signal.SIGINT)
        until(lambda: self.place.postgres.pid() is None, what="PostgreSQL has stopped")

    def start_postgres(self) -> None:
        self.place.postgres.launch()

    def stop_valkey(self) -> None:
        self.place.valkey.stop()
        until(lambda: self.place.valkey.port() is None, what="Valkey has stopped")

    def start_valkey(self) -> None:
        """On the port that it had."""
        self.place.valkey.launch(self.place.servers / "valkey" / "valkey.conf")
        until(lambda: self.place.valkey.port() is not None, what="Valkey answers")

    def valkey_process(self) -> psutil.Process:
        pid = self.valkey_client(lambda client: client.info("server")["process_id"])
        return psutil.Process(pid)

    def valkey_client(self, ask: Callable[[Any], Any]) -> Any:
        with self.place.valkey.client() as client:
            return ask(client)


@contextlib.contextmanager
def instance() -> Iterator[Instance]:
    """Servers thrown away afterwards, whose commits hold like those of production, and an empty instance on them."""
    home = servers.Home(servers.default_home())
    home.prepare()
    with home.temporary() as place:
        made = Instance(place)
        made.as_superuser("ALTER SYSTEM SET synchronous_commit = on")
        made.as_superuser("SELECT pg_reload_conf()")
        for command in ("migrate", "assets"):
            made.manage(command)
        yield made


def odd(answers: list[Answer], *expected: int) -> list[tuple[int, str]]:
    """The answers of another status, each once, with what their page says is wrong."""
    wrong = {
        (answer.status, " | ".join(re.findall(r'(?:<span>|<h1>|role="alert">)(.*?)<', answer.text, re.DOTALL)))
        for answer in answers
        if answer.status not in expected
    }
    return sorted(wrong)


class Load:
    """Clients that ask without pause while the block runs, and all that they were answered."""

    def __init__(self, *clients: Callable[[], Answer | None]) -> None:
        self.answers: list[Answer] = []
        self._clients = clients
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> Self:
        self._threads = [threading.Thread(target=self._ask, args=(client,)) for client in self._clients]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _ask(self, client: Callable[[], Answer | None]) -> None:
        while not self._stop.is_set():
            if (answer := client()) is not None:
                self.answers.append(answer)

    def count(self, *statuses: int) -> int:
        return sum(answer.status in statuses for answer in self.answers)

    @property
    def longest(self) -> float:
        return max(answer.seconds for answer in self.answers)
