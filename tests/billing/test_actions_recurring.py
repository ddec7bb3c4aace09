import datetime as dt
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from billing import actions, queries
from billing.enums import RecurringKind, Rhythm
from billing.models import Charge, InvoiceLine, RecurringCharge, RecurringPrice, RecurringSkip
from hubs.models import AuditEntry, RunItem
from hubs.refusals import NotAllowed
from tests.billing.conftest import CLOSING_DAY, OCTOBER
from tests.billing.factories import AccountFactory, ChargeFactory, RecurringChargeFactory, VatRuleFactory

SEPTEMBER, NOVEMBER, DECEMBER = dt.date(2026, 9, 1), dt.date(2026, 11, 1), dt.date(2026, 12, 1)


@pytest.fixture
def staff(nord, selling):
    return nord.actor("accountant")


@pytest.fixture
def begin(staff):
    def begun(**changes):
        return actions.begin_recurring(
            **{
                "account": changes.pop("account", None) or AccountFactory(),
                "kind": RecurringKind.RENT,
                "label": "Loyer",
                "starts_on": OCTOBER,
                "amount_excl": Decimal("300.00"),
                "vat_code": "service-20",
                "by": staff,
                "today": CLOSING_DAY,
            }
            | changes
        )

    return begun


def gather(by, month=OCTOBER):
    return actions.gather_charges(month=month, by=by)


def live() -> list[tuple]:
    rows = Charge.objects.live().order_by("on", "pk")
    return [(row.period, row.on, str(row.amount_excl), row.detail.replace("\u00a0", " ")) for row in rows]


def amounts() -> list[str]:
    return [row[2] for row in live()]


def close(by, month=OCTOBER):
    return actions.issue_month(month=month, by=by, today=month + dt.timedelta(days=32))


# --- Begun ----------------------------------------------------------------------------------------


def test_a_recurring_charge_begins_with_its_price_and_its_line_in_the_log(begin):
    made = begin(starts_on=dt.date(2026, 10, 16), reference="Bail 12")

    assert (made.anchor, made.rhythm, made.in_advance, made.reference) == (OCTOBER, Rhythm.MONTH, True, "Bail 12")
    assert list(made.prices.values_list("starts_on", "ends_on", "amount_excl")) == [
        (dt.date(2026, 10, 16), None, Decimal("300"))
    ]
    entry = AuditEntry.objects.get(verb="billing.recurring_begun")
    assert (entry.thing, entry.after["amount_excl"]) == (f"billing.recurringcharge:{made.pk}", "300.00")


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"starts_on": dt.date(2025, 10, 31)}, actions.StartsTooEarly),
        ({"ends_on": OCTOBER}, actions.EndsBeforeStart),
        ({"vat_code": "inconnue"}, actions.UnknownVatRule),
        ({"amount_excl": Decimal(-1)}, actions.PriceNegative),
    ],
)
def test_what_cannot_begin_is_refused_and_writes_nothing(begin, changes, refusal):
    with pytest.raises(refusal):
        begin(**changes)
    assert not RecurringCharge.objects.exists()


def test_a_lease_holds_one_rent_at_a_time(begin):
    first = begin(source="spaces.lease:12", ends_on=dt.date(2026, 11, 1))
    begin(source="spaces.lease:12", kind=RecurringKind.OTHER, account=first.account)
    begin(source="spaces.lease:12", starts_on=dt.date(2026, 11, 1))

    with pytest.raises(actions.AlreadyRunning):
        begin(source="spaces.lease:12", starts_on=dt.date(2026, 10, 31))


@pytest.mark.parametrize("who", ["adviser", "receptionist", "elected", "administrator"])
def test_by_hand_is_for_those_who_keep_the_accounts(nord, begin, who):
    made = begin()
    by = nord.actor(who)

    for refused in (
        lambda: begin(by=by),
        lambda: actions.end_recurring(recurring=made, ends_on=None, by=by),
        lambda: actions.change_price(recurring=made, starts_on=NOVEMBER, amount_excl=Decimal(1), by=by),
        lambda: actions.skip_period(recurring=made, on=OCTOBER, reason="offert", by=by),
        lambda: actions.hold_back(account=made.account, month=OCTOBER, reason="litige", by=by),
        lambda: gather(by),
    ):
        with pytest.raises(NotAllowed):
            refused()


