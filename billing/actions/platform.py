"""Going by the plateforme agréée: invoices are handed over, what it tells is noted, what it brings is received."""

import datetime as dt
import uuid
from collections.abc import Callable, Collection, Iterable
from typing import Any

from django.core.files.storage import storages
from django.db import transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from billing.actions.months import NoIssuer
from billing.actions.suppliers import AlreadyReceived, receive_supplier_invoice
from billing.einvoice.platforms import Batch, DocumentRefused, Status, current_platform
from billing.enums import LifeCode
from billing.models import Invoice, PlatformArrival, PlatformLink, Transmission, TransmissionStatus
from billing.papers import title_of
from billing.queries.platform import asked_for, is_visiting, platform_link, to_transmit
from billing.reception.reading import PDF, FileRefused
from billing.rules import require_accounts
from documents.actions import store_file
from documents.queries import document_of
from hubs import languages
from hubs.actions import add_item, add_items, record, start_run
from hubs.actors import Actor, system
from hubs.models import Run
from hubs.refusals import Refusal
from hubs.scope import current_hub_id

# Read once more at each visit: what a platform wrote late bears an earlier hour.
OVERLAP = dt.timedelta(hours=1)
# How far back the first visit looks.
FIRST_LOOK = dt.timedelta(days=30)


class NoPlatformSet(Refusal):
    message = _("Aucune plateforme n’est reliée à ce portail\u00a0: voyez avec qui l’héberge.")


class SendingInPast(Refusal):
    message = _("Choisissez aujourd’hui ou un jour à venir\u00a0: les factures d’avant ont été remises autrement.")
    field = "sends_from"


class AlreadyVisiting(Refusal):
    message = _("Une relève est déjà en cours. Revenez dans quelques minutes.")


class SendingOff(Refusal):
    message = _("L’envoi par la plateforme est arrêté : choisissez d’abord depuis quel jour il se fait.")


class NothingToSendAgain(Refusal):
    message = _("Cette facture n’est pas de celles que la plateforme a rejetées.")


class NothingToHandle(Refusal):
    message = _("Il n’y a rien à traiter ici\u00a0: quelqu’un s’en est occupé.")


def _link() -> PlatformLink:
    """The hub's row, held until the end of the transaction."""
    PlatformLink.objects.get_or_create()
    return PlatformLink.objects.select_for_update(of=("self",), no_key=True).get()


@transaction.atomic
def set_sending(*, sends_from: dt.date | None, by: Actor, today: dt.date) -> PlatformLink:
    """From which day invoices go by the platform; None for by hand. Raises NoPlatformSet, SendingInPast."""
    require_accounts(by)
    link = _link()
    if sends_from is not None and sends_from != link.sends_from:
        if not current_platform().name:
            raise NoPlatformSet
        if sends_from < today:
            raise SendingInPast
    before, link.sends_from = link.sends_from, sends_from
    link.save(update_fields=["sends_from"])
    after = {"sends_from": sends_from}
    record(by=by, verb="billing.platform_set", thing=link, before={"sends_from": before}, after=after)
    return link


@transaction.atomic
def visit_platform(*, by: Actor) -> Run:
    """Read what the platform tells and hand over what waits, in a run. Raises NoPlatformSet, AlreadyVisiting."""
    require_accounts(by)
    if not current_platform().name:
        raise NoPlatformSet
    link = _link()
    if is_visiting():
        raise AlreadyVisiting
    with languages.of_hub():
        run = start_run(title=gettext("Relève de la plateforme"), by=by, about=link)
        add_item(run=run, job="billing.read_platform", label=gettext("Statuts et factures reçues"))
        waiting = to_transmit().exclude(pk__in=asked_for("billing.send_to_platform", "invoice_id")).order_by("pk")
        add_items(
            run=run,
            job="billing.send_to_platform",
            items=[(title_of(invoice), {"invoice_id": invoice.pk}) for invoice in waiting],
        )
    return run


def plan_transmission(*, invoice: Invoice, run: Run) -> None:
    """Once its paper is made, hand it over as another item of the run; nothing when it does not go by the platform."""
    if current_platform().name and to_transmit().filter(pk=invoice.pk).exists():
        add_item(run=run, job="billing.send_to_platform", label=title_of(invoice), invoice_id=invoice.pk)


