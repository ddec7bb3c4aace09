"""A year in one file: its entries, its figures and its invoices, with the SHA-256 of each."""

import csv
import datetime as dt
import hashlib
import io
import tempfile
import zipfile
from collections.abc import Iterator
from decimal import Decimal
from functools import partial

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from billing.actions.books import post_entries
from billing.books.columns import eighteen_columns, file_name, one_amount, two_sides
from billing.models import BooksArchive, BooksYear, Invoice, JournalLine, Seal
from billing.queries.books import auxiliary_balance, lines_of_year, trial_balance
from billing.queries.vat import vat_figures
from billing.rules import require_accounts
from documents.actions import store_file
from documents.queries import documents_of
from documents.storage import private_storage, read
from hubs import languages
from hubs.actions import add_item, record, start_run
from hubs.actors import Actor, system
from hubs.exports import as_csv
from hubs.scope import current_hub_id

KEPT = dt.timedelta(days=30)
PDFS = 200


@transaction.atomic
def ask_archive(*, year: BooksYear, by: Actor) -> BooksArchive:
    """Start making the archive of a year; the run says when it is there."""
    require_accounts(by)
    with languages.of_hub():
        title = _("Archive de l’exercice %s") % year
    run = start_run(title=title, by=by, about=year)
    archive = BooksArchive.objects.create(year=year, run=run, asked_by=by.name[:200])
    add_item(run=run, job="billing.build_archive", label=title, archive_id=archive.pk)
    record(by=by, verb="billing.archive_asked", thing=year)
    return archive


@transaction.atomic
def build_archive(*, archive: BooksArchive, now: dt.datetime) -> BooksArchive:
    """Write the file of an archive; once it is there, nothing is made again."""
    archive = (
        BooksArchive.objects.select_for_update(of=("self",), no_key=True)
        .select_related("year__issuer")
        .get(pk=archive.pk)
    )
    if archive.file_id is not None:
        return archive
    post_entries(by=system(current_hub_id()))
    with tempfile.TemporaryFile() as file, languages.of_hub():
        _zip(archive.year, file, now)
        file.seek(0)
        name = f"comptes-{archive.year}-{archive.pk}.zip"
        archive.file = store_file(name=name, content_type="application/zip", content=file.read())
    archive.made_at = now
    archive.save(update_fields=["file", "made_at"])
    return archive


def _zip(year: BooksYear, file: io.BufferedIOBase, now: dt.datetime) -> None:
    stamp = now.timetuple()[:6]
    sums: list[tuple[str, int, str]] = []
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:

        def add(name: str, content: bytes) -> None:
            archive.writestr(zipfile.ZipInfo(name, stamp), content, zipfile.ZIP_DEFLATED)
            sums.append((name, len(content), hashlib.sha256(content).hexdigest()))

        for name, content in _files(year):
            add(name, content)
        archive.writestr(
            zipfile.ZipInfo("empreintes-sha256.csv", stamp), _csv([("fichier", "octets", "sha256"), *sums])
        )


def _csv(rows: list[tuple[object, ...]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=";").writerows(rows)
    return text.getvalue().encode("utf-8-sig")


def _files(year: BooksYear) -> Iterator[tuple[str, bytes]]:
    yield f"ecritures/{file_name(year)}", eighteen_columns(lines_of_year(year))
    yield "ecritures/debit-credit.csv", as_csv(*two_sides(lines_of_year(year)))
    yield "ecritures/montant-sens.csv", as_csv(*one_amount(lines_of_year(year)))
    header = [_("Compte"), _("Libellé"), _("Débit"), _("Crédit"), _("Solde")]
    for name, rows in (("balance", trial_balance(year)), ("balance-auxiliaire", auxiliary_balance(year))):
        yield f"{name}.csv", as_csv(header, [(r.number, r.label, r.debit, r.credit, r.balance) for r in rows])
    yield "tva.csv", _vat(year)
    yield from _statements(year)
    seals = Seal.objects.order_by("rank").values_list("rank", "what", "thing_id", "payload_sha256", "hash")
    yield "sceaux.csv", as_csv([_("Rang"), _("Nature"), _("Pièce"), _("Contenu"), _("Sceau")], seals)
    yield from _papers(
        Invoice.objects.issued().filter(
            issuer=year.issuer_id, issue_date__gte=year.starts_on, issue_date__lt=year.ends_on
        )
    )


def _vat(year: BooksYear) -> bytes:
    header = [
        _("Mois"), _("Taux"), _("Base facturée"), _("TVA facturée"), _("Base encaissée"), _("TVA encaissée"),
    ]  # fmt: skip
    rows: list[tuple[object, ...]] = []
    month = year.starts_on
    while month < year.ends_on:
        after = min((month.replace(day=1) + dt.timedelta(days=32)).replace(day=1), year.ends_on)
        rows += [
            (f"{month:%Y-%m}", row.label, row.base_invoiced, row.vat_invoiced, row.base_received, row.vat_received)
            for row in vat_figures(year.issuer, month, after - dt.timedelta(days=1))
        ]
        month = after
    return as_csv(header, rows)


def _statements(year: BooksYear) -> Iterator[tuple[str, bytes]]:
    """The year of each member's account, with its running balance."""
    header = [_("Date"), _("Pièce"), _("Libellé"), _("Débit"), _("Crédit"), _("Solde"), _("Lettrage")]
    lines = JournalLine.objects.filter(entry__year=year, account__isnull=False).select_related("entry")
    rows: list[tuple[object, ...]] = []
    last, balance = "", Decimal(0)
    for line in lines.order_by("account", "entry__on", "entry", "rank"):
        if line.aux_number != last:
            if rows:
                yield f"comptes/{last}.csv", as_csv(header, rows)
            rows, last, balance = [], line.aux_number, Decimal(0)
        balance += line.debit - line.credit
        rows.append((line.entry.on, line.entry.piece_ref, line.label, line.debit, line.credit, balance, line.letter))
    if rows:
        yield f"comptes/{last}.csv", as_csv(header, rows)


def _papers(invoices: QuerySet[Invoice]) -> Iterator[tuple[str, bytes]]:
    """The PDFs of the year, read a few at a time."""
    ids = list(invoices.order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(ids), PDFS):
        batch = list(Invoice.objects.filter(pk__in=ids[start : start + PDFS]).order_by("pk"))
        papers = documents_of(batch, "invoice")
        for invoice in batch:
            if invoice.pk in papers:
                yield f"factures/{invoice.number}.pdf", read(papers[invoice.pk].file.key)


@transaction.atomic
def forget_archives(*, now: dt.datetime) -> int:
    """Let go of the files of archives that were made more than thirty days ago; says how many. The line stays."""
    old = BooksArchive.objects.select_for_update(of=("self",), no_key=True).filter(
        made_at__lt=now - KEPT, file__isnull=False
    )
    count = 0
    for archive in old.select_related("file").order_by("pk"):
        if (file := archive.file) is None:
            continue
        archive.file = None
        archive.save(update_fields=["file"])
        file.delete()
        transaction.on_commit(partial(private_storage().delete, file.key))
        count += 1
    return count
