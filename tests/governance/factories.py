import datetime as dt

import factory
from factory.django import DjangoModelFactory

from governance.models import Assembly, Proxy, RollEntry
from tests.members.factories import MembershipFactory


class AssemblyFactory(DjangoModelFactory):
    class Meta:
        model = Assembly

    title = "Assemblée générale"
    starts_at = dt.datetime(2026, 6, 15, 16, tzinfo=dt.UTC)
    roll_on = dt.date(2026, 6, 1)
    state = "convened"


class RollEntryFactory(DjangoModelFactory):
    class Meta:
        model = RollEntry

    assembly = factory.SubFactory(AssemblyFactory)
    membership = factory.SubFactory(MembershipFactory)
    college = factory.SelfAttribute("membership.college")
    name = factory.LazyAttribute(lambda entry: str(entry.membership.member))


class ProxyFactory(DjangoModelFactory):
    """Between two entries of one assembly and one college, that the test names."""

    class Meta:
        model = Proxy

    given_at = dt.datetime(2026, 6, 2, 9, tzinfo=dt.UTC)
