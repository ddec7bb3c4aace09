import datetime as dt
import io
from decimal import Decimal

import pytest
from django.core.files.storage import storages
from django.db import transaction
from pypdf import PdfReader

from billing import actions, tasks
from billing.models import Allocation, Charge, Invoice
from billing.papers import paper_of
from documents.models import Document, StoredFile
from documents.queries import document_of
from documents.rendering import Pdf
from documents.storage import read
from hubs.actions import start_run
from hubs.actors import system
from hubs.models import AuditEntry, Mail, RunItem
from hubs.refusals import NotAllowed
from parties.models import Organisation
from tests.billing.factories import AccountFactory, ChargeFactory, PaymentFactory, issued
from tests.documents.checks import assert_conforms

TODAY = dt.date(2026, 11, 20)


@pytest.fixture
def accountant(nord, selling):
    return nord.actor("accountant")


def text_of(invoice: Invoice) -> str:
    """What the PDF says, typographic spaces made plain."""
    content = read(document_of(invoice, "invoice").file.key)
    text = " ".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)
    return " ".join(text.replace("\u202f", " ").replace("\u00a0", " ").split())


def render(invoice: Invoice) -> None:
    actions.render_invoice(invoice=invoice, today=TODAY)


def test_the_pdf_says_what_was_agreed(selling):
    account = AccountFactory(organisation__name="Zutique Productions", organisation__siren="732829320")
    invoice = issued(account, "1234.50")

    render(invoice)

    text = text_of(invoice)
    for said in (
        "Facture FA-2026-00001", "Zutique Productions", "732 829 320", "3 rue des Ateliers", "21000 Dijon",
        "Association du pôle", "900 274 184", "FR57900274184", "mardi 6 octobre, 9 h à 12 h", "1 234,50 €", "246,90 €",
        "1 481,40 €", "6 octobre 2026", "5 novembre 2026", "40 €", "Pas d’escompte", "20 %",
    ):  # fmt: skip
        assert said in text, said


def test_the_pdf_shows_the_day_of_the_invoice_whatever_changes_later(selling):
    account = AccountFactory(organisation__name="Avant")
    invoice = issued(account)
    Organisation.objects.update(name="Après")
    invoice.account.organisation.refresh_from_db()

    render(invoice)

    assert "Avant" in text_of(invoice)
    assert "Après" not in text_of(invoice)


def test_a_person_is_asked_for_no_indemnity(selling):
    invoice = issued(AccountFactory(of_person=True))

    paper = paper_of(invoice)["invoice"]

    assert (paper["indemnity_text"], paper["buyer_name"]) == ("", str(invoice.account.person))


def test_the_paper_is_made_once_and_mailed_once(selling, private_files):
    invoice = issued(AccountFactory())
    run = start_run(title="Factures", by=system(selling.pk))

    for _ in range(3):
        tasks.render_invoice(run_id=run.pk, invoice_id=invoice.pk)

    # The PDF, and the XML that it carries.
    assert (Document.objects.count(), StoredFile.objects.count(), Mail.objects.count()) == (2, 2, 1)
    names = {path.name for path in private_files.rglob("*") if path.is_file()}
    assert names == set(StoredFile.objects.values_list("sha256", flat=True))


def test_killed_before_its_commit_it_makes_the_same_bytes_again(selling, private_files):
    invoice = issued(AccountFactory())

    with transaction.atomic():
        render(invoice)
        transaction.set_rollback(True)
    assert (Document.objects.count(), Mail.objects.count()) == (0, 0)
    render(invoice)

    assert len([path for path in private_files.rglob("*") if path.is_file()]) == 2
    assert (Document.objects.count(), Mail.objects.count()) == (2, 1)


def test_the_pdf_is_an_archive_that_a_screen_reader_reads(accountant):
    invoice = issued(AccountFactory())
    note = actions.credit_invoice(invoice=invoice, by=accountant, reason="erreur", today=TODAY)

    for paper in (invoice, note):
        render(paper)
        content = read(document_of(paper, "invoice").file.key)
        assert_conforms(Pdf(content=content, sha256="", pages=1))


