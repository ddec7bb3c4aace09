import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.db import connection
from django.db.models import F, Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from hubs.actors import Actor, nobody
from hubs.enums import STAFF_ROLES, Role
from hubs.models import StaffRole, User
from hubs.parts import Thing, ids_of
from hubs.scope import current_hub_id
from hubs.second_factor import has_second_factor
from parties.enums import ACTING_ROLES, InvitationState, LinkRole
from parties.merging.queries import on_sheet
from parties.models import Invitation, Link, Organisation, OtherTrade, Person, PersonQuerySet, Relation
from parties.rules import workplaces

# Every request of someone signed in asks this: one statement instead of three querysets. Of several roles in one
# structure, the last in the list, that of an administrator, is the one that counts. Sheets that were merged count as one:
# who acts for a structure reads what is still under the other's id, such as its account.
_ACTOR = """
SELECT person.id, person.given_name || ' ' || person.family_name,
    (SELECT coalesce(merged_into_id, id) FROM parties_organisation WHERE id = person.last_acted_for_id),
    ARRAY(
        SELECT role FROM hubs_staffrole
        WHERE user_id = person.user_id AND starts_on <= %(on)s AND (ends_on IS NULL OR ends_on > %(on)s)
    ),
    (
        SELECT json_agg(json_build_array(held.id, role) ORDER BY held.merged_into_id IS NOT NULL, role DESC)
        FROM parties_link link
            JOIN parties_organisation named ON named.id = organisation_id
            JOIN parties_organisation held
                ON held.id = coalesce(named.merged_into_id, named.id)
                OR held.merged_into_id = coalesce(named.merged_into_id, named.id)
        WHERE (person_id = person.id OR person_id IN (SELECT id FROM parties_person WHERE merged_into_id = person.id))
            AND role = ANY(%(acting)s)
            AND starts_on <= %(on)s AND (ends_on IS NULL OR ends_on > %(on)s)
            AND (held.closed_on IS NULL OR held.closed_on > %(on)s)
    )
FROM parties_person person
WHERE hub_id = %(hub)s AND user_id = %(user)s AND (access_ends_on IS NULL OR access_ends_on > %(on)s)
"""


def actor_of(user: User | None, on: dt.date) -> Actor:
    """The actor that `user` is in the open hub on that day; a visitor when no person there is theirs."""
    hub_id = current_hub_id()
    if user is None:
        return nobody(hub_id)
    with connection.cursor() as cursor:
        cursor.execute(_ACTOR, {"hub": hub_id, "user": user.pk, "on": on, "acting": sorted(ACTING_ROLES)})
        row = cursor.fetchone()
    if row is None:
        return nobody(hub_id)
    person_id, name, acted_for, roles, links = row
    return Actor(
        hub_id=hub_id,
        name=name,
        user_id=user.pk,
        person_id=person_id,
        roles=frozenset(roles),
        organisations=dict(links or ()),
        acted_for=acted_for,
    )


def guest_of(invitation_id: int, on: dt.date) -> Actor:
    """The actor that a guest's link makes on that day, with the one role it gave; a visitor once it is over."""
    links = Link.objects.acting(on).filter(
        invitations=invitation_id, invitations__withdrawn_at=None, role=LinkRole.GUEST
    )
    link = links.select_related("person").first()
    if link is None:
        return nobody(current_hub_id())
    return Actor(
        hub_id=link.hub_id,
        name=str(link.person),
        person_id=link.person_id,
        organisations=_roles_held(links.filter(pk=link.pk)),
    )


def _roles_held(links: QuerySet[Link]) -> dict[int, str]:
    """The role held in each structure. Who holds several there has the strongest: the last of these."""
    return dict(links.order_by("-role").values_list("organisation_id", "role"))


def workplaces_of(actor: Actor) -> list[Organisation]:
    """The structures the actor works in, by name: those acted for as a guest are left out."""
    return list(Organisation.objects.standing().filter(pk__in=workplaces(actor)).by_name())


def other_trades_of(organisation_ids: Collection[int]) -> dict[int, list[str]]:
    """The trades of these sheets beside their main one, by name; one query."""
    told: dict[int, list[str]] = {}
    whose = Q(organisation__in=organisation_ids) | Q(organisation__merged_into__in=organisation_ids)
    rows = OtherTrade.objects.filter(whose).order_by("trade__name", "pk")
    for pk, merged_into, name in rows.values_list("organisation_id", "organisation__merged_into", "trade__name"):
        names = told.setdefault(merged_into or pk, [])
        if name not in names:
            names.append(name)
    return told


def relations_of(organisation_ids: Collection[int], on: dt.date) -> dict[int, list[str]]:
    """What these sheets are to the hub on that day beside members, in words; one query."""
    told: dict[int, list[str]] = {}
    whose = Q(organisation__in=organisation_ids) | Q(organisation__merged_into__in=organisation_ids)
    for relation in Relation.objects.live(on).filter(whose).select_related("organisation").order_by("kind", "pk"):
        words = told.setdefault(relation.organisation.merged_into_id or relation.organisation_id, [])
        if (word := str(relation.get_kind_display())) not in words:
            words.append(word)
    return told


@dataclass(frozen=True)
class Sent:
    """A line of a list of invitations: how many days old it is, and the last day of its link."""

    invitation: Invitation
    state: InvitationState
    age: int
    last_day: dt.date


