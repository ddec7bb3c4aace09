"""Members leave: they resign, or the hub strikes them off, step by step."""

import datetime as dt
from decimal import Decimal

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from hubs.actions import record
from hubs.actors import Actor
from hubs.refusals import NotAllowed, Refusal, refusing
from members.actions.colleges import check_keeps
from members.actions.letters import write_letter
from members.actions.memberships import AlreadyLeft
from members.enums import DecidingBody, LetterKind, ResignationEffect, Standing, StrikeCause
from members.models import DepartureTerms, FiscalYear, Membership, Resignation, StrikeOff
from members.queries.departures import (
    Member,
    departure_terms,
    effect_of,
    membership_on,
    owes,
    resignation_of,
    whose,
)
from members.rules import binds, keeps_memberships
from parties.models import Organisation, Person


class NotAMember(Refusal):
    message = _("Ce jour-là, il n’y avait pas d’adhésion à quitter.")
    field = "letter_on"


class LetterFromFuture(Refusal):
    message = _("Cette date n’est pas encore venue.")
    field = "letter_on"


class LeavesAlready(AlreadyLeft):
    message = _("Un départ est déjà noté pour cette adhésion.")


class TooLateToStay(Refusal):
    message = _("La démission a pris effet\u00a0: pour revenir, il faut adhérer de nouveau.")


class ResignationOver(Refusal):
    message = _("Cette démission est déjà retirée.")


class NothingOwed(Refusal):
    message = _("Aucune cotisation appelée n’est en retard\u00a0: il n’y a pas de quoi mettre en demeure.")
    field = "cause"


class GroundsUntold(Refusal):
    message = _("Dites ce qui est reproché\u00a0: c’est écrit dans la mise en demeure.")
    field = "grounds"


class StrikeKnown(Refusal):
    message = _("Une radiation est déjà engagée pour cette adhésion.")


class StrikeOver(Refusal):
    message = _("Cette procédure est close\u00a0: on n’y change plus rien.")


class HeardOutOfTime(Refusal):
    message = _("Cette date est avant la mise en demeure, ou pas encore venue.")
    field = "heard_on"


class NotHeard(Refusal):
    message = _("Notez d’abord ce que le membre a répondu, ou qu’il n’a pas répondu.")


class DecidedBeforeDelay(Refusal):
    message = _("Le délai de la mise en demeure n’était pas écoulé ce jour-là, ou ce jour n’est pas encore venu.")
    field = "on"


class EffectBeforeDecision(Refusal):
    message = _("La radiation prend effet le lendemain de sa décision au plus tôt.")
    field = "last_day"


class DuesPaid(Refusal):
    message = _("La cotisation est payée\u00a0: la procédure s’est arrêtée d’elle-même.")


class TermsKnown(Refusal):
    message = _("Des règles sont déjà notées à partir de cette date ou d’une date plus récente.")
    field = "starts_on"


class NoticeUntold(Refusal):
    message = _("Dites le préavis en jours, de 1 à 730.")
    field = "notice_days"


@transaction.atomic
def set_departure_terms(
    *, effect: ResignationEffect, answer_days: int, starts_on: dt.date, by: Actor, notice_days: int = 0
) -> DepartureTerms:
    """What the statutes say of leaving, from that day on; what was noted before keeps its dates.

    Raises TermsKnown, NoticeUntold.
    """
    check_keeps(by)
    notice_days = notice_days if effect == ResignationEffect.NOTICE else 0
    if DepartureTerms.objects.filter(starts_on__gte=starts_on).exists():
        raise TermsKnown
    DepartureTerms.objects.live(starts_on).update(ends_on=starts_on)
    with refusing({"members_departureterms_notice": NoticeUntold, "members_departureterms_no_overlap": TermsKnown}):
        terms = DepartureTerms.objects.create(
            effect=effect, notice_days=notice_days, answer_days=answer_days, starts_on=starts_on
        )
    after = {"effect": effect, "notice_days": notice_days, "answer_days": answer_days, "starts_on": starts_on}
    record(by=by, verb="members.departure_terms_set", thing=terms, after=after)
    return terms


def _check_resigns(by: Actor, member: Member) -> None:
    if keeps_memberships(by):
        return
    organisation = member if isinstance(member, Organisation) else None
    if not binds(by, organisation, member if isinstance(member, Person) else None):
        raise NotAllowed(_("Seules les personnes qui administrent la structure mettent fin à son adhésion."))


