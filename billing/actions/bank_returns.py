"""Files in which the bank says what it could not collect: kept, shown, then applied once."""

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext_lazy

from billing.actions.debits import fail_debit, lock_accounts
from billing.bank_returns import read
from billing.models import BankReturn
from billing.queries.bank_returns import fates_of
from billing.rules import require_accounts
from documents.actions import store_file
from hubs.actions import record
from hubs.actors import Actor
from hubs.refusals import Refusal


class NothingToApply(Refusal):
    message = gettext_lazy("Rien à prendre en compte\u00a0: tout ce que dit ce fichier est déjà noté.")


@transaction.atomic
def drop_bank_return(*, name: str, content: bytes, by: Actor) -> BankReturn:
    """Keep a file of the bank, once it is known to tell of debits; the same file is kept once.

    Raises FileTooBig, NotABankFile, NothingReturned.
    """
    require_accounts(by)
    read(content)
    file = store_file(name=name, content_type="application/xml", content=content)
    dropped, is_new = BankReturn.objects.get_or_create(file=file, defaults={"name": name[:200], "dropped_by": by.name})
    if is_new:
        record(by=by, verb="billing.bank_return_dropped", thing=dropped)
    return dropped


@transaction.atomic
def apply_bank_return(*, bank_return: BankReturn, by: Actor, today: dt.date) -> int:
    """Do what the file says of each debit; says of how many. A second time finds nothing. Raises NothingToApply."""
    require_accounts(by)
    bank_return = BankReturn.objects.select_for_update(of=("self",), no_key=True).get(pk=bank_return.pk)
    told = [fate.debit for fate in fates_of(bank_return) if fate.applies and fate.debit is not None]
    lock_accounts(debit.invoice.account_id for debit in told)
    # Read again once the accounts are held: another file, or a hand, may have noted some meanwhile.
    applied = 0
    for fate in fates_of(bank_return):
        if fate.applies and fate.debit is not None:
            fail_debit(debit=fate.debit, code=fate.code, by=by, today=today)
            applied += 1
    if not applied:
        raise NothingToApply
    bank_return.applied_on = today
    bank_return.save(update_fields=["applied_on"])
    record(by=by, verb="billing.bank_return_applied", thing=bank_return, after={"debits": applied})
    return applied
