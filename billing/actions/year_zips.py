"""All the papers of an account's year in one file, made by the worker."""

import io
import zipfile

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from billing.actions.payments import lock_account
from billing.models import Account, Invoice
from billing.rules import sees_account
from documents.actions import attach_document, store_file
from documents.models import Document
from documents.queries import document_of, documents_of
from documents.storage import read
from hubs import languages
from hubs.actions import add_item, start_run
from hubs.actors import Actor
from hubs.models import Run
from hubs.refusals import NotAllowed, Refusal
from hubs.rules import accounts

# Of every entry: the same papers make the same bytes.
SAME_TIME = (1980, 1, 1, 0, 0, 0)


class NoPapers(Refusal):
    message = _("Aucune facture n’a été émise cette année-là pour ce compte.")


def archive_kind(year: int) -> str:
    """How documents name the archive of a year."""
    return f"year-{year}"


@transaction.atomic
def prepare_year(*, account: Account, year: int, by: Actor) -> Run:
    """Have the worker gather the year's invoices and credit notes of the account. Raises NoPapers."""
    if not (sees_account(by, account) or accounts(by)):
        raise NotAllowed(_("Seules les personnes de la structure emportent ses factures."))
    if not Invoice.objects.issued().filter(account=account, issue_date__year=year).exists():
        raise NoPapers
    with languages.of_hub():
        title = str(_("Factures %(year)s de %(account)s") % {"year": year, "account": account})
    run = start_run(title=title, by=by, about=account)
    add_item(run=run, job="billing.zip_year", label=title, account_id=account.pk, year=year)
    return run


@transaction.atomic
def zip_year(*, account: Account, year: int) -> Document:
    """Keep one file of the year's papers; the same papers twice make one version."""
    lock_account(account.pk)
    invoices = list(
        Invoice.objects.issued().filter(account=account, issue_date__year=year).order_by("issue_date", "pk")
    )
    papers = documents_of(invoices, "invoice")
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for invoice in invoices:
            if invoice.pk in papers:
                archive.writestr(zipfile.ZipInfo(f"{invoice.number}.pdf", SAME_TIME), read(papers[invoice.pk].file.key))
    file = store_file(name=f"factures-{year}.zip", content_type="application/zip", content=content.getvalue())
    last = document_of(account, archive_kind(year))
    if last is not None and last.file_id == file.pk:
        return last
    version = last.version + 1 if last else 1
    return attach_document(about=account, kind=archive_kind(year), file=file, version=version)
