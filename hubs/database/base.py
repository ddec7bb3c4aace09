"""Django's PostgreSQL, which tells a lost connection without asking the server.

Before each request and each task Django asks `SELECT 1`. A server that has gone has closed the socket, and the
kernel says so at once; only then is the question put.
"""

import select

from django.db.backends.postgresql import base


class DatabaseWrapper(base.DatabaseWrapper):
    def is_usable(self) -> bool:
        if self.connection is None or self.connection.closed:
            return False
        socket = select.poll()
        socket.register(self.connection.fileno(), select.POLLIN | select.POLLHUP)
        return not socket.poll(0) or super().is_usable()
