"""The aid in rents below market: the market price less what is paid, day by day (regulation (EU) 2023/2831).

Free premises are aid as well: what is not charged at all, or given back by a credit note, is paid zero.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from django.db.models import Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from billing.enums import InvoiceKind
from billing.models import Account, DeclaredAid, InvoiceLine, MarketPrice, MinimisCertificate, MinimisRegime
from billing.models.recurring import RecurringCharge
from billing.money import ZERO
from billing.periods import Span, add_months, share_of
from billing.queries.recurring import parts_of, with_terms

# Article 3, paragraph 2: per single undertaking, over any period of three years.
CEILING = Decimal("300000.00")
YEARS = 3
NEAR = Decimal("0.8")


@dataclass(frozen=True)
class Aid:
    """What some days of a rent leave to who rents: the market price less what is paid for them."""

    label: str
    span: Span
    market: Decimal
    paid: Decimal

    @property
    def amount(self) -> Decimal:
        return max(ZERO, self.market - self.paid)

    def during(self, days: Span) -> Decimal:
        """What of it falls on these days; the parts of a year sum to the year."""
        part = self.span.within(days.starts_on, days.ends_on)
        return share_of(self.amount, self.span, part) if part else ZERO


@dataclass(frozen=True)
class Minimis:
    """All the aid of one account: ours, by rents, and what it received elsewhere."""

    account: Account
    aids: tuple[Aid, ...]
    declared: tuple[DeclaredAid, ...]

    def during(self, days: Span) -> Decimal:
        return sum((aid.during(days) for aid in self.aids), ZERO)

    def elsewhere(self, days: Span) -> Decimal:
        return sum((each.amount for each in self.declared if days.starts_on <= each.granted_on < days.ends_on), ZERO)

    def rolling(self, day: dt.date) -> "Rolling":
        """What the three years that end with this day come to."""
        end = day + dt.timedelta(days=1)
        three_years = Span(add_months(end, -12 * YEARS), end)
        return Rolling(self.during(three_years), self.elsewhere(three_years))

    def of_year(self, year: int) -> "MinimisYear":
        return MinimisYear(self, Span(dt.date(year, 1, 1), dt.date(year + 1, 1, 1)))


@dataclass(frozen=True)
class Rolling:
    """Three years of aid, against the ceiling."""

    ours: Decimal
    elsewhere: Decimal

    @property
    def total(self) -> Decimal:
        return self.ours + self.elsewhere

    @property
    def is_over(self) -> bool:
        return self.total > CEILING

    @property
    def is_near(self) -> bool:
        return CEILING * NEAR <= self.total <= CEILING


@dataclass(frozen=True)
class MinimisYear:
    """What a year granted, and what the three years that end with it come to."""

    minimis: Minimis
    days: Span

    @cached_property
    def amount(self) -> Decimal:
        return self.minimis.during(self.days)

    @cached_property
    def rolling(self) -> Rolling:
        return self.minimis.rolling(self.days.last_day)

    @property
    def lines(self) -> list[tuple[str, Span, Decimal]]:
        """By rent and price, the days of the year and their aid."""
        found = []
        for aid in self.minimis.aids:
            part = aid.span.within(self.days.starts_on, self.days.ends_on)
            if part and (amount := aid.during(self.days)):
                found.append((aid.label, part, amount))
        return found

    def is_told_by(self, certificate: MinimisCertificate) -> bool:
        return (certificate.amount, certificate.rolling) == (self.amount, self.rolling.total)


@dataclass(frozen=True)
class Certified:
    """A year of an account, and the last certificate that tells it."""

    counted: MinimisYear
    certificate: MinimisCertificate | None

    @property
    def account(self) -> Account:
        return self.counted.minimis.account

    @property
    def is_changed(self) -> bool:
        """Certified with other sums than those of today."""
        return self.certificate is not None and not self.counted.is_told_by(self.certificate)

    @property
    def is_waiting(self) -> bool:
        return self.certificate is None or self.is_changed


def minimis_of(accounts: Collection[Account], until: dt.date) -> list[Minimis]:
    """The aid of these accounts, for the periods begun by a day; seven queries, however many they are."""
    regimes = [
        Span(each.starts_on, each.ends_on or dt.date.max) for each in MinimisRegime.objects.order_by("starts_on")
    ]
    rents = list(with_terms(_priced().filter(account__in=accounts)).prefetch_related("market_prices").order_by("pk"))
    billed = _billed(rents)
    aids: dict[int, list[Aid]] = defaultdict(list)
    for rent in rents:
        aids[rent.account_id] += _aids_of(rent, regimes, billed.get(rent.charge_source, {}), until)
    declared: dict[int, list[DeclaredAid]] = defaultdict(list)
    for each in DeclaredAid.objects.live().filter(account__in=accounts).order_by("granted_on", "pk"):
        declared[each.account_id].append(each)
    return [
        Minimis(
            account,
            tuple(sorted(aids[account.pk], key=lambda aid: (aid.span, aid.label))),
            tuple(declared[account.pk]),
        )
        for account in accounts
    ]


def minimis_accounts() -> list[Account]:
    """Those with a rent whose market price is known, by name."""
    found = Account.objects.with_holders().filter(pk__in=_priced().values("account"))
    return sorted(found, key=lambda account: (str(account).casefold(), account.pk))


def minimis_year(year: int, today: dt.date) -> list["Certified"]:
    """Whom a year concerns, by name, with the certificate that they have; nine queries, however many they are."""
    counted = [each.of_year(year) for each in minimis_of(minimis_accounts(), today)]
    found = MinimisCertificate.objects.filter(year=year).order_by("version")
    given = {each.account_id: each for each in found}
    rows = [Certified(each, given.get(each.minimis.account.pk)) for each in counted]
    return [row for row in rows if row.certificate or row.counted.amount]


def minimis_papers(account: Account) -> list[MinimisCertificate] | None:
    """Its certificates, the last version of each year, the last year first; None for who has no such rent."""
    if not _priced().filter(account=account).exists():
        return None
    found = MinimisCertificate.objects.filter(account=account).order_by("year", "version")
    return sorted({each.year: each for each in found}.values(), key=lambda each: -each.year)


def _priced() -> QuerySet[RecurringCharge]:
    return RecurringCharge.objects.filter(pk__in=MarketPrice.objects.values("recurring"))


def _billed(rents: Collection[RecurringCharge]) -> dict[str, dict[int, Decimal]]:
    """By source and period: its issued lines, less what their credit notes gave back."""
    issued = Q(corrections__invoice__issued_at__isnull=False)
    by_source = {rent.charge_source: rent for rent in rents}
    lines = (
        InvoiceLine.objects.filter(
            charge__source__in=by_source, invoice__issued_at__isnull=False, invoice__kind=InvoiceKind.INVOICE
        )
        .annotate(given_back=Coalesce(Sum("corrections__amount_excl", filter=issued), ZERO))
        .select_related("charge")
    )
    found: dict[str, dict[int, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for line in lines:
        if charge := line.charge:
            rent = by_source[charge.source]
            found[charge.source][rent.index_of(rent.day_of(charge))] += line.amount_excl - line.given_back
    return found


def _aids_of(rent: RecurringCharge, regimes: list[Span], billed: dict[int, Decimal], until: dt.date) -> Iterable[Aid]:
    n = rent.index_of(rent.starts_on)
    while (period := rent.period(n)).starts_on <= until:
        rented = period.within(rent.starts_on, rent.ends_on)
        if rented:
            # Not invoiced yet, it is what was agreed; a period left out is free.
            paid = billed.get(n, sum((part.amount for part in parts_of(rent, n)), ZERO))
            yield from _cut(rent, period, rented, paid, regimes)
        elif rent.ends_on and period.starts_on >= rent.ends_on:
            return
        n += 1


def _cut(rent: RecurringCharge, period: Span, rented: Span, paid: Decimal, regimes: list[Span]) -> Iterable[Aid]:
    """The days of a period that have both a market price and a funder who says that they are aid."""
    for price in rent.market_prices.all():
        for regime in regimes:
            priced = rented.within(price.starts_on, price.ends_on)
            if priced and (days := priced.within(regime.starts_on, regime.ends_on)):
                market = share_of(price.amount_excl, period, days)
                aid = Aid(rent.label, days, market, share_of(paid, rented, days))
                if aid.amount:
                    yield aid
