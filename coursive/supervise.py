"""Everything that ``make run`` starts, in one terminal, until Ctrl-C."""

import contextlib
import http.client
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from coursive.servers import CLONE, ServerError, running

HUBS = ("la-coursive", "petit-pole")
ACCOUNTS = (
    ("coordination", "coordination"),
    ("comptabilite", "comptabilité"),
    ("conseil", "conseil, guichet"),
    ("accueil", "accueil"),
    ("structure", "structure membre"),
    ("equipe", "équipe d'une structure"),
    ("copil", "comité de pilotage"),
)
GRACE = 10
LONGEST_PAUSE = 30


@dataclass
class Child:
    """A process that is started again when it dies."""

    name: str
    command: list[str]
    environment: dict[str, str]
    process: subprocess.Popen[str] | None = None
    pause: float = 1
    due: float = 0
    started: float = 0
    reader: threading.Thread = field(default_factory=threading.Thread)

    def start(self) -> None:
        # In a session of its own: Ctrl-C reaches us alone, and we end the others in order.
        self.process = subprocess.Popen(
            self.command,
            cwd=CLONE,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            start_new_session=True,
        )
        self.started = time.monotonic()
        self.reader = threading.Thread(target=self.relay, args=(self.process,), daemon=True)
        self.reader.start()

    def relay(self, process: subprocess.Popen[str]) -> None:
        for line in process.stdout or ():
            if line.strip():
                say(line.rstrip(), self.name)

    def watch(self) -> None:
        """Start again after a pause that doubles, until it has held for a minute."""
        now = time.monotonic()
        if self.process is None:
            if now >= self.due:
                self.start()
            return
        code = self.process.poll()
        if code is None:
            return
        self.pause = 1 if now - self.started > 60 else min(self.pause * 2, LONGEST_PAUSE)
        self.due = now + self.pause
        self.kill()
        self.process = None
        say(f"stopped with code {code}, starts again in {self.pause:.0f} s", self.name)

    def end(self) -> None:
        """Ask it to finish; it tells its own children."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()

    def kill(self) -> None:
        """Leave nothing of it behind, such as a child that holds the port."""
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)


def say(line: str, name: str = "coursive") -> None:
    print(f"{name:>8} | {line}", flush=True)


def port_in_use(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False


def prepare(environment: dict[str, str]) -> None:
    """Bring the database, the fonts and the demo network up to date."""
    steps = [
        ("tables", ["migrate", "--verbosity", "0"]),
        ("fonts", ["assets"]),
        ("demo", ["demo"]),
    ]
    for name, arguments in steps:
        start = time.monotonic()
        step = Child(name, [sys.executable, "manage.py", *arguments], environment)
        step.start()
        assert step.process is not None
        try:
            code = step.process.wait()
        except BaseException:
            step.end()
            raise
        step.reader.join()
        if code:
            raise ServerError(f"manage.py {arguments[0]} failed, see above")
        say(f"ready in {time.monotonic() - start:.1f} s", name)


def children(port: int, environment: dict[str, str]) -> list[Child]:
    python = [sys.executable, "-m"]
    celery = [*python, "celery", "--quiet", "-A", "coursive"]
    schedule = Path(environment["COURSIVE_DATA"]) / "celerybeat-schedule"
    gunicorn = [*python, "gunicorn", "coursive.wsgi:application", "--workers", "2"]
    return [
        Child(
            "web",
            [*gunicorn, "--bind", f"127.0.0.1:{port}", "--log-level", environment["LOG_LEVEL"]],
            environment,
        ),
        Child(
            "worker",
            [*celery, "worker", "--pool", "prefork", "--concurrency", "2"],
            # As root Celery explains at length that it would rather not be.
            environment | {"PYTHONWARNINGS": "ignore:You're running the worker"},
        ),
        Child(
            "beat",
            [*celery, "beat", "--schedule", str(schedule), "--pidfile="],
            environment,
        ),
    ]


def answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", "/healthz", headers={"Host": f"localhost:{port}"})
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def welcome(port: int) -> str:
    lines = ["", "Coursive is ready:", ""]
    lines += [f"  http://{hub}.localhost:{port}/" for hub in HUBS]
    lines += [f"  http://localhost:{port}/", "", "Demo accounts (password coursive-demo):", ""]
    for hub in HUBS:
        lines += [f"  {f'{name}@{hub}.example':<34}{role}" for name, role in ACCOUNTS]
        lines.append("")
    return "\n".join([*lines, "Ctrl-C stops everything.", ""])


def stop(running_children: list[Child]) -> None:
    for child in running_children:
        child.end()
    end = time.monotonic() + GRACE
    for child in running_children:
        if child.process is None:
            continue
        try:
            child.process.wait(max(0, end - time.monotonic()))
        except subprocess.TimeoutExpired:
            child.kill()
            child.process.wait()


def serve(port: int, environment: dict[str, str]) -> None:
    prepare(environment)
    everything = children(port, environment)
    started = time.monotonic()
    ready = warned = False
    try:
        while True:
            for child in everything:
                child.watch()
            if not ready and (ready := answers(port)):
                print(welcome(port), flush=True)
            elif not ready and not warned and time.monotonic() - started > 60:
                warned = True
                say("the site does not answer /healthz yet: see the lines above")
            time.sleep(1 if ready else 0.1)
    finally:
        say("stopping")
        stop(everything)


@contextlib.contextmanager
def foreground() -> Iterator[None]:
    """Take the terminal, so that Ctrl-C reaches us and not make, which would call it an error."""
    group = os.getpgrp()
    if not sys.stdin.isatty() or os.tcgetpgrp(0) != group:
        yield
        return
    # Ctrl-Z would stop us and not make: the terminal would be nobody's.
    for number in (signal.SIGTTOU, signal.SIGTSTP):
        signal.signal(number, signal.SIG_IGN)
    os.setpgid(0, 0)
    os.tcsetpgrp(0, os.getpgrp())
    try:
        yield
    finally:
        os.tcsetpgrp(0, group)


def interrupt(number: int, frame: FrameType | None) -> None:
    # Once: an impatient second Ctrl-C must not leave processes behind.
    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, signal.SIG_IGN)
    raise KeyboardInterrupt


def main() -> int:
    port = int(os.environ.get("PORT") or 8000)
    if port_in_use(port):
        print(
            f"coursive: port {port} is taken, perhaps by another `make run`. "
            f"Stop it, or choose another: PORT={port + 1} make run",
            file=sys.stderr,
        )
        return 1
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, interrupt)
    sys.stdout.reconfigure(errors="replace")  # type: ignore[union-attr]
    try:
        with foreground(), running() as servers:
            environment = {
                "DEBUG": "0",
                "COURSIVE_HOST": "localhost",
                "PYTHONUNBUFFERED": "1",
                "LOG_LEVEL": "warning",
                **os.environ,
                "COURSIVE_PORT": str(port),
                **servers,
            }
            serve(port, environment)
    except KeyboardInterrupt:
        return 0
    except ServerError as error:
        print(f"coursive: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
