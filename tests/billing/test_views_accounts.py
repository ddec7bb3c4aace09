"""« Comptes »: one is opened before the first charge."""

import pytest

from billing.models import Account
from hubs.models import AuditEntry
from hubs.scope import open_hub
from tests.billing.factories import AccountFactory
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
