"""The worker's side of billing.einvoice.saxon: one process, started when needed, killed when wrong.

Web processes never call this.
"""

import atexit
import json
import os
import select
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

from django.utils.translation import gettext_lazy as _

from billing.einvoice.cii import cii_xml, treatment
from billing.einvoice.facts import Facts
from hubs.refusals import Refusal

SCRIPT = Path(__file__).with_name("saxon.py")
# The first answer waits for the compiling; a busy machine takes its time.
PATIENCE = 60.0
MAX_BYTES = 10_000_000

Fault = dict[str, str]


class CheckerSilent(Refusal):
    message = _("Le contrôle des factures électroniques ne répond pas. Il sera essayé de nouveau.")


_lock = threading.Lock()
_process: "subprocess.Popen[bytes] | None" = None


def faults_of(facts: Facts) -> list[Fault]:
    """What its XML has against the schema, EN 16931 and, from a seller with a SIREN, the French rules.

    An association that has no SIREN is outside the reform, and a buyer outside the directory may have no electronic
    address, nor is that of a person kept: their document is handed over. Raises CheckerSilent.
    """
    faults = check_xml(cii_xml(facts))
    if not facts.seller["siren"]:
        faults = [fault for fault in faults if not fault["rule"].startswith("BR-FR")]
    if treatment(facts) != "B2B" and not facts.buyer.get("email"):
        faults = [fault for fault in faults if fault["rule"] != "BR-FR-12"]
    return faults


def check_xml(xml: bytes) -> list[Fault]:
    """Every fault of a document; asked twice if the process dies under it. Raises CheckerSilent."""
    if len(xml) > MAX_BYTES:
        return [{"rule": "XML", "text": f"more than {MAX_BYTES} bytes"}]
    with _lock:
        for _attempt in range(2):
            try:
                return _ask(_started(), xml)
            except (OSError, ValueError):
                _stop()
    raise CheckerSilent


def _started() -> "subprocess.Popen[bytes]":
    global _process
    if _process is None or _process.poll() is not None:
        _stop()
        _process = subprocess.Popen(  # noqa: S603 our own script, with the interpreter that runs us
            [sys.executable, "-I", str(SCRIPT)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            # Nothing of ours that it could tell.
            env={"PATH": os.environ.get("PATH", ""), "LANG": "C.UTF-8"},
            bufsize=0,
        )
    return _process


def _ask(process: "subprocess.Popen[bytes]", xml: bytes) -> list[Fault]:
    if process.stdin is None or process.stdout is None:
        raise ValueError("the checker has no pipes")
    _write(process.stdin, len(xml).to_bytes(4, "big") + xml)
    held, deadline = b"", time.monotonic() + PATIENCE
    while not held.endswith(b"\n"):
        left = deadline - time.monotonic()
        if left <= 0 or not select.select([process.stdout], [], [], left)[0]:
            raise TimeoutError
        part = os.read(process.stdout.fileno(), 65536)
        if not part:
            raise BrokenPipeError
        held += part
    return list(json.loads(held))


def _write(pipe: Any, content: bytes) -> None:
    """All of it: an unbuffered pipe takes what it can."""
    view = memoryview(content)
    while view:
        view = view[pipe.write(view) :]


def _stop() -> None:
    global _process
    if _process is not None:
        _process.kill()
        _process.wait()
        for pipe in (_process.stdin, _process.stdout):
            if pipe is not None:
                pipe.close()
        _process = None


def _forget_parent() -> None:
    """A forked worker starts its own, and leaves its parent's pipes alone."""
    global _process, _lock
    _process = None
    _lock = threading.Lock()


os.register_at_fork(after_in_child=_forget_parent)
atexit.register(_stop)
