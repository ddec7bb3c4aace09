import datetime as dt
import hashlib

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from documents.actions import store_file
from hubs.enums import LegalForm
from parties.enums import FieldKind, FieldOf, FiguresSource, LinkRole
from parties.models import Invitation, Link, Organisation, OwnField, Paper, PaperKind, Person, Trade, YearFigures
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


class PaperKindFactory(DjangoModelFactory):
    """Asked of structures, read and deposited by them, without an end."""

    class Meta:
        model = PaperKind

    about = FieldOf.ORGANISATION
    name = factory.Sequence(lambda n: f"Document {n}")
    starts_on = dt.date(2020, 1, 1)

    class Params:
        of_person = factory.Trait(about=FieldOf.PERSON)


class PaperFactory(DjangoModelFactory):
    """In use, given today by nobody in particular."""

    class Meta:
        model = Paper

    class Params:
        of_person = factory.Trait(
            organisation=None,
            person=factory.SubFactory(PersonFactory),
            kind=factory.SubFactory(PaperKindFactory, of_person=True),
        )
        # Its last good day is so many days ahead.
        left = None
        content = factory.Sequence(lambda n: b"%PDF-1.7 " + str(n).encode())

    kind = factory.SubFactory(PaperKindFactory)
    organisation = factory.SubFactory(OrganisationFactory)
    file = factory.LazyAttribute(
        lambda it: store_file(name="document.pdf", content_type="application/pdf", content=it.content)
    )
    deposited_at = factory.LazyFunction(timezone.now)
    expires_on = factory.LazyAttribute(
        lambda it: None if it.left is None else timezone.localdate() + dt.timedelta(days=it.left)
    )
