"""Suppliers' invoices, from the file that is dropped to the day it is paid."""

import datetime as dt

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from billing.models import SupplierInvoice
from documents.storage import read
from hubs.scope import open_hub
from tests.billing import supplied
from tests.billing.factories import IssuerFactory
from tests.billing.test_views import said
from tests.parties.factories import OrganisationFactory

URL = "/gestion/facturation/fournisseurs/"


@pytest.fixture(autouse=True)
def fourth_of_november():
    with time_machine.travel(dt.datetime(2026, 11, 4, 9, tzinfo=dt.UTC), tick=True):
        yield


@pytest.fixture
def issuer(nord):
    with open_hub(nord.hub):
        return IssuerFactory()


@pytest.fixture
def drop(nord, issuer, sign_in):
    """Drop a file as the accountant."""
    browser = sign_in(nord, "accountant")

    def dropped(content: bytes, name: str = "facture.xml"):
        return browser.post(URL, {"file": SimpleUploadedFile(name, content)})

    dropped.browser = browser
    return dropped


def test_a_factur_x_is_dropped_checked_approved_and_paid(nord, drop):
    with open_hub(nord.hub):
        printer = OrganisationFactory(name="Imprimerie du Parc", siren="552100554")
    content = supplied.pdf(supplied.cii())

    page = drop.browser.get(drop(content, "F2026-118.pdf").url)
    assert "Les sommes tombent juste, et la facture est bien adressée au pôle." in said(page)
    assert "345,82 €" in said(page)

    with open_hub(nord.hub):
        invoice = SupplierInvoice.objects.get()
        assert (invoice.supplier, read(invoice.file.key)) == (printer, content)
    mine = f"{URL}{invoice.pk}/"
    assert drop.browser.get(f"{mine}fichier/").content == content

    drop.browser.post(f"{mine}accord/")
    late = drop.browser.post(f"{mine}paiement/", {"paid_on": "30/11/2026"})
    assert (late.status_code, "Un paiement se note le jour où il est fait" in said(late)) == (422, True)
    drop.browser.post(f"{mine}paiement/", {"paid_on": "04/11/2026"})

    with open_hub(nord.hub):
        invoice.refresh_from_db()
    assert (invoice.state, invoice.paid_on) == ("paid", dt.date(2026, 11, 4))


def test_the_same_invoice_is_received_once_and_again_after_a_refusal(nord, drop):
    drop(supplied.ubl())

    again = drop(supplied.cii())
    assert (again.status_code, "Cette facture est déjà là" in said(again)) == (422, True)

    with open_hub(nord.hub):
        first = SupplierInvoice.objects.get()
    drop.browser.post(f"{URL}{first.pk}/refus/", {"reason": "Deux affiches au lieu de trois"})
    assert drop(supplied.cii()).status_code == 302


@pytest.mark.parametrize(
    ("changes", "remark"),
    [
        (
            {"BG-7": {**supplied.US, "name": "Le voisin", "legal_identifier": "552100554"}},
            "Elle est adressée à Le voisin",
        ),
        ({"BT-84": "FR7630006000011234567890188"}, "L’IBAN qu’elle donne ne tombe pas juste."),
        ({"BT-112": "355.82", "BT-115": "355.82"}, "ne font pas le total (355,82 €)"),
        ({"BT-110": "55.52", "BT-112": "355.82"}, "La TVA par taux fait 45,52 €, et la facture dit 55,52 €."),
    ],
)
def test_what_does_not_hold_is_told_before_it_is_paid(drop, changes, remark):
    page = drop.browser.get(drop(supplied.cii(**changes)).url)

    assert remark in said(page)


def test_another_account_than_before_is_told(nord, drop):
    drop(supplied.cii())
    with open_hub(nord.hub):
        first = SupplierInvoice.objects.get()
    drop.browser.post(f"{URL}{first.pk}/accord/")

    page = drop.browser.get(drop(supplied.cii(**{"BT-1": "F2026-119", "BT-84": "FR1420041010050500013M02606"})).url)

    assert "Appelez le fournisseur avant de payer." in said(page)


def test_a_file_that_is_no_invoice_is_said_next_to_the_field_and_keeps_nothing(nord, drop):
    answer = drop(b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>")

    assert (answer.status_code, "Il n’est pas lu." in said(answer)) == (422, True)
    with open_hub(nord.hub):
        assert not SupplierInvoice.objects.exists()


def test_a_name_that_grows_when_it_is_folded_is_received(nord, drop):
    """« ß » is « ss » without its capitals: the only mark of a seller with neither SIREN nor VAT number."""
    seller = {name: supplied.PRINTER[name] for name in ("addr_l1", "postcode", "city", "country_code")}
    content = supplied.cii(**{"BG-4": seller | {"name": "ß" * 160}})

    assert drop(content).status_code == 302
    with open_hub(nord.hub):
        assert SupplierInvoice.objects.get().seller_key == "s" * 160


def test_a_hub_without_legal_body_receives_nothing(nord, sign_in):
    answer = sign_in(nord, "accountant").post(URL, {"file": SimpleUploadedFile("f.xml", supplied.cii())})

    assert (answer.status_code, "Renseignez d’abord l’émetteur." in said(answer)) == (422, True)


def test_what_the_supplier_wrote_is_frozen(nord, drop):
    drop(supplied.cii())
    with open_hub(nord.hub), pytest.raises(DatabaseError), transaction.atomic():
        SupplierInvoice.objects.update(total_incl=1)


def test_the_list_asks_as_many_queries_for_three_as_for_one(drop):
    counts = []
    for number in ("F1", "F2", "F3"):
        drop(supplied.cii(**{"BT-1": number}))
        with CaptureQueriesContext(connection) as asked:
            page = drop.browser.get(URL)
        counts.append(len(asked))
    assert counts == [counts[0]] * 3
    assert "Imprimerie du Parc" in said(page)
    rows = drop.browser.get(f"{URL}?export=csv").content.decode("utf-8-sig").splitlines()
    assert len(rows) == 4


def test_it_is_closed_to_others(nord, sud, drop, sign_in):
    drop(supplied.cii())
    with open_hub(nord.hub):
        invoice = SupplierInvoice.objects.get()

    assert sign_in(nord, "administrator").get(URL).status_code == 403
    assert sign_in(sud, "accountant").get(f"{URL}{invoice.pk}/").status_code == 404
