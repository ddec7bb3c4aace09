"""« Banque », driven as the accountant drives it."""

import csv
import datetime as dt
import io
import re
import uuid
from decimal import Decimal

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from billing.models import (
    BankAccount,
    BankLine,
    BankStatement,
    ChequeSlip,
    ColumnMapping,
    Match,
    Payment,
    Payout,
    PayoutPayment,
    Receipt,
    Refund,
    SlipCheque,
)
from documents.models import StoredFile
from hubs.scope import open_hub
from tests.billing import statements as given
from tests.billing.factories import (
    AccountFactory,
    BankAccountFactory,
    DepositFactory,
    IssuerFactory,
    PaymentFactory,
    VatRuleFactory,
    bank_lines,
    issued,
)
from tests.billing.test_views import said

BANK = "/gestion/facturation/banque/"


@pytest.fixture(autouse=True)
def second_of_november():
    with time_machine.travel(dt.datetime(2026, 11, 2, 9, tzinfo=dt.UTC), tick=True):
        yield


@pytest.fixture
def shop(nord):
    """The hub « nord » with its issuer, its bank account, and the account of its member structure."""
    with open_hub(nord.hub):
        IssuerFactory()
        VatRuleFactory()
        BankAccountFactory()
        return AccountFactory(organisation=nord.organisation)


def drop(browser, content: bytes, name: str = "releve.csv", **changes):
    """Drop a file as the form does; the page that follows."""
    file = SimpleUploadedFile(name, content)
    chosen = re.search(r'name="bank_account".*?value="(\d+)"', browser.get(f"{BANK}import/").text, re.DOTALL)
    data = {"file": file, "bank_account": chosen.group(1) if chosen else ""} | changes
    return browser.post(f"{BANK}import/", data, follow=True)


@pytest.mark.feature("BI11")
def test_a_statement_is_dropped_read_matched_at_one_click_and_undone(nord, shop, sign_in):
    with open_hub(nord.hub):
        issued(shop, "100.00")
    browser = sign_in(nord, "accountant")
    assert "Rien à rapprocher" in said(browser.get(BANK))

    dry = drop(browser, given.COOPERATIVE.encode("latin-1"))
    for words in (
        "Rien n’est encore écrit.",
        "3 lignes à ajouter",
        "VIR COMPAGNIE DES DÉFERLANTES FA 2026 1",
        "Ce n’est pas un mouvement",
    ):
        assert words in said(dry), words
    with open_hub(nord.hub):
        assert BankLine.objects.count() == 0
    page = browser.post(dry.redirect_chain[-1][0], follow=True)
    assert "3 lignes sont ajoutées." in said(page)
    assert "rapproché jusqu’au 4 octobre 2026, il reste 3 lignes" in said(page)
    assert "le libellé cite FA-2026-00001" in said(page)

    answer, key = re.search(
        r'action="([^"]+acceptation/)".*?name="proposal" value="([^"]+)"', page.text, re.DOTALL
    ).groups()
    after = browser.post(answer, {"proposal": key}, follow=True)
    assert "Payer FA-2026-00001, Compagnie nord" in said(after)
    assert "il reste 2 lignes" in said(after)
    assert "Paiement par virement, FA-2026-00001" in said(browser.get(reverse("billing:account", args=[shop.pk])))
    # Sent twice, it is done once.
    assert "déjà rapprochée" in said(browser.post(answer, {"proposal": key}, follow=True))

    with open_hub(nord.hub):
        line = Match.objects.get().line
    undone = browser.post(reverse("billing:bank_undo", args=[line.pk]), {"reason": "erreur"}, follow=True)
    assert "La ligne attend de nouveau." in said(undone)
    with open_hub(nord.hub):
        assert Payment.objects.get().cancel_reason == "erreur"


