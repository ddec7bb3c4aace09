"""Two applications in flight, and qualified persons who are members in their own name."""

import datetime as dt

from django.utils import timezone

from hubs.actors import Actor, system
from hubs.scope import current_hub_id
from members.actions import admit, apply, decide
from members.enums import MemberKind, Step
from members.models import Application, College, Membership
from members.queries import year_in_force
from parties.actions import add_person
from parties.models import Person

QUALIFIED = "Personnes qualifiées"


def fill(today: dt.date) -> None:
    """Twice changes nothing."""
    by = system(current_hub_id())
    if not Application.objects.exists():
        _apply(today, by)
    qualified = College.objects.live(today).filter(name=QUALIFIED).first()
    year = year_in_force(today)
    if qualified is None or year is None or Membership.objects.filter(college=qualified).exists():
        return
    email = "odile.perrault@personnes.example"
    person = Person.objects.filter(email=email).first() or add_person(
        given_name="Odile", family_name="Perrault", email=email, by=by
    )
    admit(person=person, college=qualified, fiscal_year=year, kind=MemberKind.ASSOCIATE, by=by)


def _apply(today: dt.date, by: Actor) -> None:
    college = College.objects.live(today).filter(takes_structures=True).by_rank()[0]
    received = timezone.make_aware(dt.datetime.combine(today - dt.timedelta(days=12), dt.time(10)))
    first = apply(
        college=college, structure_name="Compagnie des Lisières", given_name="Ariane", family_name="Vasseur",
        email="ariane@lisieres.example", town="Dijon", headcount=3, now=received,
        why="Nous cherchons un bureau et des voisins avec qui partager une administratrice.",
    )  # fmt: skip
    decide(
        application=first, step=Step.COMPLETENESS, is_accepted=True, on=today - dt.timedelta(days=10), by=by,
        today=today,
    )  # fmt: skip
    apply(
        college=college, structure_name="Radio des Faubourgs", given_name="Simon", family_name="Keller",
        email="simon@faubourgs.example", town="Chenôve", now=received + dt.timedelta(days=8),
        why="Pour mutualiser un studio.",
    )  # fmt: skip
