"""A plateforme agréée by its standard API: AFNOR XP Z12-013, Flow Service 1.1 and Directory Service 1.3.

What it answers is bounded in size and in time, and never believed: docs/adr/0016 says why the client is our own.
"""

import datetime as dt
import hashlib
import json
import logging
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlsplit

import requests
from django.core.exceptions import ImproperlyConfigured
from django.utils.dateparse import parse_datetime
from requests.auth import AuthBase
from urllib3.exceptions import HTTPError

from billing.einvoice.cdar import MAX_TEXT, NotAStatus, read_status
from billing.einvoice.platforms import (
    Address,
    Arrival,
    Batch,
    DocumentRefused,
    PlatformAway,
    PlatformConfused,
    PlatformDenied,
    Status,
)

log = logging.getLogger(__name__)

# Seconds: to connect, between two bytes, and for a whole answer.
CONNECT, SILENCE, PATIENCE = 5.0, 15.0, 60.0
MAX_JSON = 2 * 1024 * 1024
MAX_FILE = 20 * 1024 * 1024
# The most that the norm lets a search return, and how many pages one reading asks for.
PAGE, PAGES = 100, 2
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
# Seconds that a token is believed to last at most.
LONGEST_TOKEN = 24 * 3600
IN, OUT = "In", "Out"
REFUSED = "Error"
# « Irrecevable »: what a technical refusal is in the list of XP Z12-012.
INADMISSIBLE = "501"
# Tokens by account, with the end of their life; known to this process alone.
_tokens: dict[tuple[str, str], tuple[str, float]] = {}


