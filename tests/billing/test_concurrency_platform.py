"""Two workers at the platform at once: real connections, real commits."""

import datetime as dt
from functools import partial

import pytest

from billing import actions, tasks
from billing.models import Invoice, PlatformLink, SupplierInvoice, Transmission, TransmissionStatus
from hubs.actors import system
from hubs.models import Run, RunItem
from hubs.scope import open_hub
from tests.billing.factories import AccountFactory, issued
from tests.billing.platform_server import PlatformServer, life_cycle
from tests.billing.supplied import cii
from tests.billing.test_concurrency import at_once, nord
from tests.cast import Cast

__all__ = ["nord"]

NOW = dt.datetime(2026, 11, 3, 9, tzinfo=dt.UTC)


@pytest.fixture
def server(nord, settings):
    server = PlatformServer()
    settings.EINVOICE_ACCOUNTS = {nord.hub.slug: server.account}
    with open_hub(nord.hub):
        PlatformLink.objects.create(sends_from=dt.date(2026, 10, 1))
        invoice = issued(AccountFactory(organisation__siren="732829320"))
        tasks.render_invoice(run_id=Run.objects.get().pk, invoice_id=invoice.pk)
    yield server
    server.close()


def hand_over(cast: Cast) -> None:
    with open_hub(cast.hub):
        actions.send_to_platform(invoice=Invoice.objects.get(), now=NOW)


def read(cast: Cast) -> None:
    with open_hub(cast.hub):
        actions.read_platform(run=Run.objects.order_by("pk").first(), now=NOW)


def test_an_invoice_that_two_workers_hand_over_is_sent_once(nord, server):
    assert at_once(partial(hand_over, nord), partial(hand_over, nord)) == [None, None]

    with open_hub(nord.hub):
        assert (len(server.sent), Transmission.objects.count()) == (1, 1)


def test_what_two_workers_read_is_noted_once(nord, server, work):
    hand_over(nord)
    server.tell(life_cycle("FA-2026-00001", "200"))
    server.supply(cii(), name="facture.xml")

    assert at_once(partial(read, nord), partial(read, nord)) == [None, None]
    work(nord.hub)

    with open_hub(nord.hub):
        assert (TransmissionStatus.objects.count(), SupplierInvoice.objects.count()) == (1, 1)
        assert RunItem.objects.filter(job="billing.receive_from_platform").count() == 1


def test_two_people_who_ask_for_a_visit_begin_one(nord, server):
    def visit() -> None:
        with open_hub(nord.hub):
            actions.visit_platform(by=system(nord.hub.pk))

    said = at_once(visit, visit)

    assert sorted(type(each).__name__ for each in said) == ["AlreadyVisiting", "NoneType"]
    # What the run that issued it has still to hand over is not asked for twice.
    with open_hub(nord.hub):
        assert RunItem.objects.filter(job="billing.send_to_platform").count() == 1
