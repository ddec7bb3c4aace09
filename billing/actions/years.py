"""How far the books are stopped, and the years that are closed."""

import datetime as dt
from collections.abc import Callable
from contextlib import AbstractContextManager

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing.actions.books import post_entries
from billing.models import BooksYear, Issuer, LockDate
from billing.queries.books import unwritten
from billing.queries.years import lock_on, obstacles
from billing.rules import require_accounts
from hubs import french
from hubs.actions import record
from hubs.actors import Actor
from hubs.refusals import Refusal, refusing


class BooksStopped(Refusal):
    """Raised by whatever is dated on or before the lock date."""


class LockInFuture(Refusal):
    message = gettext_lazy("Les comptes s’arrêtent au plus tard à la date d’hier.")
    field = "until"


class NotWritten(Refusal):
    message = gettext_lazy(
        "Des pièces de cette date ou d’avant n’ont pas encore d’écriture\u00a0: la page des journaux dit pourquoi."
    )
    field = "until"


class ReasonNeeded(Refusal):
    message = gettext_lazy("Revenir en arrière demande un motif\u00a0: écrivez-le.")
    field = "reason"


class YearClosed(Refusal):
    message = gettext_lazy("Cet exercice est clos\u00a0: rouvrez-le d’abord.")


class YearNotOver(Refusal):
    message = gettext_lazy("Cet exercice n’est pas fini\u00a0: il se clôt à partir du lendemain de son dernier jour.")


class YearStands(Refusal):
    message = gettext_lazy("Des pièces attendent encore dans cet exercice\u00a0: elles sont listées sur la page.")


class YearsOverlap(Refusal):
    message = gettext_lazy("Un autre exercice couvre déjà ces dates.")
    field = "starts_on"


class YearTooLong(Refusal):
    message = gettext_lazy("Un exercice se termine après son début, et dure deux ans au plus.")
    field = "last_day"


def within_books(
    day: dt.date, what: str, *, issuer: Issuer | None = None, field: str | None = None
) -> AbstractContextManager[None]:
    """Run the block; a row that the lock date holds becomes a BooksStopped that names the first day left.

    `what` is how the thing is called in « datez ce paiement du 1er novembre ou après ».
    """

    def stopped() -> Refusal:
        until = lock_on(day, issuer) or day
        given = {
            "until": french.day(until, weekday=False, year=True),
            "what": what,
            "next": french.day(until + dt.timedelta(days=1), weekday=False),
        }
        text = _("Les comptes sont arrêtés au %(until)s\u00a0: datez %(what)s du %(next)s ou après.")
        return BooksStopped(text % given, field=field)

    refusals: dict[str, Callable[[], Refusal]] = {"billing_lockdate_holds": stopped}
    return refusing(refusals)


@transaction.atomic
def open_year(*, issuer: Issuer, starts_on: dt.date, last_day: dt.date, by: Actor) -> BooksYear:
    """Say when a year of an issuer begins and ends, its last day in. Raises YearsOverlap, YearTooLong."""
    require_accounts(by)
    with refusing({"billing_booksyear_no_overlap": YearsOverlap, "billing_booksyear_length": YearTooLong}):
        year = BooksYear.objects.create(
            issuer=issuer,
            starts_on=starts_on,
            ends_on=max(last_day, starts_on - dt.timedelta(days=1)) + dt.timedelta(days=1),
        )
    record(by=by, verb="billing.year_opened", thing=year, after={"starts_on": starts_on, "last_day": last_day})
    return year


@transaction.atomic
def stop_books(*, issuer: Issuer, until: dt.date, by: Actor, today: dt.date, reason: str = "") -> LockDate:
    """From now on nothing is dated on or before `until`; what stands before is written first.

    Going back to an earlier day asks for a reason, and never into a closed year.
    Raises LockInFuture, ReasonNeeded, YearClosed, NotWritten.
    """
    require_accounts(by)
    if until >= today:
        raise LockInFuture
    # Whoever dates something waits here, and then meets the new date.
    issuer = Issuer.objects.select_for_update(of=("self",)).get(pk=issuer.pk)
    before = lock_on(until, issuer)
    if before is not None and until < before:
        if not reason.strip():
            raise ReasonNeeded
        if BooksYear.objects.filter(
            issuer=issuer, closed_at__isnull=False, ends_on__gt=until + dt.timedelta(days=1)
        ).exists():
            raise YearClosed
    else:
        post_entries(by=by)
        if unwritten(end=until + dt.timedelta(days=1)):
            raise NotWritten
    return _stop(issuer, until, before, by=by, reason=reason)


def _stop(issuer: Issuer, until: dt.date, before: dt.date | None, *, by: Actor, reason: str) -> LockDate:
    lock = LockDate.objects.create(issuer=issuer, until=until, by=by.name[:200], reason=reason)
    record(
        by=by,
        verb="billing.books_stopped",
        thing=issuer,
        before={"until": before} if before else None,
        after={"until": until},
        reason=reason,
    )
    return lock


@transaction.atomic
def close_year(*, year: BooksYear, by: Actor, today: dt.date, now: dt.datetime) -> BooksYear:
    """Stop the books at the last day of the year, for good unless it is reopened.

    Raises YearNotOver, YearClosed, YearStands while something inside is a draft or not written.
    """
    require_accounts(by)
    issuer = Issuer.objects.select_for_update(of=("self",)).get(pk=year.issuer_id)
    year = BooksYear.objects.select_for_update(of=("self",), no_key=True).get(pk=year.pk)
    if year.closed_at is not None:
        raise YearClosed
    if year.ends_on > today:
        raise YearNotOver
    post_entries(by=by)
    if any(obstacle.blocks for obstacle in obstacles(year)):
        raise YearStands
    year.closed_at = now
    year.save(update_fields=["closed_at"])
    before = lock_on(year.last_day, issuer)
    if before is None or before < year.last_day:
        _stop(issuer, year.last_day, before, by=by, reason=_("Clôture de l’exercice %s") % year)
    record(by=by, verb="billing.year_closed", thing=year, after={"last_day": year.last_day})
    return year


@transaction.atomic
def reopen_year(*, year: BooksYear, by: Actor, reason: str) -> BooksYear:
    """Open a closed year again, with those that follow it; the books are then stopped at the day before it.

    Raises ReasonNeeded; YearClosed when a later year is closed: that one first.
    """
    require_accounts(by)
    if not reason.strip():
        raise ReasonNeeded
    issuer = Issuer.objects.select_for_update(of=("self",)).get(pk=year.issuer_id)
    year = BooksYear.objects.select_for_update(of=("self",), no_key=True).get(pk=year.pk)
    if BooksYear.objects.filter(issuer=issuer, closed_at__isnull=False, starts_on__gt=year.starts_on).exists():
        raise YearClosed(_("Un exercice plus récent est clos\u00a0: rouvrez d’abord celui-là."))
    year.closed_at = None
    year.save(update_fields=["closed_at"])
    before = lock_on(year.last_day, issuer)
    _stop(issuer, year.starts_on - dt.timedelta(days=1), before, by=by, reason=reason)
    record(by=by, verb="billing.year_reopened", thing=year, reason=reason)
    return year
