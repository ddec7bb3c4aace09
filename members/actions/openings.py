"""Dues called and paid before the hub kept its accounts here, inside the transaction of an import."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from billing.actions.openings_writes import Opened, issuer_of_openings, open_invoices
from billing.enums import InvoiceKind
from billing.models import Invoice
from hubs import french, languages
from hubs.actions import name_of
from hubs.actors import Actor
from hubs.models import AuditEntry
from hubs.refusals import refusing
from members.actions.memberships import AlreadyMember, PersonAlreadyMember
from members.enums import MemberKind
from members.models import College, DuesCall, FiscalYear, Membership
from members.queries.dues import Row, rows_of
from parties.imports.writes import record_all
from parties.models import Organisation, Person

# How dues brought in are numbered, before the id of their membership.
NUMBER = "REP-COT-"


@dataclass(frozen=True)
class OpenedDues:
    """What a member was asked for a year, and had paid of it on `paid_on`; without a membership, one is made."""

    holder: Organisation | Person
    year: FiscalYear
    membership: Membership | None
    college: College
    kind: MemberKind
    called: Decimal
    paid: Decimal
    paid_on: dt.date | None


def called_on(year: FiscalYear, paid_on: dt.date | None, today: dt.date) -> dt.date:
    """The first day of the year, or that of the payment when it came before."""
    return min(year.starts_on, paid_on or year.starts_on, today)


def open_dues(*, given: Sequence[OpenedDues], by: Actor, today: dt.date) -> None:
    """Leave each membership with its dues called elsewhere: no call of that year takes it again.

    What was left to pay stays due. The books count them against the opening entries, and never as a sale.
    Raises NobodyHolds, AlreadyMember.
    """
    if not given:
        return
    memberships = _memberships(given, by)
    pairs = list(zip(memberships, given, strict=True))
    with languages.of_hub():
        invoices = _invoices([pair for pair in pairs if pair[1].called], by, today)
        periods = _periods(pairs, today)
        calls = DuesCall.objects.bulk_create(
            DuesCall(
                membership=membership,
                invoice=invoices.get(membership.pk),
                amount=each.called,
                why=_why(each),
                starts_on=periods[membership.pk].starts_on or each.year.starts_on,
                ends_on=periods[membership.pk].ends_on or each.year.ends_on,
                called_on=called_on(each.year, each.paid_on, today),
            )
            for membership, each in pairs
        )
        record_all(
            (
                AuditEntry(
                    verb="members.dues_opened",
                    thing=name_of(each.holder),
                    label=str(each.holder)[:240],
                    after={"fiscal_year": each.year.label, "amount": str(call.amount)},
                    reason=call.why,
                )
                for call, (_membership, each) in zip(calls, pairs, strict=True)
            ),
            by=by,
        )


def _memberships(given: Sequence[OpenedDues], by: Actor) -> list[Membership]:
    """Those of the lines, in their order, made where there was none."""
    found = [each.membership or _new(each) for each in given]
    made = [
        (membership, each) for membership, each in zip(found, given, strict=True) if membership is not each.membership
    ]
    refusals: dict[str, type[AlreadyMember]] = {
        "members_membership_once_a_year": AlreadyMember,
        "members_membership_person_once_a_year": PersonAlreadyMember,
    }
    with refusing(refusals):
        Membership.objects.bulk_create([membership for membership, _each in made])
    record_all(
        (
            AuditEntry(
                verb="members.admitted",
                thing=name_of(each.holder),
                label=str(each.holder)[:240],
                after={"fiscal_year": each.year.label, "college": each.college.name, "kind": str(each.kind)},
            )
            for _membership, each in made
        ),
        by=by,
    )
    return found


def _new(each: OpenedDues) -> Membership:
    whose = {"person" if isinstance(each.holder, Person) else "organisation": each.holder}
    return Membership(college=each.college, fiscal_year=each.year, kind=each.kind, **whose)


def _invoices(pairs: Sequence[tuple[Membership, OpenedDues]], by: Actor, today: dt.date) -> Mapping[int, Invoice]:
    """The invoice of each, by the id of its membership."""
    if not pairs:
        return {}
    days = dt.timedelta(days=issuer_of_openings(today).payment_days)
    opened = [
        Opened(
            holder=each.holder,
            number=f"{NUMBER}{membership.pk}",
            on=called_on(each.year, each.paid_on, today),
            due_on=called_on(each.year, each.paid_on, today) + days,
            amount=each.called,
            paid=each.paid,
            kind=InvoiceKind.DUES,
            paid_on=each.paid_on,
            description=_("Cotisation %s, appelée avant le portail") % each.year,
        )
        for membership, each in pairs
    ]
    invoices = open_invoices(opened=opened, by=by, today=today)
    return {membership.pk: invoice for (membership, _each), invoice in zip(pairs, invoices, strict=True)}


def _periods(pairs: Sequence[tuple[Membership, OpenedDues]], today: dt.date) -> Mapping[int, Row]:
    """What a call of today would say each of them pays for, by the id of the membership."""
    rows: dict[int, Row] = {}
    for year in {each.year for _membership, each in pairs}:
        held = [membership.pk for membership, each in pairs if each.year == year]
        found = rows_of(Membership.objects.filter(pk__in=held), year, today)
        rows |= {row.membership.pk: row for row in found}
    return rows


def _why(each: OpenedDues) -> str:
    if not each.called:
        return _("Reprise d’avant le portail\u00a0: rien n’était à payer")
    given = {"called": french.euros(each.called), "paid": french.euros(each.paid)}
    if each.paid_on is None:
        return _("Reprise d’avant le portail\u00a0: %(called)s appelés, rien de payé") % given
    given["day"] = french.day(each.paid_on, year=True, weekday=False)
    return _("Reprise d’avant le portail\u00a0: %(called)s appelés, %(paid)s payés le %(day)s") % given
