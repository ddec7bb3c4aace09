"""What comes back on an account: begun, its price changed, ended; and gathered into charges month by month.

What is charged already follows at once: before the invoice by a reversal and a new charge, afterwards by one line
of regularisation on the next month.
"""

import datetime as dt
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from billing.actions.charges import UnknownVatRule, undo
from billing.enums import RecurringKind, Rhythm
from billing.models import Account, Charge, RecurringCharge, RecurringPrice, RecurringSkip, VatRule
from billing.money import ZERO
from billing.periods import add_months, month_of
from billing.queries.recurring import (
    LONGEST,
    LOOKBACK,
    Gathering,
    Trouble,
    corrections_of,
    foreseen_of,
    gathering_of,
    running,
    with_terms,
)
from billing.rules import require_accounts
from hubs.actions import record
from hubs.actors import Actor
from hubs.refusals import Refusal, refusing
from hubs.scope import current_hub


class StartsTooEarly(Refusal):
    message = _("Commencez dans l’année qui précède\u00a0: ce qui est plus ancien s’ajoute en une somme, à la main.")
    field = "starts_on"


class EndsBeforeStart(Refusal):
    message = _("La fin vient après le premier jour.")
    field = "last_day"


class OutOfLife(Refusal):
    message = _("Choisissez un jour où cette somme court.")
    field = "starts_on"


class PriceNegative(Refusal):
    message = _("Un prix n’est pas négatif\u00a0: une remise s’ajoute à la main, avec une quantité négative.")
    field = "amount_excl"


class AlreadyRunning(Refusal):
    message = _("Une somme de cette nature court déjà ces jours-là pour la même chose. Mettez-y fin d’abord.")
    field = "starts_on"


class AlreadyNoted(Refusal):
    message = _(
        "Cette somme est déjà notée sur ce compte, avec ce libellé et ce premier jour. "
        "S’il y en a deux, donnez-leur deux références."
    )
    field = "reference"


class AlreadySkipped(Refusal):
    message = _("Cette période n’est déjà pas facturée.")


_REFUSALS = {
    "billing_recurringcharge_source_once": AlreadyRunning,
    "billing_recurringcharge_once": AlreadyNoted,
    "billing_recurringcharge_dates": EndsBeforeStart,
    "billing_recurringprice_not_negative": PriceNegative,
}


def _check(by: Actor, source: str) -> None:
    """What another app owns, it changes under its own rule; the rest is for those who keep the accounts."""
    if not source:
        require_accounts(by)


@transaction.atomic
def begin_recurring(
    *,
    account: Account,
    kind: RecurringKind | str,
    label: str,
    starts_on: dt.date,
    amount_excl: Decimal,
    vat_code: str,
    by: Actor,
    today: dt.date,
    rhythm: Rhythm | int = Rhythm.MONTH,
    in_advance: bool = True,
    anchor: dt.date | None = None,
    ends_on: dt.date | None = None,
    source: str = "",
    reference: str = "",
) -> RecurringCharge:
    """A sum that falls due again and again from `starts_on`, at `amount_excl` euros without tax for a whole period.

    Periods are counted from `anchor`, by default the first of the month: with another start, the first is counted
    by days. It is charged when its months are gathered, those past included. `source` names what owns it
    (`spaces.lease:12`), which holds one of each kind at a time.
    Raises StartsTooEarly, EndsBeforeStart, PriceNegative, UnknownVatRule, AlreadyRunning,
    AlreadyNoted.
    """
    _check(by, source)
    if starts_on < add_months(month_of(today), -LOOKBACK):
        raise StartsTooEarly
    if ends_on is not None and ends_on <= starts_on:
        raise EndsBeforeStart
    if not VatRule.objects.live(starts_on).filter(code=vat_code).exists():
        raise UnknownVatRule
    with refusing(_REFUSALS):
        recurring = RecurringCharge.objects.create(
            account=account,
            kind=kind,
            label=label,
            reference=reference,
            anchor=anchor or month_of(starts_on),
            rhythm=rhythm,
            in_advance=in_advance,
            starts_on=starts_on,
            ends_on=ends_on,
            vat_code=vat_code,
            source=source,
        )
        RecurringPrice.objects.create(recurring=recurring, starts_on=starts_on, amount_excl=amount_excl)
    after = {"account": str(account), "starts_on": starts_on, "ends_on": ends_on, "amount_excl": amount_excl}
    record(by=by, verb="billing.recurring_begun", thing=recurring, after=after, concerns=account)
    return recurring


@transaction.atomic
def change_price(*, recurring: RecurringCharge, starts_on: dt.date, amount_excl: Decimal, by: Actor) -> RecurringPrice:
    """From that day a whole period costs `amount_excl`, until the next price that is noted, if there is one.

    Raises OutOfLife, PriceNegative.
    """
    _check(by, recurring.source)
    recurring = _lock(recurring)
    if starts_on < recurring.starts_on or (recurring.ends_on is not None and starts_on >= recurring.ends_on):
        raise OutOfLife
    prices = RecurringPrice.objects.held().filter(recurring=recurring)
    before = prices.live(starts_on).first()
    following = prices.filter(starts_on__gt=starts_on).order_by("starts_on", "pk").first()
    if before is not None:
        before.ends_on = starts_on
        before.save(update_fields=["ends_on"])
    with refusing(_REFUSALS):
        price = RecurringPrice.objects.create(
            recurring=recurring,
            starts_on=starts_on,
            ends_on=following.starts_on if following else None,
            amount_excl=amount_excl,
        )
    _follow(recurring)
    record(
        by=by,
        verb="billing.recurring_priced",
        thing=recurring,
        before={"amount_excl": before.amount_excl} if before else None,
        after={"amount_excl": amount_excl, "starts_on": starts_on},
        concerns=recurring.account,
    )
    return price


