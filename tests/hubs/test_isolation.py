"""The three guards between hubs, each tried alone, and the walk that a new model cannot forget."""

import pytest
from django.apps import apps
from django.db import IntegrityError, ProgrammingError, connection, models, transaction
from django_scopes.exceptions import ScopeError

from hubs.isolation import RowIsolation, SameHub
from hubs.models import HubModel
from hubs.scope import open_hub
from parties.models import Link, Organisation, Person
from tests.parties.factories import OrganisationFactory

# Models with no hub, and why. A name that no longer exists here fails the test below.
INSTANCE_WIDE = {
    "hubs.Hub": "it is the hub",
    "hubs.HubAddress": "read to find out which hub to open",
    "hubs.User": "one account may work in several hubs; Person is what a hub sees of it",
    "hubs.Session": "of one hub and isolated, but keyed by its cookie and not by an id",
    "mfa.Authenticator": "of the account; a passkey is isolated by its host",
    "account.EmailAddress": "allauth's notes on the mail of an account; what one signs in with is User.email",
    "account.EmailConfirmation": "not in use: allauth confirms no address here",
}
# Tables of others that row-level security holds too.
ISOLATED = {
    "hubs_session": "of one hub",
    "mfa_authenticator": "passkeys are of a host; applications and recovery codes belong to the account, which is of no hub",
}
OURS = {"hubs", "documents", "parties", "billing", "members", "governance", "spaces", "account", "mfa"}

hub_models = [model for model in apps.get_models() if issubclass(model, HubModel)]


def test_every_model_is_hub_owned_or_listed_with_a_reason():
    loose = {model._meta.label for model in apps.get_models() if model._meta.app_label in OURS} - {
        model._meta.label for model in hub_models
    }

    assert loose == set(INSTANCE_WIDE)


@pytest.mark.parametrize("model", hub_models, ids=lambda model: model._meta.label)
def test_every_hub_owned_model_carries_its_guards(model):
    guards = {type(constraint): constraint for constraint in model._meta.constraints}
    references = {
        field.name
        for field in model._meta.get_fields()
        if isinstance(field, models.ForeignKey) and issubclass(field.related_model, HubModel)
    }

    assert not model._meta.get_field("hub").null
    assert RowIsolation in guards
    assert {c.field for c in model._meta.constraints if isinstance(c, SameHub)} == references
    assert ("hub", "id") in {c.fields for c in model._meta.constraints if isinstance(c, models.UniqueConstraint)}


@pytest.mark.django_db
@pytest.mark.feature("HU2")
def test_every_hub_owned_table_has_its_policy_in_the_database():
    with connection.cursor() as cursor:
        cursor.execute("SELECT c.relname FROM pg_class c JOIN pg_policy p ON p.polrelid = c.oid WHERE c.relrowsecurity")
        isolated = {name for (name,) in cursor.fetchall()}

    assert isolated == {model._meta.db_table for model in hub_models} | set(ISOLATED)


@pytest.mark.feature("HU2")
def test_a_query_with_no_hub_open_raises(nord):
    with pytest.raises(ScopeError):
        Organisation.objects.count()


@pytest.mark.feature("HU2")
def test_raw_sql_sees_the_open_hub_only_and_nothing_when_none_is(nord, sud):
    def names() -> list[str]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT name FROM parties_organisation ORDER BY name")
            return [name for (name,) in cursor.fetchall()]

    with open_hub(nord.hub):
        seen_in_nord = names()
    with open_hub(sud.hub):
        seen_in_sud = names()

    assert (seen_in_nord, seen_in_sud, names()) == (["Compagnie nord"], ["Compagnie sud"], [])


@pytest.mark.feature("HU2")
def test_unscoped_managers_and_joins_see_the_open_hub_only(nord, sud):
    with open_hub(nord.hub):
        through_base = list(Organisation._base_manager.values_list("name", flat=True))
        through_join = set(Person._base_manager.filter(links__isnull=False).values_list("links__organisation__name"))

    assert (through_base, through_join) == (["Compagnie nord"], {("Compagnie nord",)})


@pytest.mark.feature("HU2")
def test_a_row_cannot_be_written_for_another_hub(nord, sud):
    with (
        open_hub(nord.hub),
        pytest.raises(ProgrammingError, match="row-level security"),
        transaction.atomic(),
    ):
        OrganisationFactory(hub=sud.hub)


@pytest.mark.feature("HU2")
def test_a_row_cannot_point_at_another_hubs_row(nord, sud):
    with open_hub(nord.hub):
        link = Link.objects.first()
        link.organisation_id = sud.organisation.pk
        with pytest.raises(IntegrityError, match="parties_link_organisation_same_hub"), transaction.atomic():
            link.save()


@pytest.mark.feature("HU2")
def test_leaving_a_hub_restores_the_one_around_it(nord, sud):
    with open_hub(nord.hub):
        with open_hub(sud.hub):
            pass
        seen = list(Organisation.objects.values_list("name", flat=True))

    assert seen == ["Compagnie nord"]


@pytest.mark.feature("HU2")
def test_the_application_cannot_turn_its_guards_off(db):
    with (
        pytest.raises(ProgrammingError, match="must be owner"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("ALTER TABLE parties_organisation DISABLE ROW LEVEL SECURITY")
