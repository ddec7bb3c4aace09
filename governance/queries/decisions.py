"""The register of decisions, and the consultations with their answers."""

import datetime as dt
from dataclasses import dataclass

from django.db.models import F, Q, QuerySet, Value

from governance.enums import PollAdvice
from governance.models import Assembly, Decision, Poll, PollAnswer, RollEntry
from hubs.actors import Actor
from members.models import Membership
from parties.enums import LinkRole
from parties.models import Link, PlainText
from parties.rules import administered


def register_of(words: str = "") -> "QuerySet[Decision]":
    """The decisions, the latest first; `words` are looked for in the title and the text, accents forgiven."""
    found = Decision.objects.select_related("assembly", "resolution", "poll", "meeting").order_by("-number")
    if not words:
        return found
    found = found.annotate(_title=PlainText(F("title")), _text=PlainText(F("text")))
    asked = PlainText(Value(words))
    return found.filter(Q(_title__contains=asked) | Q(_text__contains=asked))


def answering(actor: Actor, today: dt.date) -> list[Membership]:
    """The memberships in force for which one answers."""
    structures = administered(actor)
    mine = Q(organisation__in=structures) | Q(person=actor.person_id, organisation=None)
    held = Membership.objects.in_force(today).filter(mine)
    return list(held.select_related("organisation", "person", "college").order_by("pk"))


@dataclass(frozen=True)
class Advice:
    """How many members think so, and what they say."""

    label: str
    answers: list[PollAnswer]


def advice_of(poll: Poll) -> list[Advice]:
    """The answers by what they say, each with its reason. One query."""
    answers = list(
        PollAnswer.objects.filter(poll=poll)
        .select_related("membership__organisation", "membership__person")
        .order_by("pk")
    )
    return [
        Advice(str(choice.label), [answer for answer in answers if answer.advice == choice]) for choice in PollAdvice
    ]


def belenios_roll(assembly: Assembly, today: dt.date) -> tuple[list[tuple[str, int]], list[str]]:
    """(mail, voices) of each voter: the person's, or that of the first who administers the structure; then the names
    of those who have none. Two queries."""
    roll = list(
        RollEntry.objects.filter(assembly=assembly, votes=True)
        .select_related("membership__person")
        .order_by("college__rank", "name", "pk")
    )
    links = (
        Link.objects.live(today)
        .filter(organisation__in=[each.membership.organisation_id for each in roll], role=LinkRole.ADMINISTRATOR)
        .exclude(person__email="")
        .order_by("-person_id")
    )
    mails: dict[int | None, str] = dict(links.values_list("organisation_id", "person__email"))
    voters, without = [], []
    for each in roll:
        person = each.membership.person
        mail = person.email if person else mails.get(each.membership.organisation_id, "")
        if mail:
            voters.append((mail, each.weight))
        else:
            without.append(each.name)
    return voters, without
