"""What every line of the log says of its circumstances: which request or task, which hub, which account.

Never a mail address, never a name, no query string, no secret of a link.
"""

import datetime as dt
import logging
import re
import secrets
from contextvars import ContextVar, Token
from typing import Any

from django.http import HttpRequest
from django_scopes import get_scope
from pythonjsonlogger.json import JsonFormatter

access = logging.getLogger("hubs.access")

SLOW = 1.0
# What a trusted proxy may call a request; anything else would be text of the visitor's in our log.
_ID = re.compile(r"[\w-]{8,64}", re.ASCII)
_MAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
# The key of an invitation or of a forgotten password is long; the ids of things are short.
_KEY = re.compile(r"(?<=/)[\w:.=~-]{24,}(?=[/\s]|$)")

_request: ContextVar[HttpRequest | None] = ContextVar("request", default=None)
_task: ContextVar[str] = ContextVar("task", default="")


def begin_request(request: HttpRequest, *, given: str) -> Token[HttpRequest | None]:
    """Name the request, as the proxy did if it is to be trusted."""
    request.request_id = given if _ID.fullmatch(given) else secrets.token_hex(8)  # type: ignore[attr-defined]
    return _request.set(request)


def end_request(token: Token[HttpRequest | None]) -> None:
    _request.reset(token)


def begin_task(request_id: str) -> None:
    """Say that this process now works for that request, or for a task that nobody asked for."""
    _task.set(request_id)


def request_id() -> str:
    """The name of what is being done, to be told to those who ask for help."""
    request = _request.get()
    return request.request_id if request is not None else _task.get()  # type: ignore[attr-defined]


def tell_access(request: HttpRequest, status: int, seconds: float) -> None:
    """One line for each request; a slow one is told whatever the level."""
    level = logging.WARNING if seconds >= SLOW else logging.INFO
    if access.isEnabledFor(level):
        path, milliseconds = plain(request.path), round(seconds * 1000, 1)
        facts = {"method": request.method, "path": path, "status": status, "ms": milliseconds}
        words = "%s %s %d %s ms" if level == logging.INFO else "slow: %s %s %d %s ms"
        access.log(level, words, *facts.values(), extra=facts)


def plain(text: str) -> str:
    """`text` without mail addresses, nor the keys that links carry."""
    return _KEY.sub("…", _MAIL.sub("…@…", text))


class Circumstances(logging.Filter):
    """Adds `request_id`, `hub` and `user` to each record."""

    def filter(self, record: logging.LogRecord) -> bool:
        request = _request.get()
        hub = get_scope().get("hub") or getattr(request, "hub", None)
        # Only a user already read: a line of log asks the database for nothing.
        user = getattr(request, "_cached_user", None)
        record.request_id, record.hub = request_id(), hub.slug if hub else ""
        record.user = user.pk if user is not None else None
        return True


class Lines(logging.Formatter):
    """For people: `make run`, a terminal."""

    default_msec_format = "%s.%03d"

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s [%(hub)s %(request_id)s] %(message)s")


class JsonLines(JsonFormatter):
    """For machines: one JSON object for each event."""

    def add_fields(self, log_data: dict[str, Any], record: logging.LogRecord, message_dict: dict[str, Any]) -> None:
        at = dt.datetime.fromtimestamp(record.created, dt.UTC)
        log_data |= {
            "time": at.isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": plain(record.getMessage()),
        }
        for name in ("hub", "request_id", "user", "method", "path", "status", "ms"):
            if (value := getattr(record, name, None)) not in ("", None):
                log_data[name] = value
        for name in ("exc_info", "stack_info"):
            if text := message_dict.get(name):
                log_data[name] = plain(str(text))
