"""Fiscal years and memberships: opened, carried, imported, ended."""

import datetime as dt
from collections.abc import Mapping

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from hubs import languages
from hubs.actions import add_item, name_of, record, start_run
from hubs.actors import Actor
from hubs.models import AuditEntry, Run
from hubs.refusals import Refusal, refusing
from members.actions.colleges import check_keeps, colleges_on
from members.actions.dues import JoinedOutOfYear
from members.enums import STANDING_AFTER, MemberKind, Standing
from members.imports import REFUSED, Known, Plan, plan_import, writings_of
from members.models import College, DuesTerms, FiscalYear, Membership
from parties.imports.writes import Writing, finish_draft, record_all, write_structures
from parties.models import ImportDraft, Organisation, Person


class AlreadyMember(Refusal):
    message = _("Cette structure a déjà une adhésion pour cet exercice.")
    field = "fiscal_year"


class PersonAlreadyMember(AlreadyMember):
    message = _("Cette personne a déjà une adhésion pour cet exercice.")


class CollegeTakesOthers(Refusal):
    message = _("Ce collège n’accueille pas ce genre de membre.")
    field = "college"


class YearsOverlap(Refusal):
    message = _("Un autre exercice couvre déjà une partie de ces dates.")
    field = "starts_on"


class YearEndsTooSoon(Refusal):
    message = _("L’exercice finit après avoir commencé.")
    field = "ends_on"


class AlreadyLeft(Refusal):
    message = _("Cette structure est déjà partie.")


class LeavesBeforeYear(Refusal):
    message = _("Cette adhésion n’a pas encore commencé à cette date.")
    field = "last_day"


class NoYearBefore(Refusal):
    message = _("Aucun exercice ne précède celui-ci\u00a0: il n’y a rien à reconduire.")


class LinesRefused(Refusal):
    message = _("Des lignes sont à corriger. Corrigez-les, ou importez les autres d’abord.")


class NothingToImport(Refusal):
    message = _("Aucune ligne de ce fichier ne peut être importée.")


@transaction.atomic
def open_fiscal_year(
    *, label: str, starts_on: dt.date, ends_on: dt.date, by: Actor, renewing: bool = False
) -> FiscalYear:
    """A fiscal year, `ends_on` left out. From its first day on, its memberships are those that count:
    `renewing` carries those of the year before.

    Raises YearsOverlap, YearEndsTooSoon, NoYearBefore.
    """
    check_keeps(by)
    refusals = {"members_fiscalyear_no_overlap": YearsOverlap, "members_fiscalyear_period": YearEndsTooSoon}
    if ends_on <= starts_on:
        raise YearEndsTooSoon
    with refusing(refusals):
        year = FiscalYear.objects.create(label=label, starts_on=starts_on, ends_on=ends_on)
    record(by=by, verb="members.year_opened", thing=year, after={"starts_on": starts_on, "ends_on": ends_on})
    if renewing:
        renew(fiscal_year=year, by=by)
    return year


@transaction.atomic
def admit(
    *,
    college: College,
    fiscal_year: FiscalYear,
    kind: MemberKind,
    by: Actor,
    organisation: Organisation | None = None,
    person: Person | None = None,
    joined_on: dt.date | None = None,
) -> Membership:
    """Make the structure, or the natural person, a member for the year; `joined_on` is its arrival, if during it.

    Raises AlreadyMember, CollegeTakesOthers, JoinedOutOfYear.
    """
    check_keeps(by)
    if joined_on is not None and not fiscal_year.starts_on <= joined_on < fiscal_year.ends_on:
        raise JoinedOutOfYear
    if not (college.takes_people if person else college.takes_structures):
        raise CollegeTakesOthers
    refusals = {
        "members_membership_once_a_year": AlreadyMember,
        "members_membership_person_once_a_year": PersonAlreadyMember,
    }
    with refusing(refusals):
        membership = Membership.objects.create(
            organisation=organisation, person=person, college=college, fiscal_year=fiscal_year, kind=kind
        )
    if joined_on is not None:
        DuesTerms.objects.create(membership=membership, joined_on=joined_on)
    record(
        by=by,
        verb="members.admitted",
        thing=membership.member,
        after={"fiscal_year": fiscal_year.label, "college": college.name, "kind": kind}
        | ({"joined_on": joined_on} if joined_on else {}),
    )
    return membership


@transaction.atomic
def change_kind(*, membership: Membership, kind: MemberKind, by: Actor) -> Membership:
    """The structure moves in, or out: prices follow for what is booked from now on. Raises AlreadyLeft."""
    check_keeps(by)
    kept = _locked(membership)
    if kept.standing == Standing.LEFT:
        raise AlreadyLeft
    if kept.kind == kind:
        return kept
    before, kept.kind = kept.kind, kind
    kept.save(update_fields=["kind"])
    year = kept.fiscal_year.label
    record(
        by=by,
        verb="members.kind_changed",
        thing=kept.member,
        before={"fiscal_year": year, "kind": before},
        after={"fiscal_year": year, "kind": kind},
    )
    return kept


def _locked(membership: Membership) -> Membership:
    """The membership as it is now, until the transaction ends."""
    rows = Membership.objects.select_related("organisation", "person", "fiscal_year").select_for_update(of=("self",))
    return rows.get(pk=membership.pk)


