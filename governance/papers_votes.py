"""What the minutes of an assembly say on paper."""

import datetime as dt
from typing import Any

from django.db.models import Exists, OuterRef, Prefetch

from billing.models import Issuer
from billing.papers import seller_of
from governance.enums import AssemblyKind, BallotKind, Presence, ResolutionState
from governance.models import Attendance, Minutes, NominalVote, Proxy, Resolution, RollEntry
from governance.queries import tallies_of
from hubs.scope import current_hub

OF_ASSEMBLY = frozenset({AssemblyKind.ORDINARY, AssemblyKind.EXTRAORDINARY})


def series_of(about: Any) -> str:
    """« PV » for a general assembly, « CR » for the other meetings."""
    return "PV" if about.kind in OF_ASSEMBLY else "CR"


def minutes_title(minutes: Minutes) -> str:
    """« Procès-verbal PV-2026-001 »"""
    word = "Procès-verbal" if series_of(minutes.about) == "PV" else "Compte rendu"
    return f"{word} {minutes.number}".strip()


def letterhead(on: dt.date) -> dict[str, Any]:
    """The issuer of invoices that day, or the hub's name alone: a hub may have no issuer."""
    issuer = Issuer.objects.live(on).first()
    if issuer is not None:
        return seller_of(issuer)
    empty = ("legal_form", "siren", "siret", "vat_number", "rcs_or_rna", "email", "website", "iban", "bic")
    hub = current_hub()
    return dict.fromkeys(empty, "") | {
        "name": hub.name, "address_lines": [], "accent": hub.accent, "logo_data_uri": "",
    }  # fmt: skip


def minutes_paper(minutes: Minutes) -> dict[str, Any]:
    """What templates/governance/minutes_pdf.html shows."""
    assembly: Any = minutes.assembly
    resolutions = list(Resolution.objects.filter(assembly=assembly).order_by("rank"))
    tallies = tallies_of(assembly, resolutions)
    return {
        "heading": minutes_title(minutes),
        "assembly": assembly,
        "minutes": minutes,
        "colleges": _presence(assembly),
        "resolutions": [
            {
                "resolution": each,
                "words": tallies[each.pk].words if each.pk in tallies else (),
                "names": _names(each) if each.ballot == BallotKind.NOMINAL else [],
                "was_voted": each.state == ResolutionState.PUBLISHED,
            }
            for each in resolutions
        ],
    }


def _presence(assembly: Any) -> list[dict[str, Any]]:
    """By college: who came, who was represented by whom, who was absent."""
    came = Attendance.objects.filter(entry=OuterRef("pk"))
    roll = (
        RollEntry.objects.filter(assembly=assembly)
        .annotate(
            came=Exists(came),
            came_from_afar=Exists(came.filter(mode=Presence.REMOTE)),
        )
        .select_related("college")
        .prefetch_related(Prefetch("given", Proxy.objects.live().select_related("holder"), to_attr="live_proxies"))
        .order_by("college__rank", "college_id", "name", "pk")
    )
    present = {entry.pk for entry in roll if entry.came}
    colleges: dict[int, dict[str, Any]] = {}
    for entry in roll:
        group = colleges.setdefault(
            entry.college_id, {"name": entry.college.name, "voters": 0, "present": 0, "represented": 0, "lines": []}
        )
        holder = next((proxy.holder for proxy in entry.live_proxies if proxy.holder_id in present), None)
        how = "absent·e"
        if entry.came:
            how = "à distance" if entry.came_from_afar else "présent·e"
        elif holder is not None:
            how = f"représenté·e par {holder.name}"
        if entry.votes:
            group["voters"] += 1
            group["present"] += entry.came
            group["represented"] += not entry.came and holder is not None
        else:
            how += ", sans voix"
        group["lines"].append((entry.name, how))
    return list(colleges.values())


def _names(resolution: Resolution) -> list[tuple[str, str]]:
    """Who voted what, where each said it: « pour », and the names."""
    votes = NominalVote.objects.filter(resolution=resolution).select_related("entry").order_by("entry__name", "pk")
    told: dict[str, list[str]] = {}
    for vote in votes:
        told.setdefault(vote.get_choice_display(), []).append(vote.entry.name)
    return [(choice, ", ".join(names)) for choice, names in sorted(told.items())]
