"""What stands in the way of closing a year, and how far books are stopped."""

import datetime as dt
from dataclasses import dataclass

from django.db.models import F, Q, Sum
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from billing.books.ledger import Ledger
from billing.models import BooksYear, Invoice, Issuer, LockDate, Payment
from billing.money import ZERO
from billing.papers import month_name
from billing.queries.books import unwritten


@dataclass(frozen=True)
class Obstacle:
    """Something to settle before a year is closed, with where it is settled; or only to look at."""

    text: str
    url: str
    action: str
    blocks: bool = True


def lock_on(day: dt.date, issuer: Issuer | None = None) -> dt.date | None:
    """How far the books that a day belongs to are stopped."""
    issuer = issuer or Ledger().issuer_on(day)
    return LockDate.objects.filter(issuer=issuer).order_by("-pk").values_list("until", flat=True).first()


def obstacles(year: BooksYear) -> list[Obstacle]:
    """Drafts and rows with no entry block; money that pays no invoice yet is to be looked at."""
    return [*_drafts(year), *_unwritten(year), *_unmatched(year)]


def _drafts(year: BooksYear) -> list[Obstacle]:
    drafts = Invoice.objects.drafts().filter(issuer=year.issuer_id, period__gte=year.starts_on.replace(day=1))
    months = drafts.filter(period__lt=year.ends_on).order_by("period").values_list("period", flat=True).distinct()
    return [
        Obstacle(
            _("Des projets de factures attendent en %s.") % month_name(month),
            reverse("billing:month", args=[month]),
            _("Clore le mois"),
        )
        for month in months
    ]


def _unwritten(year: BooksYear) -> list[Obstacle]:
    return [
        Obstacle(
            _("Sans écriture\u00a0: %(n)s, %(what)s.") % {"n": waiting.count, "what": waiting.label},
            reverse("billing:books"),
            _("Écrire"),
        )
        for waiting in unwritten(year.starts_on, year.ends_on)
    ]


def _unmatched(year: BooksYear) -> list[Obstacle]:
    used = Coalesce(Sum("allocations__amount", filter=Q(allocations__released_at=None)), ZERO)
    payments = Payment.objects.kept().filter(received_on__gte=year.starts_on, received_on__lt=year.ends_on)
    count = payments.annotate(used=used).filter(amount__gt=F("used")).count()
    if not count:
        return []
    text = ngettext(
        "%(n)s paiement ne règle encore aucune facture, ou pas en entier.",
        "%(n)s paiements ne règlent encore aucune facture, ou pas en entier.",
        count,
    ) % {"n": count}
    return [Obstacle(text, f"{reverse('billing:accounts')}?state=ahead", _("Voir les comptes"), blocks=False)]
