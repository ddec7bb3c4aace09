"""Many structures at once, in a handful of statements: what an import has checked, with its lines of the log."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import Model
from django.utils.translation import gettext_lazy as _

from hubs.actions import name_of, record
from hubs.actors import Actor
from hubs.models import AuditEntry
from hubs.refusals import NotAllowed, refusing
from parties.actions import NegativeFigures, SiretTaken
from parties.enums import FiguresSource
from parties.imports.sheets import MAX_BYTES, FileTooBig
from parties.models import ImportDraft, Organisation, Person, Trade, YearFigures
from parties.rules import keeps_structures

BATCH = 1_000


@dataclass(eq=False)
class Writing:
    """What an import writes about one structure: its new values, and those of its years."""

    organisation: Organisation
    before: dict[str, Any] = field(default_factory=dict)
    after: dict[str, Any] = field(default_factory=dict)
    figures: dict[int, dict[str, Any]] = field(default_factory=dict)

    @property
    def is_new(self) -> bool:
        return self.organisation.pk is None


@transaction.atomic
def keep_draft(
    *, purpose: str, name: str, content: bytes, options: Mapping[str, Any], by: Actor, now: dt.datetime
) -> ImportDraft:
    """Keep a dropped file until it is imported; those of yesterday go. Raises FileTooBig."""
    if not keeps_structures(by) or by.person_id is None:
        raise NotAllowed(_("La coordination importe les fichiers."))
    if len(content) > MAX_BYTES:
        raise FileTooBig
    drop_drafts(now=now)
    return ImportDraft.objects.create(
        purpose=purpose,
        owner=Person.objects.get(pk=by.person_id),
        name=name[-160:],
        content=content,
        options=dict(options),
        created_at=now,
    )


def drop_drafts(*, now: dt.datetime) -> None:
    """Delete the files that nobody can import any more."""
    ImportDraft.objects.filter(created_at__lte=now - ImportDraft.KEPT).delete()


@transaction.atomic
def write_structures(*, writings: Sequence[Writing], trades: Sequence[Trade], about: str, by: Actor) -> None:
    """Create and change the structures of an import, with their figures. Raises SiretTaken, NegativeFigures."""
    if not keeps_structures(by):
        raise NotAllowed(_("La coordination importe les fichiers."))
    Trade.objects.bulk_create(trades)
    new = [writing for writing in writings if writing.is_new]
    are_new = set(new)
    with refusing({"parties_organisation_siret_once": SiretTaken}):
        # The trades have just been given their ids, which the structures keep beside them.
        for writing in writings:
            writing.organisation.trade = writing.organisation.trade
        hosted = [(writing.organisation, writing.organisation.hosted_by) for writing in writings]
        for organisation, host in hosted:
            if host is not None and host.pk is None:
                organisation.hosted_by = None
        Organisation.objects.bulk_create([writing.organisation for writing in new], batch_size=BATCH)
        late = []
        for organisation, host in hosted:
            if host is not None and organisation.hosted_by_id != host.pk:
                organisation.hosted_by = host
                late.append(organisation)
        Organisation.objects.bulk_update(late, ["hosted_by"], batch_size=BATCH)
        changed = [writing for writing in writings if writing.after and writing not in are_new]
        names = sorted({name for writing in changed for name in writing.after})
        if names:
            Organisation.objects.bulk_update([writing.organisation for writing in changed], names, batch_size=BATCH)
    figures_before = _write_figures(writings)
    record_all(
        (
            AuditEntry(
                verb="parties.structure_imported",
                thing=name_of(writing.organisation),
                label=writing.organisation.name[:240],
                before=None
                if writing in are_new
                else _told(writing.before) | figures_before.get(writing.organisation.pk, {}),
                after=_told(writing.after) | _by_year(writing.figures),
                reason=about,
            )
            for writing in writings
            if writing.after or writing.figures
        ),
        by=by,
    )


def _write_figures(writings: Sequence[Writing]) -> dict[int, dict[str, Any]]:
    """Write the years; what they were, by structure."""
    wanted = {
        (writing.organisation.pk, year): figures for writing in writings for year, figures in writing.figures.items()
    }
    kept = {
        (row.organisation_id, row.year): row
        for row in YearFigures.objects.select_for_update(of=("self",))
        .filter(organisation__in={pk for pk, _year in wanted}, year__in={year for _pk, year in wanted})
        .order_by("pk")
        if (row.organisation_id, row.year) in wanted
    }
    before: dict[int, dict[str, Any]] = {}
    for (pk, year), row in kept.items():
        figures = wanted[pk, year]
        before.setdefault(pk, {}).update(_by_year({year: {name: getattr(row, name) for name in figures}}))
        for name, value in figures.items():
            setattr(row, name, value)
        row.source = FiguresSource.IMPORTED
    new = [
        YearFigures(organisation_id=pk, year=year, source=FiguresSource.IMPORTED, **figures)
        for (pk, year), figures in wanted.items()
        if (pk, year) not in kept
    ]
    fields = ["fte", "permanent", "budget", "turnover", "equity", "area", "source"]
    with refusing({"parties_yearfigures_not_negative": NegativeFigures}):
        YearFigures.objects.bulk_update(kept.values(), fields, batch_size=BATCH)
        YearFigures.objects.bulk_create(new, batch_size=BATCH)
    return before


def record_all(entries: Iterable[AuditEntry], *, by: Actor) -> None:
    """Many lines of the log at once, all by the same actor."""
    lines = list(entries)
    for line in lines:
        line.user_id, line.who = by.user_id, by.name
    AuditEntry.objects.bulk_create(lines, batch_size=BATCH)


def finish_draft(*, draft: ImportDraft, result: Mapping[str, Any], by: Actor, now: dt.datetime) -> None:
    """Mark the file as imported: a second click shows the same result."""
    draft.imported_at, draft.result = now, dict(result)
    draft.save(update_fields=["imported_at", "result"])
    record(by=by, verb="parties.file_imported", thing=draft, after=draft.result)


def _told(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: str(value) if isinstance(value, Model) else value for name, value in values.items()}


def _by_year(figures: Mapping[int, Mapping[str, Any]]) -> dict[str, Any]:
    return {f"{name} {year}": value for year, values in figures.items() for name, value in values.items()}
