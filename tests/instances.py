"""A whole instance of its own, with real processes: its database, its data folder, its web and its worker."""

import atexit
import contextlib
import functools
import itertools
import os
import re
import secrets
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

ROOT = Path(__file__).resolve().parents[1]
PATIENCE = 120
_numbers = itertools.count(secrets.randbelow(12))


def address(url: str, name: str) -> str:
    """The same server, another database."""
    return re.sub(r"/[^/?]+(\?.*)?$", rf"/{name}\1", url)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


def eventually(done: Callable[[], Any], seconds: float = PATIENCE) -> Any:
    """What `done` answers once it is true."""
    end = time.monotonic() + seconds
    while not (answer := done()):
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)
    return answer


@dataclass(frozen=True)
class Answer:
    status: int
    text: str
    headers: dict[str, str]


@dataclass
class Instance:
    name: str
    data: Path
    environment: dict[str, str]
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def manage(self, *arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "manage.py", *map(str, arguments)],
            cwd=ROOT,
            env=self.environment | environment,
            capture_output=True,
            text=True,
            check=False,
        )

    def python(self, script: str) -> str:
        """What a script prints, run inside the instance."""
        done = self.manage("shell", "--no-imports", "-c", script)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.environment["DATABASE_OWNER_URL"], autocommit=True) as connection:
            cursor = connection.execute(query)
            return cursor.fetchall() if cursor.description else []

    def connections(self, server: psycopg.Connection[Any]) -> int:
        query = "SELECT count(*) FROM pg_stat_activity WHERE datname = %s"
        return int(server.execute(query, [self.name]).fetchone()[0])  # type: ignore[index]

    def start(self, *command: str, **environment: str) -> subprocess.Popen[bytes]:
        log = (self.data / f"{command[0]}-{len(self.processes)}.log").open("wb")
        with log:
            process = subprocess.Popen(
                [sys.executable, "-m", *command],
                cwd=ROOT,
                env=self.environment | environment,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        self.processes.append(process)
        return process

    def log(self, program: str) -> str:
        return "".join(path.read_text() for path in sorted(self.data.glob(f"{program}-*.log")))

    def web(self, *arguments: str, **environment: str) -> int:
        """Serve the site; the port it answers on."""
        port = free_port()
        self.start("gunicorn", "coursive.wsgi:application", f"--bind=127.0.0.1:{port}", *arguments, **environment)
        eventually(lambda: self.get(port, "/healthz").status == 200)
        return port

    def worker(self, **environment: str) -> subprocess.Popen[bytes]:
        return self.start(
            "celery", "--quiet", "-A", "coursive", "worker", "--pool=prefork", "--concurrency=2",
            "--without-gossip", "--without-mingle", **environment,
        )  # fmt: skip

    def get(self, port: int, path: str, **headers: str) -> Answer:
        named = {"Host": f"nord.localhost:{port}"} | {name.replace("_", "-"): text for name, text in headers.items()}
        request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers=named)
        try:
            with urllib.request.urlopen(request, timeout=20) as response:
                return Answer(response.status, response.read().decode(), dict(response.headers))
        except urllib.error.HTTPError as error:
            with error:
                return Answer(error.code, error.read().decode(), dict(error.headers))
        except OSError as error:
            return Answer(0, str(error), {})

    def stop(self) -> None:
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            try:
                process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def end(self, process: subprocess.Popen[bytes]) -> int:
        process.terminate()
        return process.wait(PATIENCE)


def _environment(name: str, data: Path) -> dict[str, str]:
    return os.environ | {
        "DATABASE_URL": address(os.environ["DATABASE_URL"], name),
        "DATABASE_OWNER_URL": address(os.environ["DATABASE_OWNER_URL"], name),
        # Two instances on one queue would take each other's work.
        "REDIS_URL": address(os.environ["REDIS_URL"], str(4 + next(_numbers) % 12)),
        "COURSIVE_DATA": str(data),
        "PYTHONWARNINGS": "ignore",
    }


def _server() -> psycopg.Connection[Any]:
    return psycopg.connect(os.environ["DATABASE_OWNER_URL"], autocommit=True)


@functools.cache
def _migrated(data: Path) -> str:
    """A database with tables and no row, made once for each test process and copied by each instance."""
    name = f"instance_{secrets.token_hex(6)}"
    with _server() as server:
        server.execute(f"CREATE DATABASE {name}")
    made = Instance(name, data, _environment(name, data))
    done = made.manage("migrate", "--verbosity=0")
    assert done.returncode == 0, done.stderr
    atexit.register(_drop, name)
    return name


def _drop(name: str) -> None:
    with _server() as server:
        server.execute(f"DROP DATABASE {name}")


@contextlib.contextmanager
def instance(data: Path, *, migrated: bool = True) -> Iterator[Instance]:
    """An empty instance on the servers of the tests; its processes end with it."""
    name = f"instance_{secrets.token_hex(6)}"
    data.mkdir(parents=True)
    template = f"TEMPLATE {_migrated(Path(tempfile.gettempdir()))}" if migrated else ""
    made = Instance(name, data, _environment(name, data))
    with _server() as server:
        server.execute(f"CREATE DATABASE {name} {template}")
        try:
            yield made
        finally:
            made.stop()
            # The owner may not end the connections of the other role: they end with the processes.
            eventually(lambda: not made.connections(server))
            server.execute(f"DROP DATABASE {name}")