@transaction.atomic
def resign(*, member: Member, letter_on: dt.date, by: Actor, today: dt.date, reason: str = "") -> Resignation:
    """Note that a member leaves, by a letter of that day: the hub's rule gives the day it takes effect.

    By who administers the structure, by the person, or by the staff that has the letter. What is owed stays owed. A
    letter acknowledges it. Raises LetterFromFuture, NotAMember, LeavesAlready.
    """
    _check_resigns(by, member)
    if letter_on > today:
        raise LetterFromFuture
    _lock(member)
    membership = membership_on(member, letter_on)
    if membership is None:
        raise NotAMember
    if membership.left_on is not None or resignation_of(member, letter_on) is not None:
        raise LeavesAlready
    by_member = not keeps_memberships(by)
    effect_on = effect_of(letter_on=letter_on, year=membership.fiscal_year, terms=departure_terms(letter_on))
    with refusing({"members_resignation_once": LeavesAlready}):
        resignation = Resignation.objects.create(
            membership=membership,
            letter_on=letter_on,
            received_on=today,
            effect_on=effect_on,
            reason=reason,
            by=by.name,
            by_member=by_member,
            noted_on=None if by_member else today,
        )
    _leave(member, effect_on)
    after = {"fiscal_year": membership.fiscal_year.label, "letter_on": letter_on, "left_on": effect_on}
    record(by=by, verb="members.resigned", thing=member, after=after, reason=reason)
    write_letter(kind=LetterKind.RESIGNATION, on=today, by=by, member=member, resignation=resignation)
    return resignation


@transaction.atomic
def withdraw_resignation(*, resignation: Resignation, by: Actor, today: dt.date) -> Resignation:
    """The member stays, said before the day came. Raises ResignationOver, TooLateToStay."""
    member = resignation.membership.member
    _check_resigns(by, member)
    _lock(member)
    kept = Resignation.objects.select_for_update(of=("self",), no_key=True).get(pk=resignation.pk)
    if kept.withdrawn_on is not None:
        raise ResignationOver
    if today >= kept.effect_on:
        raise TooLateToStay
    kept.withdrawn_on = today
    kept.save(update_fields=["withdrawn_on"])
    _stay(member, kept.effect_on)
    record(by=by, verb="members.resignation_withdrawn", thing=member, before={"left_on": kept.effect_on})
    return kept


@transaction.atomic
def take_note(*, resignation: Resignation, by: Actor, today: dt.date) -> Resignation:
    """The staff has read what a member wrote on the portal. Twice changes nothing."""
    check_keeps(by)
    kept = Resignation.objects.select_for_update(of=("self",), no_key=True).get(pk=resignation.pk)
    if kept.noted_on is None:
        kept.noted_on = today
        kept.save(update_fields=["noted_on"])
        record(by=by, verb="members.resignation_noted", thing=resignation.membership.member)
    return kept


@transaction.atomic
def open_strike_off(*, member: Member, cause: StrikeCause, by: Actor, today: dt.date, grounds: str = "") -> StrikeOff:
    """Put the member on formal notice: a letter says what for, and how long there is to answer.

    Raises NotAMember, LeavesAlready, NothingOwed, GroundsUntold, StrikeKnown.
    """
    check_keeps(by)
    _lock(member)
    membership = membership_on(member, today)
    if membership is None:
        raise NotAMember
    owed = owes(member, due_by=today) if cause == StrikeCause.DUES else Decimal(0)
    if cause == StrikeCause.DUES and not owed:
        raise NothingOwed
    if cause == StrikeCause.OTHER and not grounds.strip():
        raise GroundsUntold
    days = departure_terms(today).answer_days
    with refusing({"members_strikeoff_once": StrikeKnown}):
        strike = StrikeOff.objects.create(
            membership=membership,
            cause=cause,
            grounds=grounds,
            notice_on=today,
            answer_days=days,
            answer_by=today + dt.timedelta(days=days),
        )
    after = {"cause": cause, "answer_by": strike.answer_by}
    record(by=by, verb="members.strike_opened", thing=member, after=after, reason=grounds)
    write_letter(kind=LetterKind.NOTICE, on=today, by=by, member=member, strike=strike, owed=owed)
    return strike


def _open_strike(strike: StrikeOff) -> StrikeOff:
    """The procedure as it is now, until the transaction ends. Raises StrikeOver."""
    rows = StrikeOff.objects.for_display().select_for_update(of=("self",), no_key=True)
    kept = rows.get(pk=strike.pk)
    if kept.decided_on is not None or kept.stopped_on is not None:
        raise StrikeOver
    return kept


