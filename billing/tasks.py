"""The jobs of billing's runs, around which hubs.tasks.do_item opens the hub and the transaction; and what is regular."""

import datetime as dt
import logging
from contextlib import suppress

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from billing import actions
from billing.cards import ProviderAway, card_provider
from billing.enums import CardState
from billing.models import (
    Account,
    BooksArchive,
    CardPayment,
    ChequeSlip,
    Deposit,
    Invoice,
    Mandate,
    MinimisCertificate,
    PlatformArrival,
    Quote,
    Receipt,
)
from billing.queries import reminder_policy
from hubs.actors import system
from hubs.models import Hub, Run
from hubs.parts import is_open
from hubs.scope import current_hub_id, open_hub
from parties.models import ImportDraft
from parties.queries import actor_of

log = logging.getLogger(__name__)


def check_drafts(*, run_id: int, invoice_ids: list[int]) -> None:
    actions.check_drafts(invoice_ids=invoice_ids)


def issue_invoice(*, run_id: int, invoice_id: int, today: str) -> None:
    actions.issue_invoice(
        invoice=Invoice.objects.get(pk=invoice_id),
        run=Run.objects.get(pk=run_id),
        today=dt.date.fromisoformat(today),
    )


def render_quote(*, run_id: int, quote_id: int) -> None:
    actions.render_quote(quote=Quote.objects.get(pk=quote_id), today=timezone.localdate())


def render_invoice(*, run_id: int, invoice_id: int) -> None:
    invoice = Invoice.objects.select_related("account__organisation", "account__person", "corrects", "quote").get(
        pk=invoice_id
    )
    actions.render_invoice(invoice=invoice, today=timezone.localdate())
    actions.plan_transmission(invoice=invoice, run=Run.objects.get(pk=run_id))


def read_platform(*, run_id: int) -> None:
    actions.read_platform(run=Run.objects.get(pk=run_id), now=timezone.now())


def send_to_platform(*, run_id: int, invoice_id: int) -> None:
    invoice = Invoice.objects.select_related("account__organisation", "account__person").get(pk=invoice_id)
    actions.send_to_platform(invoice=invoice, now=timezone.now())


def receive_from_platform(*, run_id: int, arrival_id: int) -> None:
    actions.receive_from_platform(arrival=PlatformArrival.objects.get(pk=arrival_id), now=timezone.now())


@shared_task
def visit_platforms() -> None:
    """Each night, hub by hub: what its platform tells, and what waits to be handed to it."""
    for hub in Hub.objects.filter(slug__in=settings.EINVOICE_ACCOUNTS).order_by("pk"):
        if not is_open("billing", hub):
            continue
        with open_hub(hub), suppress(actions.AlreadyVisiting):
            actions.visit_platform(by=system(hub.pk))


@shared_task
def ask_cards() -> None:
    """Every few minutes, what became of the payments by card that nobody came back from."""
    for hub in Hub.objects.filter(slug__in=settings.CARD_PROVIDERS).order_by("pk"):
        with open_hub(hub):
            ids = list(CardPayment.objects.filter(state=CardState.OPEN).order_by("pk").values_list("pk", flat=True))
        for pk in ids:
            with open_hub(hub):
                provider = card_provider()
                card = CardPayment.objects.select_related("invoice__account").get(pk=pk)
                if provider is None:
                    return
                try:
                    actions.settle_card_payment(card=card, provider=provider, today=timezone.localdate())
                except ProviderAway:
                    break


@shared_task
def gather_charges() -> None:
    """Each night, hub by hub: what falls due this month goes on the accounts. What fails waits for the next night."""
    for hub in Hub.objects.order_by("pk"):
        if not is_open("billing", hub):
            continue
        try:
            with open_hub(hub):
                actions.gather_charges(month=timezone.localdate(), by=system(hub.pk))
        except Exception:
            log.exception("hub %s: what falls due this month was not gathered", hub.slug)


def check_seals(*, run_id: int, first: int, last: int) -> None:
    actions.check_stretch(run=Run.objects.get(pk=run_id), first=first, last=last, now=timezone.now())


def build_archive(*, run_id: int, archive_id: int) -> None:
    actions.build_archive(archive=BooksArchive.objects.get(pk=archive_id), now=timezone.now())


@shared_task
def write_books() -> None:
    """Every few minutes, hub by hub: write what is frozen and has no entry. One that fails does not stop the others."""
    for hub in Hub.objects.order_by("pk"):
        if "billing" not in hub.modules:
            continue
        try:
            with open_hub(hub):
                actions.post_entries(by=system(hub.pk))
        except Exception:
            log.exception("hub %s: the books were not written", hub.slug)


def render_receipt(*, run_id: int, receipt_id: int) -> None:
    actions.render_receipt(receipt=Receipt.objects.select_related("payment").get(pk=receipt_id))


def render_minimis(*, run_id: int, certificate_id: int) -> None:
    certificate = MinimisCertificate.objects.get(pk=certificate_id)
    actions.render_minimis(certificate=certificate, today=timezone.localdate())


def render_slip(*, run_id: int, slip_id: int) -> None:
    actions.render_slip(slip=ChequeSlip.objects.select_related("bank_account__issuer").get(pk=slip_id))


def render_deposit_paper(*, run_id: int, deposit_id: int, kind: str, version: int, today: str) -> None:
    wanted = Deposit.objects.select_related("account__organisation", "account__person", "issuer")
    actions.render_deposit_paper(
        deposit=wanted.get(pk=deposit_id), kind=kind, version=version, today=dt.date.fromisoformat(today)
    )


def import_opening(*, run_id: int, draft_id: int, only_good: bool, today: str) -> None:
    """As whoever dropped the file, with the roles of now."""
    draft = ImportDraft.objects.select_related("owner__user").get(pk=draft_id)
    now, day = timezone.now(), dt.date.fromisoformat(today)
    by = actor_of(draft.owner.user, timezone.localdate(now))
    actions.import_opening(draft=draft, by=by, now=now, today=day, only_good=only_good)


def render_mandate(*, run_id: int, mandate_id: int) -> None:
    mandate = Mandate.objects.select_related("account__organisation", "account__person", "issuer").get(pk=mandate_id)
    actions.render_mandate(mandate=mandate, today=timezone.localdate())


def remind_account(*, run_id: int, account_id: int) -> None:
    """What is said is decided here, not when the run began: a payment may have come in between."""
    account = Account.objects.with_holders().get(pk=account_id)
    actions.remind_account(account=account, by=system(current_hub_id()), today=timezone.localdate())


def zip_year(*, run_id: int, account_id: int, year: int) -> None:
    actions.zip_year(account=Account.objects.with_holders().get(pk=account_id), year=year)


@shared_task
def remind() -> None:
    """Each morning, hub by hub: the reminders of the day and, once a week, the team's digest."""
    for hub in Hub.objects.order_by("pk"):
        with open_hub(hub):
            if not is_open("billing", hub):
                continue
            today = timezone.localdate()
            actions.send_digest(today=today)
            if reminder_policy().is_on:
                with suppress(actions.NotASendingDay, actions.NobodyToRemind):
                    actions.start_reminders(by=system(hub.pk), today=today)