@transaction.atomic
def end_membership(*, membership: Membership, on: dt.date, by: Actor, reason: str = "") -> Membership:
    """The structure leaves: from `on` it is no longer a member; on the year's first day, it never was that year.

    Raises AlreadyLeft, LeavesBeforeYear.
    """
    check_keeps(by)
    kept = _locked(membership)
    if Standing.LEFT not in STANDING_AFTER[kept.standing]:
        raise AlreadyLeft
    if on < kept.fiscal_year.starts_on:
        raise LeavesBeforeYear
    kept.standing, kept.left_on = Standing.LEFT, on
    kept.save(update_fields=["standing", "left_on"])
    after = {"fiscal_year": kept.fiscal_year.label, "left_on": on}
    record(by=by, verb="members.left", thing=kept.member, after=after, reason=reason)
    return kept


@transaction.atomic
def renew(*, fiscal_year: FiscalYear, by: Actor) -> int:
    """Carry the members of the year before into `fiscal_year`; how many were. Twice changes nothing.

    Raises NoYearBefore.
    """
    check_keeps(by)
    before = FiscalYear.objects.filter(starts_on__lt=fiscal_year.starts_on).by_date().first()
    if before is None:
        raise NoYearBefore
    there = set(Membership.objects.filter(fiscal_year=fiscal_year).values_list("organisation_id", "person_id"))
    became = colleges_on(fiscal_year.starts_on)
    carried = Membership.objects.bulk_create(
        Membership(
            organisation_id=old.organisation_id,
            person_id=old.person_id,
            college_id=became[old.college_id],
            fiscal_year=fiscal_year,
            kind=old.kind,
        )
        for old in Membership.objects.live(fiscal_year.starts_on).filter(fiscal_year=before).order_by("pk")
        if (old.organisation_id, old.person_id) not in there
    )
    if carried:
        record(by=by, verb="members.renewed", thing=fiscal_year, after={"memberships": len(carried)})
    return len(carried)


@transaction.atomic
def import_file(*, content: bytes, name: str, fiscal_year: FiscalYear, by: Actor, only_good: bool = False) -> Plan:
    """Write what the file says, all of it or nothing; `only_good` leaves the refused lines out.

    Raises a FileRefused, LinesRefused, NothingToImport, SiretTaken.
    """
    check_keeps(by)
    plan = plan_import(content, fiscal_year)
    if plan.good == 0:
        raise NothingToImport
    if plan.counts[REFUSED] and not only_good:
        raise LinesRefused
    writings = writings_of(plan)
    write_structures(
        writings=list(writings.values()),
        trades=[trade for trade in plan.trades.values() if trade.pk is None],
        about=name,
        by=by,
    )
    _write_memberships(writings, fiscal_year, name, by)
    return plan


def _write_memberships(writings: Mapping[Known, Writing], year: FiscalYear, about: str, by: Actor) -> None:
    new, changed, log = [], [], []
    for known, writing in writings.items():
        if known.member is None:
            continue
        kind, college = known.member
        held, before = known.membership, None
        if held is None:
            new.append(Membership(organisation=writing.organisation, college=college, fiscal_year=year, kind=kind))
        elif (held.kind, held.college_id) != (kind, college.pk):
            before = {"kind": held.kind, "college": held.college.name}
            held.kind, held.college = kind, college
            changed.append(held)
        else:
            continue
        log.append(
            AuditEntry(
                verb="members.kind_changed" if before else "members.admitted",
                thing=name_of(writing.organisation),
                label=writing.organisation.name,
                before=before,
                after={"fiscal_year": year.label, "college": college.name, "kind": kind},
                reason=about,
            )
        )
    with refusing({"members_membership_once_a_year": AlreadyMember}):
        Membership.objects.bulk_create(new, batch_size=1_000)
    Membership.objects.bulk_update(changed, ["kind", "college"], batch_size=1_000)
    record_all(log, by=by)


@transaction.atomic
def import_draft(*, draft: ImportDraft, by: Actor, now: dt.datetime, only_good: bool = False) -> ImportDraft:
    """Import a dropped file, read again from its bytes; a second click changes nothing.

    Raises what `import_file` raises.
    """
    check_keeps(by)
    kept = ImportDraft.objects.select_for_update(of=("self",)).get(pk=draft.pk)
    if kept.imported_at is not None:
        return kept
    year = FiscalYear.objects.get(pk=kept.options["fiscal_year"])
    plan = import_file(content=bytes(kept.content), name=kept.name, fiscal_year=year, by=by, only_good=only_good)
    finish_draft(draft=kept, result=plan.counts, by=by, now=now)
    return kept


# From so many lines on, the import is a run: a browser does not wait for it.
LATER_FROM = 1_000


@transaction.atomic
def import_later(*, draft: ImportDraft, by: Actor, only_good: bool = False) -> Run:
    """Hand a long file to a worker, which imports all of it or nothing; a second click finds the same run."""
    check_keeps(by)
    kept = ImportDraft.objects.select_for_update(of=("self",)).get(pk=draft.pk)
    if known := Run.objects.filter(about=name_of(kept), cancelled_at=None).first():
        return known
    with languages.of_hub():
        title = _("Import de %s") % kept.name
    run = start_run(title=title, by=by, about=kept)
    add_item(run=run, job="members.import_draft", label=kept.name, draft_id=kept.pk, only_good=only_good)
    return run
