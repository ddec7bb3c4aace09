"""Where electronic invoices leave and arrive: a plateforme agréée, by the API of AFNOR XP Z12-013.

The portal makes and checks the documents; a platform carries them. The one that comes with it carries nothing and
calls nobody. Another is a class with the members of `Platform`, named by the setting EINVOICE_PLATFORM; a hub uses it
when EINVOICE_ACCOUNTS tells its account there, whose values are the arguments of the class.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from hubs.refusals import Refusal
from hubs.scope import current_hub

T = TypeVar("T")


class PlatformAway(Refusal):
    message = _("La plateforme ne répond pas. Réessayez dans quelques minutes.")


class PlatformDenied(Refusal):
    message = _(
        "La plateforme ne reconnaît pas le portail. Prévenez qui l’héberge\u00a0: ses identifiants sont à revoir."
    )


class PlatformConfused(Refusal):
    message = _("La plateforme a répondu ce que le portail ne sait pas lire. Prévenez qui l’héberge si cela dure.")


class DocumentRefused(Refusal):
    """The platform has read the document and will not carry it: the message is what it says of it."""


@dataclass(frozen=True)
class Address:
    """A line of the directory: where a SIREN receives, now or from a day to come."""

    siren: str
    address: str
    is_open: bool


@dataclass(frozen=True)
class Status:
    """A moment of the life of a document sent, as the platform tells it: `code` is of the list of XP Z12-012.

    The document is known by the platform's mark of it, by the key it was sent under, or by its number and its seller's
    SIREN, whichever is told.
    """

    code: str
    at: dt.datetime
    reference: str = ""
    key: str = ""
    number: str = ""
    seller: str = ""
    text: str = ""


@dataclass(frozen=True)
class Arrival:
    """An invoice of a supplier that the platform holds for the hub."""

    reference: str
    name: str
    at: dt.datetime


@dataclass(frozen=True)
class Batch(Generic[T]):
    """What a platform tells at once: `until` is, by its clock, where to go on from. Not whole, more waits already."""

    items: Sequence[T]
    until: dt.datetime
    is_whole: bool = True


class Platform(Protocol):
    """Each call may raise PlatformAway, PlatformDenied and PlatformConfused."""

    name: str

    def lookup(self, siren: str) -> Sequence[Address]:
        """The addresses at which a SIREN receives; none when it is not in the directory."""

    def send(self, *, key: str, name: str, pdf: bytes) -> str:
        """Hand over a document; the answer is the platform's own mark of it. The same key twice is one document.

        `key` has 36 characters at most. Raises DocumentRefused.
        """

    def statuses(self, since: dt.datetime) -> Batch[Status]:
        """What became, since then, of what was sent."""

    def arrivals(self, since: dt.datetime) -> Batch[Arrival]:
        """What suppliers have sent since then."""

    def document(self, reference: str) -> bytes:
        """The file of an arrival, as its supplier wrote it."""


class NoPlatform:
    """Calls nobody: documents are handed over by hand."""

    name = ""

    def lookup(self, siren: str) -> Sequence[Address]:
        return ()

    def send(self, *, key: str, name: str, pdf: bytes) -> str:
        raise PlatformAway

    def statuses(self, since: dt.datetime) -> Batch[Status]:
        return Batch((), since)

    def arrivals(self, since: dt.datetime) -> Batch[Arrival]:
        return Batch((), since)

    def document(self, reference: str) -> bytes:
        raise PlatformAway


def current_platform() -> Platform:
    """The platform of the open hub; the one that does nothing unless the environment tells its account."""
    account: Mapping[str, str] | None = settings.EINVOICE_ACCOUNTS.get(current_hub().slug)
    return NoPlatform() if account is None else platform_of(account)


def platform_of(account: Mapping[str, str]) -> Platform:
    """Calls nobody yet. Raises ImproperlyConfigured."""
    try:
        platform: Platform = import_string(settings.EINVOICE_PLATFORM)(**account)
    except (ImportError, TypeError) as error:
        raise ImproperlyConfigured(f"EINVOICE_PLATFORM or EINVOICE_ACCOUNTS: {error}") from error
    return platform