@pytest.mark.feature("BI11")
def test_what_was_given_back_is_found_on_the_statement_and_says_when_it_left(nord, shop, sign_in):
    with open_hub(nord.hub):
        PaymentFactory(account=shop)
        deposit = DepositFactory(account=shop, received=True)
    browser = sign_in(nord, "accountant")
    account, held = reverse("billing:account", args=[shop.pk]), reverse("billing:deposit", args=[deposit.pk])
    given_back = {
        "method": "transfer",
        "reference": "",
        "paid_to": "",
        "reason": "payé deux fois",
        "token": uuid.uuid4(),
    }
    browser.post(
        reverse("billing:record_refund", args=[shop.pk]), given_back | {"paid_on": "2026-10-26", "amount": "20"}
    )
    browser.post(
        reverse("billing:refund_deposit", args=[deposit.pk]), given_back | {"on": "2026-10-26", "amount": "800"}
    )
    with open_hub(nord.hub):
        bank_lines(
            ("27/10/2026", "VIR EMIS 1", "-20,00"),
            ("28/10/2026", "VIR COMPAGNIE NORD", "-800,00"),
            ("29/10/2026", "PRLV", "-3,00"),
        )

    page = browser.get(BANK)
    assert "C’est le remboursement de Compagnie nord noté le 26 octobre" in said(page)
    assert (
        "C’est le dépôt rendu à Compagnie nord, noté le 26 octobre sûr même montant, et un nom qui ressemble"
        in said(page)
    )
    assert "notez d’abord ce qui a été rendu sur son compte" in said(page)
    answer, key = re.search(
        r'action="([^"]+acceptation/)".*?name="proposal" value="(moved:refund[^"]+)"', page.text, re.DOTALL
    ).groups()
    after = browser.post(answer, {"proposal": key}, follow=True)
    assert "-20,00 € : C’est le remboursement de Compagnie nord" in said(after).replace("−", "-")
    assert "déjà rapprochée" in said(browser.post(answer, {"proposal": key}, follow=True))
    browser.post(f"{BANK}tout-accepter/", follow=True)

    assert "parti le 27 octobre 2026" in said(browser.get(account))
    assert "parti le 27 octobre 2026" in said(sign_in(nord, "administrator").get("/mon-espace/compte/", follow=True))
    assert "parti de la banque le 28 octobre 2026" in said(browser.get(held))
    with open_hub(nord.hub):
        refund, line = Refund.objects.get(), BankLine.objects.get(amount=-20)
    seen = said(browser.get(reverse("billing:bank_line", args=[line.pk])))
    assert "Compagnie nord , remboursement" in seen
    refused = browser.post(reverse("billing:cancel_refund", args=[refund.pk]), {"reason": "erreur"})
    assert (refused.status_code, "Défaites d’abord le rapprochement" in said(refused)) == (422, True)
    browser.post(reverse("billing:bank_undo", args=[line.pk]), {"reason": "autre chose"})
    assert "parti le" not in said(browser.get(account))


@pytest.mark.feature("BI11")
def test_columns_are_told_once_and_remembered(nord, shop, sign_in):
    browser = sign_in(nord, "accountant")
    first = b"Quand;Qui;Combien\n05/10/2026;DUPONT;120,00\n"

    asked = drop(browser, first)
    assert "Quelle colonne dit quoi" in said(asked)
    assert "DUPONT" in said(asked)
    url = asked.redirect_chain[-1][0]
    refused = browser.post(url, {"head": "0", "date": "0"})
    assert (refused.status_code, "Dites où sont la date" in said(refused)) == (422, True)
    dry = browser.post(url, {"head": "0", "date": "0", "label": "1", "amount": "2"}, follow=True)
    assert "ligne à ajouter" in said(dry)
    browser.post(dry.redirect_chain[-1][0])

    again = drop(browser, first + b"06/10/2026;MARTIN;30,00\n")
    assert "1 ligne à ajouter 1 déjà connue, laissée" in said(again)
    with open_hub(nord.hub):
        assert ColumnMapping.objects.get().columns == {"date": 0, "label": 1, "amount": 2}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "est vide"),
        (b"\x89PNG\r\n", "une image PNG"),
        (b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><Document><BkToCstmrStmt/></Document>', "DOCTYPE"),
        (given.camt(closing="3.00"), "Le solde ne tombe pas juste"),
        (given.camt(currency="CHF"), "pas en euros"),
        (given.camt(iban="FR1420041010050500013M02606"), "que le portail ne connaît pas"),
    ],
)
def test_a_bad_file_is_told_next_to_it_and_changes_nothing(nord, shop, sign_in, content, words):
    answer = drop(sign_in(nord, "accountant"), content)

    assert (answer.status_code, words in said(answer)) == (422, True)
    with open_hub(nord.hub):
        assert BankStatement.objects.count() == 0


def test_a_file_dropped_twice_says_so(nord, shop, sign_in):
    browser = sign_in(nord, "accountant")
    browser.post(drop(browser, given.camt()).redirect_chain[-1][0])

    again = drop(browser, given.camt())

    assert (again.status_code, "déjà importé" in said(again)) == (422, True)
    with open_hub(nord.hub):
        assert BankLine.objects.count() == 1
        statement = BankStatement.objects.get()
    assert browser.get(reverse("billing:statement_file", args=[statement.pk])).content == given.camt()


