"""Reading the chain of seals against what it sealed."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db import connection
from django.db.models import Max
from django.utils.translation import gettext as _

from billing.enums import SealOf
from billing.models import DepositMove, Invoice, Payment, Refund, Seal, SealCheck
from hubs.scope import current_hub_id

# Each seal with what its thing would be sealed as today, and what its hash should be.
_READ = """
    SELECT seal.rank, seal.what, seal.thing_id, seal.payload_sha256, seal.previous, seal.hash,
        billing_seal_hash(seal.hub_id, seal.rank, seal.what, seal.thing_id, seal.payload_sha256, seal.previous),
        encode(sha256(convert_to(CASE seal.what
            WHEN 'invoice' THEN (SELECT billing_invoice_payload(i) FROM billing_invoice i
                WHERE i.id = seal.thing_id AND i.hub_id = seal.hub_id)
            WHEN 'payment' THEN (SELECT billing_payment_payload(p, false) FROM billing_payment p
                WHERE p.id = seal.thing_id AND p.hub_id = seal.hub_id)
            WHEN 'cancellation' THEN (SELECT billing_payment_payload(p, true) FROM billing_payment p
                WHERE p.id = seal.thing_id AND p.hub_id = seal.hub_id)
            WHEN 'refund' THEN (SELECT billing_refund_payload(r, false) FROM billing_refund r
                WHERE r.id = seal.thing_id AND r.hub_id = seal.hub_id)
            WHEN 'refund_off' THEN (SELECT billing_refund_payload(r, true) FROM billing_refund r
                WHERE r.id = seal.thing_id AND r.hub_id = seal.hub_id)
            WHEN 'deposit' THEN (SELECT billing_depositmove_payload(m, false) FROM billing_depositmove m
                WHERE m.id = seal.thing_id AND m.hub_id = seal.hub_id)
            WHEN 'deposit_off' THEN (SELECT billing_depositmove_payload(m, true) FROM billing_depositmove m
                WHERE m.id = seal.thing_id AND m.hub_id = seal.hub_id)
        END, 'UTF8')), 'hex')
    FROM billing_seal seal WHERE seal.hub_id = %s AND seal.rank BETWEEN %s AND %s ORDER BY seal.rank
"""


@dataclass(frozen=True)
class Integrity:
    """The last reading of the chain: what it read, when, and what did not fit."""

    last: Seal | None
    checks: list[SealCheck]

    @property
    def faults(self) -> list[str]:
        return [fault for check in self.checks for fault in check.faults]


def integrity() -> Integrity:
    last = Seal.objects.order_by("-rank").first()
    run = SealCheck.objects.aggregate(last=Max("run"))["last"]
    return Integrity(last=last, checks=list(SealCheck.objects.filter(run=run).order_by("first")) if run else [])


def broken_seals(first: int, last: int) -> Iterator[str]:
    """What does not fit between two ranks, both in, in words."""
    before = Seal.objects.filter(rank=first - 1).values_list("hash", flat=True).first() or ""
    with connection.cursor() as cursor:
        cursor.execute(_READ, [current_hub_id(), first, last])
        rows = cursor.fetchall()
    expected = first
    for rank, what, thing_id, payload, previous, sealed, hashed, payload_now in rows:
        told = {"rank": rank, "what": SealOf(what).label, "id": thing_id}
        if rank != expected:
            yield _("Sceau %(rank)s, %(what)s %(id)s\u00a0: un sceau manque avant lui.") % told
        if previous != before:
            yield _("Sceau %(rank)s, %(what)s %(id)s\u00a0: il ne suit pas le sceau précédent.") % told
        if hashed != sealed:
            yield _("Sceau %(rank)s, %(what)s %(id)s\u00a0: le sceau a été réécrit.") % told
        if payload_now is None:
            yield _("Sceau %(rank)s, %(what)s %(id)s\u00a0: la pièce a disparu.") % told
        elif payload_now != payload:
            yield _("Sceau %(rank)s, %(what)s %(id)s\u00a0: la pièce a changé depuis qu’elle est scellée.") % told
        before, expected = sealed, rank + 1
    if expected <= last:
        yield _("Sceau %(rank)s\u00a0: il manque.") % {"rank": expected}


def unsealed() -> Iterator[str]:
    """Frozen rows that the chain does not know."""
    kinds = (
        (SealOf.INVOICE, Invoice.objects.issued()),
        (SealOf.PAYMENT, Payment.objects.all()),
        (SealOf.CANCELLATION, Payment.objects.filter(cancelled_at__isnull=False)),
        (SealOf.REFUND, Refund.objects.all()),
        (SealOf.REFUND_OFF, Refund.objects.filter(cancelled_at__isnull=False)),
        (SealOf.DEPOSIT, DepositMove.objects.all()),
        (SealOf.DEPOSIT_OFF, DepositMove.objects.filter(cancelled_at__isnull=False)),
    )
    for what, rows in kinds:
        missing = rows.exclude(pk__in=Seal.objects.filter(what=what).values("thing_id"))
        for pk in missing.order_by("pk").values_list("pk", flat=True):
            yield _("%(what)s %(id)s\u00a0: aucun sceau.") % {"what": what.label, "id": pk}