@transaction.atomic
def send_to_platform(*, invoice: Invoice, now: dt.datetime) -> None:
    """Hand over an invoice; twice is once. One that the platform will not take says why. Raises what a Platform does."""
    Invoice.objects.select_for_update(of=("self",), no_key=True).get(pk=invoice.pk)
    document = document_of(invoice, "invoice")
    if document is None or not to_transmit().filter(pk=invoice.pk).exists():
        return
    with storages["private"].open(document.file.key) as file:
        pdf = file.read()
    sent, _is_new = Transmission.objects.get_or_create(
        invoice=invoice, defaults={"key": Transmission.key_of(invoice), "sent_at": now}
    )
    fault = ""
    try:
        sent.reference = current_platform().send(key=str(sent.key), name=f"{invoice.number}.pdf", pdf=pdf)
    except DocumentRefused as refusal:
        sent.reference, fault = "", str(refusal)
    sent.sent_at = now
    sent.save(update_fields=["reference", "sent_at"])
    if fault:
        TransmissionStatus.objects.create(
            transmission=sent, code=LifeCode.INADMISSIBLE, at=now, text=fault[:500], noted_at=now
        )
    after = {"reference": sent.reference} if sent.reference else {"fault": fault}
    record(
        by=system(current_hub_id()), verb="billing.transmitted", thing=invoice, after=after, concerns=invoice.account
    )


@transaction.atomic
def read_platform(*, run: Run, now: dt.datetime) -> None:
    """Note what became of what was sent, and what suppliers sent, as items; what is read twice is noted once.

    Raises what a Platform does: nothing is noted then, and it is read again.
    """
    platform, known = current_platform(), platform_link()
    statuses = platform.statuses((known.statuses_until or now - FIRST_LOOK) - OVERLAP)
    arrivals = platform.arrivals((known.arrivals_until or now - FIRST_LOOK) - OVERLAP)
    # Nobody who changes the settings waits for what the platform takes to answer.
    link = _link()
    note_statuses(statuses=statuses.items, now=now)
    PlatformArrival.objects.bulk_create(
        [PlatformArrival(reference=each.reference, name=each.name, told_at=each.at) for each in arrivals.items],
        ignore_conflicts=True,
    )
    asked = asked_for("billing.receive_from_platform", "arrival_id")
    waiting = PlatformArrival.objects.filter(read_at=None).exclude(pk__in=asked).order_by("pk")
    add_items(
        run=run,
        job="billing.receive_from_platform",
        items=[(each.name, {"arrival_id": each.pk}) for each in waiting],
    )
    link.statuses_until = _next(link.statuses_until, statuses, now)
    link.arrivals_until = _next(link.arrivals_until, arrivals, now)
    link.read_at = now
    link.save(update_fields=["statuses_until", "arrivals_until", "read_at"])
    if not (statuses.is_whole and arrivals.is_whole):
        with languages.of_hub():
            add_item(run=run, job="billing.read_platform", label=gettext("Statuts et factures reçues, la suite"))


def _next(before: dt.datetime | None, batch: Batch[Any], now: dt.datetime) -> dt.datetime:
    """Never back; a reading that is not whole goes on from where it stopped, with nothing read once more.

    A row that bears a date to come does not hide those that will be written before it.
    """
    after = min(batch.until, now) if batch.is_whole else batch.until + OVERLAP
    return max(before, after) if before else after


def note_statuses(*, statuses: Iterable[Status], now: dt.datetime) -> None:
    """Keep what concerns an invoice of the hub; the rest is of other tools that share the account."""
    told = list(statuses)
    find = _finder(told)
    TransmissionStatus.objects.bulk_create(
        [
            TransmissionStatus(transmission=about, code=each.code, at=each.at, text=each.text[:500], noted_at=now)
            for each in told
            if (about := find(each)) is not None
        ],
        ignore_conflicts=True,
    )


