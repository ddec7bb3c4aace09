"""Invoices that go by the platform: handed over once, whatever dies; what it tells and brings, noted once."""

import datetime as dt

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from billing import actions, queries, tasks
from billing.enums import BuyerVat
from billing.models import (
    Account,
    BuyerProfile,
    Invoice,
    PlatformArrival,
    PlatformLink,
    SupplierInvoice,
    Transmission,
    TransmissionStatus,
    VatRule,
)
from hubs import tasks as hub_tasks
from hubs.actions import add_item, start_run
from hubs.actors import system
from hubs.enums import ItemState
from hubs.models import Run, RunItem
from hubs.refusals import NotAllowed
from hubs.scope import open_hub
from parties.queries import actor_of
from tests.billing.factories import AccountFactory, ChargeFactory, issued, issued_for
from tests.billing.platform_server import PlatformServer, life_cycle
from tests.billing.supplied import cii

SINCE = dt.date(2026, 10, 1)
NOW = dt.datetime(2026, 11, 3, 9, tzinfo=dt.UTC)
BUYER = "732829320"


@pytest.fixture
def server(hub, settings):
    server = PlatformServer()
    settings.EINVOICE_ACCOUNTS = {hub.slug: server.account}
    yield server
    server.close()


@pytest.fixture
def sending(selling, server):
    """The hub « nord » sends by its platform since the first of October."""
    PlatformLink.objects.create(sends_from=SINCE)
    return selling


def business(**buyer) -> Account:
    account = AccountFactory(organisation__siren=BUYER)
    if buyer:
        BuyerProfile.objects.create(account=account, **buyer)
    return account


@pytest.fixture
def sent(sending, work):
    """An invoice issued, put on paper and handed over by the run that issued it."""
    invoice = issued(business())
    work(sending)
    return invoice


def statuses() -> list[tuple[str, str]]:
    return list(TransmissionStatus.objects.order_by("at", "code").values_list("code", "text"))


def visit(hub, work) -> None:
    actions.visit_platform(by=system(hub.pk))
    work(hub)


def test_an_invoice_is_handed_over_by_the_run_that_makes_its_paper(server, sent):
    held = Transmission.objects.get()

    (flow,) = server.sent
    assert (held.invoice, held.reference, str(held.key)) == (sent, flow["flowId"], flow["trackingId"])
    assert server.files[flow["flowId"]].startswith(b"%PDF-")
    assert (flow["name"], list(queries.to_transmit())) == ("FA-2026-00001.pdf", [])


def test_only_what_the_reform_sends_is_handed_over(sending, server, work):
    account = business()
    issued(account, on=dt.date(2026, 9, 30))
    issued(AccountFactory(organisation__siren=""))
    issued(AccountFactory(of_person=True))
    exempt = AccountFactory(organisation__siren="900315623")
    BuyerProfile.objects.create(account=exempt, vat_status=BuyerVat.EXEMPT)
    issued(exempt)
    issued_for([ChargeFactory(account=account, vat_rule=VatRule.objects.get(code="hors-champ"))])
    wanted = issued(account)
    work(sending)

    assert [each.invoice for each in Transmission.objects.all()] == [wanted]


def test_public_bodies_are_left_to_chorus(sending, server, work):
    account = AccountFactory(organisation__siren=BUYER, organisation__siret="73282932000074")
    BuyerProfile.objects.create(account=account, is_public=True)
    issued(account)
    work(sending)

    assert server.sent == []


def test_nothing_is_handed_over_before_the_hub_has_said_so(selling, server, work):
    issued(business())
    work(selling)

    assert (server.sent, list(queries.to_transmit())) == ([], [])


def test_a_worker_that_dies_before_it_could_write_it_down_sends_once(sending, server, work):
    invoice = issued(business())
    with transaction.atomic():
        tasks.render_invoice(run_id=Run.objects.get().pk, invoice_id=invoice.pk)
        actions.send_to_platform(invoice=invoice, now=NOW)
        transaction.set_rollback(True)
    assert (Transmission.objects.count(), len(server.sent)) == (0, 1)

    work(sending)

    assert (len(server.sent), Transmission.objects.get().reference) == (1, server.sent[0]["flowId"])


def test_handed_over_twice_is_once(sending, server, sent):
    asked = len(server.asked)

    actions.send_to_platform(invoice=sent, now=NOW)

    assert (len(server.asked), len(server.sent)) == (asked, 1)


def test_a_platform_away_leaves_the_item_to_be_tried_again(sending, server, work):
    server.wrong["/flows"] = (503, b"")
    invoice = issued(business())
    with open_hub(sending):
        for pk in RunItem.objects.values_list("pk", flat=True):
            hub_tasks.do_item(hub_id=sending.pk, item_id=pk)
    item = RunItem.objects.get(job="billing.send_to_platform")
    hub_tasks.do_item(hub_id=sending.pk, item_id=item.pk)

    item.refresh_from_db()
    assert (item.state, item.tries) == (ItemState.TODO, 1)
    assert "ne répond pas" in item.error
    assert list(queries.to_transmit()) == [invoice]

    server.wrong.clear()
    work(sending)
    assert len(server.sent) == 1


