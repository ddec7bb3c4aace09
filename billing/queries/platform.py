"""What goes by the platform, what it told, and what waits for somebody."""

from typing import Any

from django.db.models import CharField, Exists, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Cast, Concat

from billing.enums import BuyerVat, InvoiceKind, LifeCode, VatCategory
from billing.models import Invoice, InvoiceLine, PlatformArrival, PlatformLink, Transmission
from documents.models import Document
from hubs.enums import ItemState
from hubs.models import RunItem

SIREN = r"^\d{9}$"


def platform_link() -> PlatformLink:
    """The hub's, or the one it begins with: nothing is sent."""
    return PlatformLink.objects.first() or PlatformLink()


def to_transmit() -> QuerySet[Invoice]:
    """Issued between French businesses since the day the hub chose, on paper already, and not handed over yet.

    Neither dues, outside of VAT, nor what is reported only, nor public bodies, who are served by Chorus Pro.
    """
    since = platform_link().sends_from
    if since is None:
        return Invoice.objects.none()
    source = Concat(Value("billing.invoice:"), Cast(OuterRef("pk"), CharField()), output_field=CharField())
    return Invoice.objects.issued().filter(
        ~Exists(Transmission.objects.filter(invoice=OuterRef("pk"), sent_at__isnull=False)),
        ~Exists(InvoiceLine.objects.filter(invoice=OuterRef("pk"), vat_category=VatCategory.OUT_OF_SCOPE)),
        Exists(Document.objects.filter(source=source, kind="invoice")),
        Q(issue_date__gte=since) | Exists(Transmission.objects.filter(invoice=OuterRef("pk"))),
        kind__in=(InvoiceKind.INVOICE, InvoiceKind.DEPOSIT, InvoiceKind.CREDIT_NOTE),
        is_opening=False,
        seller__siren__regex=SIREN,
        buyer__siren__regex=SIREN,
        buyer__vat_status__in=(BuyerVat.UNKNOWN, BuyerVat.TAXABLE),
        buyer__is_public=False,
    )


def on_platform(invoice: Invoice) -> dict[str, Any]:
    """What the page of an invoice says of its way by the platform: what was told, and what may be done about it."""
    sent = Transmission.objects.with_last().filter(invoice=invoice).first() if invoice.is_issued else None
    if sent is None:
        return {"waits_for_platform": invoice.is_issued and to_transmit().filter(pk=invoice.pk).exists()}
    sent.told = list(sent.statuses.order_by("at", "code", "pk"))
    return {
        "transmission": sent,
        "is_in_trouble": Transmission.objects.in_trouble().filter(pk=sent.pk).exists(),
        "trouble_codes": LifeCode.troubles(),
        "again_codes": LifeCode.sendable_again(),
    }


def transmissions_in_trouble() -> list[Transmission]:
    found = Transmission.objects.in_trouble().select_related(
        "invoice__account__organisation", "invoice__account__person"
    )
    return list(found.order_by("last_at", "pk"))


def faulty_arrivals() -> QuerySet[PlatformArrival]:
    """What came from the platform, could not be read, and nobody has seen to."""
    return (
        PlatformArrival.objects.filter(~Q(fault=""), handled_at=None).select_related("file").order_by("told_at", "pk")
    )


def is_visiting() -> bool:
    """Whether a worker still has something to read there."""
    return RunItem.objects.filter(job="billing.read_platform", state=ItemState.TODO).exists()


def asked_for(job: str, name: str) -> set[int]:
    """The ids that items still to be done of this job are about."""
    todo = RunItem.objects.filter(job=job, state=ItemState.TODO)
    return set(todo.values_list(f"kwargs__{name}", flat=True))