def invitations_to(organisation: Organisation, now: dt.datetime) -> list[Sent]:
    """What waits for an answer to come to this structure, too late or not, and the guests whose link still opens.

    The way in of someone who has a role there is among them.
    """
    of_structure = on_sheet("organisation", organisation) | (
        Q(organisation=None, staff_role="") & on_sheet("person__links__organisation", organisation)
    )
    open_links = Q(accepted_at=None) | Q(role=LinkRole.GUEST, expires_at__gt=now)
    found = Invitation.objects.filter(of_structure, open_links, withdrawn_at=None).distinct().for_display()
    return _told(found, now)


def invitations_of(person: Person, now: dt.datetime) -> list[Sent]:
    """What waits for this person to answer, too late or not."""
    return _told(Invitation.objects.to_person(person).unanswered().for_display(), now)


@dataclass(frozen=True)
class Access:
    """Whether someone comes in, since when and until when, and how their account is held."""

    may_sign_in: bool
    since: dt.datetime | None
    ends_on: dt.date | None
    has_second_step: bool


def access_of(person: Person, today: dt.date) -> Access:
    """Since the last invitation that they accepted; whom nobody had to invite, since their account was opened."""
    accepted = Invitation.objects.filter(person=person, accepted_at__isnull=False).exclude(role=LinkRole.GUEST)
    since = accepted.order_by("-accepted_at").values_list("accepted_at", flat=True).first()
    return Access(
        may_sign_in=person.may_sign_in(today),
        since=since or (person.user.date_joined if person.user else None),
        ends_on=person.access_ends_on,
        has_second_step=person.user_id is not None and has_second_factor(person.user_id),
    )


def invitations_to_team(now: dt.datetime) -> list[Sent]:
    """The roles of the hub that wait for an answer, too late or not."""
    return _told(Invitation.objects.unanswered().exclude(staff_role="").for_display(), now)


def _told(invitations: Iterable[Invitation], now: dt.datetime) -> list[Sent]:
    today = timezone.localdate(now)
    return [
        Sent(
            invitation=each,
            state=each.state(now),
            age=(today - timezone.localdate(each.sent_at)).days,
            last_day=timezone.localdate(each.expires_at - dt.timedelta(seconds=1)),
        )
        for each in invitations
    ]


def invitations_about_to_expire(now: dt.datetime) -> list[Invitation]:
    """Those that nobody has answered, and that will be too late in three days or have been for a week at most."""
    window = (now - dt.timedelta(days=7), now + dt.timedelta(days=3))
    found = Invitation.objects.unanswered().filter(expires_at__range=window).exclude(role=LinkRole.GUEST)
    return list(found.for_display().order_by("expires_at", "pk"))


@dataclass(frozen=True)
class Held:
    """A role for the hub, and whose it is; nobody's when the person is gone from the hub."""

    role: StaffRole
    person: Person | None

    @property
    def name(self) -> str:
        return str(self.person or self.role.user)


@dataclass(frozen=True)
class Team:
    """Who holds a role for the hub: today, later, before."""

    now: list[Held]
    later: list[Held]
    before: list[Held]


def team_on(today: dt.date) -> Team:
    """The team on that day, by role; two queries. Roles taken back before they began are left out."""
    roles = list(StaffRole.objects.exclude(ends_on=F("starts_on")).select_related("user").order_by("-starts_on", "pk"))
    people = {person.user_id: person for person in Person.objects.filter(user__in={each.user_id for each in roles})}
    order = list(Role.values)
    team = sorted(
        (Held(role, people.get(role.user_id)) for role in roles),
        key=lambda held: (order.index(held.role.role), held.name),
    )
    return Team(
        now=[held for held in team if held.role.is_live(today)],
        later=[held for held in team if held.role.starts_on > today],
        before=[held for held in team if held.role.ends_on is not None and held.role.ends_on <= today],
    )


def team_people(today: dt.date) -> PersonQuerySet:
    """Those who work for the hub on that day, by name."""
    roles = StaffRole.objects.live(today).filter(role__in=STAFF_ROLES)
    return Person.objects.known().filter(user__in=roles.values("user")).by_name()


def roles_missing(of: Person, to: Person, today: dt.date) -> list[str]:
    """The roles that the first holds for the hub and the second does not, in words."""
    roles = StaffRole.objects.live(today).filter(role__in=STAFF_ROLES)
    held = set(roles.filter(user=to.user_id).values_list("role", flat=True))
    missing = roles.filter(user=of.user_id).exclude(role__in=held).order_by("pk")
    # The coordination may all that the others may.
    return [] if Role.COORDINATOR in held else [each.get_role_display() for each in missing]


def things_named(names: Collection[str]) -> dict[str, Thing]:
    """The structures and the people named « parties.organisation:3 », with their sheets and their addresses."""
    found: dict[str, Thing] = {}
    if ids := ids_of("parties.organisation", names):
        for each in Organisation.objects.filter(pk__in=ids):
            found[f"parties.organisation:{each.pk}"] = Thing(
                label=each.name,
                url=reverse("parties:structure", args=[each.public_id]),
                addresses=[each.email] if each.email else [],
                mend_url=reverse("parties:structure_edit", args=[each.public_id]),
            )
    if ids := ids_of("parties.person", names):
        for person in Person.objects.filter(pk__in=ids).select_related("user"):
            found[f"parties.person:{person.pk}"] = _thing_of(person)
    return found


def _thing_of(person: Person) -> Thing:
    # The account stays that of the address it was opened with.
    email = person.user.email if person.user else person.email
    return Thing(
        label=str(person),
        url=reverse("parties:person", args=[person.public_id]),
        addresses=[email] if email else [],
        mend_url="" if person.erased_at else reverse("parties:person_edit", args=[person.public_id]),
        user_id=person.user_id,
    )
