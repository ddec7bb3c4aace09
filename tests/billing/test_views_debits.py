"""Mandates, debits and the code of a transfer, driven as their users drive them."""

import datetime as dt
import re
from decimal import Decimal

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from lxml import etree

from billing import pain008, transfers
from billing.models import Account, Debit, DebitBatch, Invoice, Issuer, Mandate, Payment
from documents.actions import store_file
from documents.models import StoredFile
from hubs.models import Mail
from hubs.scope import open_hub
from tests.billing.banks import IBAN, ICS, OTHER_IBAN, camt054, debit_of
from tests.billing.factories import AccountFactory, IssuerFactory, MandateFactory, VatRuleFactory, issued

DEBITS = "/gestion/facturation/prelevements/"
MANDATES = "/gestion/facturation/mandats/"


@pytest.fixture(autouse=True)
def second_of_november():
    with time_machine.travel(dt.datetime(2026, 11, 2, 9, tzinfo=dt.UTC), tick=True) as clock:
        yield clock


@pytest.fixture
def shop(nord) -> Account:
    """The hub « nord » collects by debit; the account of its member structure."""
    with open_hub(nord.hub):
        IssuerFactory(debiting=True)
        VatRuleFactory()
        return AccountFactory(organisation=nord.organisation)


def said(response) -> str:
    """The text of a page, tags and typographic spaces made plain."""
    text = re.sub(r"<[^>]+>", " ", response.content.decode())
    return " ".join(text.replace("\u00a0", " ").replace("\u202f", " ").split())


def mine(account: Account, tail: str = "") -> str:
    return f"/mon-espace/compte/{account.pk}/prelevement/{tail}"


SIGNATURE = {"debtor_name": "Compagnie nord", "iban": "FR76 3000 6000 0112 3456 7890 189", "agreed": "on"}


@pytest.mark.feature("BI8")
def test_from_the_invitation_to_a_debit_that_the_bank_returns(nord, shop, sign_in, work, second_of_november):
    staff, member = sign_in(nord, "accountant"), sign_in(nord, "administrator")
    with open_hub(nord.hub):
        invoice = issued(shop)

    # Invited, the structure signs.
    page = staff.get(f"/gestion/facturation/comptes/{shop.pk}/mandat/")
    assert "n’a jamais eu de mandat" in said(page)
    staff.post(f"/gestion/facturation/comptes/{shop.pk}/mandat/")
    page = member.get(mine(shop))
    for words in ("vous propose de régler", "vous autorisez Association du pôle", "9 place Galilée", ICS, "14 jours"):
        assert words in said(page), words
    assert "est signé" in said(member.post(mine(shop), SIGNATURE, follow=True))
    work(nord.hub)
    assert member.get(mine(shop, "mandat/")).content.startswith(b"%PDF")
    page = member.get(mine(shop))
    assert "FR76 •••• 0189" in said(page)
    assert IBAN not in page.content.decode()

    # Announced, the invoice asks for no transfer.
    page = staff.get(DEBITS)
    assert "16 novembre 2026" in said(page)
    assert "1 courriel d’annonce partira" in said(page)
    assert "1 prélèvement est annoncé." in said(staff.post(DEBITS, {"invoices": [invoice.pk]}, follow=True))
    page = said(member.get(f"/mon-espace/compte/factures/{invoice.pk}/"))
    assert "120,00 € seront prélevés le 16 novembre 2026 sur le compte FR76 •••• 0189" in page
    assert "Code QR" not in page
    with time_machine.travel(dt.datetime(2026, 11, 17, 10, tzinfo=dt.UTC), tick=False):
        late = sign_in(nord, "administrator")
        for where in (f"factures/{invoice.pk}/", ""):
            assert "Le prélèvement annoncé pour le 16 novembre 2026" in said(late.get(f"/mon-espace/compte/{where}"))

    # Its file, deposited and collected.
    with open_hub(nord.hub):
        issuer = Issuer.objects.get()
    path = f"{DEBITS}emetteur/{issuer.pk}/2026-11-16/"
    assert "1 prélèvement part" in said(staff.get(path))
    page = staff.post(path, follow=True)
    with open_hub(nord.hub):
        batch = DebitBatch.objects.get()
    first, second = (staff.get(f"{DEBITS}fichiers/{batch.pk}/xml/") for _ in range(2))
    pain008.check(first.content)
    assert first.content == second.content
    assert etree.fromstring(first.content).findtext(".//{*}EndToEndId") == invoice.number
    assert staff.post(f"{DEBITS}fichiers/{batch.pk}/", {"deposited_on": "2026-11-02"}).status_code == 302
    second_of_november.move_to(dt.datetime(2026, 11, 18, 9, tzinfo=dt.UTC))
    assert "1 paiement est noté." in said(staff.post(f"{DEBITS}fichiers/{batch.pk}/encaissement/", follow=True))

    # The bank gives it back: shown first, then applied, once.
    content = camt054((invoice.number, "AM04", "120.00"))
    page = staff.post(f"{DEBITS}retours/", {"file": SimpleUploadedFile("retour.xml", content)}, follow=True)
    assert "AM04 provision insuffisante" in said(page)
    assert "Rien n’est encore écrit." in said(page)
    with open_hub(nord.hub):
        assert Payment.objects.get().cancelled_at is None
    path = page.redirect_chain[-1][0]
    assert "1 rejet est noté." in said(staff.post(path, follow=True))
    assert "déjà noté" in said(staff.post(path, follow=True))
    with open_hub(nord.hub):
        assert Payment.objects.get().cancel_reason == "Rejet AM04\u00a0: provision insuffisante"
        assert Invoice.objects.with_due().get().due == Decimal("120.00")
        assert "n’a pas payé" in Mail.objects.latest("pk").text
    assert "Rejet AM04 : provision insuffisante. La facture" in said(staff.get("/gestion/"))


