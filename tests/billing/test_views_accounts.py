"""« Comptes », « Banque », « Comptabilité »: what their pages lead to, and what the list of invoices sums to."""

import datetime as dt

import pytest

from billing.actions import credit_invoice
from billing.models import Account
from hubs.models import AuditEntry
from hubs.scope import open_hub
from tests.billing.factories import AccountFactory, IssuerFactory, issued
from tests.billing.test_views import rows_of
from tests.members.dues import said
from tests.parties.factories import OrganisationFactory


@pytest.mark.feature("BI1")
def test_an_account_is_opened_before_anything_is_bought(nord, sign_in):
    with open_hub(nord.hub):
        arriving, shop = OrganisationFactory(name="Papier calque"), AccountFactory(organisation=nord.organisation)
    browser = sign_in(nord, "accountant")
    pages = [
        said(browser.post("/gestion/facturation/comptes/ouvrir/", {"who": f"structure-{who.pk}"}, follow=True))
        for who in (arriving, arriving, nord.organisation)
    ]
    unknown = browser.post("/gestion/facturation/comptes/ouvrir/", {"who": "structure-999999999"})

    assert "/gestion/facturation/comptes/ouvrir/" in browser.get("/gestion/facturation/comptes/").text
    assert ["Rien ne revient sur ce compte" in page for page in pages] == [True] * 3
    assert unknown.status_code == 422
    with open_hub(nord.hub):
        assert Account.objects.filter(organisation=arriving).count() == 1
        assert Account.objects.get(organisation=nord.organisation) == shop
        assert AuditEntry.objects.filter(verb="billing.account_opened").count() == 1


@pytest.mark.feature("BI11", "BI12")
@pytest.mark.parametrize(
    ("page", "others"),
    [
        ("/gestion/facturation/banque/", ("lignes/", "releves/", "remises/", "helloasso/", "comptes/")),
        ("/gestion/comptabilite/", ("balance/", "tva/", "recettes/", "exercices/", "integrite/")),
    ],
)
def test_pages_that_belong_together_show_each_other_as_tabs(nord, sign_in, page, others):
    browser = sign_in(nord, "accountant")

    for each in ("", *others):
        tabs = browser.get(f"{page}{each}").text.partition('<nav class="tabs"')[2].partition("</nav>")[0]
        assert [address for address in others if f'href="{page}{address}"' in tabs] == list(others), each
        assert f'href="{page}{each}" aria-current="page"' in tabs


def test_a_credit_note_is_below_zero_in_the_list_for_a_spreadsheet(nord, sign_in):
    with open_hub(nord.hub):
        IssuerFactory()
        invoice = issued(AccountFactory())
        credit_invoice(invoice=invoice, by=nord.actor("accountant"), reason="erreur", today=dt.date(2026, 10, 8))

    rows = rows_of(sign_in(nord, "accountant").get("/gestion/facturation/", {"export": "csv"}))

    assert sorted(row[5:8] for row in rows[1:]) == [["-100", "-20", "-120"], ["100", "20", "120"]]
