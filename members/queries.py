import datetime as dt
from collections.abc import Iterable

from members.enums import MemberKind
from members.models import FiscalYear, Membership
from parties.models import Organisation


def kind_of(organisation: Organisation | int, on: dt.date) -> MemberKind | None:
    """How the structure is a member on that day; None for an external one. One query."""
    kind = Membership.objects.in_force(on).filter(organisation=organisation).values_list("kind", flat=True).first()
    return MemberKind(kind) if kind else None


def kinds_of(organisation_ids: Iterable[int], on: dt.date) -> dict[int, MemberKind]:
    """How each of these structures is a member on that day; the external ones are left out. One query."""
    memberships = Membership.objects.in_force(on).filter(organisation__in=list(organisation_ids))
    return {pk: MemberKind(kind) for pk, kind in memberships.values_list("organisation_id", "kind")}


def year_in_force(on: dt.date) -> FiscalYear | None:
    """The fiscal year that counts on that day: the last one opened."""
    return FiscalYear.objects.opened_by(on).first()
