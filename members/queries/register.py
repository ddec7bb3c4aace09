"""The register: who was a member in a year, and the questions that the list answers."""

import datetime as dt

from django.db.models import Case, CharField, Exists, F, OuterRef, Q, Value, When
from django.db.models.functions import Coalesce, Concat

from members.enums import DuesState, Step
from members.models import (
    Application,
    ApplicationDecision,
    ApplicationQuerySet,
    FiscalYear,
    Membership,
    MembershipQuerySet,
)
from members.queries.dues import dues_states
from parties.enums import LinkRole
from parties.models import Link, PlainText


def register_of(year: FiscalYear | None) -> MembershipQuerySet:
    """The memberships of the year, each with `name`, as lists sort it, and `arrived_on`, the first day of this one."""
    people = Concat("person__family_name", Value(" "), "person__given_name", output_field=CharField())
    return (
        Membership.objects.filter(fiscal_year=year)
        .select_related("organisation", "person", "college", "fiscal_year")
        .annotate(
            name=Case(When(person__isnull=False, then=people), default=F("organisation__name")),
            arrived_on=Coalesce("dues_terms__joined_on", "fiscal_year__starts_on"),
        )
    )


def named_like(rows: MembershipQuerySet, text: str) -> MembershipQuerySet:
    """Those whose name, in either order, or address holds `text`, accents and capitals forgiven."""
    reversed_name = Concat("person__given_name", Value(" "), "person__family_name")
    wanted = PlainText(Value(text))
    return rows.annotate(_name=PlainText(F("name")), _reversed=PlainText(reversed_name)).filter(
        Q(_name__contains=wanted) | Q(_reversed__contains=wanted) | Q(organisation__email__icontains=text)
        | Q(person__email__icontains=text)
    )  # fmt: skip


def in_state(rows: MembershipQuerySet, state: str, on: dt.date) -> MembershipQuerySet:
    """« member », « leaving » on a day to come, « left », or « never » began."""
    first_day = F("fiscal_year__starts_on")
    return {
        "member": rows.filter(left_on=None),
        "leaving": rows.filter(left_on__gt=on).exclude(left_on=first_day),
        "left": rows.filter(left_on__lte=on).exclude(left_on=first_day),
        "never": rows.filter(left_on=first_day),
    }[state]


def _same_member(rows: MembershipQuerySet, depth: int = 1) -> MembershipQuerySet:
    """Those of the outer membership's member; `depth` is how many queries out it stands."""

    def outer(name: str) -> OuterRef:
        reference: OuterRef | str = name
        for _each in range(depth):
            reference = OuterRef(reference)
        return reference  # type: ignore[return-value]

    return rows.filter(
        Q(organisation__isnull=False, organisation=outer("organisation"))
        | Q(person__isnull=False, person=outer("person"))
    )


def newcomers(rows: MembershipQuerySet) -> MembershipQuerySet:
    """Those that were not members the year before: the first time, or back."""
    before = FiscalYear.objects.filter(starts_on__lt=OuterRef(OuterRef("fiscal_year__starts_on"))).by_date()
    held = _same_member(Membership.objects.filter(fiscal_year=before.values("pk")[:1], left_on=None))
    return rows.filter(~Exists(held))


def with_gap(rows: MembershipQuerySet) -> MembershipQuerySet:
    """Those that were members once, and then not for a year at least, before this one."""
    that_year = Membership.objects.filter(fiscal_year=OuterRef("pk")).exclude(left_on=F("fiscal_year__starts_on"))
    earlier = Membership.objects.filter(fiscal_year__starts_on__lt=OuterRef("starts_on"))
    gaps = FiscalYear.objects.filter(starts_on__lt=OuterRef("fiscal_year__starts_on")).filter(
        ~Exists(_same_member(that_year, depth=2)), Exists(_same_member(earlier, depth=2))
    )
    return rows.filter(Exists(gaps))


def without_address(rows: MembershipQuerySet) -> MembershipQuerySet:
    """Structures whose postal address has a hole, and people without a mail."""
    return rows.filter(
        Q(organisation__address="") | Q(organisation__postcode="") | Q(organisation__town="") | Q(person__email="")
    )


def without_representative(rows: MembershipQuerySet, on: dt.date) -> MembershipQuerySet:
    """Structures that nobody represents in law that day."""
    legal = Link.objects.live(on).filter(role=LinkRole.LEGAL, organisation=OuterRef("organisation"))
    return rows.filter(~Exists(legal), organisation__isnull=False)


def with_dues(rows: MembershipQuerySet, year: FiscalYear, states: set[DuesState], on: dt.date) -> MembershipQuerySet:
    """Those whose dues are in one of these states. One query more."""
    told = dues_states(year, on)
    return rows.filter(pk__in=[pk for pk, state in told.items() if state in states])


def applications_like(rows: ApplicationQuerySet, text: str) -> ApplicationQuerySet:
    """Applications whose structure, applicant or address holds `text`, accents and capitals forgiven."""
    wanted = PlainText(Value(text))
    space = Value(" ")
    told = Concat("structure_name", space, "given_name", space, "family_name", space, "email", output_field=CharField())
    return rows.annotate(_told=PlainText(told)).filter(_told__contains=wanted)


def waiting_for(rows: ApplicationQuerySet, step: Step) -> ApplicationQuerySet:
    """Those whose next step to decide is this one: it is on their path, and each before it is decided."""

    def decided(each: Step) -> Exists:
        return Exists(ApplicationDecision.objects.filter(application=OuterRef("pk"), step=each))

    order = list(Step)
    found = rows.in_flight().filter(~decided(step), path__contains=[step])
    for earlier in order[: order.index(step)]:
        found = found.filter(~Q(path__contains=[earlier]) | Q(decided(earlier)))
    return found


def inbox() -> ApplicationQuerySet:
    """The applications with their decisions at hand. Two queries."""
    return Application.objects.for_display().prefetch_related("decisions")
