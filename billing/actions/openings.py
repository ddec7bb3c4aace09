"""Bringing in accounts kept elsewhere: a file, its columns, its dry run, its import; and where the numbers go on."""

import datetime as dt
from collections.abc import Mapping

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing.actions.numbers import lock_series
from billing.actions.openings_writes import issuer_of_openings
from billing.enums import SERIES
from billing.models import Invoice, Issuer, NumberSeries, OpeningMapping
from billing.openings.base import Importer, Plan, importers
from billing.openings.files import PURPOSE, plan_of, signed_header
from billing.rules import require_accounts
from hubs import languages
from hubs.actions import add_item, name_of, record, start_run
from hubs.actors import Actor
from hubs.models import Run
from hubs.refusals import Refusal
from hubs.scope import current_hub
from parties.imports.sheets import read_sheet
from parties.imports.writes import finish_draft, keep_draft
from parties.models import ImportDraft

# From so many lines on, the import is a run: a browser does not wait for it.
LATER_FROM = 1_000


class LinesToMend(Refusal):
    message = gettext_lazy("Des lignes sont à corriger. Reprenez les bonnes seulement, ou corrigez le fichier.")


class NothingToOpen(Refusal):
    message = gettext_lazy("Aucune ligne de ce fichier n’est à reprendre.")


class ColumnsUnsaid(Refusal):
    message = gettext_lazy("Dites d’abord ce que contient chaque colonne.")


class SeriesBegun(Refusal):
    message = gettext_lazy("Le portail a déjà donné des numéros dans cette série\u00a0: elle continue d’elle-même.")
    field = "series"


class NumberTaken(Refusal):
    message = gettext_lazy("Une facture reprise porte un numéro plus grand dans cette série. Vérifiez le dernier.")
    field = "last"


class DateOfNumber(Refusal):
    message = gettext_lazy("La date du dernier numéro est dans l’année de la série, et passée.")
    field = "last_date"


@transaction.atomic
def drop_opening(*, importer: Importer, name: str, content: bytes, by: Actor, now: dt.datetime) -> ImportDraft:
    """Keep a file until it is imported, its line of headers found. Raises a FileRefused."""
    require_accounts(by)
    sheet = read_sheet(content)
    mapping = OpeningMapping.objects.filter(kind=importer.key).first()
    place = signed_header(sheet, importer, mapping.columns if mapping else {})
    options = {"importer": importer.key, "header": place, "lines": len(sheet.lines) - place - 1}
    return keep_draft(purpose=PURPOSE, name=name, content=content, options=options, by=by, now=now)


@transaction.atomic
def say_columns(*, draft: ImportDraft, columns: Mapping[int, str], said: Mapping[str, str], by: Actor) -> ImportDraft:
    """Note which place of the file holds which column, and remember it by header for the next file of this kind."""
    require_accounts(by)
    draft = ImportDraft.objects.select_for_update(of=("self",)).get(pk=draft.pk)
    draft.options["columns"] = {str(place): key for place, key in columns.items()}
    draft.save(update_fields=["options"])
    kind = draft.options["importer"]
    OpeningMapping.objects.get_or_create(kind=kind)
    mapping = OpeningMapping.objects.select_for_update(of=("self",), no_key=True).get(kind=kind)
    mapping.columns |= dict(said)
    mapping.save(update_fields=["columns"])
    return draft


@transaction.atomic
def import_opening(
    *, draft: ImportDraft, by: Actor, now: dt.datetime, today: dt.date, only_good: bool = False
) -> ImportDraft:
    """Import a file, read again from its bytes: all of it or nothing. A second click changes nothing.

    Raises ColumnsUnsaid, LinesToMend unless `only_good`, NothingToOpen, NobodyHolds.
    """
    require_accounts(by)
    # Two files at once are read one after the other: each sees what the other brought.
    list(Issuer.objects.select_for_update(of=("self",), no_key=True).order_by("pk"))
    draft = ImportDraft.objects.select_for_update(of=("self",)).get(pk=draft.pk)
    if draft.imported_at is not None:
        return draft
    plan = ready_plan(draft, today)
    if plan.refused and not only_good:
        raise LinesToMend
    if not plan.new:
        raise NothingToOpen
    plan.importer.apply(plan.new, by=by, today=today)
    finish_draft(draft=draft, result=plan.counts, by=by, now=now)
    return draft


def ready_plan(draft: ImportDraft, today: dt.date) -> Plan:
    """The dry run of a file whose columns are said. Raises ColumnsUnsaid."""
    if "columns" not in draft.options:
        raise ColumnsUnsaid
    importer = importers(current_hub())[draft.options["importer"]]
    return plan_of(bytes(draft.content), draft.options, importer, today)


@transaction.atomic
def import_opening_later(*, draft: ImportDraft, by: Actor, today: dt.date, only_good: bool = False) -> Run:
    """Hand a long file to a worker, which imports all of it or nothing; a second click finds the same run."""
    require_accounts(by)
    draft = ImportDraft.objects.select_for_update(of=("self",)).get(pk=draft.pk)
    if known := Run.objects.filter(about=name_of(draft), cancelled_at=None).first():
        return known
    with languages.of_hub():
        title = _("Reprise de %s") % draft.name
    run = start_run(title=title, by=by, about=draft)
    add_item(
        run=run, job="billing.import_opening", label=draft.name, draft_id=draft.pk, only_good=only_good, today=today
    )
    return run


@transaction.atomic
def continue_numbers(*, series: str, last: int, last_date: dt.date, by: Actor, today: dt.date) -> NumberSeries:
    """Let a series go on after the last number given elsewhere, in the year of `last_date`.

    Only before the first of ours. Raises NobodyHolds, SeriesBegun, NumberTaken, DateOfNumber.
    """
    require_accounts(by)
    if series not in SERIES.values() or last_date > today:
        raise DateOfNumber
    issuer = issuer_of_openings(today)
    counter = lock_series(issuer, series, last_date.year)
    begun = Invoice.objects.issued().filter(issuer=issuer, series=series, year=last_date.year)
    if begun.exists():
        raise SeriesBegun
    brought = Invoice.objects.issued().filter(issuer=issuer, is_opening=True)
    numbers = brought.filter(number__startswith=f"{series}-{last_date.year}-").values_list("number", flat=True)
    if any(int(rank) > last for number in numbers if (rank := number.rsplit("-", 1)[1]).isdecimal()):
        raise NumberTaken
    before = {"last": counter.last}
    counter.last, counter.last_date = last, last_date
    counter.save(update_fields=["last", "last_date"])
    after = {"series": series, "last": last, "last_date": last_date}
    record(by=by, verb="billing.numbers_continued", thing=counter, before=before, after=after, concerns=issuer)
    return counter
