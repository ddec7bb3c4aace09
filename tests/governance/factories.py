import datetime as dt

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from governance.models import (
    AgendaItem,
    Assembly,
    Invitee,
    Meeting,
    Notice,
    Proxy,
    Resolution,
    RollContest,
    RollEntry,
    Statutes,
)
from tests.members.factories import MembershipFactory


class StatutesFactory(DjangoModelFactory):
    class Meta:
        model = Statutes

    starts_on = dt.date(2020, 1, 1)


class AssemblyFactory(DjangoModelFactory):
    """Convened in May 2026, for June. `draft` is to convene; `coming` is three weeks from today, without a notice delay."""

    class Meta:
        model = Assembly

    title = "Assemblée générale"
    starts_at = dt.datetime(2026, 6, 15, 16, tzinfo=dt.UTC)
    roll_on = dt.date(2026, 6, 1)
    convened_on = dt.date(2026, 5, 20)
    state = "convened"

    class Params:
        draft = factory.Trait(state="draft", convened_on=None)
        coming = factory.Trait(
            starts_at=factory.LazyFunction(lambda: timezone.now() + dt.timedelta(weeks=3)),
            roll_on=factory.LazyFunction(timezone.localdate),
            convened_on=factory.LazyFunction(timezone.localdate),
        )


class AgendaItemFactory(DjangoModelFactory):
    class Meta:
        model = AgendaItem

    assembly = factory.SubFactory(AssemblyFactory, draft=True)
    rank = factory.Sequence(lambda n: n + 1)
    title = "Rapport moral"


class RollEntryFactory(DjangoModelFactory):
    class Meta:
        model = RollEntry

    assembly = factory.SubFactory(AssemblyFactory)
    membership = factory.SubFactory(MembershipFactory)
    college = factory.SelfAttribute("membership.college")
    name = factory.LazyAttribute(lambda entry: str(entry.membership.member))


class NoticeFactory(DjangoModelFactory):
    class Meta:
        model = Notice

    entry = factory.SubFactory(RollEntryFactory)
    called_at = dt.datetime(2026, 5, 20, 9, tzinfo=dt.UTC)


class ProxyFactory(DjangoModelFactory):
    """Between two entries of one assembly and one college, that the test names."""

    class Meta:
        model = Proxy

    given_at = dt.datetime(2026, 6, 2, 9, tzinfo=dt.UTC)


class RollContestFactory(DjangoModelFactory):
    """Made by `made_by`, whom the test names, for `organisation` or `person`."""

    class Meta:
        model = RollContest

    assembly = factory.SubFactory(AssemblyFactory)
    kind = "voice"
    words = "Nous avons payé."
    made_at = dt.datetime(2026, 5, 21, 9, tzinfo=dt.UTC)


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


class MeetingFactory(DjangoModelFactory):
    """A steering committee of 15 June 2026, prepared in May. `coming` is three weeks from today, `held` was yesterday."""

    class Meta:
        model = Meeting

    kind = "copil"
    title = "Comité de pilotage"
    starts_at = dt.datetime(2026, 6, 15, 16, tzinfo=dt.UTC)
    place = "Salle de réunion"
    agenda = "Les chiffres\nLes conventions"
    changed_at = dt.datetime(2026, 5, 20, 9, tzinfo=dt.UTC)

    class Params:
        coming = factory.Trait(
            starts_at=factory.LazyFunction(lambda: timezone.now() + dt.timedelta(weeks=3)),
            changed_at=factory.LazyFunction(timezone.now),
        )
        held = factory.Trait(
            starts_at=factory.LazyFunction(lambda: timezone.now() - dt.timedelta(days=1)),
            changed_at=factory.LazyFunction(lambda: timezone.now() - dt.timedelta(days=30)),
        )


class InviteeFactory(DjangoModelFactory):
    """A name and an address; give `person`, with `name` and `email` empty, for someone on file."""

    class Meta:
        model = Invitee

    meeting = factory.SubFactory(MeetingFactory)
    name = factory.Sequence(lambda n: f"Claire Aubertin {n}")
    email = factory.Sequence(lambda n: f"claire{n}@region.example")
    represents = "Région"
