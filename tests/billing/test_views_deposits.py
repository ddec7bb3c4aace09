"""The pages of deposits and refunds, driven as their users drive them."""

import datetime as dt
from decimal import Decimal

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from billing.models import Account, Deposit, DepositMove, Invoice, Issuer, Refund
from hubs.models import Mail
from hubs.scope import open_hub
from tests.billing.factories import (
    AccountFactory,
    DepositFactory,
    DepositMoveFactory,
    IssuerFactory,
    PaymentFactory,
    VatRuleFactory,
    issued,
)
from tests.billing.test_views import rows_of, said

REGISTER = "/gestion/facturation/depots/"


@pytest.fixture(autouse=True)
def twentieth_of_november():
    with time_machine.travel(dt.datetime(2026, 11, 20, 9, tzinfo=dt.UTC), tick=True):
        yield


@pytest.fixture
def account(nord):
    """The hub « nord » sells: its issuer, its rules, and the account of its member structure."""
    with open_hub(nord.hub):
        IssuerFactory()
        VatRuleFactory()
        VatRuleFactory(out_of_scope=True)
        return AccountFactory(organisation=nord.organisation)


@pytest.fixture
def deposit(nord, account):
    with open_hub(nord.hub):
        return DepositFactory(account=account, received=True)


def page_of(deposit: Deposit, tail: str = "") -> str:
    return f"{REGISTER}{deposit.pk}/{tail}"


def token_of(response) -> str:
    return str(response.context["form"]["token"].value())


@pytest.mark.feature("BI7")
def test_a_deposit_lives_from_its_request_to_its_end(nord, account, sign_in, work):
    with open_hub(nord.hub):
        invoice = issued(account, "100.00")
    browser = sign_in(nord, "accountant")
    home = f"/gestion/facturation/comptes/{account.pk}/"

    assert f'href="{home}depot/"' in browser.get(home).content.decode()
    ask = browser.get(f"{home}depot/")
    asked = browser.post(
        f"{home}depot/",
        {"nature": "security", "label": "Bureau 12", "amount": "800", "send": "on", "token": token_of(ask)},
        follow=True,
    )
    assert "La demande part par courriel." in said(asked)
    work(nord.hub)
    with open_hub(nord.hub):
        deposit = Deposit.objects.get()
        assert "Ce n’est pas une facture" in Mail.objects.get(subject__startswith="Demande").text
    assert browser.get(page_of(deposit, "demande/pdf/")).content.startswith(b"%PDF")

    for tail, given, told in (
        ("recu/", {"amount": "800", "method": "cheque", "reference": "0012"}, "Reçu par chèque, 0012"),
        ("retenue/", {"amount": "60", "vat_code": "hors-champ", "reason": "vitre fêlée"}, "Retenu : vitre fêlée"),
        ("imputation/", {"amount": "120", "invoice": invoice.pk}, f"Imputé sur la facture {invoice.number}"),
        (
            "rendu/",
            {"amount": "620", "method": "transfer", "paid_to": "FR76 3000 6000 0112 3456 7890 189"},
            "Rendu par virement, compte FR76 •••• 0189",
        ),
    ):
        form = browser.get(page_of(deposit, tail))
        page = browser.post(page_of(deposit, tail), given | {"on": "2026-11-20", "token": token_of(form)}, follow=True)
        assert told in said(page), tail
    assert "0,00 € détenus" in said(page)

    browser.post(page_of(deposit, "solde/"))
    work(nord.hub)
    member = sign_in(nord, "administrator")
    mine = member.get("/mon-espace/compte/", follow=True)
    assert "Bureau 12" in said(mine)
    assert "soldé" in said(mine)
    assert member.get(reverse("billing:my_deposit_statement_pdf", args=[deposit.pk])).content.startswith(b"%PDF")
    with open_hub(nord.hub):
        assert Invoice.objects.with_due().get(pk=invoice.pk).due == 0


@pytest.mark.feature("BI7")
def test_what_is_held_stands_beside_the_balance(nord, deposit, sign_in):
    words = "Dépôt de garantie détenu : 800,00 €"

    assert words in said(sign_in(nord, "accountant").get(f"/gestion/facturation/comptes/{deposit.account_id}/"))
    mine = said(sign_in(nord, "employee").get("/mon-espace/compte/", follow=True))
    assert (words in mine, "Le compte est à jour" in mine) == (True, True)


@pytest.mark.feature("BI7")
def test_the_register_sorts_filters_and_exports_what_is_held_at_a_date(nord, deposit, sign_in):
    with open_hub(nord.hub):
        key = DepositFactory(key=True, account=AccountFactory(organisation__name="=Étoile"))
        DepositMoveFactory(deposit=key, amount=Decimal("50.00"), on=dt.date(2026, 11, 2))
    browser = sign_in(nord, "accountant")

    assert "En tout, au 20 novembre 2026 850,00 €" in said(browser.get(REGISTER))
    assert "En tout, au 31 octobre 2026 800,00 €" in said(browser.get(REGISTER, {"on": "2026-10-31"}))
    assert "Bureau 12" not in said(browser.get(REGISTER, {"nature": "key"}))
    assert "Clé de l’atelier" not in said(browser.get(REGISTER, {"state": "held", "on": "2026-11-01"}))
    assert [row[:3] + row[-1:] for row in rows_of(browser.get(REGISTER, {"export": "csv", "who": "etoile"}))] == [
        ["Pour", "Nature", "Pour quoi", "Détenu"],
        ["'=Étoile", "caution de clé ou de badge", "Clé de l’atelier", "50"],
    ]
    assert browser.get(REGISTER, {"on": "n’importe quoi"}).status_code == 200


