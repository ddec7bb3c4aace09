"""How members leave: from when, what they still owe, and what is under way."""

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Q
from django.urls import reverse

from billing.models import Account, Invoice
from billing.money import ZERO
from hubs.parts import Thing, ids_of
from members.enums import ResignationEffect, StrikeCause, StrikeState
from members.models import (
    DepartureTerms,
    FiscalYear,
    Letter,
    LetterQuerySet,
    Membership,
    MembershipQuerySet,
    Resignation,
    StrikeOff,
)
from members.queries.memberships import memberships_by_year
from parties.enums import LinkRole
from parties.models import Link, Organisation, Person

Member = Organisation | Person


def whose(member: Member) -> dict[str, Any]:
    """How the rows of this member are found."""
    return {"person" if isinstance(member, Person) else "organisation": member}


def departure_terms(on: dt.date) -> DepartureTerms:
    """The hub's rules of that day; those of most statutes where it has set none, which are not saved."""
    return DepartureTerms.objects.live(on).first() or DepartureTerms(starts_on=on)


def effect_of(*, letter_on: dt.date, year: FiscalYear, terms: DepartureTerms) -> dt.date:
    """The first day without the member who resigned by that letter, its membership being of that year."""
    tomorrow = letter_on + dt.timedelta(days=1)
    if terms.effect == ResignationEffect.YEAR_END:
        # A year goes on after its end until the next is opened.
        return max(year.ends_on, tomorrow)
    if terms.effect == ResignationEffect.NOTICE:
        return tomorrow + dt.timedelta(days=terms.notice_days)
    return tomorrow


def membership_on(member: Member, on: dt.date) -> Membership | None:
    """The membership that makes them a member that day."""
    rows = Membership.objects.in_force(on).filter(**whose(member))
    return rows.select_related("organisation", "person", "college", "fiscal_year").first()


def resignation_of(member: Member, on: dt.date) -> Resignation | None:
    """The one whose day has not come, if there is one."""
    member_is = {f"membership__{name}": value for name, value in whose(member).items()}
    return Resignation.objects.live().for_display().filter(**member_is, effect_on__gt=on).order_by("-pk").first()


def strike_off_of(member: Member) -> StrikeOff | None:
    """The procedure that nobody has decided nor stopped."""
    member_is = {f"membership__{name}": value for name, value in whose(member).items()}
    return StrikeOff.objects.under_way().for_display().filter(**member_is).order_by("-pk").first()


def dues_owed(
    members: Iterable[Member], *, due_by: dt.date | None = None
) -> dict[tuple[int | None, int | None], Decimal]:
    """What is still to pay of called dues, by (structure, person); those who owe nothing are left out. One query.

    `due_by` counts only what was due before that day.
    """
    people: list[int] = []
    structures: list[int] = []
    for member in members:
        (people if isinstance(member, Person) else structures).append(member.pk)
    calls = Invoice.objects.issued().filter(
        Q(dues_call__membership__organisation__in=structures) | Q(dues_call__membership__person__in=people)
    )
    if due_by is not None:
        calls = calls.filter(due_date__lt=due_by)
    owed: dict[tuple[int | None, int | None], Decimal] = {}
    for call in calls.with_due().select_related("dues_call__membership").order_by("pk"):
        key = (call.dues_call.membership.organisation_id, call.dues_call.membership.person_id)
        if call.due > ZERO:
            owed[key] = owed.get(key, ZERO) + call.due
    return owed


def owes(member: Member, *, due_by: dt.date | None = None) -> Decimal:
    """What this member has still to pay of its called dues."""
    return sum(dues_owed([member], due_by=due_by).values(), ZERO)


def account_due(member: Member) -> Decimal:
    """What the member's account owes for all that was invoiced, dues among it."""
    account = Account.objects.filter(**whose(member)).first()
    if account is None:
        return ZERO
    return sum((each.due for each in Invoice.objects.issued().filter(account=account).with_due()), ZERO)


def strike_state(strike: StrikeOff, on: dt.date, owed: Decimal) -> StrikeState:
    """Where it has come that day, the member owing `owed` of dues: paid, one for unpaid dues stops by itself."""
    if strike.decided_on is not None:
        return StrikeState.DECIDED
    if strike.stopped_on is not None:
        return StrikeState.STOPPED
    if strike.cause == StrikeCause.DUES and owed == ZERO:
        return StrikeState.SETTLED
    return StrikeState.TO_DECIDE if on > strike.answer_by else StrikeState.NOTIFIED


def told_strikes(strikes: Iterable[StrikeOff], on: dt.date) -> list[tuple[StrikeOff, StrikeState]]:
    """Each with its state. One query more than the list."""
    listed = list(strikes)
    owed = dues_owed(each.membership.member for each in listed)
    return [(each, strike_state(each, on, owed.get(_key(each), ZERO))) for each in listed]


def _key(strike: StrikeOff) -> tuple[int | None, int | None]:
    return strike.membership.organisation_id, strike.membership.person_id


def addresses_of(member: Member, on: dt.date) -> list[str]:
    """Where a letter goes by mail: the structure's address, who administers it and who represents it; or the person."""
    if isinstance(member, Person):
        return [member.email] if member.email else []
    links = (
        Link.objects.live(on)
        .filter(organisation=member, role__in=(LinkRole.ADMINISTRATOR, LinkRole.LEGAL))
        .exclude(person__email="")
    )
    mails = links.order_by("person_id").values_list("person__email", flat=True)
    return list(dict.fromkeys(mail for mail in (member.email, *mails) if mail))


def letters_of(member: Member) -> LetterQuerySet:
    """What the hub wrote to them, when they applied too, the last first."""
    mine = {f"application__membership__{name}": value for name, value in whose(member).items()}
    return Letter.objects.filter(Q(**whose(member)) | Q(**mine)).latest_first()


def letters_named(names: Collection[str], on: dt.date) -> dict[str, Thing]:
    """The letters named « members.letter:3 », where their mail goes that day and their PDF."""
    ids = ids_of("members.letter", names)
    found = Letter.objects.select_related("organisation", "person").filter(pk__in=ids) if ids else ()
    return {
        f"members.letter:{each.pk}": Thing(
            label=str(each),
            url=reverse("members:letter", args=[each.pk]),
            addresses=addresses_of(member, on) if (member := each.organisation or each.person) else [],
        )
        for each in found
    }


@dataclass(frozen=True)
class YearTold:
    """A year of a member's history, with what happened in it; no membership is a gap."""

    year: FiscalYear
    membership: Membership | None
    returned: bool
    resignation: Resignation | None = None
    strike_off: StrikeOff | None = None

    @property
    def never_began(self) -> bool:
        """Left on the first day of the year: not a member at all that year."""
        return self.membership is not None and self.membership.left_on == self.year.starts_on


def history_of(member: Member, on: dt.date) -> list[YearTold]:
    """Each year since they first joined, the last first, gaps, returns and departures told. Four queries."""
    years = memberships_by_year(member, on)
    held: MembershipQuerySet = Membership.objects.filter(**whose(member))
    resigned = {each.membership_id: each for each in Resignation.objects.live().filter(membership__in=held)}
    struck = {
        each.membership_id: each
        for each in StrikeOff.objects.filter(membership__in=held, stopped_on=None).order_by("pk")
    }
    told = []
    for place, (year, membership) in enumerate(years):
        before = years[place + 1][1] if place + 1 < len(years) else membership
        if membership is None:
            told.append(YearTold(year, None, returned=False))
            continue
        resignation, strike = resigned.get(membership.pk), struck.get(membership.pk)
        told.append(YearTold(year, membership, before is None, resignation, strike))
    return told
