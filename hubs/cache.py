"""The cache when Valkey is away: each process counts for itself, so that limits still act and pages still open."""

import logging
import time
from collections.abc import Callable
from typing import Any

from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache
from redis.exceptions import ConnectionError as NoConnection
from redis.exceptions import TimeoutError as NoAnswer

log = logging.getLogger(__name__)

SILENCE = 15.0


class SteadyCache(RedisCache):
    """Valkey, or for a quarter of a minute after it failed, this process's memory."""

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._spare = LocMemCache("valkey-away", {"KEY_PREFIX": self.key_prefix})
        self._silent_until = 0.0

    def _try(self, name: str, *args: Any, **kwargs: Any) -> Any:
        if time.monotonic() >= self._silent_until:
            try:
                return getattr(super(), name)(*args, **kwargs)
            except (NoConnection, NoAnswer) as error:
                self._silent_until = time.monotonic() + SILENCE
                log.warning("Valkey is away, this process counts for itself: %s", error)
        return getattr(self._spare, name)(*args, **kwargs)


def _steady(name: str) -> Callable[..., Any]:
    def method(self: SteadyCache, *args: Any, **kwargs: Any) -> Any:
        return self._try(name, *args, **kwargs)

    return method


for _name in (
    "add",
    "clear",
    "delete",
    "delete_many",
    "get",
    "get_many",
    "has_key",
    "incr",
    "set",
    "set_many",
    "touch",
):
    setattr(SteadyCache, _name, _steady(_name))
