"""Session engine: rows of the open hub, so that row-level security hides them from the others.

The row tells whose browser it is, for the list of one's devices; the request never waits for that.
"""

import datetime as dt
from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from hubs.models import Session, User

SEEN_EVERY = dt.timedelta(minutes=15)
AGENT, BEGAN = "agent", "began"


class SessionStore(DatabaseStore):
    """`account` is whose browser it is, once the session is read."""

    account: User | None = None

    @classmethod
    def get_model_class(cls) -> type[Session]:
        return Session

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        row = super().create_model_instance(data)
        row.user_id = data.get(SESSION_KEY)
        row.agent = data.get(AGENT, "")
        row.began_at = parse_datetime(data.get(BEGAN, ""))
        row.seen_at = timezone.now()
        return row

    def _get_session_from_db(self) -> Session | None:
        row = super()._get_session_from_db()
        self.account = row.user if row is not None else None
        now = timezone.now()
        if row is not None and row.user_id and (row.seen_at is None or row.seen_at < now - SEEN_EVERY):
            Session.objects.filter(pk=row.pk).update(seen_at=now)
        return row
