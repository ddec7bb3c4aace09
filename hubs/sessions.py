"""Session engine: rows of the open hub, so that row-level security hides them from the others."""

from django.contrib.sessions.backends.db import SessionStore as DatabaseStore

from hubs.models import Session


class SessionStore(DatabaseStore):
    @classmethod
    def get_model_class(cls) -> type[Session]:
        return Session