def test_a_signature_with_one_wrong_digit_keeps_what_was_typed(nord, shop, sign_in):
    member = sign_in(nord, "administrator")

    page = member.post(mine(shop), SIGNATURE | {"iban": "FR7630006000011234567890188"})

    assert page.status_code == 422
    assert "Cet IBAN ne tombe pas juste." in said(page)
    assert 'value="FR7630006000011234567890188"' in page.content.decode()
    page = member.post(mine(shop), SIGNATURE | {"agreed": ""})
    assert "Cochez la case" in said(page)


def test_a_member_changes_bank_then_ends_the_mandate(nord, shop, sign_in):
    member = sign_in(nord, "administrator")
    member.post(mine(shop), SIGNATURE)
    assert "Changer de banque" in said(member.get(mine(shop)))
    member.post(mine(shop), SIGNATURE | {"iban": OTHER_IBAN})

    assert "FR14 •••• 2606" in said(member.get(mine(shop)))
    assert member.post(mine(shop, "revocation/"), {"reason": ""}).status_code == 422
    assert "Plus rien ne sera prélevé" in said(member.get(mine(shop, "revocation/")))
    page = member.post(mine(shop, "revocation/"), {"reason": "nous préférons le virement"}, follow=True)
    assert "se paient de nouveau par virement" in said(page)
    with open_hub(nord.hub):
        assert not Mandate.objects.signed().exists()


@pytest.mark.parametrize(("who", "status"), [("employee", 403), ("stranger", 404), ("administrator", 200)])
def test_a_mandate_is_for_those_who_administer(nord, shop, sign_in, who, status):
    assert sign_in(nord, who).get(mine(shop)).status_code == status


def test_the_way_to_the_mandate_starts_from_the_account(nord, shop, sign_in):
    page = sign_in(nord, "administrator").get(f"/mon-espace/compte/{nord.organisation.public_id}/")
    assert f'href="{mine(shop)}"' in page.content.decode()
    page = sign_in(nord, "employee").get(f"/mon-espace/compte/{nord.organisation.public_id}/")
    assert f'href="{mine(shop)}"' not in page.content.decode()
    page = sign_in(nord, "accountant").get(f"/gestion/facturation/comptes/{shop.pk}/")
    assert f'href="/gestion/facturation/comptes/{shop.pk}/mandat/"' in page.content.decode()


PAPER = {
    "debtor_name": "Compagnie nord",
    "iban": IBAN,
    "signed_by": "Iris Roux",
    "signed_on": "2026-10-01",
    "rum": "",
}


