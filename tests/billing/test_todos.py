"""What billing puts on à faire: what is to be decided about money, to those who keep it."""

import datetime as dt

import pytest
import time_machine
from django.urls import reverse

from billing.models import Invoice, Issuer
from billing.todos import todos
from hubs.parts import HANDFUL
from tests.billing.factories import AccountFactory, ChargeFactory, IssuerFactory, issued

TODAY = dt.date(2026, 11, 24)
ISSUER = "/gestion/reglages/emetteur/"


def lines() -> list[tuple[str, str, str]]:
    return [(todo.key, todo.label, todo.url) for todo in todos(TODAY)]


def test_nothing_sold_leaves_nothing_to_do(hub):
    assert todos(TODAY) == []


def test_sums_that_nobody_invoices_ask_who_issues(selling):
    ChargeFactory()
    Issuer.objects.update(ends_on=dt.date(2026, 1, 1))

    (todo,) = todos(TODAY)

    assert (todo.key, todo.label, todo.url, todo.since) == (
        "billing.issuer", "Dire qui émet les factures", ISSUER, dt.date(2026, 10, 6),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("lacking", "reason"),
    [
        ({"iban": ""}, "Il manque\u00a0: l’IBAN."),
        ({"siren": "", "siret": "", "iban": ""}, "Il manque\u00a0: le SIREN ou le numéro RNA, l’IBAN."),
        ({"siren": "", "siret": "", "rna": "W212000000"}, None),
    ],
)
def test_an_issuer_half_described_is_to_be_completed(hub, lacking, reason):
    IssuerFactory(**lacking)

    assert [todo.reason for todo in todos(TODAY)] == ([reason] if reason else [])


def test_the_month_that_ended_is_to_be_closed(selling):
    ChargeFactory()

    assert lines() == [("billing.month:2026-10", "Clore octobre 2026", "/gestion/facturation/mois/2026-10/")]


def test_what_is_past_due_is_told_by_account_and_goes_when_it_is_paid(selling):
    account = AccountFactory(organisation__name="Atelier Zinc")
    first, second = issued(account, on=dt.date(2026, 9, 6)), issued(account, "50.00", on=dt.date(2026, 10, 6))
    issued(AccountFactory(), on=dt.date(2026, 11, 6))

    (todo,) = todos(TODAY)

    assert (todo.key, todo.label, todo.url, todo.since) == (
        f"billing.late:{account.pk}", "Atelier Zinc", reverse("billing:account", args=[account.pk]), first.due_date,
    )  # fmt: skip
    assert todo.reason == "2 factures échues, 180,00\u00a0€\u00a0: relancez, ou notez le paiement."
    with time_machine.travel(dt.datetime(2026, 11, 24, 9, tzinfo=dt.UTC)):
        from billing.actions import record_payment
        from hubs.actors import system

        for invoice in (first, second):
            record_payment(
                account=account, received_on=TODAY, amount=invoice.total_incl, method="transfer",
                by=system(selling.pk), today=TODAY, invoice=invoice,
            )  # fmt: skip
    assert todos(TODAY) == []


def test_beyond_a_handful_of_late_accounts_one_line_leads_to_the_list(selling):
    for _n in range(HANDFUL + 1):
        issued(AccountFactory(), on=dt.date(2026, 9, 6))

    (todo,) = todos(TODAY)

    assert (todo.key, todo.label, todo.url) == (
        "billing.late", "6 comptes en retard de paiement", "/gestion/facturation/?state=late",
    )  # fmt: skip
    assert "720,00" in todo.reason


def test_a_structure_that_will_be_invoiced_and_has_no_address_is_to_be_completed(selling):
    account = AccountFactory(organisation__name="Atelier Zinc", organisation__email="")
    AccountFactory(organisation__email="")
    ChargeFactory(account=account, on=dt.date(2026, 11, 6))

    assert lines() == [
        (
            f"billing.address:{account.pk}",
            "Atelier Zinc",
            reverse("parties:structure_edit", args=[account.organisation.public_id]),
        )
    ]


def test_beyond_a_handful_without_address_one_line_leads_to_the_month(selling):
    for _n in range(HANDFUL + 1):
        ChargeFactory(account=AccountFactory(organisation__email=""), on=dt.date(2026, 11, 6))

    assert lines() == [
        (
            "billing.addresses",
            "6 structures sans adresse pour leurs factures",
            "/gestion/facturation/mois/2026-11/",
        )
    ]


@pytest.mark.feature("HU10")
@pytest.mark.parametrize(("who", "seen"), [("accountant", True), ("coordinator", True), ("receptionist", False)])
def test_money_is_to_do_for_those_who_keep_it(nord, selling, sign_in, who, seen):
    issued(AccountFactory(organisation=nord.organisation), on=dt.date(2026, 9, 6))
    assert Invoice.objects.count() == 1

    with time_machine.travel(dt.datetime(2026, 11, 24, 9, tzinfo=dt.UTC), tick=True):
        page = sign_in(nord, who).get("/gestion/").text

    assert ("Paiements en retard" in page) == seen