# --- Gathered -------------------------------------------------------------------------------------


def test_a_month_gathers_each_thing_once(staff, begin):
    begin()

    gather(staff)
    again = gather(staff)

    assert live() == [(OCTOBER, OCTOBER, "300.00", "du 1er au 31 octobre 2026 inclus")]
    assert again.is_empty
    charge = Charge.objects.get()
    assert (charge.kind, str(charge.quantity), charge.vat_rate) == ("rent:2026-10-01", "1.0000", Decimal("20"))
    entry = AuditEntry.objects.get(verb="billing.gathered")
    assert entry.after == {"month": "2026-10-01", "charges": 1, "reversed": 0, "amount_excl": "300.00"}


def test_the_day_of_the_anchor_may_be_any(staff, begin):
    begin(anchor=dt.date(2026, 1, 31), starts_on=dt.date(2026, 1, 31))

    gather(staff, dt.date(2026, 4, 1))

    assert [row[3] for row in live()] == [
        "du 31 janvier au 27 février 2026 inclus",
        "du 28 février au 30 mars 2026 inclus",
        "du 31 mars au 29 avril 2026 inclus",
        "du 30 avril au 30 mai 2026 inclus",
    ]


def test_two_periods_may_fall_due_in_one_month(staff, begin):
    begin(anchor=dt.date(2026, 9, 20), starts_on=dt.date(2026, 10, 5))

    gather(staff)

    assert [(row[0], row[3]) for row in live()] == [
        (OCTOBER, "15 jours sur 30, du 5 au 19 octobre 2026 inclus, à 300,00 € par mois"),
        (OCTOBER, "du 20 octobre au 19 novembre 2026 inclus"),
    ]


@pytest.mark.parametrize(
    ("in_advance", "months"),
    [(True, [OCTOBER]), (False, [DECEMBER])],
)
def test_a_quarter_falls_on_its_first_month_in_advance_and_on_its_last_in_arrears(staff, begin, in_advance, months):
    begin(rhythm=Rhythm.QUARTER, in_advance=in_advance, amount_excl=Decimal(900))

    for month in (OCTOBER, NOVEMBER, DECEMBER):
        gather(staff, month)

    assert [(row[0], row[2]) for row in live()] == [(month, "900.00") for month in months]


def test_months_that_nobody_gathered_come_with_the_first_that_is_open(staff, begin):
    close(staff, SEPTEMBER)
    begin(starts_on=dt.date(2026, 8, 16))

    gather(staff)

    assert [(row[0], row[2]) for row in live()] == [
        (OCTOBER, "154.84"),
        (OCTOBER, "300.00"),
        (OCTOBER, "300.00"),
    ]


@pytest.mark.parametrize(("day", "amount"), [(16, "150.00"), (30, "10.00")])
def test_an_arrival_is_counted_from_its_day(staff, begin, day, amount):
    begin(starts_on=dt.date(2026, 4, day))

    gather(staff, dt.date(2026, 4, 1))

    assert amounts() == [amount]


def test_leaving_and_coming_back_the_next_day_is_a_whole_month(staff, begin):
    begin(starts_on=dt.date(2026, 4, 1), ends_on=dt.date(2026, 4, 16), amount_excl=Decimal("100.01"))
    begin(starts_on=dt.date(2026, 4, 16), amount_excl=Decimal("100.01"))

    gather(staff, dt.date(2026, 4, 1))

    assert sum(Charge.objects.values_list("amount_excl", flat=True)) == Decimal("100.01")


def test_a_new_price_in_mid_period_cuts_it_in_two_lines(staff, begin):
    made = begin()
    actions.change_price(recurring=made, starts_on=dt.date(2026, 10, 16), amount_excl=Decimal(310), by=staff)

    gather(staff)

    assert [(row[2], row[3]) for row in live()] == [
        ("145.16", "15 jours sur 31, du 1er au 15 octobre 2026 inclus, à 300,00 € par mois"),
        ("160.00", "16 jours sur 31, du 16 au 31 octobre 2026 inclus, à 310,00 € par mois"),
    ]