@pytest.mark.feature("BI11")
def test_one_line_is_split_by_hand_and_a_wrong_sum_keeps_what_was_typed(nord, shop, sign_in):
    with open_hub(nord.hub):
        invoice = issued(shop, "100.00")
        other = AccountFactory(organisation__name="Zutique")
        (line,) = bank_lines(("05/10/2026", "VIR GROUPE", "150,00"))
    browser = sign_in(nord, "accountant")
    url = reverse("billing:bank_line", args=[line.pk])
    found = browser.get(url, {"compte": "zut"})
    assert "ne doit rien" in said(found)
    parts = {
        "part-TOTAL_FORMS": "3", "part-INITIAL_FORMS": "0", "part-0-target": f"i{invoice.pk}", "part-0-amount": "120,00",
        "part-1-target": f"a{other.pk}", "part-1-amount": "20,00",
    }  # fmt: skip

    more = browser.post(url, parts | {"more": "1"})
    assert (more.status_code, more.text.count('-target"') > 3, 'value="20,00"' in more.text) == (200, True, True)
    wrong = browser.post(url, parts)
    assert (wrong.status_code, "Les parts font 140,00 €, la ligne 150,00 €" in said(wrong)) == (422, True)
    assert 'value="20,00"' in wrong.text
    assert browser.post(url, parts | {"part-2-amount": "10"}).status_code == 422
    done = browser.post(url, parts | {"part-1-amount": "30,00"}, follow=True)

    assert "La ligne est rapprochée." in said(done)
    with open_hub(nord.hub):
        assert set(Payment.objects.values_list("account", "amount")) == {
            (shop.pk, Decimal("120.00")),
            (other.pk, Decimal("30.00")),
        }


def test_lines_are_set_aside_found_again_and_exported(nord, shop, sign_in):
    with open_hub(nord.hub):
        fees, _other = bank_lines(("05/10/2026", "FRAIS", "-8,50"), ("06/10/2026", "=HYPERLINK", "3,00"))
    browser = sign_in(nord, "accountant")

    browser.post(reverse("billing:bank_aside", args=[fees.pk]), {"aside": "bank_fees", "note": "octobre"})

    aside = browser.get(f"{BANK}lignes/", {"state": "aside"})
    assert "frais bancaires" in said(aside)
    assert "HYPERLINK" not in said(aside)
    rows = list(
        csv.reader(
            io.StringIO(browser.get(f"{BANK}lignes/", {"export": "csv"}).content.decode("utf-8-sig")), delimiter=";"
        )
    )
    assert [row[3:] for row in rows[1:]] == [
        ["FRAIS", "", "-8,5", "mise de côté", "frais bancaires", "octobre"],
        ["'=HYPERLINK", "", "3", "à rapprocher", "", ""],
    ]


@pytest.mark.feature("BI22")
def test_eight_cheques_make_one_slip_and_one_bank_line(nord, shop, sign_in, work):
    with open_hub(nord.hub):
        cheques = [
            PaymentFactory(account=shop, amount=Decimal(10 + rank), method="cheque", reference=f"n° {rank}")
            for rank in range(8)
        ]
    browser = sign_in(nord, "accountant")
    bank = {
        "bank_account": re.search(
            r'name="bank_account".*?value="(\d+)"', browser.get(f"{BANK}remises/").text, re.DOTALL
        ).group(1)
    }

    empty = browser.post(f"{BANK}remises/", bank | {"on": "2026-10-30"})
    assert (empty.status_code, "Cochez au moins un chèque." in said(empty)) == (422, True)
    page = browser.post(
        f"{BANK}remises/", bank | {"on": "2026-10-30", "cheques": [each.pk for each in cheques]}, follow=True
    )
    assert "Remise RC-2026-00001" in said(page)
    assert "108,00 €" in said(page)
    work(nord.hub)
    with open_hub(nord.hub):
        slip = ChequeSlip.objects.get()
    assert browser.get(reverse("billing:slip_pdf", args=[slip.pk])).content.startswith(b"%PDF")
    assert "Aucun chèque en main" in said(browser.get(f"{BANK}remises/"))

    with open_hub(nord.hub):
        bank_lines(("31/10/2026", "REMISE CHEQUES", "108,00"))
    assert "C’est la remise RC-2026-00001 : 8 chèques" in said(browser.get(BANK))
    assert "1 ligne est rapprochée." in said(browser.post(f"{BANK}tout-accepter/", follow=True))

    with open_hub(nord.hub):
        assert (Match.objects.filter(slip=slip).count(), Payment.objects.count()) == (8, 8)
    refused = browser.post(reverse("billing:cancel_slip", args=[slip.pk]), {"reason": "erreur"})
    assert (refused.status_code, "Défaites d’abord le rapprochement" in said(refused)) == (422, True)


