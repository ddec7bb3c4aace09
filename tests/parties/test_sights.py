"""« Qui voit quoi »: what is held about a structure, who reads it, and who looked."""

import pytest
from django.apps import apps
from django.db import connection
from django.db.models import ForeignKey
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from hubs.models import HubModel, Reading
from hubs.scope import open_hub
from parties.enums import LinkRole
from parties.parts import held_of_structures
from parties.sights import ours_allowed, roles_allowed
from tests.billing.factories import AccountFactory, IssuerFactory
from tests.parties.factories import LinkFactory, OrganisationFactory, YearFiguresFactory

PAGE = "/mon-espace/structure/qui-voit-quoi/"
# What is of a structure, and what points at it: rows further away follow the one that they belong to.
ROOTS = {"parties.Organisation", "billing.Account", "members.Membership"}
# Pages of the staff by what they show: their answers are what « Qui voit quoi » tells.
PAGES = {
    "parties.sheet": "/gestion/structures/{structure}/",
    "billing.account": "/gestion/facturation/comptes/{account}/",
    "members.dues": "/gestion/membres/cotisations/",
    "members.application": "/gestion/membres/candidatures/",
    "members.certificates": "/gestion/membres/attestations/",
    "governance.roll": "/gestion/assemblees/",
    "spaces.bookings": "/gestion/planning/",
}
STAFF = ("coordinator", "accountant", "adviser", "receptionist", "elected", "observer")


def pointing() -> set[str]:
    models = [model for model in apps.get_models() if issubclass(model, HubModel)]
    return ROOTS | {
        model._meta.label
        for model in models
        for field in model._meta.concrete_fields
        if isinstance(field, ForeignKey) and field.related_model._meta.label in ROOTS
    }


def test_every_model_about_a_structure_says_who_reads_it():
    """A new model that points at a structure, its account or its membership has to join a `Held` of its app."""
    declared = [label for held in held_of_structures() for label in held.models]

    assert sorted(declared) == sorted(pointing())


def test_what_is_held_is_told_apart():
    keys = [held.key for held in held_of_structures()]

    assert len(keys) == len(set(keys))


@pytest.mark.parametrize("key", PAGES)
def test_the_roles_that_are_told_are_those_that_open_the_page(nord, sign_in, key):
    with open_hub(nord.hub):
        IssuerFactory()
        account = AccountFactory(organisation=nord.organisation)
        held = next(each for each in held_of_structures() if each.key == key)
        told = {name for name in STAFF if nord.actor(name).roles & set(roles_allowed(held.team))}
    page = PAGES[key].format(structure=nord.organisation.public_id, account=account.pk)

    assert {name for name in STAFF if sign_in(nord, name).get(page).status_code == 200} == told


def test_an_iban_is_read_by_those_who_administer_and_figures_by_no_guest(hub):
    held = {each.key: each for each in held_of_structures()}

    assert ours_allowed(held["billing.mandate"].ours, 1) == [LinkRole.ADMINISTRATOR]
    assert ours_allowed(held["billing.account"].ours, 1) == [LinkRole.ADMINISTRATOR, LinkRole.EMPLOYEE]
    assert ours_allowed(held["parties.figures"].ours, 1) == []


@pytest.mark.feature("HU16")
def test_a_member_reads_who_sees_each_thing_and_who_looked(nord, sign_in):
    with open_hub(nord.hub):
        IssuerFactory()
        account = AccountFactory(organisation=nord.organisation)
        YearFiguresFactory(organisation=nord.organisation, budget=100)
    for _turn in range(2):
        sign_in(nord, "accountant").get(f"/gestion/facturation/comptes/{account.pk}/")
    sign_in(nord, "adviser").get(f"/gestion/structures/{nord.organisation.public_id}/")
    client = sign_in(nord, "employee")

    way = client.get("/mon-espace/structure/")
    page = client.get(PAGE)

    assert f"{PAGE}?structure={nord.organisation.public_id}" in way.text
    assert "Ce que vous devez" in page.text and "sans le chiffre d’aucune structure" in page.text
    assert f"<dt>comptabilité</dt><dd>{nord.accountant}</dd>" in page.text
    looks = page.text.partition("Qui a regardé")[2]
    assert str(nord.accountant) in looks and "Compte consulté" in looks and ">2</td>" in looks
    assert str(nord.adviser) in looks and "Chiffres consultés" in looks


def test_another_structure_is_not_there_and_ones_own_account_is_no_look(nord, sign_in):
    with open_hub(nord.hub):
        IssuerFactory()
        other = OrganisationFactory()
        account = AccountFactory(organisation=nord.organisation)
        LinkFactory(organisation=nord.organisation, person=nord.accountant, role=LinkRole.EMPLOYEE)
    sign_in(nord, "accountant").get(f"/gestion/facturation/comptes/{account.pk}/")

    assert sign_in(nord, "employee").get(f"{PAGE}?structure={other.public_id}").status_code == 404
    assert sign_in(nord, "stranger").get(PAGE).status_code == 403
    assert sign_in(nord, "guest").get(PAGE).status_code == 403
    with open_hub(nord.hub):
        assert not Reading.objects.exists()


@pytest.mark.parametrize("count", [1, 3])
def test_it_asks_the_same_whatever_was_looked_at(nord, sign_in, count):
    with open_hub(nord.hub):
        for n in range(count):
            Reading.objects.create(
                what="parties.figures_seen", thing=f"parties.organisation:{nord.organisation.pk}", user_id=n, who="x",
                day=timezone.localdate(),
            )  # fmt: skip
    client = sign_in(nord, "employee")
    client.get(PAGE)

    with CaptureQueriesContext(connection) as asked:
        client.get(PAGE)

    assert len(asked) == 13