def test_a_price_changed_again_gives_way_until_the_next_one_noted(staff, begin):
    made = begin()
    for day, amount in ((NOVEMBER, 310), (DECEMBER, 330), (NOVEMBER, 305)):
        actions.change_price(recurring=made, starts_on=day, amount_excl=Decimal(amount), by=staff)

    gather(staff, DECEMBER)

    assert amounts() == ["300.00", "305.00", "330.00"]


@pytest.mark.parametrize("day", [dt.date(2026, 9, 30), dt.date(2026, 11, 1)])
def test_a_price_is_of_a_day_in_its_life(staff, begin, day):
    made = begin(ends_on=NOVEMBER)

    with pytest.raises(actions.OutOfLife):
        actions.change_price(recurring=made, starts_on=day, amount_excl=Decimal(310), by=staff)


def test_the_price_of_nothing_charges_nothing(staff, begin):
    begin(amount_excl=Decimal(0))

    assert gather(staff).is_empty


# --- Corrected ------------------------------------------------------------------------------------


def test_before_the_invoice_an_earlier_end_is_a_reversal_and_a_new_charge(staff, begin):
    made = begin()
    gather(staff)

    actions.end_recurring(recurring=made, ends_on=dt.date(2026, 10, 16), by=staff)

    assert [(row[0], row[2]) for row in live()] == [(OCTOBER, "145.16")]
    assert [str(row.amount_excl) for row in Charge.objects.order_by("pk")] == ["300.00", "-300.00", "145.16"]
    assert gather(staff).is_empty
    actions.end_recurring(recurring=made, ends_on=None, by=staff)
    assert amounts() == ["300.00"]


def test_ended_on_its_first_day_it_never_was(staff, begin):
    made = begin()
    gather(staff)

    actions.end_recurring(recurring=made, ends_on=OCTOBER, by=staff)

    assert live() == []
    assert gather(staff, DECEMBER).is_empty


def test_after_the_invoice_an_earlier_end_is_one_line_on_the_next_month(staff, selling, begin, work):
    made = begin(account=AccountFactory())
    close(staff)
    work(selling)

    actions.end_recurring(recurring=made, ends_on=dt.date(2026, 10, 16), by=staff)

    (_october, line) = live()
    assert line == (
        NOVEMBER,
        OCTOBER,
        "-154.84",
        "Régularisation du 1er au 31 octobre 2026 inclus : 145,16 € dus (15 jours sur 31), 300,00 € facturés",
    )
    assert str(Charge.objects.latest("pk").quantity) == "-1.0000"
    gather(staff, NOVEMBER)
    assert len(live()) == 2
    # Changed again before it is invoiced, there is still one line.
    actions.end_recurring(recurring=made, ends_on=dt.date(2026, 10, 21), by=staff)
    assert amounts() == ["300.00", "-106.45"]


def test_after_the_invoice_a_dearer_price_is_made_up_for(staff, selling, begin, work):
    made = begin()
    close(staff)
    work(selling)

    actions.change_price(recurring=made, starts_on=OCTOBER, amount_excl=Decimal(310), by=staff)
    gather(staff, NOVEMBER)

    assert [(row[0], row[2]) for row in live()] == [(OCTOBER, "300.00"), (NOVEMBER, "10.00"), (NOVEMBER, "310.00")]


def test_what_a_credit_note_cancelled_is_charged_anew(staff, selling, begin, work):
    begin()
    close(staff)
    work(selling)
    invoice = InvoiceLine.objects.get().invoice
    actions.credit_invoice(invoice=invoice, by=staff, reason="Mauvais acheteur", today=CLOSING_DAY)

    gather(staff, NOVEMBER)

    assert [(row[0], row[1], row[2]) for row in live()] == [
        (NOVEMBER, OCTOBER, "300.00"),
        (NOVEMBER, NOVEMBER, "300.00"),
    ]