@transaction.atomic
def hear_member(*, strike: StrikeOff, heard_on: dt.date, heard: str, by: Actor, today: dt.date) -> StrikeOff:
    """Note, once, what the member said, or that nothing came. Raises StrikeOver, HeardOutOfTime."""
    check_keeps(by)
    kept = _open_strike(strike)
    if kept.heard_on is not None:
        raise StrikeOver(_("Ce que le membre a répondu est déjà noté."))
    if not kept.notice_on <= heard_on <= today:
        raise HeardOutOfTime
    kept.heard_on, kept.heard = heard_on, heard
    kept.save(update_fields=["heard_on", "heard"])
    record(by=by, verb="members.strike_heard", thing=kept.membership.member, after={"heard_on": heard_on}, reason=heard)
    return kept


@transaction.atomic
def decide_strike_off(
    *,
    strike: StrikeOff,
    on: dt.date,
    decided_by: DecidingBody,
    reference: str,
    effect_on: dt.date,
    by: Actor,
    today: dt.date,
) -> StrikeOff:
    """The body has decided: from `effect_on` on there is no member, and a letter says so. What is owed stays owed.

    Raises StrikeOver, NotHeard, DecidedBeforeDelay, DuesPaid, EffectBeforeDecision, LeavesAlready.
    """
    check_keeps(by)
    member = strike.membership.member
    _lock(member)
    kept = _open_strike(strike)
    if not kept.answer_by < on <= today:
        raise DecidedBeforeDelay
    if kept.heard_on is None or kept.heard_on > on:
        raise NotHeard
    owed = owes(member)
    if kept.cause == StrikeCause.DUES and not owed:
        raise DuesPaid
    if effect_on <= on:
        raise EffectBeforeDecision
    if membership_on(member, on) is None:
        raise LeavesAlready
    kept.decided_on, kept.decided_by, kept.reference, kept.effect_on = on, decided_by, reference, effect_on
    kept.save(update_fields=["decided_on", "decided_by", "reference", "effect_on"])
    _leave(member, effect_on)
    after = {"decided_on": on, "decided_by": decided_by, "reference": reference, "left_on": effect_on}
    record(by=by, verb="members.struck_off", thing=member, after=after)
    write_letter(
        kind=LetterKind.STRIKE_OFF,
        on=today,
        by=by,
        member=member,
        strike=kept,
        owed=owed,
        body=DecidingBody(decided_by).label,
    )
    return kept


@transaction.atomic
def stop_strike_off(*, strike: StrikeOff, reason: str, by: Actor, today: dt.date) -> StrikeOff:
    """The member stays. Raises StrikeOver."""
    check_keeps(by)
    kept = _open_strike(strike)
    kept.stopped_on, kept.stop_reason = today, reason
    kept.save(update_fields=["stopped_on", "stop_reason"])
    record(by=by, verb="members.strike_stopped", thing=kept.membership.member, reason=reason)
    return kept


def _lock(member: Member) -> None:
    """The member's memberships stay as they are until the transaction ends."""
    list(Membership.objects.filter(**whose(member)).select_for_update(of=("self",)).order_by("pk"))


def _leave(member: Member, on: dt.date) -> None:
    """From `on` there is no membership in force; of the years that begin later, none ever was.

    Who was to leave later leaves then.
    """
    year = FiscalYear.objects.opened_by(on).first()
    for held in Membership.objects.live(on).filter(**whose(member)).select_related("fiscal_year").order_by("pk"):
        if held.fiscal_year.starts_on >= on:
            held.left_on = held.fiscal_year.starts_on
        elif year is not None and held.fiscal_year_id == year.pk:
            held.left_on = on
        else:
            continue
        held.standing = Standing.LEFT
        held.save(update_fields=["standing", "left_on"])


def _stay(member: Member, on: dt.date) -> None:
    """What `_leave` ended on that day goes on."""
    ended = Q(left_on=on) | Q(fiscal_year__starts_on__gte=on, left_on__gte=on)
    left = Membership.objects.filter(ended, **whose(member), standing=Standing.LEFT)
    for held in left.select_related("fiscal_year").order_by("pk"):
        if held.left_on in (on, held.fiscal_year.starts_on):
            held.standing, held.left_on = Standing.MEMBER, None
            held.save(update_fields=["standing", "left_on"])
