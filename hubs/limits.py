"""One limiter: how often something may be tried, counted by hub, rule, client address and mail address.

`check` counts a try before it is made, so that ten who come together cannot all pass on the count that
they read before any was written. The count is one atomic step in Valkey; while Valkey is away, one in
the database, on a connection of its own: it stays when the page fails, and every process sees it.
"""

import datetime as dt
import ipaddress
import logging
import time
from dataclasses import dataclass
from functools import lru_cache

from django.conf import settings
from django.db import connections
from django.http import HttpRequest
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as NoConnection
from redis.exceptions import TimeoutError as NoAnswer
from redis.retry import Retry

from hubs.french import hour
from hubs.models import Tally
from hubs.refusals import Refusal
from hubs.scope import current_hub_id

log = logging.getLogger(__name__)

MINUTE, HOUR = 60, 3600
# A request finds Valkey away once, and the next ones of this process do not wait for it again.
SILENCE = 15.0
_silent_until = 0.0


ADD = """
INSERT INTO hubs_tally AS tally (hub_id, key, ends_at, count) VALUES (%s, %s, %s, %s)
ON CONFLICT (hub_id, key, ends_at) DO UPDATE SET count = tally.count + excluded.count RETURNING count
"""


@dataclass(frozen=True)
class Rate:
    """At most `times` in each stretch of `seconds`."""

    times: int
    seconds: int


@dataclass(frozen=True)
class Rule:
    """What is limited, and to how much for one client address and for one mail address.

    A hub is one building behind one address: what succeeds is given back, and never limited by it.
    """

    name: str
    per_address: Rate
    per_mail: Rate | None = None


SIGN_IN = Rule("sign_in", Rate(20, MINUTE), Rate(5, 5 * MINUTE))
CODE_REQUEST = Rule("code_request", Rate(20, MINUTE), Rate(3, 5 * MINUTE))
CODE_ENTRY = Rule("code_entry", Rate(20, MINUTE), Rate(5, 5 * MINUTE))
SECOND_FACTOR = Rule("second_factor", Rate(20, MINUTE), Rate(5, 5 * MINUTE))
PASSWORD_RESET = Rule("password_reset", Rate(20, MINUTE), Rate(3, 15 * MINUTE))
# For pages that anyone may send: a form of the public site, a link that was shared.
PUBLIC_FORM = Rule("public_form", Rate(10, 10 * MINUTE), Rate(5, HOUR))
SECRET_LINK = Rule("secret_link", Rate(30, MINUTE))
# Messages that no provider has signed.
PROVIDER_MESSAGE = Rule("provider_message", Rate(30, MINUTE))


class TooMany(Refusal):
    """Tried too often. A view that lets it pass answers 429, with a page that says `until` when (HubMiddleware)."""

    def __init__(self, until: dt.datetime) -> None:
        super().__init__(gettext("Trop d’essais. Réessayez à %(hour)s.") % {"hour": hour(until)})
        self.until = until


@dataclass(frozen=True)
class _Counter:
    hub_id: int
    key: str
    seconds: int
    ends_at: dt.datetime


@dataclass(frozen=True)
class Tries:
    """What `check` counted."""

    counters: tuple[_Counter, ...]

    def give_back(self) -> None:
        """It succeeded: this try counts no more."""
        for counter in self.counters:
            _add(counter, -1)


def check(rule: Rule, *, address: str, now: dt.datetime, mail: str = "") -> Tries:
    """Count one more try under `rule` in the open hub, before it is made. Raises TooMany when it is one too many.

    `address` is that of the client (`client_address`), `mail` whom the try is about, known or not.
    """
    counted = []
    # An address that is refused takes nothing from the mail's count, which its owner needs.
    for by, rate, value in (("address", rule.per_address, address), ("mail", rule.per_mail, mail.strip().lower())):
        if rate is None or not value:
            continue
        counter = _counter(rule, by, value, rate, now)
        if _add(counter, 1) > rate.times:
            raise TooMany(counter.ends_at)
        counted.append(counter)
    return Tries(tuple(counted))


def client_address(request: HttpRequest) -> str:
    """Who asks: behind the TLS proxy, what it wrote last; all that stands before was written by the client."""
    forwarded = request.headers.get("X-Forwarded-For", "") if settings.HTTPS else ""
    given = forwarded.rpartition(",")[2].strip() or request.META.get("REMOTE_ADDR", "")
    try:
        address = ipaddress.ip_address(given)
    except ValueError:
        return given
    # One customer of a provider holds 2^64 addresses of version 6.
    return str(ipaddress.ip_network((given, 64), strict=False)) if address.version == 6 else given


def forget_tallies(*, now: dt.datetime) -> None:
    """Delete the open hub's counts of stretches that are over."""
    Tally.objects.filter(ends_at__lte=now).delete()


def _counter(rule: Rule, by: str, value: str, rate: Rate, now: dt.datetime) -> _Counter:
    hub_id = current_hub_id()
    # Nobody reads in Valkey, or in a dump, who tried to sign in.
    who = salted_hmac("hubs.limits", f"{hub_id}:{rule.name}:{by}:{value}", algorithm="sha256").hexdigest()
    end = (int(now.timestamp()) // rate.seconds + 1) * rate.seconds
    return _Counter(hub_id, who, rate.seconds, dt.datetime.fromtimestamp(end, dt.UTC))


def _add(counter: _Counter, step: int) -> int:
    global _silent_until
    if time.monotonic() >= _silent_until:
        try:
            return _add_in_valkey(counter, step)
        except (NoConnection, NoAnswer) as error:
            _silent_until = time.monotonic() + SILENCE
            log.warning("Valkey is away, tries are counted in the database: %s", error)
    return _add_in_database(counter, step)


@lru_cache(maxsize=1)
def _valkey(url: str) -> Redis:
    # Tried again, a count whose answer was lost would be counted twice.
    return Redis.from_url(url, socket_connect_timeout=1, socket_timeout=2, retry=Retry(NoBackoff(), 0))


def _add_in_valkey(counter: _Counter, step: int) -> int:
    key = f"limits:{counter.key}:{int(counter.ends_at.timestamp())}"
    with _valkey(settings.REDIS_URL).pipeline(transaction=True) as pipe:
        pipe.incrby(key, step)
        pipe.expire(key, counter.seconds + MINUTE)
        return int(pipe.execute()[0])


def _add_in_database(counter: _Counter, step: int) -> int:
    own = connections.create_connection("default")
    try:
        own.ensure_connection()
        with own.connection.transaction(), own.connection.cursor() as cursor:
            cursor.execute("SELECT set_config('coursive.hub_id', %s, true)", [str(counter.hub_id)])
            cursor.execute(ADD, [counter.hub_id, counter.key, counter.ends_at, step])
            return int(cursor.fetchone()[0])
    finally:
        own.close()