def test_a_period_left_out_stays_so_until_it_is_undone(staff, begin):
    made = begin()
    gather(staff)

    actions.cancel_charge(charge=Charge.objects.get(), by=staff, reason="Travaux dans le bureau")
    gather(staff)

    assert live() == []
    skip = RecurringSkip.objects.get()
    assert (skip.period_starts_on, skip.reason, skip.skipped_by) == (OCTOBER, "Travaux dans le bureau", staff.name)
    with pytest.raises(actions.AlreadySkipped):
        actions.skip_period(recurring=made, on=dt.date(2026, 10, 9), reason="encore", by=staff)
    actions.charge_skipped(skip=skip, by=staff)
    actions.charge_skipped(skip=skip, by=staff)
    gather(staff)
    assert amounts() == ["300.00"]


def test_what_was_agreed_is_neither_changed_nor_deleted(begin):
    begin()

    for statement in (
        "UPDATE billing_recurringcharge SET label = 'x'",
        "DELETE FROM billing_recurringprice",
        "UPDATE billing_recurringprice SET amount_excl = 1",
    ):
        with (
            pytest.raises(IntegrityError, match="ne se modifie ni ne se supprime"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)


def test_two_prices_never_hold_on_one_day(begin):
    made = begin()

    with pytest.raises(IntegrityError, match="billing_recurringprice_no_overlap"), transaction.atomic():
        RecurringPrice.objects.create(recurring=made, starts_on=NOVEMBER, amount_excl=1)


# --- The month ------------------------------------------------------------------------------------


def test_the_plan_shows_what_would_be_gathered_and_writes_nothing(staff, begin):
    begin()

    plan = queries.month_plan(OCTOBER)

    assert [str(draft.totals.incl) for draft in plan.drafts] == ["360.00"]
    assert not Charge.objects.exists()
    assert actions.preview_month(month=OCTOBER, by=staff).fingerprint == plan.fingerprint


def test_rent_plan_and_extras_fall_on_one_invoice(staff, selling, begin, work):
    account = AccountFactory()
    begin(account=account)
    begin(account=account, kind=RecurringKind.PLAN, label="Forfait poste", amount_excl=Decimal(80))
    ChargeFactory(account=account)

    close(staff)
    work(selling)

    assert sorted(InvoiceLine.objects.values_list("invoice__number", "amount_excl")) == [
        ("FA-2026-00001", Decimal("10.00")),
        ("FA-2026-00001", Decimal("80.00")),
        ("FA-2026-00001", Decimal("300.00")),
    ]


def test_what_came_after_the_preview_is_not_issued_unseen(staff, begin):
    begin()
    seen = actions.preview_month(month=OCTOBER, by=staff).fingerprint
    begin()

    with pytest.raises(actions.PreviewChanged):
        actions.issue_month(month=OCTOBER, by=staff, today=CLOSING_DAY, seen=seen)


def test_a_price_or_a_rule_that_lacks_is_told_and_the_rest_leaves(staff, begin):
    begin()
    unpriced = RecurringChargeFactory(price=0)
    VatRuleFactory(code="loyer", ends_on=dt.date(2026, 10, 1))
    unruled = RecurringChargeFactory(vat_code="loyer")

    plan = actions.preview_month(month=OCTOBER, by=staff)

    assert [(each.kind, each.account, each.blocks) for each in plan.anomalies] == [
        ("no_price", unpriced.account, True),
        ("no_vat_rule", unruled.account, True),
    ]
    assert len(plan.drafts) == 1


def test_who_is_held_back_goes_with_the_next_month(staff, selling, begin, work):
    held, other = begin(), begin()
    actions.preview_month(month=OCTOBER, by=staff)

    actions.hold_back(account=held.account, month=OCTOBER, reason="Litige", by=staff)

    plan = queries.month_plan(OCTOBER)
    assert [(each.account, each.reason, str(each.total_incl)) for each in plan.held] == [
        (held.account, "Litige", "360.00")
    ]
    assert [draft.account for draft in plan.drafts] == [other.account]
    with pytest.raises(actions.AlreadyHeldBack):
        actions.hold_back(account=held.account, month=OCTOBER, reason="encore", by=staff)
    close(staff)
    work(selling)
    with pytest.raises(actions.MonthAlreadyIssued):
        actions.let_go(account=held.account, month=OCTOBER, by=staff)
    november = {draft.account: str(draft.totals.excl) for draft in queries.month_plan(NOVEMBER).drafts}
    assert november == {held.account: "600.00", other.account: "300.00"}


def test_who_was_held_back_is_invoiced_after_all(staff, begin):
    made = begin()
    actions.hold_back(account=made.account, month=OCTOBER, reason="Litige", by=staff)

    actions.let_go(account=made.account, month=OCTOBER, by=staff)
    actions.let_go(account=made.account, month=OCTOBER, by=staff)

    assert len(queries.month_plan(OCTOBER).drafts) == 1
    assert AuditEntry.objects.filter(verb="billing.let_go").count() == 1


def test_queries_do_not_grow_with_the_members(staff, selling):
    """Reading, gathering with its drafts, a second preview, issuing."""

    def cost(work) -> int:
        with CaptureQueriesContext(connection) as captured:
            work()
        return len(captured)

    def costs(members: int, month: dt.date) -> list[int]:
        for _member in range(members):
            RecurringChargeFactory(starts_on=month, account__organisation__email="factures@structure.example")
        return [
            cost(lambda: queries.month_plan(month)),
            cost(lambda: actions.preview_month(month=month, by=staff)),
            cost(lambda: actions.preview_month(month=month, by=staff)),
            cost(lambda: actions.issue_month(month=month, by=staff, today=month)),
        ]

    assert costs(3, OCTOBER) == costs(30, NOVEMBER) == [13, 30, 26, 33]
    assert RunItem.objects.filter(job="billing.issue_invoice").count() == 3 + 33


# --- By hand --------------------------------------------------------------------------------------


@pytest.fixture
def add(staff):
    account = AccountFactory()

    def added(**changes):
        return actions.charge_by_hand(
            **{
                "account": account,
                "on": dt.date(2026, 10, 9),
                "description": "Formation",
                "quantity": Decimal(2),
                "unit_price_excl": Decimal("45.50"),
                "vat_code": "formation",
                "token": "6a1bb8b0-0000-4000-8000-000000000001",
                "by": staff,
            }
            | changes
        )

    return added


def test_a_sum_added_by_hand_goes_with_its_month_and_is_added_once(add):
    first = add()

    assert add() == first
    assert (first.period, str(first.amount_excl), first.vat_category) == (OCTOBER, "91.00", "E")
    assert Charge.objects.count() == 1


def test_a_sum_of_a_month_that_is_issued_goes_with_the_next(staff, add):
    close(staff)

    assert add().period == NOVEMBER


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [({"quantity": Decimal(0)}, actions.AmountIsZero), ({"vat_code": "inconnue"}, actions.UnknownVatRule)],
)
def test_a_sum_that_says_nothing_is_refused(add, changes, refusal):
    with pytest.raises(refusal):
        add(**changes)
    assert not Charge.objects.exists()


def test_a_sum_by_hand_is_cancelled_before_its_invoice_only(staff, add):
    charge = add()
    actions.cancel_charge(charge=charge, by=staff, reason="Saisie deux fois")

    assert not Charge.objects.live().exists()
    assert AuditEntry.objects.get(verb="billing.reversed").reason == "Saisie deux fois"
    assert add() == charge
    with pytest.raises(actions.NothingToReverse):
        actions.cancel_charge(charge=charge, by=staff, reason="encore")
    sealed = add(token="6a1bb8b0-0000-4000-8000-000000000002")
    close(staff)
    with pytest.raises(actions.AlreadyInvoiced):
        actions.cancel_charge(charge=sealed, by=staff, reason="trop tard")


def test_what_another_app_charged_is_cancelled_there(staff):
    with pytest.raises(actions.NotOurs):
        actions.cancel_charge(charge=ChargeFactory(), by=staff, reason="annulée")
