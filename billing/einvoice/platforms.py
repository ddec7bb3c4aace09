"""Where electronic invoices would leave and arrive: a plateforme agréée, by the API of AFNOR XP Z12-013.

The portal makes and checks the documents; a platform carries them. The one that comes with it carries nothing and
calls nobody. Another is a class with these four members, named by the setting EINVOICE_PLATFORM.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from django.conf import settings
from django.utils.module_loading import import_string


@dataclass(frozen=True)
class Address:
    """A line of the directory: where a SIREN receives."""

    siren: str
    address: str
    platform: str


@dataclass(frozen=True)
class Status:
    """A moment of the life of a document sent, as the platform tells it: `code` is of the list of XP Z12-012."""

    number: str
    code: str
    at: dt.datetime
    text: str = ""


class Platform(Protocol):
    """Each call may raise OSError: whoever calls is a job of a run, which is tried again."""

    name: str

    def lookup(self, siren: str) -> Sequence[Address]:
        """The addresses at which a SIREN receives; none when it is not in the directory."""

    def send(self, *, number: str, pdf: bytes, xml: bytes) -> str:
        """Hand over a document; the answer is the platform's own mark of it. The same number twice is one document."""

    def statuses(self, since: dt.datetime) -> Sequence[Status]:
        """What became, since then, of what was sent."""


class NoPlatform:
    """Calls nobody: documents are handed over by hand."""

    name = ""

    def lookup(self, siren: str) -> Sequence[Address]:
        return ()

    def send(self, *, number: str, pdf: bytes, xml: bytes) -> str:
        raise ConnectionRefusedError("no platform is set")

    def statuses(self, since: dt.datetime) -> Sequence[Status]:
        return ()


def current_platform() -> Platform:
    """The platform of this instance, named by EINVOICE_PLATFORM; the one that does nothing by default."""
    platform: Platform = import_string(settings.EINVOICE_PLATFORM)()
    return platform