def test_what_the_platform_will_not_take_says_why_and_is_sent_again(sending, server, work):
    server.wrong["/v1/flows"] = (422, b'{"errorCode": "UNPROCESSABLE_ENTITY", "errorMessage": "Destinataire inconnu"}')
    invoice = issued(business())
    work(sending)

    (trouble,) = queries.transmissions_in_trouble()
    assert (trouble.invoice, trouble.last_code, trouble.last_text) == (invoice, "501", "Destinataire inconnu")
    assert RunItem.objects.exclude(state=ItemState.DONE).count() == 0

    server.wrong.clear()
    actions.send_again(invoice=invoice, by=system(sending.pk))
    work(sending)
    assert (len(server.sent), queries.transmissions_in_trouble()) == (1, [])
    with pytest.raises(actions.NothingToSendAgain):
        actions.send_again(invoice=invoice, by=system(sending.pk))


def test_what_was_rejected_after_it_was_taken_leaves_under_another_key(sending, server, sent, work):
    server.tell(life_cycle(sent.number, "213", reason="DEST_INC"))
    visit(sending, work)

    actions.send_again(invoice=sent, by=system(sending.pk))
    work(sending)

    assert len({flow["trackingId"] for flow in server.sent}) == 2
    assert (Transmission.objects.get().reference, queries.transmissions_in_trouble()) == (
        server.sent[1]["flowId"], [],
    )  # fmt: skip


def test_a_visit_notes_each_status_once(sending, server, sent, work):
    server.tell(life_cycle(sent.number, "200", at="20261103090000"))
    visit(sending, work)
    server.tell(life_cycle(sent.number, "210", at="20261103101500", reason="MONTANTTOTAL_ERR", note="Trop"))
    server.tell(life_cycle("FA-2026-09999", "200"))
    server.tell(life_cycle(sent.number, "210", siren=BUYER))
    visit(sending, work)
    visit(sending, work)

    assert statuses() == [("200", ""), ("210", "MONTANTTOTAL_ERR ; Trop")]
    link = PlatformLink.objects.get()
    assert (link.statuses_until.isoformat(), link.read_at is not None) == ("2026-11-02T08:00:05+00:00", True)


def test_a_platform_that_forgets_our_keys_is_understood_by_its_own_marks(sending, server, work):
    server.keeps_tracking = False
    sent = issued(business())
    work(sending)
    server.refuse(server.sent[0], "InvalidSchema", "XML invalide")
    visit(sending, work)

    assert [(each.invoice, each.last_text) for each in queries.transmissions_in_trouble()] == [(sent, "XML invalide")]


def test_a_date_to_come_hides_nothing_that_is_written_before_it(sending, server, sent, work):
    server.tell(life_cycle(sent.number, "200"))["updatedAt"] = "2099-01-01T00:00:00.000Z"
    visit(sending, work)
    server.tell(life_cycle(sent.number, "203", at="20261103120000"))["updatedAt"] = timezone.now().isoformat()
    visit(sending, work)

    assert statuses() == [("200", ""), ("203", "")]


def test_what_is_refused_waits_until_somebody_has_seen_to_it(sending, server, sent, work):
    server.tell(life_cycle(sent.number, "210", reason="DEST_ERR"))
    visit(sending, work)
    assert [each.invoice for each in queries.transmissions_in_trouble()] == [sent]

    actions.note_transmission_handled(invoice=sent, by=system(sending.pk), now=timezone.now())

    assert queries.transmissions_in_trouble() == []
    with pytest.raises(actions.NothingToHandle):
        actions.note_transmission_handled(invoice=sent, by=system(sending.pk), now=timezone.now())
    server.tell(life_cycle(sent.number, "207", at="20261104101500", reason="AUTRE"))
    visit(sending, work)
    assert [each.last_code for each in queries.transmissions_in_trouble()] == ["207"]


def test_a_credit_note_of_the_whole_answers_a_refusal_and_goes_by_the_platform(sending, server, sent, work):
    server.tell(life_cycle(sent.number, "210", reason="DEST_ERR"))
    visit(sending, work)

    actions.credit_invoice(invoice=sent, by=system(sending.pk), reason="Refusée", today=dt.date(2026, 11, 3))
    work(sending)

    assert queries.transmissions_in_trouble() == []
    assert [flow["name"] for flow in server.sent] == ["FA-2026-00001.pdf", "AV-2026-00001.pdf"]


def test_a_reading_that_breaks_notes_nothing_and_is_read_again(sending, server, sent, work):
    server.tell(life_cycle(sent.number, "200"))
    server.wrong["/search"] = (500, b"")
    actions.visit_platform(by=system(sending.pk))
    item = RunItem.objects.get(job="billing.read_platform")
    hub_tasks.do_item(hub_id=sending.pk, item_id=item.pk)
    assert (statuses(), PlatformLink.objects.get().read_at) == ([], None)

    server.wrong.clear()
    work(sending)
    assert statuses() == [("200", "")]


