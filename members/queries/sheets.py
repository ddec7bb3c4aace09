"""Who gets a card or a label: the members in force, as the filters choose them."""

import datetime as dt
from dataclasses import dataclass

from members.enums import MemberKind, Printed
from members.models import College, Membership, MembershipQuerySet
from members.sheets import Label
from parties.enums import LinkRole
from parties.models import Link, Organisation, Person


def members_chosen(
    on: dt.date, *, who: Printed | None = None, college: College | None = None, kind: MemberKind | None = None
) -> MembershipQuerySet:
    """The memberships in force that day, by name: of structures, of natural persons, or both. One query."""
    held = Membership.objects.in_force(on).select_related("organisation", "person", "college", "fiscal_year")
    if who is not None:
        held = held.filter(person__isnull=who == Printed.STRUCTURES)
    if college is not None:
        held = held.filter(college=college)
    if kind is not None:
        held = held.filter(kind=kind)
    return held.order_by("organisation__name", "person__family_name", "person__given_name", "pk")


@dataclass(frozen=True)
class Labels:
    """What can be printed, of which people, and who has no address."""

    labels: list[Label]
    people: list[Person]
    without_address: list[Organisation | Person]


def labels_for(on: dt.date, *, who: Printed, college: College | None = None, kind: MemberKind | None = None) -> Labels:
    """A label for each structure chosen; or for each person who works in one, at its address. Two queries."""
    held = members_chosen(on, college=college, kind=kind)
    if who == Printed.PEOPLE:
        return _labels_of_people(list(held), on)
    structures = [each.organisation for each in held if each.organisation is not None]
    return Labels(
        labels=[Label([each.name, *each.address_lines]) for each in structures if each.address_lines],
        people=[],
        without_address=[each for each in structures if not each.address_lines],
    )


def _labels_of_people(held: list[Membership], on: dt.date) -> Labels:
    structures = [each.organisation_id for each in held if each.organisation_id]
    members = {each.person.pk: each.person for each in held if each.person is not None}
    links = Link.objects.live(on).exclude(role=LinkRole.GUEST).select_related("person", "organisation")
    theirs = links.filter(organisation__in=structures) | links.filter(person__in=members)
    places: dict[int, Link] = {}
    people: dict[int, Person] = dict(members)
    for link in theirs.order_by(
        "person__family_name", "person__given_name", "person_id", "-organisation__address", "pk"
    ):
        people.setdefault(link.person_id, link.person)
        if link.organisation.address_lines:
            places.setdefault(link.person_id, link)
    ordered = sorted(people.values(), key=lambda each: (each.family_name, each.given_name, each.pk))
    printed = [each for each in ordered if each.pk in places]
    return Labels(
        labels=[
            Label([str(each), places[each.pk].organisation.name, *places[each.pk].organisation.address_lines])
            for each in printed
        ],
        people=printed,
        without_address=[each for each in ordered if each.pk not in places],
    )
