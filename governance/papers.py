"""What the papers of an assembly say."""

from typing import Any

from governance.models import Assembly, RollEntry
from governance.queries.roll import roll_of
from hubs.scope import current_hub


def letterhead() -> dict[str, Any]:
    """The hub, as documents/letterhead.html shows who writes: not every hub has an issuer of invoices."""
    hub = current_hub()
    return {
        "name": hub.name,
        "legal_form": "",
        "address_lines": [],
        "siren": "",
        "siret": "",
        "vat_number": "",
        "rcs_or_rna": "",
        "email": hub.contact_email,
        "website": "",
        "iban": "",
        "bic": "",
        "accent": hub.accent,
        "logo_data_uri": "",
    }


def notice_paper(assembly: Assembly) -> dict[str, Any]:
    """The notice, the same for all: no member is named in it."""
    return {
        "issuer": letterhead(),
        "assembly": assembly,
        "agenda": list(assembly.agenda.order_by("rank")),
        "papers": list(assembly.papers.order_by("added_at", "pk")),
    }


def attendance_paper(assembly: Assembly) -> dict[str, Any]:
    """The sheet that those in the room sign: voters by college, with the proxies that each holds."""
    colleges: dict[str, list[tuple[RollEntry, list[str]]]] = {}
    entries = roll_of(assembly).filter(votes=True).prefetch_related("held__giver")
    for entry in entries:
        held = sorted(proxy.giver.name for proxy in entry.held.all() if proxy.revoked_at is None)
        colleges.setdefault(entry.college.name, []).append((entry, held))
    return {"issuer": letterhead(), "assembly": assembly, "colleges": list(colleges.items())}