@pytest.mark.feature("BI22")
def test_the_transfer_of_helloasso_splits_into_its_payments(nord, shop, sign_in):
    with open_hub(nord.hub):
        account = AccountFactory(
            organisation__name="Les Tisserandes", organisation__email="contact@tisserandes.example"
        )
        issued(account, "100.00")
        bank_lines(("02/11/2026", "VIR HELLOASSO", "147,50"))
    browser = sign_in(nord, "accountant")

    dry = drop(browser, given.HELLOASSO.encode(), "export.csv")
    assert "150,00 € payés, 2,50 € de frais, 147,50 € versés à la banque." in said(dry)
    page = browser.post(dry.redirect_chain[-1][0], follow=True)
    assert "Dites à quel compte va 1 paiement" in said(page)
    with open_hub(nord.hub):
        payout = Payout.objects.get()
        gift = payout.payments.get(account=None)
    assert "Accepter tout ce qui est sûr" not in said(browser.get(BANK))
    browser.post(reverse("billing:payout", args=[payout.pk]), {"payment": gift.pk, f"p{gift.pk}-target": "aside"})

    assert "V-77 : 2 paiements, 2,50 € de frais" in said(browser.get(BANK))
    browser.post(f"{BANK}tout-accepter/")

    with open_hub(nord.hub):
        payment = Payment.objects.get()
        assert (payment.account, payment.amount, payment.received_on) == (
            account,
            Decimal("120.00"),
            dt.date(2026, 10, 3),
        )
        assert set(Match.objects.values_list("kind", "amount")) == {
            ("payment", Decimal("120.00")), ("other", Decimal("30.00")), ("fee", Decimal("-2.50")),
        }  # fmt: skip
    again = drop(browser, given.HELLOASSO.encode(), "export.csv")
    assert (again.status_code, "déjà importés" in said(again)) == (422, True)


@pytest.mark.feature("BI11")
def test_cash_gives_a_numbered_receipt_to_whoever_paid(nord, shop, sign_in, work):
    with open_hub(nord.hub):
        issued(shop, "100.00")
    browser = sign_in(nord, "accountant")
    url = reverse("billing:account", args=[shop.pk])
    token = re.search(r'name="token" value="([^"]+)"', browser.get(url).text).group(1)
    browser.post(url, {"received_on": "2026-11-02", "amount": "120,00", "method": "cash", "token": token})
    with open_hub(nord.hub):
        payment = Payment.objects.get()
    give = reverse("billing:give_receipt", args=[payment.pk])
    assert give in browser.get(url).text

    assert "Le reçu RE-2026-00001 est établi." in said(browser.post(give, follow=True))
    browser.post(give)
    work(nord.hub)

    with open_hub(nord.hub):
        receipt = Receipt.objects.get()
    assert browser.get(reverse("billing:receipt_pdf", args=[receipt.pk])).content.startswith(b"%PDF")
    member = sign_in(nord, "administrator")
    mine = reverse("billing:my_receipt_pdf", args=[receipt.pk])
    assert mine in member.get("/mon-espace/compte/").text
    assert member.get(mine).content.startswith(b"%PDF")
    assert sign_in(nord, "stranger").get(mine).status_code == 404


def test_the_bank_is_for_those_who_keep_the_accounts(nord, shop, sign_in):
    for who in ("receptionist", "adviser", "elected", "administrator"):
        assert sign_in(nord, who).get(BANK).status_code == 403, who


def rows_of_everything(rank: int) -> None:
    """A line with its statement, a slip of one cheque, a transfer of HelloAsso."""
    bank_account = BankAccount.objects.get()
    issued(AccountFactory(), "10.00")
    bank_lines((f"0{rank}/10/2026", f"FA-2026-0000{rank}", "12,00"))
    cheque = PaymentFactory(method="cheque")
    slip = ChequeSlip.objects.create(
        bank_account=bank_account, year=2026, sequence=rank, number=f"RC-2026-0000{rank}", on=dt.date(2026, 10, rank),
        total=cheque.amount, made_at=timezone.now(),
    )  # fmt: skip
    SlipCheque.objects.create(slip=slip, payment=cheque)
    PaymentFactory(method="cheque")
    payout = Payout.objects.create(
        file=StoredFile.objects.first(), reference=f"V-{rank}", on=dt.date(2026, 10, rank), gross=10, fees=1, net=9,
        imported_at=timezone.now(),
    )  # fmt: skip
    PayoutPayment.objects.create(
        payout=payout, reference=f"P-{rank}", on=payout.on, payer="Inès Roux", amount=10, fees=1, account=cheque.account
    )


@pytest.mark.parametrize(
    ("path", "queries"), [("", 28), ("lignes/", 12), ("releves/", 11), ("remises/", 15), ("helloasso/", 11)]
)
def test_lists_ask_the_same_for_one_row_and_for_three(nord, shop, sign_in, path, queries):
    browser = sign_in(nord, "accountant")

    def asked() -> int:
        with CaptureQueriesContext(connection) as seen:
            browser.get(BANK + path)
        return len(seen)

    with open_hub(nord.hub):
        rows_of_everything(1)
    asked()
    one = asked()
    with open_hub(nord.hub):
        rows_of_everything(2)
        rows_of_everything(3)

    assert (one, asked()) == (queries, queries)
