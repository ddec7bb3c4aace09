"""The fixed cast: the same people in each hub, so that a test says who does what, and to whom."""

from dataclasses import dataclass

from django.utils import timezone

from hubs.actors import Actor
from hubs.enums import Role
from hubs.models import Hub
from hubs.scope import open_hub
from parties.enums import LinkRole
from parties.models import Invitation, Organisation, Person
from parties.queries import actor_of, guest_of
from tests.hubs.factories import HubFactory, HubSettingsFactory, StaffRoleFactory
from tests.parties.factories import InvitationFactory, LinkFactory, OrganisationFactory, PersonFactory


@dataclass(frozen=True)
class Cast:
    """One hub and its people. `organisation` is the member structure of the two members."""

    hub: Hub
    organisation: Organisation
    coordinator: Person
    accountant: Person
    adviser: Person
    receptionist: Person
    elected: Person
    observer: Person
    administrator: Person
    employee: Person
    # Came in by a link: no account, and a role that ends.
    guest: Person
    stranger: Person

    def actor(self, name: str) -> Actor:
        """The actor that this person is today, the hub being open."""
        person: Person = getattr(self, name)
        today = timezone.localdate()
        return actor_of(person.user, today) if person.user else guest_of(self.guest_invitation.pk, today)

    @property
    def guest_invitation(self) -> Invitation:
        """The invitation that the guest accepted."""
        return Invitation.objects.get(person=self.guest)


def _staff(role: Role, given_name: str) -> Person:
    person = PersonFactory(with_account=True, given_name=given_name)
    StaffRoleFactory(user=person.user, role=role)
    return person


def cast_of(slug: str) -> Cast:
    """A new hub with its cast. The stranger has an account and a person, but no role and no structure."""
    hub = HubFactory(slug=slug)
    with open_hub(hub):
        HubSettingsFactory()
        organisation = OrganisationFactory(name=f"Compagnie {slug}")
        return Cast(
            hub=hub,
            organisation=organisation,
            coordinator=_staff(Role.COORDINATOR, "Aurélie"),
            accountant=_staff(Role.ACCOUNTANT, "Bruno"),
            adviser=_staff(Role.ADVISER, "Chloé"),
            receptionist=_staff(Role.RECEPTION, "Driss"),
            elected=_staff(Role.ELECTED, "Édith"),
            observer=_staff(Role.OBSERVER, "Farid"),
            administrator=LinkFactory(organisation=organisation, role=LinkRole.ADMINISTRATOR).person,
            employee=LinkFactory(organisation=organisation, role=LinkRole.EMPLOYEE).person,
            guest=InvitationFactory(organisation=organisation, for_guest=True, given_name="Hélène").person,
            stranger=PersonFactory(with_account=True, given_name="Gaël"),
        )
