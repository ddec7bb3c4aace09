import datetime as dt
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction

from billing.actions import NothingToReverse, UnknownVatRule, account_for, charge, reverse
from billing.models import Account, Charge
from hubs.actors import system
from hubs.models import AuditEntry
from tests.billing.factories import AccountFactory, VatRuleFactory

OCTOBER = dt.date(2026, 10, 1)


@pytest.fixture
def sell(hub):
    """Charge an account for a booking."""
    VatRuleFactory()
    account = AccountFactory()

    def sold(**changes):
        return charge(
            **{
                "by": system(hub.pk),
                "account": account,
                "source": "spaces.booking:12",
                "kind": "booking",
                "period": dt.date(2026, 10, 6),
                "on": dt.date(2026, 10, 6),
                "description": "Atelier",
                "quantity": Decimal("3"),
                "unit_label": "heure",
                "unit_price_excl": Decimal("10.03"),
                "vat_code": "service-20",
            }
            | changes
        )

    return sold


def test_a_charge_keeps_what_was_agreed(sell):
    made = sell()
    made.vat_rule.rate = Decimal("10.00")
    made.vat_rule.save()

    kept = Charge.objects.values_list(
        "source", "kind", "period", "quantity", "unit_price_excl", "vat_category", "vat_rate", "amount_excl"
    ).get()

    assert kept == (
        "spaces.booking:12", "booking", OCTOBER, Decimal("3"), Decimal("10.03"), "S", Decimal("20"), Decimal("30.09")
    )  # fmt: skip


def test_charging_twice_changes_nothing(sell):
    first = sell()

    again = sell(unit_price_excl=Decimal("99"))

    assert (again.pk, again.amount_excl, Charge.objects.count()) == (first.pk, Decimal("30.09"), 1)
    assert AuditEntry.objects.filter(verb="billing.charged").count() == 1


def test_the_rule_in_force_on_the_day_of_the_service_applies(sell):
    VatRuleFactory(code="salle", rate=Decimal("19.60"), starts_on=dt.date(2010, 1, 1), ends_on=dt.date(2026, 10, 6))
    VatRuleFactory(code="salle", rate=Decimal("20.00"), starts_on=dt.date(2026, 10, 6))

    before = sell(source="x:1", on=dt.date(2026, 10, 5), vat_code="salle")
    after = sell(source="x:2", on=dt.date(2026, 10, 6), vat_code="salle")

    assert (before.vat_rate, after.vat_rate) == (Decimal("19.60"), Decimal("20.00"))


def test_an_unknown_rule_is_refused(sell):
    with pytest.raises(UnknownVatRule):
        sell(vat_code="inconnue")


def test_a_reversal_nets_to_zero_and_leaves_both_rows(sell, hub):
    made = sell()

    (opposite,) = reverse(by=system(hub.pk), source=made.source, kind=made.kind, reason="réservation annulée")

    assert (opposite.amount_excl, opposite.quantity, opposite.reverses) == (Decimal("-30.09"), Decimal("-3"), made)
    assert (Charge.objects.count(), Charge.objects.live().count()) == (2, 0)
    assert AuditEntry.objects.get(verb="billing.reversed").reason == "réservation annulée"


def test_what_was_reversed_can_be_charged_anew_and_not_reversed_twice(sell, hub):
    made = sell()
    reverse(by=system(hub.pk), source=made.source, kind=made.kind, reason="déplacée")
    again = sell(quantity=Decimal(2))
    reverse(by=system(hub.pk), source=made.source, kind=made.kind, reason="annulée")

    assert again.pk != made.pk
    with pytest.raises(NothingToReverse):
        reverse(by=system(hub.pk), source=made.source, kind=made.kind, reason="annulée")


def test_a_charge_is_neither_changed_nor_deleted(sell):
    made = sell()

    for statement in (
        "UPDATE billing_charge SET amount_excl = 1, unit_price_excl = 1, quantity = 1",
        "DELETE FROM billing_charge",
    ):
        with (
            pytest.raises(IntegrityError, match="ne se modifie ni ne se supprime"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)
    assert Charge.objects.get() == made


def test_a_charge_whose_amount_does_not_tie_is_refused_by_the_database(sell):
    made = sell()
    made.pk, made.source, made.amount_excl = None, "x:1", Decimal("1.00")

    with pytest.raises(IntegrityError, match="billing_charge_amount_ties"), transaction.atomic():
        made.save(force_insert=True)


def test_an_account_is_of_one_structure_or_one_person(hub):
    account = AccountFactory()

    assert account_for(organisation=account.organisation) == account
    with pytest.raises(IntegrityError, match="billing_account_one_holder"), transaction.atomic():
        Account.objects.create()
