"""What other apps add to the certificates that members take themselves: members names none of them.

An AppConfig may have `certificates()`, which gives a `CertificateKind` for each paper it can attest.
"""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

from django.utils.functional import Promise

from hubs.parts import hub_apps

if TYPE_CHECKING:
    from hubs.models import Hub
    from parties.models import Organisation, Person


@dataclass(frozen=True)
class Period:
    """What a certificate may be about: « exercice 2026 ». `key` names it in the form and in the row."""

    key: str
    label: str


@dataclass(frozen=True)
class Attested:
    """What is attested, in the hub's language.

    `statement` follows the name of the holder, which stands in no text of it; `facts` are words and values, and
    `rows` a table under `header`.
    """

    statement: str
    facts: Sequence[tuple[str, str]] = ()
    header: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = ()


@dataclass(frozen=True)
class CertificateKind:
    """A paper that a holder takes: when there is something to attest, and what it says on the day."""

    key: str
    title: str | Promise
    lead: str | Promise
    periods: "Callable[[Organisation | Person, dt.date], Sequence[Period]]"
    # Of the holder, for the period of this key, as known on that day; None when there is nothing to attest.
    attest: "Callable[[Organisation | Person, str, dt.date], Attested | None]"
    # What must have happened before it can be taken.
    nothing_yet: str | Promise = ""


def certificate_kinds(hub: "Hub") -> dict[str, CertificateKind]:
    """The certificates of the hub's open modules, by key."""
    kinds = (kind for app in hub_apps(hub) if hasattr(app, "certificates") for kind in app.certificates())
    return {kind.key: kind for kind in kinds}


@dataclass(frozen=True)
class Commitment:
    """Something the member has taken for a day to come."""

    starts_at: dt.datetime
    label: str


def commitments_after(
    hub: "Hub", organisation: "Organisation | None", person: "Person | None", on: dt.date
) -> list[Commitment]:
    """What the hub's open modules know of, the first day first."""
    found = chain.from_iterable(
        app.commitments_after(organisation, person, on) for app in hub_apps(hub) if hasattr(app, "commitments_after")
    )
    return sorted(found, key=lambda each: (each.starts_at, each.label))
