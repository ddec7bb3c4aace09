"""What falls due of what comes back, against what is on the accounts already."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import DateField, Exists, F, Max, OuterRef, Prefetch, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, Concat, Greatest
from django.utils.translation import gettext as _

from billing.enums import RecurringKind, Rhythm
from billing.models import (
    Account,
    Charge,
    InvoiceLine,
    MonthClose,
    RecurringCharge,
    RecurringPrice,
    RecurringSkip,
    VatRule,
)
from billing.models.recurring import SOURCE
from billing.money import ZERO, line_amount, to_cents, with_tax
from billing.periods import Span, add_months, days_of, month_of, share_of, words_of
from hubs import french, languages
from hubs.parts import ids_of

# How far back a month still looks for what was never charged; older corrections are made by whoever makes the change.
LOOKBACK = 12
# What a charge of a period was put on may come a whole period before it falls due.
LONGEST = max(Rhythm.values)


@dataclass(frozen=True)
class Part:
    """The days of a period that are charged at one price; with no price, nobody knows how much."""

    period: Span
    days: Span
    price: RecurringPrice | None

    @property
    def is_whole(self) -> bool:
        return self.days == self.period

    @property
    def amount(self) -> Decimal:
        return share_of(self.price.amount_excl, self.period, self.days) if self.price else ZERO


@dataclass(frozen=True)
class Trouble:
    """Why a recurring charge makes no charge: `no_price` or `no_vat_rule` on a day."""

    kind: str
    recurring: RecurringCharge
    on: dt.date


@dataclass
class Gathering:
    """What the accounts lack, not written yet, and what they should not hold any more."""

    new: list[Charge] = field(default_factory=list)
    undone: list[Charge] = field(default_factory=list)
    troubles: list[Trouble] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        return not (self.new or self.undone)

    def written(self) -> "Gathering":
        """What remains to be told once it is written."""
        return Gathering(troubles=self.troubles)


def parts_of(recurring: RecurringCharge, n: int) -> list[Part]:
    """The n-th period as it is to be charged, cut where a price changes; nothing outside of its life."""
    period = recurring.period(n)
    life = period.within(recurring.starts_on, recurring.ends_on)
    if life is None or any(skip.period_starts_on == period.starts_on for skip in _rows(recurring, "skips")):
        return []
    prices = sorted(
        (price for price in _rows(recurring, "prices") if life.within(price.starts_on, price.ends_on)),
        key=lambda price: price.starts_on,
    )
    parts, day = [], life.starts_on
    for price in prices:
        held = life.within(price.starts_on, price.ends_on)
        if held is None:
            continue
        if day < held.starts_on:
            parts.append(Part(period, Span(day, held.starts_on), None))
        parts.append(Part(period, held, price))
        day = held.ends_on
    if day < life.ends_on:
        parts.append(Part(period, Span(day, life.ends_on), None))
    return parts


def _rows(recurring: RecurringCharge, name: str) -> list[Any]:
    """Its prices or its skips in force: those read with it, and none for a row that is not written yet."""
    return list(getattr(recurring, f"live_{name}", ()))


def falls_due(recurring: RecurringCharge, n: int) -> dt.date:
    """The month that invoices the n-th period: that of its first day charged, or in arrears of its last."""
    period = recurring.period(n)
    life = period.within(recurring.starts_on, recurring.ends_on) or period
    return month_of(life.starts_on if recurring.in_advance else life.last_day)


def due_periods(recurring: RecurringCharge, since: dt.date, until: dt.date) -> Iterator[int]:
    """The periods that fall due from the month `since` to the month `until`, both in."""
    if recurring.is_void:
        return
    n = recurring.index_of(max(recurring.starts_on, add_months(since, -LONGEST)))
    while recurring.ends_on is None or recurring.period(n).starts_on < recurring.ends_on:
        month = falls_due(recurring, n)
        if month > until:
            return
        if month >= since:
            yield n
        n += 1


# --- What is read ---------------------------------------------------------------------------------


def with_terms(queryset: QuerySet[RecurringCharge]) -> QuerySet[RecurringCharge]:
    """With their prices and the periods left out, as `parts_of` reads them."""
    kept = RecurringPrice.objects.held().order_by("starts_on", "pk")
    skips = RecurringSkip.objects.live().order_by("pk")
    return queryset.prefetch_related(
        Prefetch("prices", kept, to_attr="live_prices"), Prefetch("skips", skips, to_attr="live_skips")
    )


def with_price(queryset: QuerySet[RecurringCharge], today: dt.date) -> QuerySet[RecurringCharge]:
    """Adds `price`, that of the day: of the first for those to come, of the last for those that ended."""
    on = Greatest(OuterRef("starts_on"), Value(today, output_field=DateField()))
    at = RecurringPrice.objects.held().filter(recurring=OuterRef("pk"), starts_on__lte=on)
    return queryset.annotate(price=Subquery(at.order_by("-starts_on").values("amount_excl")[:1]))  # type: ignore[no-redef]


def charged_of(recurring: Iterable[RecurringCharge], *, since: dt.date | None = None) -> dict[str, list[Charge]]:
    """Their live charges by source, each with `is_sealed`: on an invoice that is issued or being issued."""
    charges = Charge.objects.live().filter(source__startswith=f"{SOURCE}:")
    if since is None:
        charges = charges.filter(source__in=[each.charge_source for each in recurring])
    else:
        charges = charges.filter(period__gte=since)
    sealed = InvoiceLine.objects.filter(charge=OuterRef("pk")).exclude(
        invoice__close=None, invoice__issued_at__isnull=True
    )
    found: dict[str, list[Charge]] = defaultdict(list)
    for charge in charges.annotate(is_sealed=Exists(sealed)).order_by("pk"):
        found[charge.source].append(charge)
    return found


def first_open_month() -> dt.date | None:
    """The month after the last that is issued; None when none is."""
    last = MonthClose.objects.filter(issued_at__isnull=False).aggregate(last=Max("month"))["last"]
    return add_months(last, 1) if last else None


def running(since: dt.date, until: dt.date) -> QuerySet[RecurringCharge]:
    """Those that may fall due from a month to another."""
    return RecurringCharge.objects.filter(
        Q(ends_on=None) | Q(ends_on__gt=add_months(since, -LONGEST)), starts_on__lt=add_months(until, 1)
    )


def gathering_of(month: dt.date) -> Gathering:
    """What the accounts lack up to this month; six queries, however many there are. Writes nothing."""
    until = month_of(month)
    since = add_months(until, -LOOKBACK)
    recurring = list(
        with_terms(running(since, until)).select_related("account__organisation", "account__person").order_by("pk")
    )
    if not recurring:
        return Gathering()
    charged = charged_of(recurring, since=add_months(since, -LONGEST))
    books = Books.of_hub()
    found = Gathering()
    for each in recurring:
        held = by_period(each, charged.get(each.charge_source, []))
        due = set(due_periods(each, since, until))
        late = {n for n in held if falls_due(each, n) >= since}
        for n in sorted(due | late):
            reconcile(each, n, held.get(n, []), books, found)
    return found


def corrections_of(recurring: RecurringCharge) -> Gathering:
    """What its charged periods lack or hold too much, as its terms are (`with_terms`), however old they are."""
    found, books = Gathering(), Books.of_hub()
    charged = charged_of([recurring]).get(recurring.charge_source, [])
    for n, held in sorted(by_period(recurring, charged).items()):
        reconcile(recurring, n, held, books, found)
    return found


def foreseen_of(recurring: RecurringCharge, about: dt.date) -> Gathering:
    """What the period of that day and the next will be charged, where they are not yet."""
    found, books = Gathering(), Books.of_hub()
    charged = by_period(recurring, charged_of([recurring]).get(recurring.charge_source, []))
    n = recurring.index_of(about)
    for each in (n, n + 1):
        if each not in charged:
            reconcile(recurring, each, [], books, found)
    return found


def recurring_on(account: Account, today: dt.date) -> list[RecurringCharge]:
    """What comes back on an account, now or to come, with its price; those that ended within the year too.

    `price_incl` is the price with the tax of the day; None without a price or a rule.
    """
    kept = RecurringCharge.objects.unended(add_months(today, -LOOKBACK)).filter(account=account)
    found = list(with_price(kept, today).order_by("label", "starts_on", "pk"))
    rates = dict(VatRule.objects.live(today).values_list("code", "rate")) if found else {}
    for each in found:
        told = each.price is not None and each.vat_code in rates
        each.price_incl = with_tax(each.price or ZERO, rates[each.vat_code]) if told else None
    return found


def recurring_list(today: dt.date) -> QuerySet[RecurringCharge]:
    """All that comes back or came back, with its `price` and its `holder`; not what never was."""
    person = Concat("account__person__family_name", Value(" "), "account__person__given_name")
    rows = RecurringCharge.objects.exclude(ends_on=F("starts_on"))
    return with_price(rows, today).annotate(holder=Coalesce("account__organisation__name", person))


def monthly_by_kind(today: dt.date) -> list[tuple[str, int, Decimal]]:
    """What is in force brings in a month, without tax: by kind its label, how many, how much; the dearest first."""
    found: dict[str, list[Decimal]] = defaultdict(list)
    for each in with_price(RecurringCharge.objects.live(today), today):
        found[each.kind].append((each.price or ZERO) / each.rhythm)
    told = [(str(RecurringKind(kind).label), len(held), to_cents(sum(held, ZERO))) for kind, held in found.items()]
    return sorted(told, key=lambda line: (-line[2], line[0]))


def recurring_of(charge: Charge) -> RecurringCharge | None:
    """The recurring charge that made it, if one did."""
    ids = ids_of(SOURCE, [charge.source])
    return RecurringCharge.objects.filter(pk__in=ids).first() if ids else None


def by_period(recurring: RecurringCharge, charges: Iterable[Charge]) -> dict[int, list[Charge]]:
    found: dict[int, list[Charge]] = defaultdict(list)
    for charge in charges:
        found[recurring.index_of(recurring.day_of(charge))].append(charge)
    return found


# --- What is made of it ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Books:
    """What dates a charge: the rules of VAT, and the first month that is still open."""

    rules: Mapping[str, Sequence[VatRule]]
    open_month: dt.date | None

    @classmethod
    def of_hub(cls) -> "Books":
        rules: dict[str, list[VatRule]] = defaultdict(list)
        for rule in VatRule.objects.order_by("starts_on", "pk"):
            rules[rule.code].append(rule)
        return cls(rules=rules, open_month=first_open_month())

    def rule_on(self, code: str, day: dt.date) -> VatRule | None:
        for rule in self.rules.get(code, ()):
            if rule.starts_on <= day and (rule.ends_on is None or day < rule.ends_on):
                return rule
        return None

    def opened(self, month: dt.date) -> dt.date:
        """This month, or the first that can still be invoiced."""
        return month if self.open_month is None else max(month, self.open_month)


def reconcile(recurring: RecurringCharge, n: int, held: Sequence[Charge], books: Books, found: Gathering) -> None:
    """Add to `found` what makes the live charges of a period what they should be.

    Nothing of it invoiced: the parts themselves. Something invoiced: that stays, and one regularisation line bears
    the difference. A period that cannot be priced is left as it is, with its trouble.
    """
    parts = parts_of(recurring, n)
    troubles = _troubles(recurring, parts, books)
    if troubles:
        found.troubles += troubles
        return
    sealed = [charge for charge in held if charge.is_sealed]
    with languages.of_hub():
        wanted = (
            _regularisation(recurring, n, parts, sealed, books)
            if sealed
            else [_charge_for(recurring, part, falls_due(recurring, n), books) for part in parts if part.amount]
        )
    kept = {(charge.kind, charge.amount_excl) for charge in wanted}
    stays = [charge for charge in held if not charge.is_sealed and (charge.kind, charge.amount_excl) in kept]
    found.undone += [charge for charge in held if not charge.is_sealed and charge not in stays]
    there = {(charge.kind, charge.amount_excl) for charge in stays}
    found.new += [charge for charge in wanted if (charge.kind, charge.amount_excl) not in there]


def _troubles(recurring: RecurringCharge, parts: Iterable[Part], books: Books) -> list[Trouble]:
    for part in parts:
        if part.price is None:
            return [Trouble("no_price", recurring, part.days.starts_on)]
        if books.rule_on(recurring.vat_code, part.days.starts_on) is None:
            return [Trouble("no_vat_rule", recurring, part.days.starts_on)]
    return []


def _charge_for(recurring: RecurringCharge, part: Part, month: dt.date, books: Books) -> Charge:
    """A whole period is one unit at its price; a part is one unit at what its days are worth, and says so."""
    if part.price is None:
        raise ValueError("A part without a price makes no charge.")
    price = part.price.amount_excl if part.is_whole else part.amount
    detail = words_of(part.period, part.days)
    if not part.is_whole:
        detail = _("%(days)s, à %(price)s %(per)s") % {
            "days": detail,
            "price": french.euros(part.price.amount_excl),
            "per": recurring.per,
        }
    return _made(recurring, part.days.starts_on, month, books, price=price, detail=detail)


def _regularisation(
    recurring: RecurringCharge, n: int, parts: Sequence[Part], sealed: Sequence[Charge], books: Books
) -> list[Charge]:
    """One line for what was invoiced too much (a negative quantity) or too little."""
    due = sum((part.amount for part in parts), ZERO)
    difference = due - sum((charge.amount_excl for charge in sealed), ZERO)
    if not difference:
        return []
    period = recurring.period(n)
    covered = sum(part.days.days for part in parts)
    given = {
        "period": period,
        "due": french.euros(due),
        "was": french.euros(due - difference),
        "days": days_of(period, Span(period.starts_on, period.starts_on + dt.timedelta(days=covered))),
    }
    words = (
        _("Régularisation %(period)s\u00a0: %(due)s dus (%(days)s), %(was)s facturés")
        if 0 < covered < period.days
        else _("Régularisation %(period)s\u00a0: %(due)s dus, %(was)s facturés")
    )
    first = min(sealed, key=lambda charge: (charge.on, charge.pk))
    month = max(falls_due(recurring, n), first.period)
    made = _made(
        recurring,
        period.starts_on,
        month,
        books,
        on=first.on,
        price=abs(difference),
        detail=words % given,
        quantity=Decimal(1) if difference > 0 else Decimal(-1),
        suffix=":r",
    )
    return [made]


def _made(
    recurring: RecurringCharge,
    starts_on: dt.date,
    month: dt.date,
    books: Books,
    *,
    price: Decimal,
    detail: str,
    on: dt.date | None = None,
    quantity: Decimal = Decimal(1),
    suffix: str = "",
) -> Charge:
    """A charge that is not written: `kind` says what it is and of which days, so that it is made once."""
    on = on or starts_on
    rule = books.rule_on(recurring.vat_code, on)
    if rule is None:
        raise ValueError("A charge bears a rule of VAT.")
    return Charge(
        account=recurring.account,
        source=recurring.charge_source,
        kind=f"{recurring.kind}:{starts_on.isoformat()}{suffix}",
        period=books.opened(month),
        on=on,
        description=recurring.label,
        detail=detail[:300],
        quantity=quantity,
        unit_price_excl=price,
        vat_rule=rule,
        vat_category=rule.category,
        vat_rate=rule.rate,
        exemption_text=rule.exemption_text,
        exemption_code=rule.exemption_code,
        amount_excl=line_amount(quantity, price),
    )
