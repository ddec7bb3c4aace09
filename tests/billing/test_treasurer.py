"""Elected people and the treasurer: totals, who owes, and nothing that a structure bought."""

import pytest

from hubs.enums import Role
from hubs.scope import open_hub
from tests.billing.factories import AccountFactory, issued
from tests.hubs.factories import StaffRoleFactory

DEBTS = "/gestion/facturation/comptes/"


@pytest.fixture
def debt(nord):
    """What the members' structure owes."""
    with open_hub(nord.hub):
        return issued(AccountFactory(organisation=nord.organisation), "100.00")


@pytest.fixture
def treasurer(nord, sign_in):
    """The elected person, who keeps the purse too."""
    with open_hub(nord.hub):
        StaffRoleFactory(user=nord.elected.user, role=Role.TREASURER)
    return sign_in(nord, "elected")


def test_the_treasurer_reads_who_owes_and_opens_no_account(nord, treasurer, debt):
    space, page = treasurer.get("/mon-espace/").text, treasurer.get(DEBTS)
    told = page.text.replace("\xa0", " ").replace("\u202f", " ")

    assert f'href="{DEBTS}"' in space
    assert (nord.organisation.name in told, "doit 120,00 €" in told) == (True, True)
    assert f"comptes/{debt.account_id}/" not in page.text
    assert {
        treasurer.get(address).status_code
        for address in (
            f"{DEBTS}{debt.account_id}/", f"/gestion/facturation/factures/{debt.pk}/", "/gestion/facturation/",
            "/gestion/planning/", "/gestion/structures/", "/gestion/reglages/emetteur/",
        )
    } == {403}  # fmt: skip
    assert treasurer.get(f"{DEBTS}?export=csv").text.splitlines()[1].startswith(nord.organisation.name)


@pytest.mark.parametrize("name", ["elected", "observer", "adviser", "receptionist", "administrator", "guest"])
def test_the_others_do_not_read_who_owes(nord, sign_in, debt, name):
    browser = sign_in(nord, name)

    assert browser.get(DEBTS).status_code == 403
    assert f'href="{DEBTS}"' not in browser.get("/mon-espace/").text


@pytest.mark.parametrize("name", ["elected", "observer"])
def test_who_looks_on_reads_totals_alone(nord, sign_in, debt, name):
    browser = sign_in(nord, name)

    space = browser.get("/mon-espace/").text
    totals = browser.get("/gestion/membres/")

    assert 'href="/gestion/membres/"' in space
    assert "ne vous a pas encore relié" not in space
    assert (totals.status_code, nord.organisation.name in totals.text) == (200, False)
    assert {
        browser.get(page).status_code
        for page in (
            "/gestion/", "/gestion/planning/", "/gestion/espaces/", "/gestion/structures/", "/gestion/facturation/",
            f"/gestion/structures/{nord.organisation.public_id}/", "/gestion/reglages/", "/composants/",
        )
    } == {403}  # fmt: skip


def test_an_external_customer_opens_their_own_account_alone(nord, sign_in):
    with open_hub(nord.hub):
        own = issued(AccountFactory(organisation=None, person=nord.stranger), "10.00")
        other = issued(AccountFactory(organisation=nord.organisation), "20.00")
    browser = sign_in(nord, "stranger")

    answers = {
        page: browser.get(page).status_code
        for page in (
            "/mon-espace/", "/mon-espace/compte/", "/mon-espace/compte/moi/", f"/mon-espace/compte/factures/{own.pk}/",
            f"/mon-espace/compte/factures/{other.pk}/", "/mon-espace/reserver/", "/mon-espace/structure/", "/gestion/",
        )
    }  # fmt: skip

    assert list(answers.values()) == [200, 200, 200, 200, 404, 403, 403, 403]
    assert own.number in browser.get("/mon-espace/compte/").text
