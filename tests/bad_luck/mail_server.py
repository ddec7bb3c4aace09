"""A mail server that says when it has what, and can be told to wait there."""

import email
import socketserver
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class _Dialogue(socketserver.StreamRequestHandler):
    def say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())

    def handle(self) -> None:
        self.say("220 here")
        while line := self.rfile.readline():
            verb = line[:4].upper().strip()
            self.server.at(verb.decode(errors="replace"))
            if verb == b"DATA":
                self.say("354 go on")
                self.server.accept(self._message())
                self.server.at("accepted")
            self.say("221 goodbye" if verb == b"QUIT" else "250 yes")
            if verb == b"QUIT":
                return

    def _message(self) -> bytes:
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line)
        if line != b".\r\n":
            raise ConnectionError("cut before the end: not a message")
        return b"".join(lines)


class MailServer(socketserver.ThreadingTCPServer):
    """`accepted` counts messages by recipient, `names` are their Message-IDs.

    `moments[verb]` is called once, when a dialogue comes to that verb.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Dialogue)
        self.accepted: Counter[str] = Counter()
        self.names: set[str] = set()
        self.moments: dict[str, Callable[[], None]] = {}

    @property
    def environment(self) -> dict[str, str]:
        return {
            "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
            "EMAIL_HOST": "127.0.0.1",
            "EMAIL_PORT": str(self.server_address[1]),
        }

    def accept(self, message: bytes) -> None:
        read = email.message_from_bytes(message)
        self.accepted[read["To"]] += 1
        self.names.add(read["Message-ID"])

    def at(self, verb: str) -> None:
        if moment := self.moments.pop(verb, None):
            moment()

    def handle_error(self, request: object, client_address: object) -> None:
        """A worker that was killed in the middle of a sentence."""


@contextmanager
def mail_server() -> Iterator[MailServer]:
    with MailServer() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()
