"""The QR code that fills in a transfer: EPC069-12, version 002, read by banks' applications."""

from decimal import Decimal

import segno
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from segno import helpers

from hubs import french

UTF_8 = 1


def _code(*, name: str, iban: str, amount: Decimal, reference: str, bic: str = "") -> segno.QRCode:
    return helpers.make_epc_qr(
        name=name[:70], iban=iban, amount=amount, text=reference, bic=bic or None, encoding=UTF_8
    )


def words(*, iban: str, amount: Decimal, reference: str) -> str:
    """What the code says, for those who do not see it."""
    return _("Code QR d’un virement de %(amount)s vers %(iban)s, référence %(reference)s.") % {
        "amount": french.euros(amount),
        "iban": iban,
        "reference": reference,
    }


def inline_code(*, name: str, iban: str, amount: Decimal, reference: str, bic: str = "") -> SafeString:
    """The code as SVG for a page; dark on light whatever the theme, or no phone reads it."""
    code = _code(name=name, iban=iban, amount=amount, reference=reference, bic=bic)
    title = words(iban=iban, amount=amount, reference=reference)
    # segno escapes the title and draws the rest from modules: nothing of what was typed is written as markup.
    return mark_safe(
        code.svg_inline(
            title=title, dark="#000", light="#fff", svgclass="transfer-code", lineclass=None, omitsize=True, border=4
        )
    )


def data_uri(*, name: str, iban: str, amount: Decimal, reference: str, bic: str = "") -> str:
    """The code as a picture for a paper."""
    code = _code(name=name, iban=iban, amount=amount, reference=reference, bic=bic)
    return str(code.svg_data_uri(dark="#000", light="#fff", border=4, omitsize=True, svgclass=None, lineclass=None))