def scan(content: bytes = b"%PDF-1.7 x", name: str = "mandat.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def test_a_paper_mandate_is_noted_with_its_scan(nord, shop, sign_in):
    staff = sign_in(nord, "accountant")
    path = f"/gestion/facturation/comptes/{shop.pk}/mandat/papier/"

    page = staff.post(path, PAPER | {"scan": scan()}, follow=True)

    assert "est noté" in said(page)
    with open_hub(nord.hub):
        mandate = Mandate.objects.get()
    assert staff.get(f"{MANDATES}{mandate.pk}/papier/").content == b"%PDF-1.7 x"
    assert "Iris Roux" in said(page)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"rum": "LC-É-1"}, "35 caractères au plus, sans accent"),
        ({"iban": "FR7630006000011234567890188"}, "ne tombe pas juste"),
        ({"signed_on": "2026-11-03"}, "le jour de sa signature, ou après"),
        ({"scan": scan(b"MZ", "mandat.pdf")}, "Déposez un PDF"),
        ({"scan": ""}, "obligatoire"),
    ],
)
def test_a_paper_that_makes_no_sense_is_told_beside_its_field(nord, shop, sign_in, changes, words):
    page = sign_in(nord, "accountant").post(
        f"/gestion/facturation/comptes/{shop.pk}/mandat/papier/", PAPER | {"scan": scan()} | changes
    )

    assert page.status_code == 422
    assert words in said(page)
    assert 'value="Iris Roux"' in page.content.decode()


@pytest.mark.parametrize(
    ("ics", "words"),
    [("FR71ZZZ123456", "Cet ICS ne tombe pas juste."), ("FR", "Cet ICS ne tombe pas juste."), (f"{ICS} ", None)],
)
def test_the_identifier_of_creditor_is_checked(nord, shop, sign_in, ics, words):
    staff = sign_in(nord, "accountant")
    given = {
        "legal_name": "Association du pôle", "legal_form": "Association loi 1901", "siren": "900274184",
        "address": "9 place Galilée", "postcode": "21000", "town": "Dijon", "payment_days": "30", "vat_regime": "normal", "ics": ics,
        "debit_notice_days": "5",
    }  # fmt: skip
    page = staff.post("/gestion/reglages/emetteur/", given)
    if words:
        assert page.status_code == 422
        assert words in said(page)
    else:
        with open_hub(nord.hub):
            assert (Issuer.objects.get().ics, Issuer.objects.get().debit_notice_days) == (ICS, 5)
    assert staff.post("/gestion/reglages/emetteur/", given | {"debit_notice_days": "0"}).status_code == 422


def test_without_an_identifier_each_page_says_where_to_give_it(nord, shop, sign_in):
    with open_hub(nord.hub):
        Issuer.objects.update(ics="")
    staff = sign_in(nord, "accountant")
    for path in (DEBITS, MANDATES, f"/gestion/facturation/comptes/{shop.pk}/mandat/"):
        assert 'href="/gestion/reglages/emetteur/"' in staff.get(path).content.decode(), path
    assert "Le pôle ne prélève pas encore" in said(sign_in(nord, "administrator").get(mine(shop)))


def test_nothing_ticked_is_told_and_what_can_be_stays(nord, shop, sign_in):
    with open_hub(nord.hub):
        invoice = issued(shop)
        MandateFactory(account=shop)
    staff = sign_in(nord, "accountant")

    for given in ({}, {"invoices": ["999999"]}, {"invoices": ["x"]}):
        page = staff.post(DEBITS, given)
        assert page.status_code == 422
        assert invoice.number in said(page)


def test_a_mandate_revoked_after_the_file_is_told_on_it(nord, shop, sign_in):
    with open_hub(nord.hub):
        invoice, mandate = issued(shop), MandateFactory(account=shop)
        _debit, batch, _dropped = debit_of(mandate, invoice)
        Mandate.objects.update(revoked_on=dt.date(2026, 11, 2), revoke_reason="banque quittée")
    page = sign_in(nord, "accountant").get(f"{DEBITS}fichiers/{batch.pk}/")

    assert "Demandez à la banque de retirer ces 120,00 €, puis notez le rejet." in said(page)


def test_a_rejection_is_noted_by_hand(nord, shop, sign_in):
    with open_hub(nord.hub):
        invoice, mandate = issued(shop), MandateFactory(account=shop)
        debit, _batch, _dropped = debit_of(mandate, invoice)
    staff = sign_in(nord, "accountant")
    path = f"{DEBITS}{debit.pk}/rejet/"

    assert staff.get(path).status_code == 200
    assert staff.post(path, {"code": ""}).status_code == 422
    page = staff.post(path, {"code": "MD01"}, follow=True)
    assert "Rejet MD01 : aucun mandat valable" in said(page)
    assert staff.post(path, {"code": "MD01"}).status_code == 422
    assert "suspendu" in said(staff.get(f"{MANDATES}{mandate.pk}/"))
    assert "reprennent" in said(staff.post(f"{MANDATES}{mandate.pk}/reprise/", follow=True))


