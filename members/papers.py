"""What certificates, cards and labels say on paper."""

from collections.abc import Sequence
from typing import Any

import segno
from django.urls import reverse

from hubs.queries import absolute
from hubs.scope import current_hub
from members.models import Certificate, MemberCard
from members.sheets import CARDS, Label, Layout, sheets_of

PAPER = "certificate"


def check_url(code: str) -> str:
    """Where anyone checks a paper that carries this code."""
    return absolute(reverse("members:check_code", args=[code]))


def code_picture(url: str) -> str:
    """The QR code of an address, as a picture for a paper."""
    code = segno.make(url, error="m")
    return str(code.png_data_uri(scale=6, border=4))


def certificate_paper(certificate: Certificate) -> dict[str, Any]:
    """The certificate as it was issued, whatever has changed since, and where to check it."""
    url = check_url(certificate.code)
    header, *rows = certificate.table or [[]]
    return {
        "issuer": certificate.seller,
        "certificate": certificate,
        "header": header,
        "rows": rows,
        "check_url": url,
        "check_picture": code_picture(url),
    }


def cards_paper(cards: Sequence[MemberCard], first: int) -> dict[str, Any]:
    """Eight cards on a sheet, the first at place `first`, each with where to check it."""
    told = [
        {
            "name": str(card.membership.member),
            "college": card.membership.college.name,
            "year": card.membership.fiscal_year.label,
            "until": card.membership.fiscal_year.last_day,
            "code": card.shown_code,
            "picture": code_picture(check_url(card.code)),
        }
        for card in cards
    ]
    return {"hub": current_hub(), "layout": CARDS, "sheets": sheets_of(told, CARDS, first)}


def labels_paper(labels: Sequence[Label], layout: Layout, first: int) -> dict[str, Any]:
    """Labels on sheets of this layout, the first at place `first`."""
    return {"hub": current_hub(), "layout": layout, "sheets": sheets_of(labels, layout, first)}