def _finder(told: Collection[Status]) -> Callable[[Status], Transmission | None]:
    """What each of them is about, read at once."""
    sent = Transmission.objects.select_related("invoice").filter(sent_at__isnull=False)
    references = {each.reference for each in told if each.reference}
    by_reference = {each.reference: each for each in sent.filter(reference__in=references)}
    keys = [key for each in told if (key := _uuid(each.key))]
    by_key = {str(each.key): each for each in sent.filter(key__in=keys)}
    numbers = {each.number for each in told if each.number}
    by_number = {
        (each.invoice.frozen[0]["siren"], each.invoice.number): each
        for each in sent.filter(invoice__number__in=numbers)
    }
    sirens = {siren for siren, _number in by_number}

    def find(status: Status) -> Transmission | None:
        # A message that does not say whose invoice it is: there is one seller, or nobody can tell.
        seller = status.seller or (next(iter(sirens)) if len(sirens) == 1 else "")
        return by_reference.get(status.reference) or by_key.get(status.key) or by_number.get((seller, status.number))

    return find


def _uuid(key: str) -> uuid.UUID | None:
    """Another tool on the same account tracks as it likes."""
    try:
        return uuid.UUID(key)
    except ValueError:
        return None


@transaction.atomic
def receive_from_platform(*, arrival: PlatformArrival, now: dt.datetime) -> None:
    """Fetch an invoice of a supplier and read it; one that does not read is kept, with why. Twice is once."""
    held = PlatformArrival.objects.select_for_update(of=("self",), no_key=True).get(pk=arrival.pk)
    if held.read_at is not None:
        return
    content = current_platform().document(held.reference)
    held.read_at = now
    try:
        with transaction.atomic():
            held.invoice = receive_supplier_invoice(
                name=held.name, content=content, by=system(current_hub_id()), now=now
            )
    except AlreadyReceived:
        held.invoice = None
    except (FileRefused, NoIssuer) as refusal:
        kind = "application/pdf" if content.startswith(PDF) else "application/xml"
        held.fault = str(refusal)[:500]
        held.file = store_file(name=held.name, content_type=kind, content=content)
    held.save(update_fields=["read_at", "invoice", "fault", "file"])


@transaction.atomic
def send_again(*, invoice: Invoice, by: Actor) -> Run:
    """Have the worker hand over once more what the platform rejected. Raises SendingOff, NothingToSendAgain."""
    require_accounts(by)
    if not current_platform().name or platform_link().sends_from is None:
        raise SendingOff
    sent = _sent(invoice)
    last = Transmission.objects.with_last().get(pk=sent.pk).last_code if sent else None
    if sent is None or last not in LifeCode.sendable_again():
        raise NothingToSendAgain
    # What was rejected is not to be found in its place.
    sent.sent_at, sent.key = None, uuid.uuid4()
    sent.save(update_fields=["sent_at", "key"])
    record(by=by, verb="billing.transmission_again", thing=invoice, concerns=invoice.account)
    with languages.of_hub():
        run = start_run(title=gettext("Nouvel envoi à la plateforme"), by=by, about=invoice)
        add_item(run=run, job="billing.send_to_platform", label=title_of(invoice), invoice_id=invoice.pk)
    return run


@transaction.atomic
def note_transmission_handled(*, invoice: Invoice, by: Actor, now: dt.datetime) -> None:
    """Say that a refusal or a dispute has been seen to; a later one asks again. Raises NothingToHandle."""
    require_accounts(by)
    sent = _sent(invoice)
    if sent is None or not Transmission.objects.in_trouble().filter(pk=sent.pk).exists():
        raise NothingToHandle
    sent.handled_at = now
    sent.save(update_fields=["handled_at"])
    record(by=by, verb="billing.transmission_handled", thing=invoice, concerns=invoice.account)


def _sent(invoice: Invoice) -> Transmission | None:
    held = Transmission.objects.select_for_update(of=("self",), no_key=True)
    return held.filter(invoice=invoice).first()


@transaction.atomic
def note_arrival_handled(*, arrival: PlatformArrival, by: Actor, now: dt.datetime) -> None:
    """Say that what could not be read has been seen to with its supplier. Raises NothingToHandle."""
    require_accounts(by)
    held = PlatformArrival.objects.select_for_update(of=("self",), no_key=True).get(pk=arrival.pk)
    if not held.fault or held.handled_at is not None:
        raise NothingToHandle
    held.handled_at = now
    held.save(update_fields=["handled_at"])
    record(by=by, verb="billing.arrival_handled", thing=held)
