import datetime as dt
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from billing import actions, queries
from billing.models import Charge, Invoice, InvoiceLine, Issuer, MonthClose, VatRule
from hubs.actors import system
from hubs.enums import ItemState
from hubs.models import Mail, RunItem
from hubs.refusals import NotAllowed
from parties.enums import LinkRole
from tests.billing.conftest import CLOSING_DAY, OCTOBER
from tests.billing.factories import AccountFactory, ChargeFactory, IssuerFactory, issued
from tests.parties.factories import LinkFactory


@pytest.fixture
def staff(nord, selling):
    return nord.actor("accountant")


def preview(by):
    return actions.preview_month(month=OCTOBER, by=by)


def issue(by, **changes):
    return actions.issue_month(**{"month": OCTOBER, "by": by, "today": CLOSING_DAY} | changes)


def drafts() -> list[tuple]:
    rows = Invoice.objects.order_by("pk").values_list(
        "pk", "account", "total_excl", "total_vat", "total_incl", "number"
    )
    return list(rows)


def test_a_preview_gathers_what_each_account_owes_up_to_the_month(staff):
    one, two = AccountFactory(), AccountFactory()
    ChargeFactory(account=one, unit_price_excl=Decimal("10.03"))
    ChargeFactory(account=one, on=dt.date(2026, 9, 14), unit_price_excl=Decimal("5.00"))
    ChargeFactory(account=two)
    ChargeFactory(account=two, on=dt.date(2026, 11, 3))

    preview(staff)

    assert [row[1:] for row in drafts()] == [
        (one.pk, Decimal("15.03"), Decimal("3.01"), Decimal("18.04"), None),
        (two.pk, Decimal("10.00"), Decimal("2.00"), Decimal("12.00"), None),
    ]


def test_a_second_preview_changes_nothing(staff):
    ChargeFactory()
    ChargeFactory()
    preview(staff)
    before = (drafts(), list(InvoiceLine.objects.order_by("pk").values()))

    preview(staff)

    assert (drafts(), list(InvoiceLine.objects.order_by("pk").values())) == before


def test_a_preview_follows_what_was_added_and_taken_back(staff):
    account = AccountFactory()
    kept, gone = ChargeFactory(account=account), ChargeFactory(account=account)
    alone = ChargeFactory()
    preview(staff)

    for charge in (gone, alone):
        actions.reverse(by=staff, source=charge.source, kind=charge.kind, reason="annulée")
    preview(staff)

    assert [(row[1], row[2]) for row in drafts()] == [(account.pk, Decimal("10.00"))]
    assert list(InvoiceLine.objects.values_list("charge", flat=True)) == [kept.pk]


def test_the_number_of_queries_of_a_preview_does_not_grow_with_the_members(staff):
    def cost(members: int) -> int:
        for _ in range(members):
            ChargeFactory()
        with CaptureQueriesContext(
            connection,
        ) as captured:
            preview(staff)
        return len(captured)

    assert cost(2) == cost(20)


@pytest.mark.parametrize(
    ("trouble", "kind", "leaves"),
    [
        (lambda: ChargeFactory(quantity=Decimal(-1)), "negative", 0),
        (lambda: ChargeFactory(unit_price_excl=Decimal(0)), "zero", 0),
        (lambda: ChargeFactory(account__organisation__address="", account__organisation__postcode="", account__organisation__town=""), "no_address", 0),
        (lambda: ChargeFactory(on=dt.date(2019, 12, 31)), "before_issuer", 0),
        (lambda: ChargeFactory(account__organisation__email=""), "no_mail", 1),
    ],
)  # fmt: skip
def test_what_stands_in_the_way_is_told_and_left_out_when_it_must(staff, trouble, kind, leaves):
    charge = trouble()

    plan = queries.month_plan(OCTOBER)

    assert [anomaly.kind for anomaly in plan.anomalies] == [kind]
    assert len(plan.drafts) == leaves
    assert plan.anomalies[0].blocks is (leaves == 0)
    assert plan.anomalies[0].text
    if kind != "before_issuer":
        assert plan.anomalies[0].account == charge.account


