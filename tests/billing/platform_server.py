"""A plateforme agréée on loopback: it plays the exchanges that the annexes of AFNOR XP Z12-013 publish.

Flow Service 1.1 and Directory Service 1.3, behind a token of OAuth 2. A test says what suppliers sent and what became
of what was sent, and how badly the platform answers.
"""

import base64
import contextlib
import datetime as dt
import json
import re
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

CLIENT, SECRET = "portail", "secret-du-portail"


def life_cycle(
    number: str, code: str, *, siren: str = "900274184", at: str = "20261103101500", reason: str = "", note: str = ""
) -> bytes:
    """A CDAR message as platforms write it, with what XP Z12-012 asks of it."""
    why = ""
    if reason:
        noted = f"<ram:IncludedNote><ram:Content>{note}</ram:Content></ram:IncludedNote>" if note else ""
        why = f"""
      <ram:SpecifiedDocumentStatus>
        <ram:ReasonCode>{reason}</ram:ReasonCode><ram:SequenceNumeric>1</ram:SequenceNumeric>{noted}
      </ram:SpecifiedDocumentStatus>"""
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<rsm:CrossDomainAcknowledgementAndResponse
    xmlns:rsm="urn:un:unece:uncefact:data:standard:CrossDomainAcknowledgementAndResponse:100"
    xmlns:ram="urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100"
    xmlns:udt="urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100"
    xmlns:qdt="urn:un:unece:uncefact:data:standard:QualifiedDataType:100">
  <rsm:ExchangedDocumentContext>
    <ram:GuidelineSpecifiedDocumentContextParameter><ram:ID>urn.cpro.gouv.fr:1p0:CDV:invoice</ram:ID>
    </ram:GuidelineSpecifiedDocumentContextParameter>
  </rsm:ExchangedDocumentContext>
  <rsm:ExchangedDocument>
    <ram:ID>{number}_{code}</ram:ID>
    <ram:IssueDateTime><udt:DateTimeString format="204">{at}</udt:DateTimeString></ram:IssueDateTime>
    <ram:SenderTradeParty><ram:RoleCode>WK</ram:RoleCode></ram:SenderTradeParty>
  </rsm:ExchangedDocument>
  <rsm:AcknowledgementDocument>
    <ram:MultipleReferencesIndicator><udt:Indicator>false</udt:Indicator></ram:MultipleReferencesIndicator>
    <ram:TypeCode>23</ram:TypeCode>
    <ram:IssueDateTime><udt:DateTimeString format="204">{at}</udt:DateTimeString></ram:IssueDateTime>
    <ram:ReferenceReferencedDocument>
      <ram:IssuerAssignedID>{number}</ram:IssuerAssignedID>
      <ram:TypeCode>380</ram:TypeCode>
      <ram:FormattedIssueDateTime><qdt:DateTimeString format="102">20261006</qdt:DateTimeString>
      </ram:FormattedIssueDateTime>
      <ram:ProcessConditionCode>{code}</ram:ProcessConditionCode>
      <ram:IssuerTradeParty><ram:GlobalID schemeID="0002">{siren}</ram:GlobalID></ram:IssuerTradeParty>{why}
    </ram:ReferenceReferencedDocument>
  </rsm:AcknowledgementDocument>
