import datetime as dt
import hashlib

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from hubs.enums import LegalForm
from parties.enums import FiguresSource, LinkRole
from parties.models import Invitation, Link, Organisation, Person, Trade, YearFigures
from tests.hubs.factories import UserFactory


class TradeFactory(DjangoModelFactory):
    class Meta:
        model = Trade

    name = factory.Sequence(lambda n: f"métier {n}")


class OrganisationFactory(DjangoModelFactory):
    class Meta:
        model = Organisation

    name = factory.Sequence(lambda n: f"Structure {n}")
    legal_form = LegalForm.ASSOCIATION
    email = factory.Sequence(lambda n: f"structure{n}@exemple.example")
    address = "3 rue des Ateliers"
    postcode = "21000"
    town = "Dijon"


class PersonFactory(DjangoModelFactory):
    class Meta:
        model = Person

    given_name = "Camille"
    family_name = factory.Sequence(lambda n: f"Martin{n}")

    class Params:
        # Someone who can sign in.
        with_account = factory.Trait(
            user=factory.SubFactory(UserFactory), email=factory.LazyAttribute(lambda person: person.user.email)
        )


class LinkFactory(DjangoModelFactory):
    class Meta:
        model = Link

    person = factory.SubFactory(PersonFactory, with_account=True)
    organisation = factory.SubFactory(OrganisationFactory)
    role = LinkRole.EMPLOYEE
    starts_on = factory.LazyFunction(lambda: timezone.localdate() - dt.timedelta(days=400))


class InvitationFactory(DjangoModelFactory):
    """To be an employee of the structure, sent today by the portal."""

    class Meta:
        model = Invitation

    class Params:
        # The answered link of a guest, for thirty days.
        for_guest = factory.Trait(
            role=LinkRole.GUEST,
            person=factory.SubFactory(PersonFactory, given_name=factory.SelfAttribute("..given_name")),
            ends_on=factory.LazyFunction(lambda: timezone.localdate() + dt.timedelta(days=30)),
            expires_at=factory.LazyAttribute(
                lambda it: timezone.make_aware(dt.datetime.combine(it.ends_on, dt.time()))
            ),
            accepted_at=factory.LazyFunction(timezone.now),
            link=factory.LazyAttribute(
                lambda it: LinkFactory(
                    person=it.person,
                    organisation=it.organisation,
                    role=LinkRole.GUEST,
                    starts_on=it.starts_on,
                    ends_on=it.ends_on,
                )
            ),
        )

    token_hash = factory.Sequence(lambda n: hashlib.sha256(f"jeton{n}".encode()).hexdigest())
    email = factory.Sequence(lambda n: f"invitee{n}@exemple.example")
    given_name = "Dominique"
    family_name = factory.Sequence(lambda n: f"Petit{n}")
    organisation = factory.SubFactory(OrganisationFactory)
    role = LinkRole.EMPLOYEE
    starts_on = factory.LazyFunction(timezone.localdate)
    created_at = factory.LazyFunction(timezone.now)
    sent_at = factory.SelfAttribute("created_at")
    expires_at = factory.LazyAttribute(lambda it: it.created_at + dt.timedelta(days=14))


class YearFiguresFactory(DjangoModelFactory):
    class Meta:
        model = YearFigures

    organisation = factory.SubFactory(OrganisationFactory)
    year = 2013
    source = FiguresSource.TYPED