def test_an_invoice_far_above_the_month_before_is_told(staff):
    account = AccountFactory()
    issued(account, "10.00", on=dt.date(2026, 9, 2))
    ChargeFactory(account=account, unit_price_excl=Decimal("30.01"))

    (anomaly,) = queries.month_plan(OCTOBER).anomalies

    assert (anomaly.kind, anomaly.blocks) == ("unusual", False)
    assert "36,01\u00a0€ ce mois-ci, contre 12,00\u00a0€" in anomaly.text


@pytest.mark.feature("BI15")
def test_what_is_out_of_scope_makes_a_document_of_its_own(staff, selling, work):
    account = AccountFactory()
    taxed = ChargeFactory(account=account)
    dues = ChargeFactory(account=account, unit_price_excl=Decimal(120), vat_rule=VatRule.objects.get(code="hors-champ"))

    plan = preview(staff)
    issue(staff, seen=plan.fingerprint)
    work(selling)

    assert [(draft.kind, draft.charge_ids) for draft in plan.drafts] == [("dues", {dues.pk}), ("invoice", {taxed.pk})]
    assert list(Invoice.objects.order_by("kind").values_list("number", "total_vat", "total_incl", "due_date")) == [
        ("AC-2026-00001", Decimal(0), Decimal(120), dt.date(2026, 12, 2)),
        ("FA-2026-00001", Decimal(2), Decimal(12), dt.date(2026, 12, 2)),
    ]


def test_each_issuer_invoices_what_was_sold_in_its_time(staff):
    Issuer.objects.update(ends_on=dt.date(2026, 10, 15))
    coop = IssuerFactory(legal_name="SCIC du pôle", siren="900315623", starts_on=dt.date(2026, 10, 15))
    account = AccountFactory()
    ChargeFactory(account=account, on=dt.date(2026, 10, 14))
    ChargeFactory(account=account, on=dt.date(2026, 10, 15))

    issue(staff)

    assert Invoice.objects.count() == 2
    assert Invoice.objects.get(issuer=coop).lines.get().on == dt.date(2026, 10, 15)
    assert MonthClose.objects.filter(issued_at__isnull=False).count() == 2


@pytest.mark.feature("BI4")
def test_a_draft_has_no_number_and_the_issue_gives_them_in_order(staff, selling, work):
    for _ in range(3):
        ChargeFactory()
    preview(staff)
    assert {row[-1] for row in drafts()} == {None}

    issue(staff)
    work(selling)

    invoices = list(Invoice.objects.order_by("sequence"))
    assert [invoice.number for invoice in invoices] == ["FA-2026-00001", "FA-2026-00002", "FA-2026-00003"]
    assert {(invoice.issue_date, invoice.due_date) for invoice in invoices} == {(CLOSING_DAY, dt.date(2026, 12, 2))}
    assert invoices[0].seller["siren"] == "900274184"
    assert invoices[0].buyer["name"] == invoices[0].account.organisation.name


def test_each_year_and_each_issuer_has_its_own_numbers(staff, selling, work):
    issued(AccountFactory(), on=dt.date(2025, 12, 31))
    issued(AccountFactory(), on=dt.date(2026, 1, 1))
    Issuer.objects.update(ends_on=dt.date(2026, 10, 1))
    IssuerFactory(siren="900315623", starts_on=dt.date(2026, 10, 1))
    ChargeFactory()

    issue(staff)
    work(selling)

    assert list(Invoice.objects.order_by("pk").values_list("number", flat=True)) == [
        "FA-2025-00001",
        "FA-2026-00001",
        "FA-2026-00001",
    ]


def test_a_job_that_comes_late_keeps_numbers_and_dates_in_step(selling):
    issued(AccountFactory(), on=dt.date(2026, 11, 3))
    late = issued(AccountFactory(), on=dt.date(2026, 11, 2))

    assert (late.number, late.issue_date) == ("FA-2026-00002", dt.date(2026, 11, 3))


