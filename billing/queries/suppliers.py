"""What to look at before a supplier is paid."""

from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _
from stdnum import iban
from stdnum.exceptions import ValidationError as WrongNumber

from billing.enums import SupplierState
from billing.models import SupplierInvoice, SupplierInvoiceLine, SupplierInvoiceTax
from billing.money import ZERO
from hubs import french

# EN 16931 lets each rate be rounded on its own.
TOLERANCE = Decimal("0.05")


@dataclass(frozen=True)
class Remark:
    """Something in the invoice that a person should see. `is_grave`: do not pay before it is explained."""

    text: str
    is_grave: bool


def remarks_on(
    invoice: SupplierInvoice, lines: list[SupplierInvoiceLine], taxes: list[SupplierInvoiceTax]
) -> list[Remark]:
    """Wrong sums, another addressee, an account that changed; one query."""
    found = [*_sums(invoice, lines, taxes), *_addressee(invoice), *_account(invoice)]
    if not invoice.seller_siren and not invoice.seller_vat_number:
        found.append(Remark(_("Le vendeur ne donne ni SIREN ni numéro de TVA."), is_grave=False))
    if not lines:
        found.append(Remark(_("Le fichier ne donne que les totaux, sans le détail."), is_grave=False))
    return sorted(found, key=lambda remark: not remark.is_grave)


def _sums(invoice: SupplierInvoice, lines: list[SupplierInvoiceLine], taxes: list[SupplierInvoiceTax]) -> list[Remark]:
    found = []
    if invoice.total_excl + invoice.total_vat != invoice.total_incl:
        text = _("Le hors taxe (%(excl)s) et la TVA (%(vat)s) ne font pas le total (%(incl)s).")
        given = {"excl": invoice.total_excl, "vat": invoice.total_vat, "incl": invoice.total_incl}
        found.append(Remark(text % {name: french.euros(value) for name, value in given.items()}, is_grave=True))
    tax = sum((tax.amount for tax in taxes), ZERO)
    if taxes and abs(tax - invoice.total_vat) > TOLERANCE:
        text = _("La TVA par taux fait %(sum)s, et la facture dit %(total)s.")
        given = {"sum": tax, "total": invoice.total_vat}
        found.append(Remark(text % {name: french.euros(value) for name, value in given.items()}, is_grave=True))
    base = sum((tax.base for tax in taxes), ZERO)
    if taxes and base != invoice.total_excl:
        text = _("Les bases de TVA font %(sum)s hors taxe, et la facture dit %(total)s.")
        given = {"sum": base, "total": invoice.total_excl}
        found.append(Remark(text % {name: french.euros(value) for name, value in given.items()}, is_grave=True))
    return found


def _addressee(invoice: SupplierInvoice) -> list[Remark]:
    ours = invoice.issuer.siren
    if ours and invoice.buyer_siren and invoice.buyer_siren != ours:
        text = _("Elle est adressée à %(name)s (SIREN %(siren)s), pas au pôle.")
        return [Remark(text % {"name": invoice.buyer_name, "siren": invoice.buyer_siren}, is_grave=True)]
    return []


def _account(invoice: SupplierInvoice) -> list[Remark]:
    if not invoice.payment_iban:
        return []
    try:
        iban.validate(invoice.payment_iban)
    except WrongNumber:
        return [Remark(_("L’IBAN qu’elle donne ne tombe pas juste."), is_grave=True)]
    earlier = (
        SupplierInvoice.objects.filter(
            seller_key=invoice.seller_key, state__in=[SupplierState.APPROVED, SupplierState.PAID], pk__lt=invoice.pk
        )
        .exclude(payment_iban="")
        .order_by("-pk")
        .values_list("payment_iban", flat=True)
        .first()
    )
    if earlier and earlier != invoice.payment_iban:
        text = _("L’IBAN n’est plus celui de ses factures précédentes. Appelez le fournisseur avant de payer.")
        return [Remark(text, is_grave=True)]
    return []