</rsm:CrossDomainAcknowledgementAndResponse>""".encode()


class PlatformServer(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.flows: list[dict[str, Any]] = []
        self.files: dict[str, bytes] = {}
        self.directory: list[dict[str, Any]] = []
        self.tokens: list[str] = []
        self.asked: list[tuple[str, str]] = []
        # By the end of a path: what is answered instead, as a status and a body, or the seconds before silence.
        self.wrong: dict[str, tuple[int, bytes] | float] = {}
        # Seconds between two bytes of a body.
        self.drips = 0.0
        self.keeps_tracking = True
        self._clock = dt.datetime(2026, 11, 2, 8, tzinfo=dt.UTC)
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self._thread.start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    @property
    def account(self) -> dict[str, str]:
        return {
            "name": "Plateforme d’essai", "flows": f"{self.address}/afnor-flow", "client_id": CLIENT,
            "directory": f"{self.address}/afnor-directory", "token": f"{self.address}/oauth2/token",
            "client_secret": SECRET,
        }  # fmt: skip

    def close(self) -> None:
        self.shutdown()
        self._thread.join()
        self.server_close()

    def tick(self) -> str:
        self._clock += dt.timedelta(seconds=1)
        return self._clock.isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def add(self, kind: str, direction: str, content: bytes, **more: Any) -> dict[str, Any]:
        at = self.tick()
        flow = {
            "flowId": f"flow/{len(self.flows) + 1:04d}", "submittedAt": at, "updatedAt": at, "flowType": kind,
            "flowDirection": direction, "acknowledgement": {"status": "Ok"}, **more,
        }  # fmt: skip
        self.flows.append(flow)
        self.files[flow["flowId"]] = content
        return flow

    def tell(self, content: bytes) -> dict[str, Any]:
        """A message about an invoice that the hub has sent."""
        return self.add("CustomerInvoiceLC", "In", content, flowSyntax="CDAR")

    def supply(self, content: bytes, **more: Any) -> dict[str, Any]:
        """An invoice of a supplier."""
        return self.add("SupplierInvoice", "In", content, **more)

    def refuse(self, flow: dict[str, Any], code: str, message: str) -> None:
        detail = {"level": "Error", "item": "Flow", "reasonCode": code, "reasonMessage": message}
        flow |= {"updatedAt": self.tick(), "acknowledgement": {"status": "Error", "details": [detail]}}

    @property
    def sent(self) -> list[dict[str, Any]]:
        return [flow for flow in self.flows if flow["flowType"] == "CustomerInvoice"]


class _Handler(BaseHTTPRequestHandler):
    server: PlatformServer

    def log_message(self, *args: Any) -> None:
        """Silent."""

    def do_GET(self) -> None:
        self._do(b"")

    def do_POST(self) -> None:
        self._do(self.rfile.read(int(self.headers.get("Content-Length") or 0)))

    def _do(self, body: bytes) -> None:
        path = urlsplit(self.path).path
        self.server.asked.append((self.command, path))
        wrong = next((told for end, told in self.server.wrong.items() if path.endswith(end)), None)
        if isinstance(wrong, float):
            time.sleep(wrong)
            return
        if wrong is not None:
            self._answer(*wrong)
        elif path == "/oauth2/token":
            self._token(body)
        elif self.headers.get("Authorization") not in [f"Bearer {token}" for token in self.server.tokens[-1:]]:
            self._tell(401, {"errorCode": "MISSING_TOKEN", "errorMessage": None})
        elif path == "/afnor-directory/v1/directory-line/search":
            self._lines(json.loads(body))
        elif path == "/afnor-flow/v1/flows/search":
            self._search(json.loads(body))
        elif path == "/afnor-flow/v1/flows":
            self._submit(body)
        elif path.startswith("/afnor-flow/v1/flows/"):
            self._file(path)
        else:
            self._tell(404, {"errorCode": "MISSING_RESOURCE", "errorMessage": "Requested resource is Not Found"})

    def _token(self, body: bytes) -> None:
        basic = "Basic " + base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        if self.headers.get("Authorization") != basic or parse_qs(body.decode())["grant_type"] != [
            "client_credentials"
        ]:
            return self._tell(401, {"error": "invalid_client"})
        self.server.tokens.append(f"jeton-{len(self.server.tokens) + 1}")
        return self._tell(200, {"access_token": self.server.tokens[-1], "token_type": "bearer", "expires_in": 1800})

    def _lines(self, asked: dict[str, Any]) -> None:
        siren = asked["filters"]["siren"]["value"]
        lines = [line for line in self.server.directory if line["siren"] == siren]
        if not lines:
            return self._answer(204, b"")
        return self._tell(200, {"search": asked, "totalNumberOfResults": len(lines), "results": lines})

    def _search(self, asked: dict[str, Any]) -> None:
        where, limit = asked["where"], asked.get("limit", 25)
        found = [
            flow
            for flow in sorted(self.server.flows, key=lambda flow: flow["updatedAt"])
            if flow["updatedAt"] > where.get("updatedAfter", "")
            and flow["flowType"] in where.get("flowType", [flow["flowType"]])
            and ("trackingId" not in where or flow.get("trackingId") == where["trackingId"])
        ]
        self._tell(200, {"limit": limit, "filters": where, "results": found[:limit]})

    def _submit(self, body: bytes) -> None:
        boundary = self.headers["Content-Type"].partition("boundary=")[2].encode()
        parts = {}
        for part in body.split(b"--" + boundary)[1:-1]:
            head, _blank, content = part.partition(b"\r\n\r\n")
            name = re.search(rb'name="(\w+)"', head).group(1).decode()
            parts[name] = content[:-2]
        info = json.loads(parts["flowInfo"])
        if not self.server.keeps_tracking:
            info.pop("trackingId")
        flow = self.server.add("CustomerInvoice", "Out", parts["file"], **info)
        self._tell(202, {key: flow[key] for key in ("flowId", "submittedAt", *info)})

    def _file(self, path: str) -> None:
        reference = unquote(path.removeprefix("/afnor-flow/v1/flows/"))
        if reference not in self.server.files:
            return self._tell(404, {"errorCode": "MISSING_RESOURCE", "errorMessage": None})
        return self._answer(200, self.server.files[reference], "application/octet-stream")

    def _tell(self, status: int, told: dict[str, Any]) -> None:
        self._answer(status, json.dumps(told).encode())

    def _answer(self, status: int, body: bytes, kind: str = "application/json") -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if not self.server.drips:
            self.wfile.write(body)
            return
        with contextlib.suppress(ConnectionError):
            for byte in body:
                self.wfile.write(bytes([byte]))
                time.sleep(self.server.drips)
