import datetime as dt

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from hubs.enums import LegalForm
from parties.enums import FieldKind, FieldOf, FiguresSource, LinkRole
from parties.models import Link, Organisation, OwnField, Person, Trade, YearFigures
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


class YearFiguresFactory(DjangoModelFactory):
    class Meta:
        model = YearFigures

    organisation = factory.SubFactory(OrganisationFactory)
    year = 2013
    source = FiguresSource.TYPED


class OwnFieldFactory(DjangoModelFactory):
    """A short text on structures, for the staff alone."""

    class Meta:
        model = OwnField

    about = FieldOf.ORGANISATION
    kind = FieldKind.TEXT
    label = factory.Sequence(lambda n: f"Champ {n}")
    starts_on = dt.date(2020, 1, 1)

    class Params:
        of_person = factory.Trait(about=FieldOf.PERSON)
        ended = factory.Trait(ends_on=dt.date(2021, 1, 1))
