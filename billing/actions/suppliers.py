"""What suppliers send: received once, then approved and paid, or refused with a reason."""

import datetime as dt
from dataclasses import asdict

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from billing.actions.months import NoIssuer
from billing.enums import SupplierFormat, SupplierState
from billing.models import Issuer, SupplierInvoice, SupplierInvoiceLine, SupplierInvoiceTax
from billing.reception.reading import FileRefused, ReadInvoice, read_invoice
from billing.rules import require_accounts
from documents.actions import store_file
from hubs.actions import record
from hubs.actors import Actor
from hubs.refusals import Refusal, refusing
from parties.models import Organisation


class AlreadyReceived(FileRefused):
    message = _("Cette facture est déjà là\u00a0: même fournisseur, même numéro, même date.")


class AlreadyDecided(Refusal):
    message = _("Cette facture n’attend plus cette décision\u00a0: quelqu’un s’en est occupé.")


class PaidInFuture(Refusal):
    message = _("Un paiement se note le jour où il est fait, ou après.")
    field = "paid_on"


@transaction.atomic
def receive_supplier_invoice(*, name: str, content: bytes, by: Actor, now: dt.datetime) -> SupplierInvoice:
    """Read an electronic invoice and keep it with its bytes.

    Raises NoIssuer, AlreadyReceived, or what `read_invoice` says of the file.
    """
    require_accounts(by)
    told = read_invoice(content)
    issuer = Issuer.objects.live(now.date()).first()
    if issuer is None:
        raise NoIssuer
    is_pdf = told.format == SupplierFormat.FACTUR_X
    file = store_file(name=name, content_type="application/pdf" if is_pdf else "application/xml", content=content)
    header = asdict(told)
    lines, taxes = header.pop("lines"), header.pop("taxes")
    with refusing({"billing_supplierinvoice_once": AlreadyReceived}):
        invoice = SupplierInvoice.objects.create(
            **header, issuer=issuer, supplier=_supplier(told), seller_key=_key(told), file=file, received_at=now
        )
    SupplierInvoiceLine.objects.bulk_create(SupplierInvoiceLine(invoice=invoice, **line) for line in lines)
    SupplierInvoiceTax.objects.bulk_create(SupplierInvoiceTax(invoice=invoice, **tax) for tax in taxes)
    after = {"seller_name": invoice.seller_name, "number": invoice.number, "total_incl": invoice.total_incl}
    record(by=by, verb="billing.supplier_received", thing=invoice, after=after)
    return invoice


def _key(told: ReadInvoice) -> str:
    # Folded, a name may be longer than it was: « ß » is « ss ».
    return told.seller_siren or told.seller_vat_number or told.seller_name.casefold()[:160]


def _supplier(told: ReadInvoice) -> Organisation | None:
    """The structure that the hub knows by this SIREN."""
    if not told.seller_siren:
        return None
    return Organisation.objects.standing().filter(siren=told.seller_siren).order_by("pk").first()


def _in_state(invoice: SupplierInvoice, state: SupplierState) -> SupplierInvoice:
    held = SupplierInvoice.objects.select_for_update(of=("self",), no_key=True).get(pk=invoice.pk)
    if held.state != state:
        raise AlreadyDecided
    return held


@transaction.atomic
def approve_supplier_invoice(*, invoice: SupplierInvoice, by: Actor, now: dt.datetime) -> SupplierInvoice:
    """Say that it is right, and to be paid. Raises AlreadyDecided."""
    require_accounts(by)
    held = _in_state(invoice, SupplierState.RECEIVED)
    held.state, held.decided_at = SupplierState.APPROVED, now
    held.save(update_fields=["state", "decided_at"])
    record(by=by, verb="billing.supplier_approved", thing=held, after={"total_incl": held.total_incl})
    return held


@transaction.atomic
def refuse_supplier_invoice(*, invoice: SupplierInvoice, by: Actor, reason: str, now: dt.datetime) -> SupplierInvoice:
    """Say that it will not be paid, and why; its supplier may send it again, corrected. Raises AlreadyDecided."""
    require_accounts(by)
    held = _in_state(invoice, SupplierState.RECEIVED)
    held.state, held.decided_at, held.refusal_reason = SupplierState.REFUSED, now, reason
    held.save(update_fields=["state", "decided_at", "refusal_reason"])
    record(by=by, verb="billing.supplier_refused", thing=held, reason=reason)
    return held


@transaction.atomic
def pay_supplier_invoice(*, invoice: SupplierInvoice, by: Actor, paid_on: dt.date, today: dt.date) -> SupplierInvoice:
    """Note the day it was paid. Raises AlreadyDecided, PaidInFuture."""
    require_accounts(by)
    if paid_on > today:
        raise PaidInFuture
    held = _in_state(invoice, SupplierState.APPROVED)
    held.state, held.paid_on = SupplierState.PAID, paid_on
    held.save(update_fields=["state", "paid_on"])
    record(by=by, verb="billing.supplier_paid", thing=held, after={"paid_on": paid_on, "to_pay": held.to_pay})
    return held
