"""What the demo's hubs collected by debit: three structures signed, one was refused, one is left to announce."""

import datetime as dt

from django.utils import timezone

from billing.actions import (
    announce_debits,
    collect_batch,
    fail_debit,
    invite_to_sign,
    make_debit_file,
    note_deposit,
    note_paper_mandate,
    sign_mandate,
)
from billing.actions.debits import note_announced
from billing.models import Account, Debit, Invoice, Issuer
from billing.queries import signatories
from billing.queries.debits import still_time
from hubs.actors import Actor
from parties.enums import LinkRole
from parties.models import Link
from parties.queries import actor_of

SIGNED_BEFORE = dt.timedelta(days=10)
# Invented, with the right keys: no bank has this code.
IBANS = ("FR7699999000020000000000197", "FR7699999000020000000000294", "FR7699999000020000000000391")
# A blank page stands for the scan.
PAPER = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
)


def sign_mandates(accounts: list[Account], issued_on: dt.date, by: Actor) -> list[Account]:
    """Three structures have signed: on the portal where their administrator comes to it, else on paper."""
    issuer = Issuer.objects.live(issued_on).first()
    if issuer is None or not issuer.ics:
        return []
    structures = [account for account in accounts if account.organisation_id]
    signed = sorted(structures, key=lambda account: _administrator(account, issued_on) is None)[: len(IBANS)]
    for account, iban in zip(signed, IBANS, strict=False):
        _sign(account, iban, issued_on, by)
    for account in structures:
        if account not in signed and signatories(account, issued_on):
            invite_to_sign(account=account, by=by, today=issued_on)
            break
    return signed


def _administrator(account: Account, on: dt.date) -> Link | None:
    links = Link.objects.live(on).filter(organisation=account.organisation_id, role=LinkRole.ADMINISTRATOR)
    return links.filter(person__user__isnull=False).select_related("person__user").order_by("pk").first()


def _sign(account: Account, iban: str, issued_on: dt.date, by: Actor) -> None:
    signed_on = issued_on - SIGNED_BEFORE
    name = str(account)[:70]
    link = _administrator(account, issued_on)
    if link is not None and link.person.user is not None:
        sign_mandate(
            account=account,
            debtor_name=name,
            iban=iban,
            agreed=True,
            by=actor_of(link.person.user, issued_on),
            now=timezone.make_aware(dt.datetime.combine(signed_on, dt.time(10, 20))),
        )
    else:
        note_paper_mandate(
            account=account,
            debtor_name=name,
            iban=iban,
            signed_on=signed_on,
            signed_by=name,
            scan=PAPER,
            scan_type="application/pdf",
            by=by,
            today=issued_on,
        )


def collect(accounts: list[Account], issued_on: dt.date, today: dt.date, by: Actor) -> None:
    """Their invoices were announced, but the last; collected if their day is past, and one was returned since."""
    invoices = [
        invoice for account in accounts for invoice in Invoice.objects.issued().filter(account=account).order_by("pk")
    ]
    for invoice in invoices:
        note_announced(invoice=invoice, today=issued_on)
    if len(invoices) < 2:
        return
    # The last is left for whoever tries the page.
    debits = announce_debits(invoices=[invoice.pk for invoice in invoices[:-1]], by=by, today=issued_on)
    collect_on = debits[0].collect_on
    file_on = collect_on - dt.timedelta(days=5)
    if file_on > today or not still_time(collect_on, file_on):
        return
    batch = make_debit_file(issuer=debits[0].mandate.issuer, collect_on=collect_on, by=by, today=file_on)
    if batch is None:
        return
    note_deposit(batch=batch, deposited_on=file_on, by=by, today=today)
    if collect_on > today:
        return
    collect_batch(batch=batch, by=by, today=today)
    returned = Debit.objects.filter(batch=batch).order_by("pk").first()
    if returned is not None and batch.count > 1:
        fail_debit(debit=returned, code="AM04", by=by, today=today)
