import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import psutil
import psycopg
import pytest
import redis

from coursive import servers


@pytest.fixture
def home():
    # As root the servers' account must be able to pass, which it cannot in pytest's folders.
    as_root = os.geteuid() == 0
    if as_root:
        servers.SYSTEM.mkdir(parents=True, exist_ok=True)
    path = Path(tempfile.mkdtemp(prefix="test-", dir=servers.SYSTEM if as_root else None))
    yield path
    servers.Home(path).stop()
    shutil.rmtree(path)


def pids(home):
    found = []
    for process in psutil.process_iter(["cmdline", "status"]):
        zombie = process.info["status"] == psutil.STATUS_ZOMBIE
        if not zombie and any(str(home) in word for word in process.info["cmdline"] or []):
            found.append(process.pid)
    return found


def as_owner(environment, query):
    with psycopg.connect(environment["DATABASE_OWNER_URL"]) as connection:
        cursor = connection.execute(query)
        return cursor.fetchall() if cursor.description else []


def exec_servers(*command, **environment):
    return subprocess.run(
        [sys.executable, "-m", "coursive.servers", "exec", *command],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        cwd=servers.CLONE,
        check=False,
    )


def test_second_start_keeps_data_and_secrets(home):
    with servers.running(home) as first:
        as_owner(first, "CREATE TABLE kept AS SELECT 'oui' AS word")
        redis.Redis.from_url(first["REDIS_URL"]).set("kept", "oui")

    assert pids(home) == []
    with servers.running(home) as second:
        assert as_owner(second, "SELECT word FROM kept") == [("oui",)]
        assert redis.Redis.from_url(second["REDIS_URL"]).get("kept") == b"oui"
        assert second["SECRET_KEY"] == first["SECRET_KEY"]
        assert second["DATABASE_URL"] == first["DATABASE_URL"]
    assert (home / "secrets.json").stat().st_mode & 0o777 == 0o600


def test_starts_again_after_kill_9(home):
    with servers.running(home) as environment:
        as_owner(environment, "CREATE TABLE kept AS SELECT 1 AS one")
        os.kill(servers.Home(home).postgres.pid(), signal.SIGKILL)
    with servers.running(home) as environment:
        assert as_owner(environment, "SELECT one FROM kept") == [(1,)]


def test_starts_again_when_its_old_pid_is_now_another_program(home):
    with servers.running(home):
        pid_file = servers.Home(home).postgres.data / "postmaster.pid"
        lines = pid_file.read_text().splitlines()
    pid_file.write_text("\n".join([str(os.getppid()), *lines[1:], ""]))

    with servers.running(home) as environment:
        assert as_owner(environment, "SELECT 1") == [(1,)]


def test_starts_again_when_the_first_start_was_cut_short(home):
    (home / "servers/postgres.new/base").mkdir(parents=True)

    with servers.running(home) as environment:
        assert as_owner(environment, "SELECT 1") == [(1,)]


def test_last_to_leave_stops_the_servers(home):
    with servers.running(home) as first:
        pid = servers.Home(home).postgres.pid()
        with servers.running(home) as second:
            assert second == first
            assert servers.Home(home).postgres.pid() == pid
        assert as_owner(first, "SELECT 1") == [(1,)]
    assert servers.Home(home).postgres.pid() is None


def test_ephemeral_goes_away(home):
    with servers.running(home, ephemeral=True) as environment:
        assert as_owner(environment, "SHOW fsync") == [("off",)]
        data = Path(environment["COURSIVE_DATA"])
        assert data.is_relative_to(home)
        assert data.is_dir()

    assert not data.exists()
    assert list(home.glob("ephemeral-*")) == []
    assert pids(home) == []


def test_ephemeral_left_by_a_killed_process_is_swept(home):
    script = (
        "import os, sys; from pathlib import Path; from coursive import servers\n"
        "with servers.running(Path(sys.argv[1]), ephemeral=True): os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", script, home], cwd=servers.CLONE, check=False)
    assert len(list(home.glob("ephemeral-*"))) == 1

    with servers.running(home, ephemeral=True) as environment:
        here = Path(environment["COURSIVE_DATA"]).parent
        assert list(home.glob("ephemeral-*")) == [here]
    assert pids(home) == []


def test_roles(home):
    with servers.running(home) as environment:
        assert as_owner(
            environment,
            "SELECT rolname, rolsuper, rolcreatedb, rolcreaterole, rolbypassrls FROM pg_roles"
            " WHERE rolname LIKE 'coursive%' ORDER BY 1",
        ) == [
            ("coursive_app", False, False, False, False),
            ("coursive_owner", False, True, False, False),
        ]
        assert as_owner(
            environment,
            "SELECT pg_get_userbyid(datdba), pg_encoding_to_char(encoding), datlocale"
            " FROM pg_database WHERE datname = current_database()",
        ) == [("coursive_owner", "UTF8", "C.UTF-8")]
        with (
            psycopg.connect(environment["DATABASE_URL"]) as connection,
            pytest.raises(psycopg.errors.InsufficientPrivilege),
        ):
            connection.execute("CREATE TABLE public.forbidden ()")


def test_needs_the_password(home):
    with servers.running(home) as environment:
        password = servers.Home(home).secrets["owner"]
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(environment["DATABASE_OWNER_URL"].replace(password, "wrong"))
        password = servers.Home(home).secrets["valkey"]
        with pytest.raises(redis.AuthenticationError):
            redis.Redis.from_url(environment["REDIS_URL"].replace(password, "wrong")).ping()


@pytest.mark.parametrize("name", ["d" * 150, "l'été à deux"])
def test_path_too_long_or_too_odd_for_a_socket(home, name):
    deep = home / name
    with servers.running(deep, ephemeral=True) as environment:
        assert as_owner(environment, "SELECT 1") == [(1,)]
        assert redis.Redis.from_url(environment["REDIS_URL"]).ping()
        sockets = Path(environment["DATABASE_URL"].partition("host=")[2])
        assert not sockets.is_relative_to(home)
        assert sockets.stat().st_mode & 0o777 == 0o700
    assert not sockets.exists()


def test_given_servers_are_used_and_nothing_is_started():
    given = dict.fromkeys(servers.URLS, "given://elsewhere")
    done = exec_servers("--", "printenv", "DATABASE_URL", "REDIS_URL", **given)
    assert (done.stdout, done.stderr) == ("given://elsewhere\n" * 2, "")


def test_exec_answers_the_exit_code_of_its_command():
    given = dict.fromkeys(servers.URLS, "given://elsewhere")
    assert exec_servers("--", "sh", "-c", "exit 7", **given).returncode == 7
    assert exec_servers("--", "sh", "-c", "kill -9 $$", **given).returncode == 137
