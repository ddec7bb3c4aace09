import datetime as dt
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from billing import actions, queries
from billing.models import BuyerProfile, ChorusDeposit, DraftCheck, Invoice, InvoiceLine, Issuer, VatRule
from hubs.enums import ItemState
from hubs.models import AuditEntry, RunItem
from hubs.refusals import NotAllowed
from parties.models import Organisation
from tests.billing.conftest import CLOSING_DAY, OCTOBER
from tests.billing.factories import AccountFactory, BuyerProfileFactory, ChargeFactory, issued

BUYER = {
    "vat_status": "taxable", "reference": "REF-1", "order_number": "BC-7", "einvoice_address": "", "is_public": False,
    "needs_service_code": False, "service_code": "",
}  # fmt: skip


@pytest.fixture
def staff(nord, selling):
    return nord.actor("accountant")


def preview(by):
    return actions.preview_month(month=OCTOBER, by=by)


def plan():
    return queries.month_plan(OCTOBER)


def faulty() -> Organisation:
    """A company whose electronic address is that of another SIREN."""
    charge = ChargeFactory(account__organisation__siren="732829320")
    BuyerProfileFactory(account=charge.account, einvoice_address="900315623")
    return charge.account.organisation


@pytest.mark.feature("BI13")
def test_a_preview_has_its_drafts_checked_under_a_provisional_number(staff, selling, work):
    ChargeFactory()
    assert plan().checked_count == 0

    preview(staff)
    assert work(selling) == 1

    assert plan().checked_count == len(plan().drafts) == 1
    assert DraftCheck.objects.get().faults == []
    assert Invoice.objects.get().number is None
    preview(staff)
    assert work(selling) == 0


def test_a_draft_that_changed_is_checked_again(staff, selling, work):
    account = AccountFactory()
    ChargeFactory(account=account)
    preview(staff)
    work(selling)

    Organisation.objects.filter(pk=account.organisation_id).update(town="Beaune")

    assert plan().checked_count == 0
    preview(staff)
    assert work(selling) == 1
    assert plan().checked_count == 1


def test_checking_costs_the_same_runs_whatever_the_drafts(staff):
    for _ in range(60):
        ChargeFactory()

    preview(staff)

    assert [len(item.kwargs["invoice_ids"]) for item in RunItem.objects.order_by("pk")] == [50, 10]


@pytest.mark.feature("BI13")
def test_what_the_check_finds_is_an_anomaly_to_mend_and_its_draft_waits(staff, selling, work):
    organisation = faulty()
    sound = ChargeFactory()
    preview(staff)
    work(selling)

    seen = plan()
    (anomaly,) = seen.blocking
    assert [draft.charge_ids for draft in seen.drafts] == [{sound.pk}]
    assert (anomaly.kind, anomaly.account.organisation) == ("einvoice", organisation)
    assert anomaly.text.endswith("L’adresse de facturation électronique de la structure ne commence pas par son SIREN.")
    assert anomaly.url == f"/gestion/facturation/comptes/{anomaly.account.pk}/facturation/"
    # Written anew without it, the drafts keep what was found in mind.
    preview(staff)
    assert (Invoice.objects.count(), len(plan().blocking)) == (1, 1)

    actions.describe_buyer(account=anomaly.account, values=BUYER, by=staff)
    preview(staff)
    work(selling)
    assert (len(plan().drafts), plan().blocking) == (2, [])


def test_an_issuer_to_complete_is_named_on_each_document(staff, selling, work):
    ChargeFactory()
    Issuer.objects.update(vat_number="", siren="900274184", siret="", address="")
    Issuer.objects.update(siren="12345")
    preview(staff)
    work(selling)

    urls = {anomaly.url for anomaly in plan().blocking}

    assert urls == {"/gestion/reglages/emetteur/"}


def test_what_nobody_checked_is_checked_before_its_number_and_keeps_none_when_it_fails(staff, selling, work):
    organisation = faulty()
    actions.issue_month(month=OCTOBER, by=staff, today=CLOSING_DAY)
    work(selling)

    item = RunItem.objects.get(job="billing.issue_invoice")
    assert (item.state, Invoice.objects.get().number) == (ItemState.FAILED, None)
    assert "ne commence pas par son SIREN" in item.error

    account = Invoice.objects.get().account
    assert account.organisation == organisation
    actions.describe_buyer(account=account, values=BUYER, by=staff)
    actions.resume_month(month=OCTOBER, by=staff)
    work(selling)
    assert Invoice.objects.get().number == "FA-2026-00001"