def test_a_month_is_issued_once(staff, selling, work):
    ChargeFactory()
    issue(staff)
    work(selling)
    before = drafts()
    ChargeFactory()

    for again in (lambda: issue(staff), lambda: preview(staff)):
        with pytest.raises(actions.MonthAlreadyIssued, match="déjà émis"):
            again()
    assert drafts() == before


def test_what_comes_after_the_issue_is_for_the_next_month(staff, selling, work):
    ChargeFactory()
    issue(staff)
    work(selling)
    late = ChargeFactory(on=dt.date(2026, 10, 30))

    plan = queries.month_plan(dt.date(2026, 11, 1))

    assert [draft.charge_ids for draft in plan.drafts] == [{late.pk}]


def test_what_was_not_seen_is_not_issued(staff):
    account = AccountFactory()
    ChargeFactory(account=account)
    seen = preview(staff).fingerprint
    ChargeFactory(account=account)

    with pytest.raises(actions.PreviewChanged):
        issue(staff, seen=seen)
    assert not MonthClose.objects.filter(issued_at__isnull=False).exists()
    issue(staff, seen=queries.month_plan(OCTOBER).fingerprint)


def test_what_is_being_issued_can_no_longer_be_taken_back(staff):
    charge = ChargeFactory()
    issue(staff)

    with pytest.raises(actions.AlreadyInvoiced):
        actions.reverse(by=staff, source=charge.source, kind=charge.kind, reason="annulée")
    assert Charge.objects.get().reversed_at is None


def test_a_month_without_anything_can_be_closed(staff):
    run = issue(staff)

    assert (run.items.count(), queries.month_progress(OCTOBER).is_finished) == (0, True)


def test_a_hub_with_no_issuer_issues_nothing(staff):
    ChargeFactory()
    Issuer.objects.update(ends_on=dt.date(2020, 2, 1))

    with pytest.raises(actions.NoIssuer):
        issue(staff)


def test_a_month_to_come_is_not_issued(staff):
    with pytest.raises(actions.MonthNotBegun):
        actions.issue_month(month=dt.date(2026, 12, 1), by=staff, today=CLOSING_DAY)


@pytest.mark.parametrize("who", ["adviser", "receptionist", "elected", "observer", "administrator"])
def test_only_those_who_keep_the_accounts_close_a_month(nord, selling, who):
    with pytest.raises(NotAllowed):
        issue(nord.actor(who))


def test_each_invoice_becomes_one_pdf_and_one_mail(staff, selling, work):
    ChargeFactory(account__organisation__invoice_email="factures@structure.example")
    issue(staff)

    assert work(selling) == 2
    progress = queries.month_progress(OCTOBER)
    assert (progress.done, progress.total, progress.is_finished) == (2, 2, True)
    (result,) = queries.month_results(OCTOBER)
    assert result.document.file.name == "FA-2026-00001.pdf"
    assert result.mail.to == ["factures@structure.example"]
    assert result.mail.attachments[0]["key"] == result.document.file.key
    assert "12,00 € à régler au plus tard le 2 décembre 2026" in result.mail.text.replace("\u00a0", " ")


def test_with_no_billing_address_the_mail_goes_to_those_who_administer(staff, selling, work):
    account = AccountFactory(organisation__email="")
    administrator = LinkFactory(organisation=account.organisation, role=LinkRole.ADMINISTRATOR).person
    LinkFactory(organisation=account.organisation, role=LinkRole.EMPLOYEE)
    ChargeFactory(account=account)

    issue(staff)
    work(selling)

    assert Mail.objects.get().to == [administrator.email]


def test_what_failed_is_started_again(staff, selling, work, monkeypatch):
    ChargeFactory()
    run = issue(staff)
    RunItem.objects.update(state=ItemState.FAILED, tries=5, error="disque plein")
    assert queries.month_progress(OCTOBER).failed == 1

    assert actions.resume_month(month=OCTOBER, by=staff) == 1
    work(selling)

    assert (run.items.filter(state=ItemState.DONE).count(), Mail.objects.count()) == (2, 1)


def test_the_portal_itself_may_close_a_month(selling):
    ChargeFactory()

    assert issue(system(selling.pk)).items.count() == 1
