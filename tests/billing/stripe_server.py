"""Stripe's protocol as it was recorded: the answers of its test mode to a Checkout session, served on loopback."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

import stripe


class StripeServer(ThreadingHTTPServer):
    """Sessions by id. A test says what became of them by `pay` and `expire`."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.sessions: dict[str, dict[str, Any]] = {}
        self.by_key: dict[str, str] = {}
        self.is_down = False
        self.asked: list[tuple[str, str]] = []
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self._thread.start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def close(self) -> None:
        self.shutdown()
        self._thread.join()
        self.server_close()

    def create(self, form: dict[str, str], key: str) -> dict[str, Any]:
        if key not in self.by_key:
            reference = f"cs_test_{len(self.sessions) + 1:024d}"
            self.by_key[key] = reference
            self.sessions[reference] = {
                "id": reference,
                "object": "checkout.session",
                "amount_total": int(form["line_items[0][price_data][unit_amount]"]),
                "client_reference_id": form["client_reference_id"],
                "currency": form["line_items[0][price_data][currency]"],
                "expires_at": int(form["expires_at"]),
                "livemode": False,
                "mode": form["mode"],
                "payment_status": "unpaid",
                "status": "open",
                "success_url": form["success_url"],
                "url": f"https://checkout.stripe.com/c/pay/{reference}",
            }
        return self.sessions[self.by_key[key]]

    def pay(self, reference: str) -> None:
        self.sessions[reference] |= {"payment_status": "paid", "status": "complete", "url": None}

    def expire(self, reference: str) -> None:
        self.sessions[reference] |= {"status": "expired", "url": None}

    def message(self, reference: str, secret: str, at: int) -> tuple[bytes, str]:
        """The signed message that a session is over, as its body and its signature."""
        event = {
            "id": "evt_1",
            "object": "event",
            "api_version": "2026-03-25",
            "type": "checkout.session.completed",
            "data": {"object": self.sessions[reference]},
        }
        body = json.dumps(event)
        signature = stripe.WebhookSignature._compute_signature(f"{at}.{body}", secret)
        return body.encode(), f"t={at},v1={signature}"


class _Handler(BaseHTTPRequestHandler):
    server: StripeServer

    def log_message(self, *args: Any) -> None:
        """Silent."""

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        form = {name: values[0] for name, values in parse_qs(self.rfile.read(length).decode()).items()}
        *_, reference, verb = self.path.split("/")
        if verb == "expire":
            session = self.server.sessions[reference]
            if session["status"] == "open":
                self.server.expire(reference)
                return self._answer(200, session)
            return self._answer(400, {"error": {"type": "invalid_request_error", "message": "not open"}})
        return self._answer(200, self.server.create(form, self.headers["Idempotency-Key"]))

    def do_GET(self) -> None:
        self._answer(200, self.server.sessions[self.path.rsplit("/", 1)[-1]])

    def _answer(self, status: int, told: dict[str, Any]) -> None:
        self.server.asked.append((self.command, self.path))
        if self.server.is_down:
            status, told = 503, {"error": {"type": "api_error", "message": "down"}}
        body = json.dumps(told).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