def test_issuing_twice_changes_nothing(selling):
    invoice = issued(AccountFactory())
    run = start_run(title="Factures", by=system(selling.pk))

    again = actions.issue_invoice(invoice=invoice, run=run, today=dt.date(2027, 1, 1))

    assert (again.number, again.issue_date, run.items.count()) == ("FA-2026-00001", dt.date(2026, 10, 6), 0)


@pytest.mark.feature("BI5")
def test_a_credit_note_cancels_an_invoice_in_its_own_series(accountant, selling, work):
    account = AccountFactory()
    invoice = issued(account, "100.00")
    issued(account, "10.00")
    payment = actions.record_payment(
        account=account, invoice=invoice, received_on=TODAY, amount=Decimal("120.00"), method="cheque", by=accountant,
        today=TODAY,
    )  # fmt: skip

    note = actions.credit_invoice(invoice=invoice, by=accountant, reason="Salle fermée", today=TODAY)
    work(selling)

    note = Invoice.objects.get(pk=note.pk)
    assert (note.number, note.corrects, note.total_incl, note.due_date) == (
        "AV-2026-00001", invoice, Decimal("120.00"), None,
    )  # fmt: skip
    assert list(note.lines.values_list("description", "amount_excl")) == [("Salle de réunion", Decimal("100.00"))]
    # What had paid it pays the other invoice; the rest waits on the account.
    assert [(a.invoice.number, a.amount) for a in Allocation.objects.live()] == [("FA-2026-00002", Decimal("12.00"))]
    assert payment.allocations.count() == 2
    assert AuditEntry.objects.get(verb="billing.credited").reason == "Salle fermée"
    text = text_of(note)
    for said in ("Avoir AV-2026-00001", "corrige la facture FA-2026-00001 du 6 octobre 2026", "Salle fermée"):
        assert said in text, said


def test_an_invoice_has_one_credit_note_and_a_credit_note_none(accountant):
    invoice = issued(AccountFactory())
    note = actions.credit_invoice(invoice=invoice, by=accountant, reason="erreur", today=TODAY)

    with pytest.raises(actions.AlreadyCredited):
        actions.credit_invoice(invoice=invoice, by=accountant, reason="encore", today=TODAY)
    with pytest.raises(actions.NotCreditable):
        actions.credit_invoice(invoice=note, by=accountant, reason="encore", today=TODAY)
    assert Invoice.objects.count() == 2


def test_what_was_credited_may_be_charged_anew(accountant):
    invoice = issued(AccountFactory())
    charge = Charge.objects.get()
    actions.credit_invoice(invoice=invoice, by=accountant, reason="erreur", today=TODAY)

    again = ChargeFactory(account=charge.account, source=charge.source, kind=charge.kind, on=charge.on)

    assert list(Charge.objects.unbilled()) == [again]


def test_only_those_who_keep_the_accounts_credit(nord, selling):
    with pytest.raises(NotAllowed):
        actions.credit_invoice(
            invoice=issued(AccountFactory()), by=nord.actor("receptionist"), reason="non", today=TODAY
        )


def test_an_invoice_is_sent_again_to_the_address_of_today(accountant, selling):
    invoice = issued(AccountFactory(organisation__email=""))
    render(invoice)
    assert Mail.objects.count() == 0
    with pytest.raises(actions.NoRecipient):
        actions.send_invoice_again(invoice=invoice, by=accountant, today=TODAY)

    Organisation.objects.filter(pk=invoice.account.organisation_id).update(invoice_email="compta@structure.example")
    invoice = Invoice.objects.select_related("account__organisation").get(pk=invoice.pk)
    mail = actions.send_invoice_again(invoice=invoice, by=accountant, today=TODAY)

    assert mail.to == ["compta@structure.example"]
    assert storages["private"].exists(mail.attachments[0]["key"])


def test_what_was_paid_in_advance_is_on_the_paper(selling):
    account = AccountFactory()
    PaymentFactory(account=account, amount=Decimal("200.00"))

    invoice = issued(account, "100.00")
    render(invoice)

    assert (invoice.paid_on_issue, "Cette facture est réglée" in text_of(invoice)) == (Decimal("120.00"), True)
    assert "Elle est déjà réglée, merci." in Mail.objects.get().text
    assert RunItem.objects.count() == 1