@transaction.atomic
def end_recurring(*, recurring: RecurringCharge, ends_on: dt.date | None, by: Actor) -> RecurringCharge:
    """The first day that is no longer charged; None lets it go on. On its first day, it never was.

    Raises EndsBeforeStart, AlreadyRunning.
    """
    _check(by, recurring.source)
    recurring = _lock(recurring)
    before = {"ends_on": recurring.ends_on}
    with refusing(_REFUSALS):
        recurring.ends_on = ends_on
        recurring.save(update_fields=["ends_on"])
    _follow(recurring)
    record(
        by=by,
        verb="billing.recurring_ended",
        thing=recurring,
        before=before,
        after={"ends_on": ends_on},
        concerns=recurring.account,
    )
    return recurring


@transaction.atomic
def skip_period(*, recurring: RecurringCharge, on: dt.date, reason: str, by: Actor) -> RecurringSkip:
    """Do not charge the period that holds this day; what is charged of it is cancelled. Raises AlreadySkipped."""
    _check(by, recurring.source)
    recurring = _lock(recurring)
    period = recurring.period(recurring.index_of(on))
    with refusing({"billing_recurringskip_once": AlreadySkipped}):
        skip = RecurringSkip.objects.create(
            recurring=recurring, period_starts_on=period.starts_on, reason=reason, skipped_by=by.name
        )
    _follow(recurring)
    after = {"starts_on": period.starts_on}
    record(
        by=by, verb="billing.period_skipped", thing=recurring, after=after, reason=reason, concerns=recurring.account
    )
    return skip


@transaction.atomic
def charge_skipped(*, skip: RecurringSkip, by: Actor) -> None:
    """Charge after all a period that was left out: with the next gathering. Twice changes nothing."""
    recurring = _lock(skip.recurring)
    _check(by, recurring.source)
    if not RecurringSkip.objects.live().filter(pk=skip.pk).update(undone_at=timezone.now()):
        return
    _follow(recurring)
    before = {"starts_on": skip.period_starts_on}
    record(by=by, verb="billing.period_unskipped", thing=recurring, before=before, concerns=recurring.account)


@transaction.atomic
def gather_charges(*, month: dt.date, by: Actor) -> Gathering:
    """Charge what falls due up to this month, and mend what no longer holds; twice changes nothing.

    The number of queries does not grow with the accounts. What is returned is written, but for its `troubles`.
    """
    require_accounts(by)
    month = month_of(month)
    # Whoever gathers, changes a price or an end holds the same rows: each sees what the one before wrote.
    since = add_months(month, -LOOKBACK - LONGEST)
    rows = running(since, month).select_for_update(of=("self",), no_key=True).order_by("pk")
    if not list(rows.values_list("pk")):
        return Gathering()
    found = gathering_of(month)
    _write(found)
    if not found.is_empty:
        total = sum((charge.amount_excl for charge in found.new), ZERO)
        after = {"month": month, "charges": len(found.new), "reversed": len(found.undone), "amount_excl": total}
        record(by=by, verb="billing.gathered", thing=current_hub(), after=after)
    return found


@dataclass(frozen=True)
class Rehearsal:
    """What an act would do, which was not done: charges taken back, and charges made, now or when they fall due."""

    undone: list[Charge]
    new: list[Charge]
    troubles: list[Trouble]

    def seal(self, *said: object) -> str:
        """Changes with what was `said` and with what it would do: what was read is what is done."""
        seen = [(charge.kind, str(charge.amount_excl), str(charge.period)) for charge in [*self.undone, *self.new]]
        return hashlib.sha256(repr((said, seen)).encode()).hexdigest()[:32]


def rehearse(*, act: Callable[[], RecurringCharge], about: dt.date) -> Rehearsal:
    """Do it, see what it changes and what the period of that day and the next will be, and take it all back.

    Raises what `act` raises.
    """
    with transaction.atomic():
        last = Charge.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        recurring = act()
        made = Charge.objects.filter(source=recurring.charge_source, pk__gt=last).order_by("pk")
        undone = list(Charge.objects.filter(reversals__in=made.filter(reverses__isnull=False)).order_by("pk"))
        foreseen = foreseen_of(with_terms(RecurringCharge.objects.filter(pk=recurring.pk)).get(), about)
        new = [*made.filter(reverses=None), *foreseen.new]
        transaction.set_rollback(True)
    return Rehearsal(undone=undone, new=new, troubles=foreseen.troubles)


def _write(found: Gathering) -> None:
    """What is undone first: what replaces it may have its name."""
    if found.undone:
        undo(found.undone)
    if found.new:
        Charge.objects.bulk_create(found.new)


def _lock(recurring: RecurringCharge) -> RecurringCharge:
    """Held by whoever changes it or gathers it."""
    rows = RecurringCharge.objects.select_for_update(of=("self",), no_key=True)
    return rows.select_related("account__organisation", "account__person").get(pk=recurring.pk)


def _follow(recurring: RecurringCharge) -> None:
    """Make what is charged already what it should be by now, however old."""
    # The close locks the same rows before it seals its drafts.
    live = Charge.objects.live().filter(source=recurring.charge_source)
    list(live.select_for_update(of=("self",), no_key=True).order_by("pk").values_list("pk"))
    rows = with_terms(RecurringCharge.objects.filter(pk=recurring.pk))
    _write(corrections_of(rows.select_related("account__organisation", "account__person").get()))