class AfnorPlatform:
    def __init__(
        self, *, name: str, flows: str, directory: str, token: str, client_id: str, client_secret: str
    ) -> None:
        """`flows` and `directory` are the addresses before /v1/, `token` that of OAuth 2 (client credentials)."""
        for address in (flows, directory, token):
            _require_safe(address)
        self.name = name
        self._flows, self._directory, self._token_address = flows.rstrip("/"), directory.rstrip("/"), token
        self._credentials = (client_id, client_secret)

    def lookup(self, siren: str) -> Sequence[Address]:
        asked = {"filters": {"siren": {"op": "strict", "value": siren}}, "limit": PAGE}
        status, body = self._call("POST", f"{self._directory}/v1/directory-line/search", json=asked)
        if status in (204, 404):
            return ()
        lines = _rows(_told(status, body, 200, 206), "results")
        return [
            Address(siren=siren, address=_word(line, "addressingIdentifier"), is_open=_is_open(line))
            for line in lines
            if line.get("siren") == siren and _word(line, "addressingIdentifier")
        ]

    def send(self, *, key: str, name: str, pdf: bytes) -> str:
        if known := self._sent(key):
            return known
        info = {
            "trackingId": key, "name": name, "flowSyntax": "Factur-X", "sha256": hashlib.sha256(pdf).hexdigest(),
        }  # fmt: skip
        parts = {"flowInfo": (None, json.dumps(info), "application/json"), "file": (name, pdf, "application/pdf")}
        status, body = self._call("POST", f"{self._flows}/v1/flows", files=parts)
        if status in (400, 413, 422):
            raise DocumentRefused(_reproach(body))
        return _reference(_told(status, body, 200, 201, 202))

    def _sent(self, key: str) -> str:
        """What was sent under this key and taken: a worker may have died before it could write it down."""
        for flow in self._page({"trackingId": key}):
            acknowledgement = flow.get("acknowledgement")
            is_refused = isinstance(acknowledgement, dict) and acknowledgement.get("status") == REFUSED
            if flow.get("trackingId") == key and flow.get("flowDirection") != IN and not is_refused:
                return _reference(flow)
        return ""

    def statuses(self, since: dt.datetime) -> Batch[Status]:
        flows, until, is_whole = self._search(since, "CustomerInvoice", "CustomerInvoiceLC")
        return Batch(list(self._statuses(flows)), until, is_whole)

    def _statuses(self, flows: list[dict[str, Any]]) -> Iterator[Status]:
        """The messages about our invoices, and what the platform would not take of them."""
        for flow in flows:
            if flow.get("flowType") == "CustomerInvoice" and flow.get("flowDirection") == OUT:
                if fault := _fault(flow):
                    yield Status(
                        code=INADMISSIBLE,
                        at=_moment(flow, "updatedAt"),
                        reference=_reference(flow),
                        key=_word(flow, "trackingId"),
                        text=fault,
                    )
            elif flow.get("flowType") == "CustomerInvoiceLC" and flow.get("flowDirection") == IN:
                try:
                    yield read_status(self.document(_reference(flow)))
                # One that nobody can read must not hide those behind it.
                except (NotAStatus, PlatformConfused) as error:
                    log.warning("platform %s: flow %s tells no status: %s", self.name, flow.get("flowId"), error)

    def arrivals(self, since: dt.datetime) -> Batch[Arrival]:
        flows, until, is_whole = self._search(since, "SupplierInvoice")
        found = [
            Arrival(
                reference=_reference(flow),
                name=(_word(flow, "name") or f"{_reference(flow)}.{_suffix(flow)}")[-120:],
                at=_moment(flow, "updatedAt"),
            )
            for flow in flows
            if flow.get("flowDirection") == IN and not _fault(flow)
        ]
        return Batch(found, until, is_whole)

    def document(self, reference: str) -> bytes:
        address = f"{self._flows}/v1/flows/{quote(reference, safe='')}"
        status, body = self._call("GET", address, params={"docType": "Original"}, limit=MAX_FILE)
        if status != 200:
            _told(status, body)
        return body

    def _search(self, since: dt.datetime, *types: str) -> tuple[list[dict[str, Any]], dt.datetime, bool]:
        """Flows updated after a moment, some pages of them; where to go on from; whether that is all."""
        found: dict[str, dict[str, Any]] = {}
        after = since
        for _page in range(PAGES):
            page = self._page({"updatedAfter": _stamp(after), "flowType": list(types)})
            found |= {_reference(flow): flow for flow in page}
            last = max([after, *(_moment(flow, "updatedAt") for flow in page)])
            if len(page) < PAGE:
                return list(found.values()), last, True
            # The page may end amid flows of one millisecond: ask for it again, unless it fills a page alone.
            again = last - dt.timedelta(milliseconds=1)
            after = again if again > after else last
        return list(found.values()), after, False

    def _page(self, where: dict[str, Any]) -> list[dict[str, Any]]:
        status, body = self._call("POST", f"{self._flows}/v1/flows/search", json={"limit": PAGE, "where": where})
        return _rows(_told(status, body, 200), "results")

    def _call(self, method: str, address: str, *, limit: int = MAX_JSON, **options: Any) -> tuple[int, bytes]:
        """Asked again once under a new token: the one that was kept may have been withdrawn."""
        for is_fresh in (False, True):
            status, body = _fetch(method, address, auth=_Bearer(self._token(is_fresh)), limit=limit, **options)
            if status != 401:
                return status, body
        raise PlatformDenied

    def _token(self, is_fresh: bool) -> str:
        known, ends = _tokens.get((self._token_address, self._credentials[0]), ("", 0.0))
        if known and not is_fresh and time.monotonic() < ends:
            return known
        status, body = _fetch(
            "POST",
            self._token_address,
            auth=self._credentials,
            data={"grant_type": "client_credentials"},
            limit=MAX_JSON,
        )
        if status in (400, 401, 403):
            raise PlatformDenied
        told = _told(status, body, 200)
        token, life = told.get("access_token"), told.get("expires_in", 300)
        if not isinstance(token, str) or not re.fullmatch(r"[\x21-\x7e]{1,8192}", token) or not isinstance(life, int):
            raise PlatformConfused
        kept_for = max(0, min(life, LONGEST_TOKEN)) - PATIENCE
        _tokens[self._token_address, self._credentials[0]] = token, time.monotonic() + kept_for
        return token