def test_a_long_life_is_read_in_several_items(sending, server, sent, work):
    for number in range(250):
        server.tell(life_cycle(sent.number, "204", at=f"202611031{number // 60 % 10}{number % 60:02}00"))
    actions.visit_platform(by=system(sending.pk))
    work(sending)

    assert (len(statuses()), RunItem.objects.filter(job="billing.read_platform").count()) == (250, 2)


def test_invoices_of_suppliers_are_received_once(sending, server, work):
    server.supply(cii(), name="facture.xml", flowSyntax="CII")
    visit(sending, work)
    visit(sending, work)
    asked = len(server.asked)
    actions.receive_from_platform(arrival=PlatformArrival.objects.get(), now=NOW)

    assert len(server.asked) == asked
    arrival = PlatformArrival.objects.get()
    assert (arrival.name, arrival.invoice, arrival.fault) == ("facture.xml", SupplierInvoice.objects.get(), "")


def test_one_that_was_dropped_by_hand_is_not_received_twice(sending, server, work):
    content = cii()
    actions.receive_supplier_invoice(name="a.xml", content=content, by=system(sending.pk), now=NOW)
    server.supply(content, name="facture.xml")
    visit(sending, work)

    assert (SupplierInvoice.objects.count(), PlatformArrival.objects.get().fault) == (1, "")


def test_one_that_does_not_read_is_kept_and_says_why(sending, server, work):
    server.supply(b"%PDF-1.4 une image", name="image.pdf")
    visit(sending, work)

    (arrival,) = queries.faulty_arrivals()
    assert (arrival.invoice, arrival.file.size, "abîmé" in arrival.fault) == (None, 18, True)
    actions.note_arrival_handled(arrival=arrival, by=system(sending.pk), now=NOW)
    assert list(queries.faulty_arrivals()) == []
    with pytest.raises(actions.NothingToHandle):
        actions.note_arrival_handled(arrival=arrival, by=system(sending.pk), now=NOW)


def test_a_visit_does_not_begin_twice_nor_without_a_platform(sending, server, settings):
    actions.visit_platform(by=system(sending.pk))
    with pytest.raises(actions.AlreadyVisiting):
        actions.visit_platform(by=system(sending.pk))

    settings.EINVOICE_ACCOUNTS = {}
    with pytest.raises(actions.NoPlatformSet):
        actions.visit_platform(by=system(sending.pk))


def test_the_day_to_send_from_is_today_or_later(selling, server, settings):
    by, today = system(selling.pk), dt.date(2026, 11, 3)
    with pytest.raises(actions.SendingInPast):
        actions.set_sending(sends_from=dt.date(2026, 11, 2), by=by, today=today)
    actions.set_sending(sends_from=today, by=by, today=today)
    # Saved again later, it stays what it was.
    actions.set_sending(sends_from=today, by=by, today=dt.date(2026, 12, 1))
    assert queries.platform_link().sends_from == today

    settings.EINVOICE_ACCOUNTS = {}
    with pytest.raises(actions.NoPlatformSet):
        actions.set_sending(sends_from=dt.date(2027, 9, 1), by=by, today=today)
    actions.set_sending(sends_from=None, by=by, today=today)
    assert queries.platform_link().sends_from is None


def test_each_night_each_hub_that_has_a_platform_is_visited(nord, sud, settings):
    server = PlatformServer()
    settings.EINVOICE_ACCOUNTS = {nord.hub.slug: server.account}
    try:
        tasks.visit_platforms()
        tasks.visit_platforms()
    finally:
        server.close()

    with open_hub(nord.hub):
        assert list(RunItem.objects.values_list("job", flat=True)) == ["billing.read_platform"]
    with open_hub(sud.hub):
        assert RunItem.objects.count() == 0


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE billing_transmission SET invoice_id = invoice_id + 1", "DELETE FROM billing_transmission",
        "UPDATE billing_transmissionstatus SET code = '200'", "DELETE FROM billing_transmissionstatus",
    ],
)  # fmt: skip
def test_what_left_and_what_was_told_is_not_rewritten(sending, server, sent, work, sql):
    server.tell(life_cycle(sent.number, "210", reason="DEST_ERR"))
    visit(sending, work)

    with pytest.raises(IntegrityError, match="ne se modifie"), transaction.atomic():
        connection.cursor().execute(sql)


def test_only_those_who_keep_the_accounts_decide(nord, hub, server):
    by = actor_of(nord.receptionist.user, dt.date(2026, 11, 3))

    with pytest.raises(NotAllowed):
        actions.set_sending(sends_from=None, by=by, today=dt.date(2026, 11, 3))
    with pytest.raises(NotAllowed):
        actions.visit_platform(by=by)


def test_an_item_of_an_invoice_that_no_longer_goes_does_nothing(sending, server, work):
    invoice = issued(business())
    PlatformLink.objects.update(sends_from=None)
    run = start_run(title="Essai", by=system(sending.pk))
    add_item(run=run, job="billing.send_to_platform", label="x", invoice_id=invoice.pk)
    work(sending)

    assert (server.sent, Invoice.objects.issued().count()) == ([], 1)
