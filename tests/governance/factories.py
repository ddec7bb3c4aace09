import datetime as dt

import factory
from factory.django import DjangoModelFactory

from governance.models import Assembly, Proxy, Resolution, RollEntry
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


class ResolutionFactory(DjangoModelFactory):
    """A draft, by show of hands, to be adopted by more than half of the voices cast. `secret` and `nominal` are traits;
    an assembly gives each its own `rank`."""

    class Meta:
        model = Resolution

    class Params:
        secret = factory.Trait(ballot="secret")
        nominal = factory.Trait(ballot="nominal")

    assembly = factory.SubFactory(AssemblyFactory)
    rank = factory.Sequence(lambda n: n + 1)
    title = "Approuver les comptes"
    text = "L’assemblée approuve les comptes de l’exercice."
    ballot = "hands"
    counting = "heads"
    base = "cast"
    threshold = "simple"
    quorum = "none"
