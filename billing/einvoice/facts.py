"""What an electronic invoice says: taken from an issued invoice, or from a draft under a provisional number."""

import datetime as dt
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Protocol

from billing.credits import totals_of
from billing.enums import OWED, InvoiceKind, VatCategory
from billing.models import BuyerProfile, Debit, Invoice, Mandate
from billing.money import ZERO, VatGroup
from billing.papers import buyer_of, seller_of

PROVISIONAL = "PROJET"


class Line(Protocol):
    """What a charge and an invoice line have in common."""

    on: dt.date
    description: str
    detail: str
    quantity: Decimal
    unit_label: str
    unit_price_excl: Decimal
    vat_category: str
    vat_rate: Decimal | None
    exemption_text: str
    exemption_code: str
    amount_excl: Decimal


class Draft(Protocol):
    """What a planned draft and its row have in common."""

    @property
    def account(self) -> Any: ...
    @property
    def issuer(self) -> Any: ...
    @property
    def kind(self) -> Any: ...


@dataclass(frozen=True)
class Facts:
    kind: str
    number: str
    issue_date: dt.date
    due_date: dt.date | None
    seller: Mapping[str, Any]
    buyer: Mapping[str, Any]
    lines: Sequence[Line]
    total_excl: Decimal
    total_vat: Decimal
    total_incl: Decimal
    paid: Decimal = ZERO
    corrects: tuple[str, dt.date] | None = None
    # The tax of a credit note counts the notes before it; that of anything else is of its lines.
    credited: Sequence[VatGroup] = ()
    # The mandate under which the bank is asked, where it is: what is left to pay is not transferred.
    mandate: Mandate | None = None

    @property
    def is_out_of_scope(self) -> bool:
        """Category O, alone in its document: neither rate nor VAT number (EN 16931, BR-O-02 and BR-O-05)."""
        return any(line.vat_category == VatCategory.OUT_OF_SCOPE for line in self.lines)

    @property
    def is_settled(self) -> bool:
        """Wholly paid in advance."""
        return self.kind in OWED and self.paid == self.total_incl

    @property
    def fingerprint(self) -> str:
        """Changes with anything that the XML says."""
        lines = [
            (
                line.on, line.description, line.detail, f"{line.quantity:.4f}", line.unit_label,
                f"{line.unit_price_excl:.4f}", line.vat_category, line.vat_rate and f"{line.vat_rate:.2f}",
                line.exemption_text, line.exemption_code, f"{line.amount_excl:.2f}",
            )
            for line in self.lines
        ]  # fmt: skip
        said = (
            self.kind, self.number, self.issue_date, self.due_date, sorted(self.seller.items()),
            sorted(self.buyer.items()), lines, f"{self.total_incl:.2f}", f"{self.paid:.2f}", self.corrects,
            self.mandate and self.mandate.rum,
        )  # fmt: skip
        return hashlib.sha256(repr(said).encode()).hexdigest()


def facts_of(invoice: Invoice) -> Facts:
    """Of an issued invoice, as it was on the day."""
    seller, buyer = invoice.frozen
    corrected = invoice.corrects
    lines = sorted(invoice.lines.all(), key=lambda line: line.position)
    debit = Debit.objects.expected().filter(invoice=invoice).select_related("mandate").first()
    return Facts(
        kind=invoice.kind,
        number=invoice.number or "",
        issue_date=_day(invoice.issue_date),
        due_date=invoice.due_date,
        seller=seller,
        buyer=buyer,
        lines=lines,
        total_excl=invoice.total_excl,
        total_vat=invoice.total_vat,
        total_incl=invoice.total_incl,
        paid=invoice.paid_on_issue,
        corrects=(corrected.number or "", _day(corrected.issue_date)) if corrected else None,
        credited=totals_of(invoice, lines).groups if corrected else (),
        mandate=debit.mandate if debit else None,
    )


def _day(day: dt.date | None) -> dt.date:
    if day is None:
        raise ValueError("A draft has no date yet.")
    return day


def provisional(
    draft: Draft,
    *,
    month: dt.date,
    lines: Iterable[Line],
    sums: tuple[Decimal, Decimal, Decimal],
    profile: BuyerProfile | None,
    mandate: Mandate | None,
) -> Facts:
    """Of a draft, dated from the first day after its month: the same whoever asks, until something changes."""
    day = (month.replace(day=1) + dt.timedelta(days=32)).replace(day=1)
    excl, vat, incl = sums
    return Facts(
        kind=InvoiceKind(draft.kind).value,
        number=PROVISIONAL,
        issue_date=day,
        due_date=day + dt.timedelta(days=draft.issuer.payment_days),
        seller=seller_of(draft.issuer),
        buyer=buyer_of(draft.account, profile),
        lines=list(lines),
        total_excl=excl,
        total_vat=vat,
        total_incl=incl,
        mandate=mandate,
    )


def facts_of_draft(invoice: Invoice, profile: BuyerProfile | None, mandate: Mandate | None) -> Facts:
    """Of the row of a draft, as `provisional` tells it of its plan."""
    return provisional(
        invoice,
        month=invoice.period,
        lines=sorted(invoice.lines.all(), key=lambda line: line.position),
        sums=(invoice.total_excl, invoice.total_vat, invoice.total_incl),
        profile=profile,
        mandate=mandate,
    )
