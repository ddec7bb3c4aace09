"""What a test of many at once plugs into the settings: a hasher that counts, and sessions that are all read at once."""

from threading import Barrier

from django.contrib.auth.hashers import MD5PasswordHasher

from hubs import sessions

checked: list[str] = []
gate: Barrier | None = None


class CountingHasher(MD5PasswordHasher):
    """Notes each password that is really compared."""

    def verify(self, password, encoded):
        checked.append(password)
        return super().verify(password, encoded)


class SessionStore(sessions.SessionStore):
    """Nobody goes on before everybody has read the session."""

    def load(self):
        data = super().load()
        if gate is not None:
            gate.wait(30)
        return data
