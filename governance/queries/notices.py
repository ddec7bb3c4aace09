"""Who is called to an assembly, where, and what came of it."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import CharField, F, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Cast, Concat

from governance.models import Assembly, Notice, RollEntry
from hubs.enums import MailState
from hubs.models import Mail
from members.models import Membership
from parties.enums import LinkRole
from parties.models import Link, Person

CALLED_ROLES = (LinkRole.ADMINISTRATOR, LinkRole.LEGAL)


def _address(person: Person) -> str:
    return str(person.user.email if person.user else person.email)


def addresses_of(entries: Iterable[RollEntry], on: dt.date) -> dict[int, list[str]]:
    """Where each entry is written to, by its id. One query for all, once `membership`'s member is there.

    A structure: those who administer it or represent it in law, or else its own address. A person: theirs.
    """
    by_structure: dict[int, RollEntry] = {}
    own: dict[int, str] = {}
    found: dict[int, list[str]] = {}
    for entry in entries:
        membership = entry.membership
        found[entry.pk] = []
        if membership.organisation_id is not None:
            by_structure[membership.organisation_id] = entry
            own[entry.pk] = membership.organisation.email if membership.organisation else ""
        elif membership.person is not None and (mail := _address(membership.person)):
            found[entry.pk] = [mail]
    links = Link.objects.live(on).filter(organisation__in=by_structure, role__in=CALLED_ROLES)
    for link in links.select_related("person__user").order_by("person_id", "pk"):
        mails = found[by_structure[link.organisation_id].pk]
        if (mail := _address(link.person)) and mail not in mails:
            mails.append(mail)
    for entry in by_structure.values():
        if not found[entry.pk] and own[entry.pk]:
            found[entry.pk] = [own[entry.pk]]
    return found


def to_call(assembly: Assembly) -> QuerySet[RollEntry]:
    """The entries of the roll that were not called yet, by name."""
    rows = RollEntry.objects.filter(assembly=assembly, notices=None)
    return rows.select_related("membership__organisation", "membership__person__user").order_by("name", "pk")


@dataclass(frozen=True)
class ToCall:
    """How many members a notice would go to today, and those of them who have no address."""

    members: int
    without_address: list[str]


def members_to_call(assembly: Assembly, on: dt.date) -> ToCall:
    """As the roll would be drawn today. Two queries."""
    held = (
        Membership.objects.once_each()
        .in_force(assembly.roll_on)
        .select_related("organisation", "person__user")
        .order_by("pk")
    )
    entries = [RollEntry(pk=each.pk, membership=each, name=str(each.member)) for each in held]
    addresses = addresses_of(entries, on)
    return ToCall(len(entries), sorted(entry.name for entry in entries if not addresses[entry.pk]))


def proofs_of(assembly: Assembly) -> QuerySet[Notice]:
    """Every notice by name, with `mail_state`, `mail_to` and `mail_sent_at` of the last mail about it, if any."""
    label = Notice._meta.label_lower
    named = Concat(Value(f"{label}:"), Cast(OuterRef("pk"), CharField()), output_field=CharField())
    last = Mail.objects.filter(about=named).order_by("-pk")
    return (
        Notice.objects.filter(entry__assembly=assembly)
        .annotate(
            mail_state=Subquery(last.values("state")[:1]),
            mail_to=Subquery(last.values("to")[:1]),
            mail_sent_at=Subquery(last.values("sent_at")[:1]),
        )
        .select_related("entry__college")
        .order_by("entry__college__rank", "entry__college_id", "entry__name", "pk")
    )


@dataclass(frozen=True)
class ProofCount:
    """How the notices of an assembly stand: left by mail, on their way, failed, handed over, to hand over."""

    sent: int
    waiting: int
    failed: int
    handed: int
    to_hand: int


def proof_counts(assembly: Assembly) -> ProofCount:
    """One query."""
    sent = waiting = failed = handed = to_hand = 0
    for state, handed_on in proofs_of(assembly).order_by().values_list("mail_state", F("handed_on")):
        if handed_on is not None:
            handed += 1
        elif state is None:
            to_hand += 1
        elif state == MailState.SENT:
            sent += 1
        elif state in (MailState.FAILED, MailState.DROPPED):
            failed += 1
        else:
            waiting += 1
    return ProofCount(sent, waiting, failed, handed, to_hand)
