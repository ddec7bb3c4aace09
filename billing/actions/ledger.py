"""The chart of accounts and what is written where, from a day on."""

import datetime as dt

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from billing.books.chart import ACCOUNTS, RULES
from billing.enums import LedgerUse
from billing.models import BooksYear, Issuer, LedgerAccount, LedgerRule
from billing.models.books import ACCOUNT_NUMBER
from billing.rules import require_accounts
from hubs.actions import record
from hubs.actors import Actor
from hubs.refusals import Refusal, refusing


class LedgerRuleInPast(Refusal):
    message = _("Une règle commence ce jour-là ou plus tard. Choisissez un jour après elle.")
    field = "starts_on"


class WrongNumber(Refusal):
    message = _("Un numéro de compte a 3 à 12 chiffres et suit le plan comptable (706000).")
    field = "number"


class AccountUnnamed(Refusal):
    message = _("Ce compte n’est pas au plan comptable\u00a0: donnez-lui un libellé.")
    field = "label"


def furnish_books(*, starts_on: dt.date, today: dt.date) -> None:
    """The chart and the rules that a hub begins with, what it has already left as it is; and the calendar year."""
    have = {account.number: account for account in LedgerAccount.objects.all()}
    new = [LedgerAccount(number=number, label=label) for number, label in ACCOUNTS.items() if number not in have]
    have |= {account.number: account for account in LedgerAccount.objects.bulk_create(new)}
    known = set(LedgerRule.objects.values_list("use", "key"))
    LedgerRule.objects.bulk_create(
        LedgerRule(use=use, key=key, ledger_account=have[number], analytic=analytic, starts_on=starts_on)
        for (use, key), (number, analytic) in RULES.items()
        if (use, key) not in known
    )
    for issuer in Issuer.objects.live(today).exclude(years__isnull=False):
        first = dt.date(today.year, 1, 1)
        BooksYear.objects.create(issuer=issuer, starts_on=first, ends_on=dt.date(today.year + 1, 1, 1))


@transaction.atomic
def adopt_chart(*, by: Actor, today: dt.date) -> None:
    """Give a hub that has none the chart of associations and the calendar year; twice changes nothing."""
    require_accounts(by)
    issuer = Issuer.objects.order_by("starts_on", "pk").first()
    furnish_books(starts_on=min(issuer.starts_on, today) if issuer else today, today=today)
    if account := LedgerAccount.objects.order_by("number").first():
        record(by=by, verb="billing.chart_adopted", thing=account)


@transaction.atomic
def set_ledger_rule(
    *, use: LedgerUse, key: str, number: str, label: str, analytic: str, starts_on: dt.date, by: Actor
) -> LedgerRule:
    """From `starts_on`, this is written on that account; the rule before it ends there. Entries stay as written.

    A number that is not in the chart joins it under `label`; a label given to one that is renames it.
    Raises WrongNumber, AccountUnnamed, LedgerRuleInPast.
    """
    require_accounts(by)
    account = _account(number, label)
    before = (
        LedgerRule.objects.live(starts_on).filter(use=use, key=key).select_for_update(of=("self",), no_key=True).first()
    )
    if before is not None and before.starts_on == starts_on:
        raise LedgerRuleInPast
    with refusing({"billing_ledgerrule_no_overlap": LedgerRuleInPast}):
        if before is not None:
            before.ends_on = starts_on
            before.save(update_fields=["ends_on"])
        rule = LedgerRule.objects.create(
            use=use, key=key, ledger_account=account, analytic=analytic, starts_on=starts_on
        )
    record(
        by=by,
        verb="billing.ledger_rule_set",
        thing=rule,
        before={"number": before.ledger_account.number, "analytic": before.analytic} if before else None,
        after={"number": number, "analytic": analytic, "starts_on": starts_on},
    )
    return rule


def _account(number: str, label: str) -> LedgerAccount:
    try:
        ACCOUNT_NUMBER(number)
    except ValidationError as error:
        raise WrongNumber from error
    account = LedgerAccount.objects.filter(number=number).first()
    if account is None:
        if not label:
            raise AccountUnnamed
        return LedgerAccount.objects.create(number=number, label=label)
    if label and label != account.label:
        account.label = label
        account.save(update_fields=["label"])
    return account