class _Bearer(AuthBase):
    """Given as `auth`, so that a .netrc of the machine does not take its place."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request


def _require_safe(address: str) -> None:
    """Tokens and invoices travel under TLS, or stay on this machine."""
    parts = urlsplit(address)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOOPBACK):
        raise ImproperlyConfigured("EINVOICE_ACCOUNTS: the address of a platform begins with https://")


def _fetch(method: str, address: str, *, limit: int, **options: Any) -> tuple[int, bytes]:
    """One exchange: no redirection, `limit` bytes and PATIENCE seconds at most. Raises PlatformAway, PlatformConfused."""
    deadline = time.monotonic() + PATIENCE
    headers = {"Accept-Encoding": "identity"}
    try:
        with requests.request(
            method, address, headers=headers, timeout=(CONNECT, SILENCE), allow_redirects=False, stream=True, **options
        ) as answer:
            body = b""
            # What has come, without waiting for 65536 bytes: a platform that drips is left at the deadline.
            while part := answer.raw.read1(65536, decode_content=True):
                body += part
                if len(body) > limit:
                    raise PlatformConfused
                if time.monotonic() > deadline:
                    raise PlatformAway
            return answer.status_code, body
    except (requests.RequestException, HTTPError, OSError) as error:
        raise PlatformAway from error


def _told(status: int, body: bytes, *expected: int) -> dict[str, Any]:
    """The JSON object of an answer that is one of those expected."""
    if status == 403:
        raise PlatformDenied
    if status in (408, 425, 429) or status >= 500:
        raise PlatformAway
    told = _json(body)
    if status not in expected or not isinstance(told, dict):
        raise PlatformConfused
    return told


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _rows(told: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    rows = told.get(name, [])
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise PlatformConfused
    return rows


def _word(row: Mapping[str, Any], name: str) -> str:
    """A text on one line, of what can be written down: neither NUL nor half a character."""
    value = row.get(name)
    return "".join(filter(str.isprintable, " ".join(value.split()))) if isinstance(value, str) else ""


def _reference(flow: Mapping[str, Any]) -> str:
    reference = _word(flow, "flowId")
    if not reference or len(reference) > 100:
        raise PlatformConfused
    return reference


def _moment(flow: Mapping[str, Any], name: str) -> dt.datetime:
    try:
        moment = parse_datetime(_word(flow, name))
    except ValueError:
        moment = None
    if moment is None or not 2000 <= moment.year < 2100:
        raise PlatformConfused
    return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)


def _stamp(moment: dt.datetime) -> str:
    return moment.astimezone(dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _fault(flow: Mapping[str, Any]) -> str:
    """Why the platform would not take a flow; nothing when it did."""
    acknowledgement = flow.get("acknowledgement")
    if not isinstance(acknowledgement, dict) or acknowledgement.get("status") != REFUSED:
        return ""
    told = acknowledgement.get("details")
    details = [each for each in told if isinstance(each, dict)] if isinstance(told, list) else []
    wrong = [each for each in details if each.get("level") != "Warning"]
    said = [_word(each, "reasonMessage") or _word(each, "reasonCode") for each in wrong]
    return " ; ".join(filter(None, said))[:MAX_TEXT] or "?"


def _reproach(body: bytes) -> str:
    told = _json(body)
    told = told if isinstance(told, dict) else {}
    return (_word(told, "errorMessage") or _word(told, "errorCode") or "?")[:MAX_TEXT]


def _suffix(flow: Mapping[str, Any]) -> str:
    return "pdf" if flow.get("flowSyntax") == "Factur-X" else "xml"


def _is_open(line: Mapping[str, Any]) -> bool:
    return line.get("directoryLineStatus", "Enabled") == "Enabled"
