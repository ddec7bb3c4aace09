"""Whether this instance can work, and whether what works beside it is alive."""

import os
import time
from functools import cache
from pathlib import Path

import redis
from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection
from django.db.migrations.loader import MigrationLoader
from redis.backoff import NoBackoff
from redis.retry import Retry

from hubs.roles import SeesEveryHub, is_held

# What each leaves behind it, as a file whose date is its last sign of life.
PROCESSES = ("beat", "worker", "sweep")


def missing() -> str:
    """What keeps the site from working, in one word; nothing when it can."""
    try:
        if not is_held(connection):
            return "role"
        if _migrations() - _applied():
            return "migrations"
    except SeesEveryHub:
        return "role"
    except (DatabaseError, InterfaceError):
        return "database"
    return "" if _is_written(settings.DATA_DIR) else "data"


@cache
def _migrations() -> frozenset[tuple[str, str]]:
    return frozenset(MigrationLoader(None).disk_migrations)


def _applied() -> frozenset[tuple[str, str]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT app, name FROM django_migrations")
        return frozenset(cursor.fetchall())


def _is_written(folder: Path) -> bool:
    """Whether a byte can be kept there: a disk that is full or read-only says so only when tried."""
    probe = folder / f".ready-{os.getpid()}"
    try:
        probe.write_bytes(b"\n")
        probe.unlink()
    except OSError:
        return False
    return True


def valkey_answers() -> bool:
    """Without it the site works: limits are counted by each process, and the worker waits."""
    try:
        with redis.Redis.from_url(
            settings.REDIS_URL, socket_connect_timeout=1, socket_timeout=1, retry=Retry(NoBackoff(), 0)
        ) as client:
            return bool(client.ping())
    except (redis.RedisError, OSError):
        return False


def sign(name: str) -> None:
    """Leave a sign of life; a folder that cannot be written is told by /readyz."""
    try:
        folder = settings.DATA_DIR / "alive"
        folder.mkdir(exist_ok=True)
        (folder / name).touch()
    except OSError:
        return


def silence(name: str) -> float | None:
    """Seconds since the last sign of life; None when there never was one."""
    try:
        return max(0.0, time.time() - (settings.DATA_DIR / "alive" / name).stat().st_mtime)
    except OSError:
        return None
