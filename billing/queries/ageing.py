"""How old what is owed is, account by account and in all; sums are made by the database."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import Any

from django.db.models import DecimalField, Q, QuerySet, Sum, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from billing.enums import OWED
from billing.models import Account, Invoice
from billing.models.invoice import holder_of_invoice
from billing.money import ZERO
from hubs.charts import Bar, Chart

# Days after the due date at which each slice ends.
ENDS = (30, 60, 90)
SLICES = ("not_due", "to_30", "to_60", "to_90", "beyond")


def slice_labels() -> dict[str, str]:
    return {
        "not_due": _("Pas encore échu"),
        "to_30": _("1 à 30 jours"),
        "to_60": _("31 à 60 jours"),
        "to_90": _("61 à 90 jours"),
        "beyond": _("Plus de 90 jours"),
    }


@dataclass(frozen=True)
class Ageing:
    """What remains to be paid, by the days that have passed since it was due."""

    not_due: Decimal = ZERO
    to_30: Decimal = ZERO
    to_60: Decimal = ZERO
    to_90: Decimal = ZERO
    beyond: Decimal = ZERO

    @property
    def total(self) -> Decimal:
        return sum((amount for _label, amount in self.slices), ZERO)

    @property
    def late(self) -> Decimal:
        return self.total - self.not_due

    @property
    def slices(self) -> list[tuple[str, Decimal]]:
        return [(label, getattr(self, name)) for name, label in slice_labels().items()]


def slice_of(due_on: dt.date, on: dt.date) -> str:
    """The name of the slice in which what was due on that day falls."""
    days = (on - due_on).days
    if days <= 0:
        return "not_due"
    return next((name for name, end in zip(SLICES[1:4], ENDS, strict=True) if days <= end), "beyond")


def _sums(on: dt.date) -> dict[str, Coalesce]:
    limits = [on, *(on - dt.timedelta(days=days) for days in ENDS)]
    filters = [Q(part_on__gte=limits[0])]
    filters += [Q(part_on__lt=after, part_on__gte=before) for after, before in pairwise(limits)]
    filters.append(Q(part_on__lt=limits[-1]))
    nothing = Value(ZERO, output_field=DecimalField())
    return {
        name: Coalesce(Sum("part_left", filter=within), nothing) for name, within in zip(SLICES, filters, strict=True)
    }


def _open_parts() -> "QuerySet[Any]":
    return Invoice.objects.issued().in_parts().filter(kind__in=OWED)


def aged_accounts(on: dt.date) -> "QuerySet[Any]":
    """Rows with `account_id`, `holder`, each slice and the `total`, for accounts that owe something."""
    by_account = _open_parts().annotate(holder=holder_of_invoice()).values("account_id", "holder")
    return by_account.annotate(**_sums(on), total=Sum("part_left")).order_by()


def ageing(on: dt.date, account: Account | None = None) -> Ageing:
    """Of one account, or of all."""
    parts = _open_parts() if account is None else _open_parts().filter(account=account)
    found: Mapping[str, Decimal] = parts.aggregate(**_sums(on))
    return Ageing(**found)


def ageing_chart(told: Ageing) -> Chart:
    bars = tuple(Bar(label, amount) for label, amount in told.slices)
    return Chart(title=_("Ce qui reste à payer, par ancienneté"), bars=bars, unit="€", heading=_("Retard"), places=2)
