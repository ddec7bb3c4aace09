"""What certificates, cards and labels say on paper."""

from typing import Any

import segno
from django.urls import reverse

from hubs.queries import absolute
from members.models import Certificate

PAPER = "certificate"


def check_url(code: str) -> str:
    """Where anyone checks a paper that carries this code."""
    return absolute(reverse("members:check_code", args=[code]))


def code_picture(url: str) -> str:
    """The QR code of an address, as a picture for a paper."""
    code = segno.make(url, error="m")
    return str(code.svg_data_uri(dark="#000", light="#fff", border=4, omitsize=True, svgclass=None, lineclass=None))


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