@pytest.mark.parametrize(("count", "queries"), [(1, 13), (3, 13)])
def test_the_register_asks_the_same_number_of_questions(nord, deposit, sign_in, count, queries):
    with open_hub(nord.hub):
        for _ in range(count - 1):
            DepositFactory()
    browser = sign_in(nord, "accountant")
    browser.get(REGISTER)

    with CaptureQueriesContext(connection) as asked:
        browser.get(REGISTER)

    assert len(asked) == queries


@pytest.mark.parametrize(
    ("tail", "given", "words"),
    [
        ("rendu/", {"amount": "800,01", "method": "cash", "on": "2026-11-20"}, "plus que ce qui est détenu"),
        ("rendu/", {"amount": "8", "method": "cash", "on": "2026-11-21"}, "Ce jour n’est pas encore passé"),
        (
            "rendu/",
            {"amount": "8", "method": "transfer", "on": "2026-11-20", "paid_to": "FR7630006000011234567890180"},
            "Cet IBAN ne tombe pas juste",
        ),
        ("retenue/", {"amount": "8", "vat_code": "hors-champ", "on": "2026-11-20"}, "Ce champ est obligatoire"),
        ("recu/", {"amount": "1", "method": "cash", "on": "2026-11-20"}, "plus que le montant convenu"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_kept(nord, deposit, sign_in, tail, given, words):
    browser = sign_in(nord, "accountant")
    token = token_of(browser.get(page_of(deposit, tail)))

    response = browser.post(page_of(deposit, tail), given | {"token": token})

    assert (response.status_code, words in said(response)) == (422, True)
    assert f'value="{given["amount"]}"' in response.content.decode()
    with open_hub(nord.hub):
        assert DepositMove.objects.count() == 1


def test_a_move_is_cancelled_with_its_reason_and_a_deposit_while_it_is_empty(nord, deposit, sign_in):
    browser = sign_in(nord, "accountant")
    move_id = deposit_move(nord, deposit)

    page = browser.post(f"{REGISTER}mouvements/{move_id}/annulation/", {"reason": "sans provision"}, follow=True)
    assert "annulé sans provision" in said(page)
    browser.post(page_of(deposit, "annulation/"), {"reason": "bail non signé"})

    assert "Ce dépôt est annulé bail non signé" in said(browser.get(page_of(deposit)))
    again = browser.post(page_of(deposit, "annulation/"), {"reason": "encore"})
    assert (again.status_code, "Ce dépôt est annulé." in said(again)) == (422, True)


def deposit_move(cast, deposit: Deposit) -> int:
    with open_hub(cast.hub):
        return DepositMove.objects.get(deposit=deposit).pk


def test_a_hub_with_no_legal_body_is_told_why_it_holds_nothing(nord, account, sign_in):
    with open_hub(nord.hub):
        Issuer.objects.update(ends_on=dt.date(2026, 1, 1))
    browser = sign_in(nord, "coordinator")
    page = f"/gestion/facturation/comptes/{account.pk}/depot/"

    assert "Ce pôle ne peut pas encore détenir de dépôt" in said(browser.get(page))
    assert "Ce pôle ne peut pas encore détenir de dépôt" in said(browser.get(REGISTER))


def test_a_member_of_another_structure_reads_no_paper(nord, deposit, sign_in, work):
    sign_in(nord, "accountant").post(page_of(deposit, "solde/"))
    work(nord.hub)
    url = reverse("billing:my_deposit_statement_pdf", args=[deposit.pk])

    assert sign_in(nord, "employee").get(url).status_code == 200
    assert sign_in(nord, "stranger").get(url).status_code == 404
    assert sign_in(nord, "receptionist").get(page_of(deposit)).status_code == 403


# --- Refunds ---------------------------------------------------------------------------------------


def test_an_advance_is_given_back_then_the_mistake_is_undone(nord, account, sign_in):
    with open_hub(nord.hub):
        PaymentFactory(account=account, amount=Decimal("50.00"))
    browser = sign_in(nord, "accountant")
    home = f"/gestion/facturation/comptes/{account.pk}/"
    assert "Rendre l’avance…" in said(browser.get(home))
    form = browser.get(f"{home}remboursement/")
    assert "Ce compte a 50,00 € d’avance." in said(form)
    given = {"paid_on": "2026-11-20", "amount": "50", "method": "transfer", "reason": "doublon"}

    too_much = browser.post(f"{home}remboursement/", given | {"amount": "50,01", "token": token_of(form)})
    assert (too_much.status_code, "plus que ce que le compte a d’avance" in said(too_much)) == (422, True)
    done = browser.post(f"{home}remboursement/", given | {"token": token_of(form)}, follow=True)
    assert "50,00 € rendus le 20 novembre : c’est noté." in said(done)
    assert "Remboursement par virement" in said(done)
    with open_hub(nord.hub):
        made = Refund.objects.get()
    undone = browser.post(
        f"/gestion/facturation/remboursements/{made.pk}/annulation/", {"reason": "refusé"}, follow=True
    )

    assert "Annulation : refusé" in said(undone)
    with open_hub(nord.hub):
        assert Account.objects.with_balance().get().balance == Decimal("-50.00")


def test_an_account_without_advance_has_nothing_to_give_back(nord, account, sign_in):
    page = sign_in(nord, "accountant").get(f"/gestion/facturation/comptes/{account.pk}/remboursement/")

    assert "Rien à rendre" in said(page)
