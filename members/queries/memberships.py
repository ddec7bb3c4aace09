import datetime as dt
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import Coalesce
from django.urls import reverse

from hubs.enums import LegalForm
from hubs.parts import Thing, ids_of
from members.enums import MemberKind
from members.models import Application, Certificate, FiscalYear, Membership, MembershipQuerySet
from parties.figures import FIGURES
from parties.merging.queries import on_sheet
from parties.models import Organisation, OrganisationQuerySet, Person, YearFigures


def kind_of(organisation: Organisation | int, on: dt.date) -> MemberKind | None:
    """How the structure is a member on that day; None for an external one. One query."""
    held = Membership.objects.in_force(on).filter(on_sheet("organisation", organisation))
    kind = held.order_by("organisation__merged_into", "pk").values_list("kind", flat=True).last()
    return MemberKind(kind) if kind else None


def kinds_of(organisation_ids: Iterable[int], on: dt.date) -> dict[int, MemberKind]:
    """How each of these structures is a member on that day; the external ones are left out. One query."""
    ids = list(organisation_ids)
    whose = Q(organisation__in=ids) | Q(organisation__merged_into__in=ids)
    rows = Membership.objects.in_force(on).filter(whose).order_by("organisation__merged_into", "pk")
    told = rows.values_list("organisation_id", "organisation__merged_into", "kind")
    return {merged_into or pk: MemberKind(kind) for pk, merged_into, kind in told}


def year_in_force(on: dt.date) -> FiscalYear | None:
    """The fiscal year that counts on that day: the last one opened."""
    return FiscalYear.objects.opened_by(on).first()


def memberships_by_year(member: Organisation | Person, on: dt.date) -> list[tuple[FiscalYear, Membership | None]]:
    """Each fiscal year since the member first joined, the last first, with its membership or the gap.

    Years to come are there when it is a member of them already. Two queries.
    """
    whose = {"person" if isinstance(member, Person) else "organisation": member}
    rows = Membership.objects.filter(**whose).select_related("college", "fiscal_year")
    held = {membership.fiscal_year_id: membership for membership in rows}
    if not held:
        return []
    first = min(membership.fiscal_year.starts_on for membership in held.values())
    years = FiscalYear.objects.filter(starts_on__gte=first).by_date()
    return [(year, held.get(year.pk)) for year in years if year.pk in held or year.starts_on <= on]


def members_of_year(year: FiscalYear | None) -> MembershipQuerySet:
    """The memberships of the year, those that were left too, college by college. One query."""
    rows = Membership.objects.once_each().filter(fiscal_year=year).select_related("organisation", "person", "college")
    return rows.order_by("college__rank", "college_id", "organisation__name", "person__family_name", "pk")


def narrow_to_kind(queryset: QuerySet[Organisation], kind: str, on: dt.date) -> QuerySet[Organisation]:
    """Structures that are members of this kind on that day; « external » are those that are not."""
    held = Membership.objects.in_force(on).filter(on_sheet("organisation", OuterRef("pk")))
    if kind == "external":
        return queryset.filter(~Exists(held))
    return queryset.filter(Exists(held.filter(kind=kind)))


def tell_kinds(organisation_ids: Collection[int], on: dt.date) -> Mapping[int, str]:
    return {pk: str(kind.label) for pk, kind in kinds_of(organisation_ids, on).items()}


def members_on(on: dt.date) -> OrganisationQuerySet:
    """The structures that are members on that day."""
    sheet = Coalesce("organisation__merged_into", "organisation")
    return Organisation.objects.standing().filter(pk__in=Membership.objects.in_force(on).values(sheet=sheet))


# What is published of a figure: from three structures at least, none of which is nearly all of it.
FEWEST = 3
LARGEST_SHARE = Decimal("0.85")


@dataclass(frozen=True)
class Total:
    """A figure of the members together. `hidden` is why it is not shown to those who read no figure alone."""

    name: str
    value: Decimal
    known: int
    hidden: bool


@dataclass(frozen=True)
class Weight:
    """What the structures that are members in a fiscal year are, and weigh, together."""

    members: int
    kinds: dict[str, int]
    forms: dict[str, int]
    trades: dict[str, int]
    colleges: dict[str, int]
    totals: list[Total]


def weight_of(fiscal_year: FiscalYear, year: int, *, discreet: bool) -> Weight:
    """The members of a fiscal year with their figures of `year`. Two queries.

    `discreet` hides the totals from which one structure's figure could be read.
    """
    held = Membership.objects.once_each().to_the_end().filter(fiscal_year=fiscal_year, person=None)
    rows = list(
        held.order_by("pk").values_list(
            "kind", "organisation__legal_form", "organisation__trade__name", "college__name"
        )
    )
    figures = YearFigures.objects.filter(year=year, organisation__in=held.values("organisation")).aggregate(
        **{f"{name}_sum": Sum(name) for name in FIGURES},
        **{f"{name}_count": Count(name) for name in FIGURES},
        **{f"{name}_max": Max(name) for name in FIGURES},
    )
    return Weight(
        members=len(rows),
        kinds=_counted(MemberKind(kind).label for kind, *_rest in rows),
        forms=_counted(LegalForm(form).label for _kind, form, *_rest in rows),
        trades=_counted(trade or "" for _kind, _form, trade, _college in rows),
        colleges=_counted(college for *_rest, college in rows),
        totals=[_total(name, figures, discreet) for name in FIGURES],
    )


def _counted(words: Iterable[object]) -> dict[str, int]:
    counted = Counter(str(word) for word in words)
    return dict(sorted(counted.items(), key=lambda pair: (-pair[1], pair[0])))


def _total(name: str, figures: Mapping[str, Decimal | int | None], discreet: bool) -> Total:
    value = Decimal(figures[f"{name}_sum"] or 0)
    known = int(figures[f"{name}_count"] or 0)
    largest = Decimal(figures[f"{name}_max"] or 0)
    telling = known < FEWEST or largest > LARGEST_SHARE * value
    return Total(name=name, value=value, known=known, hidden=discreet and known > 0 and telling)


def years_with_figures() -> list[int]:
    """The years of which at least one structure's figures are known, the last first."""
    return list(YearFigures.objects.order_by("-year").values_list("year", flat=True).distinct())


def things_named(names: Collection[str]) -> dict[str, Thing]:
    """The applications named « members.application:3 », where their mail goes and their page; the certificates."""
    ids = ids_of("members.application", names)
    found = {
        f"members.application:{each.pk}": Thing(
            label=str(each), url=reverse("members:application", args=[each.public_id]), addresses=[each.email]
        )
        for each in (Application.objects.filter(pk__in=ids) if ids else ())
    }
    if ids := ids_of("members.certificate", names):
        for pk, number, code in Certificate.objects.filter(pk__in=ids).values_list("pk", "number", "code"):
            found[f"members.certificate:{pk}"] = Thing(label=number, url=reverse("members:certificate", args=[code]))
    return found