def test_a_debit_is_withdrawn_from_its_page(nord, shop, sign_in):
    with open_hub(nord.hub):
        invoice = issued(shop)
        MandateFactory(account=shop)
    staff = sign_in(nord, "accountant")
    staff.post(DEBITS, {"invoices": [invoice.pk]})
    with open_hub(nord.hub):
        debit = Debit.objects.get()
    path = f"{DEBITS}{debit.pk}/retrait/"

    assert "ne seront pas prélevés" in said(staff.get(path))
    assert staff.post(path, {"reason": ""}).status_code == 422
    assert "ne partira pas" in said(staff.post(path, {"reason": "elle paie en deux fois"}, follow=True))


@pytest.mark.parametrize("content", [b"pas du XML", b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", b"<a/>"])
def test_what_is_no_file_of_a_bank_is_told(nord, shop, sign_in, content):
    page = sign_in(nord, "accountant").post(f"{DEBITS}retours/", {"file": SimpleUploadedFile("x.xml", content)})
    assert page.status_code == 422
    assert "ni un pain.002, ni un camt.053" in said(page)


@pytest.mark.parametrize("who", ["receptionist", "adviser", "administrator", "observer"])
def test_debits_are_for_those_who_keep_the_accounts(nord, shop, sign_in, who):
    browser = sign_in(nord, who)
    for path in (DEBITS, MANDATES, f"{DEBITS}retours/", f"{DEBITS}fichiers/"):
        assert browser.get(path).status_code == 403


@pytest.mark.parametrize(("path", "queries"), [(DEBITS, 17), (MANDATES, 12), (f"{DEBITS}fichiers/", 11)])
def test_lists_take_as_many_queries_for_three_as_for_one(nord, shop, sign_in, path, queries):
    staff = sign_in(nord, "accountant")

    def more(rank: int) -> None:
        with open_hub(nord.hub):
            ready, sent = AccountFactory(), AccountFactory()
            issued(ready)
            MandateFactory(account=ready)
            invoice = issued(sent)
            Debit.objects.filter(invoice=invoice).delete()
            DebitBatch.objects.create(
                issuer=Issuer.objects.get(), collect_on=dt.date(2026, 11, rank), message_id=f"M{rank}",
                file=debit_file(), total=1, count=1, created_by="x",
            )  # fmt: skip

    def count() -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert staff.get(path).status_code == 200
        return len(captured)

    more(1)
    staff.get(path)
    first = count()
    more(2)
    more(3)
    assert (first, count()) == (queries, queries)


def debit_file() -> StoredFile:
    return store_file(name="a.xml", content_type="application/xml", content=b"<a/>")


# --- The code of a transfer ----------------------------------------------------------------------


@pytest.mark.feature("BI8")
def test_an_invoice_to_pay_by_transfer_shows_its_code(nord, shop, sign_in):
    with open_hub(nord.hub):
        invoice = issued(shop)
    page = sign_in(nord, "employee").get(f"/mon-espace/compte/factures/{invoice.pk}/")

    assert "Code QR d’un virement de 120,00 € vers FR7630006000011234567890189, référence FA-2026-00001." in said(page)
    for words in ("Par virement à Association du pôle", "Référence à rappeler FA-2026-00001"):
        assert words in said(page), words


def test_an_invoice_under_a_mandate_asks_for_no_transfer(nord, shop, sign_in):
    with open_hub(nord.hub):
        invoice = issued(shop)
        MandateFactory(account=shop)
    page = said(sign_in(nord, "administrator").get(f"/mon-espace/compte/factures/{invoice.pk}/"))

    assert "Sera prélevée sur le compte FR76 •••• 0189 : un courriel vous dira le jour." in page
    assert "Code QR" not in page


def test_the_code_says_what_the_standard_asks():
    code = transfers._code(
        name="Café du pôle", iban=IBAN, bic="AGRIFRPP", amount=Decimal("120.50"), reference="FA-2026-00001"
    )
    drawn = transfers.data_uri(name="Café du pôle", iban=IBAN, amount=Decimal("120.50"), reference="FA-2026-00001")

    assert (code.error, code.version <= 13) == ("M", True)
    assert drawn.startswith("data:image/svg+xml")