@pytest.mark.feature("BI14")
def test_a_public_body_needs_its_siret_and_the_service_code_that_it_asks_for(staff):
    account = ChargeFactory(account__organisation__siren="732829320").account
    profile = BuyerProfileFactory(account=account, is_public=True, needs_service_code=True)

    assert [anomaly.kind for anomaly in plan().blocking] == ["no_siret"]
    Organisation.objects.filter(pk=account.organisation_id).update(siret="73282932000074")
    assert [anomaly.kind for anomaly in plan().blocking] == ["no_service_code"]
    profile.service_code = "SERV-12"
    profile.save()
    assert plan().blocking == []


def test_a_taxed_line_of_an_issuer_under_franchise_is_told(staff):
    Issuer.objects.update(vat_regime="franchise")
    ChargeFactory()

    (anomaly,) = plan().anomalies

    assert (anomaly.kind, anomaly.blocks) == ("franchise", False)


def test_a_buyer_is_described_and_an_issued_invoice_keeps_what_it_showed(staff):
    account = AccountFactory()
    before = issued(account)

    actions.describe_buyer(account=account, values=BUYER | {"reference": "REF-2"}, by=staff)
    after = issued(account)

    assert (before.buyer["reference"], after.buyer["reference"]) == ("", "REF-2")
    assert AuditEntry.objects.get(verb="billing.buyer_described").after["reference"] == "REF-2"


def test_the_address_of_another_siren_is_refused(staff):
    account = AccountFactory(organisation__siren="732829320")

    with pytest.raises(actions.AddressOfAnother):
        actions.describe_buyer(account=account, values=BUYER | {"einvoice_address": "900315623"}, by=staff)
    assert not BuyerProfile.objects.exists()


def test_who_is_not_public_has_no_service_code(staff):
    values = BUYER | {"needs_service_code": True, "service_code": "SERV-12"}

    profile = actions.describe_buyer(account=AccountFactory(), values=values, by=staff)

    assert (profile.needs_service_code, profile.service_code) == (False, "")
    with pytest.raises(IntegrityError, match="billing_buyerprofile_service_of_public"), transaction.atomic():
        BuyerProfileFactory(service_code="SERV-12")


def test_a_deposit_is_noted_and_its_day_corrected(staff):
    account = AccountFactory(organisation__siren="732829320")
    BuyerProfileFactory(account=account, is_public=True)
    invoice = issued(account)

    for day in (dt.date(2026, 10, 7), dt.date(2026, 10, 8)):
        actions.note_handed_in(invoice=invoice, deposited_on=day, by=staff, today=CLOSING_DAY)

    assert ChorusDeposit.objects.get().deposited_on == dt.date(2026, 10, 8)
    assert AuditEntry.objects.filter(verb="billing.deposited").count() == 2
    with pytest.raises(actions.HandedInInFuture):
        actions.note_handed_in(invoice=invoice, deposited_on=dt.date(2026, 11, 3), by=staff, today=CLOSING_DAY)
    with pytest.raises(actions.DepositBeforeInvoice):
        actions.note_handed_in(invoice=invoice, deposited_on=dt.date(2026, 10, 5), by=staff, today=CLOSING_DAY)
    with pytest.raises(actions.NotForChorus):
        actions.note_handed_in(invoice=issued(AccountFactory()), deposited_on=CLOSING_DAY, by=staff, today=CLOSING_DAY)


def test_only_those_who_keep_the_accounts_describe_and_note(nord, selling):
    invoice = issued(AccountFactory())

    for forbidden in (
        lambda by: actions.describe_buyer(account=invoice.account, values=BUYER, by=by),
        lambda by: actions.note_handed_in(invoice=invoice, deposited_on=CLOSING_DAY, by=by, today=CLOSING_DAY),
    ):
        with pytest.raises(NotAllowed):
            forbidden(nord.actor("receptionist"))


@pytest.mark.feature("BI15")
@pytest.mark.parametrize(("kind", "code"), [("invoice", "hors-champ"), ("dues", "service-20")])
def test_the_database_issues_no_document_of_both_kinds(selling, kind, code):
    account = AccountFactory()
    sound = issued(account)
    rule = VatRule.objects.get(code=code)
    draft = Invoice.objects.create(
        account=account, issuer=sound.issuer, period=sound.period, kind=kind, total_excl=10, total_vat=0, total_incl=10
    )
    InvoiceLine.objects.create(
        invoice=draft, position=1, on=OCTOBER, description="x", quantity=1, unit_price_excl=10, vat_rule=rule,
        vat_category=rule.category, vat_rate=rule.rate, amount_excl=Decimal(10),
    )  # fmt: skip
    for name in ("series", "year", "issue_date", "due_date", "seller", "buyer", "issued_at"):
        setattr(draft, name, getattr(sound, name))
    draft.number, draft.sequence = "X-1", 99

    with pytest.raises(IntegrityError, match="hors du champ de la TVA"), transaction.atomic():
        draft.save()
