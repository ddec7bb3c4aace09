"""Writing into the books what is frozen elsewhere."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from billing.books.ledger import Ledger, NotWritable, Posting
from billing.books.lettering import letter
from billing.books.posters import POSTERS, Poster
from billing.models import BooksYear, Issuer, JournalEntry, JournalLine
from billing.money import ZERO
from billing.queries.books import locks_in_force
from billing.rules import require_accounts
from hubs import languages
from hubs.actors import Actor

BATCH = 500


@dataclass(frozen=True)
class Kept:
    """A row that could not be written, and why."""

    source: str
    on: dt.date
    reason: str


@dataclass
class Written:
    """What a call wrote, and what it left."""

    count: int = 0
    kept: list[Kept] = field(default_factory=list)


@transaction.atomic
def post_entries(*, by: Actor) -> Written:
    """Write every frozen row that has no entry yet, in the order in which they were frozen; twice writes nothing.

    One call at a time in a hub. A hub without a chart of accounts keeps no books.
    """
    require_accounts(by)
    # One writer at a time; whoever notes a payment does not wait for it.
    list(Issuer.objects.select_for_update(of=("self",), no_key=True).order_by("pk").values_list("pk"))
    ledger, written = Ledger(), Written()
    if ledger.is_empty:
        return written
    with languages.of_hub():
        writer = _Writer(ledger)
        for postings in _batches(ledger, written):
            writer.write(postings, written)
    return written


def _batches(ledger: Ledger, written: Written) -> Iterator[list[Posting]]:
    """Entries to write, a few hundred at a time; what cannot be made is noted."""
    waiting: list[tuple[dt.datetime, int, int]] = []
    for index, poster in enumerate(POSTERS):
        moments = poster.unposted().order_by().values_list(poster.moment, "pk")
        waiting += [(moment, index, pk) for moment, pk in moments]
    waiting.sort()
    for start in range(0, len(waiting), BATCH):
        batch = waiting[start : start + BATCH]
        rows: dict[tuple[int, int], Any] = {}
        for index, poster in enumerate(POSTERS):
            ids = [pk for _moment, of, pk in batch if of == index]
            rows |= {(index, row.pk): row for row in (poster.rows().filter(pk__in=ids) if ids else ())}
        yield list(_built(((POSTERS[index], rows[index, pk]) for _moment, index, pk in batch), ledger, written))


def _built(rows: Iterable[tuple[Poster, Any]], ledger: Ledger, written: Written) -> Iterator[Posting]:
    for poster, row in rows:
        try:
            yield poster.build(row, ledger)
        except NotWritable as refusal:
            source = f"{row._meta.label_lower}:{row.pk}{poster.suffix}"
            written.kept.append(Kept(source, getattr(row, poster.day), str(refusal.message)))


class _Writer:
    """Numbers entries and writes them; the issuers are held."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.locks = locks_in_force()
        self.years: dict[int, list[BooksYear]] = defaultdict(list)
        for year in BooksYear.objects.order_by("starts_on", "pk"):
            self.years[year.issuer_id].append(year)
        last = JournalEntry.objects.order_by().values_list("year_id", "journal").annotate(last=Max("sequence"))
        self.last: dict[tuple[int, str], int] = defaultdict(int)
        self.last.update({(year, journal): sequence for year, journal, sequence in last})

    def write(self, postings: list[Posting], written: Written) -> None:
        entries: list[JournalEntry] = []
        made: list[Posting] = []
        for posting in postings:
            try:
                entries.append(self._entry(posting))
            except NotWritable as refusal:
                written.kept.append(Kept(posting.source, posting.on, str(refusal.message)))
            else:
                made.append(posting)
        JournalEntry.objects.bulk_create(entries)
        pairs = list(zip(entries, made, strict=True))
        JournalLine.objects.bulk_create(line for entry, posting in pairs for line in _lines(entry, posting))
        letter({side.account.pk for posting in made for side in posting.sides if side.account})
        written.count += len(entries)

    def _entry(self, posting: Posting) -> JournalEntry:
        locked = self.locks.get(posting.issuer.pk)
        if locked is not None and posting.on <= locked:
            raise NotWritable(_("Les comptes sont arrêtés à cette date."))
        year = self._year(posting.issuer, posting.on)
        self.last[year.pk, posting.journal] += 1
        return JournalEntry(
            issuer=posting.issuer,
            year=year,
            journal=posting.journal,
            sequence=self.last[year.pk, posting.journal],
            on=posting.on,
            piece_ref=posting.piece_ref[:80],
            piece_date=posting.piece_date,
            label=posting.label[:200],
            source=posting.source,
            total=sum((max(side.amount, ZERO) for side in posting.sides), ZERO),
        )

    def _year(self, issuer: Issuer, on: dt.date) -> BooksYear:
        """The year of that day; years of twelve months are opened before and after those that are known."""
        years = self.years[issuer.pk]
        if not years:
            raise NotWritable(_("Aucun exercice n’est ouvert\u00a0: dites quand il commence."))
        while on >= years[-1].ends_on:
            start = years[-1].ends_on
            years.append(BooksYear.objects.create(issuer=issuer, starts_on=start, ends_on=_moved(start, 1)))
        while on < years[0].starts_on:
            end = years[0].starts_on
            years.insert(0, BooksYear.objects.create(issuer=issuer, starts_on=_moved(end, -1), ends_on=end))
        found = next((year for year in years if year.starts_on <= on < year.ends_on), None)
        if found is None:
            raise NotWritable(_("Aucun exercice ne couvre cette date."))
        return found


def _moved(day: dt.date, years: int) -> dt.date:
    """The same day so many years later, the 28th for a 29 February."""
    return day.replace(year=day.year + years, day=28 if (day.month, day.day) == (2, 29) else day.day)


def _lines(entry: JournalEntry, posting: Posting) -> Iterator[JournalLine]:
    """Debits first; sides that move nothing are left out, unless nothing moves at all."""
    sides = [side for side in posting.sides if side.amount] or posting.sides[:2]
    for rank, side in enumerate(sorted(sides, key=lambda side: side.amount < 0), start=1):
        yield JournalLine(
            entry=entry,
            rank=rank,
            ledger_account=side.rule.ledger_account,
            account=side.account,
            aux_label=side.aux_label,
            label=posting.label[:200],
            debit=max(side.amount, ZERO),
            credit=max(-side.amount, ZERO),
            analytic=side.rule.analytic,
        )
