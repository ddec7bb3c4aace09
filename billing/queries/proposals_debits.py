"""Debits at the bank: a file makes one line, and each debit given back another."""

import datetime as dt
import re
from collections.abc import Iterable, Iterator

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from billing.enums import MatchKind, PaymentMethod
from billing.models import BankLine, Debit
from billing.money import ZERO
from billing.queries.candidates import RETURNED, Books, Part, Proposal
from hubs import french

# A file is credited on its day, or when the bank opens again.
CREDITED_WITHIN = dt.timedelta(days=10)
DEBITED = re.compile(r"\b(PRELEVEMENTS?|PRLVT?S?|SDD|REMISES?|REM)\b")


def by_batch(line: BankLine, books: Books) -> Iterator[Proposal]:
    """A file of debits, whose collection is noted or not yet. What the bank gave back since came in all the same."""
    if line.amount < 0 or not DEBITED.search(books.texts[line.pk]):
        return
    found = [
        batch
        for batch in books.batches
        if dt.timedelta(0) <= line.on - batch.collect_on <= CREDITED_WITHIN
        and sum((debit.amount for debit in batch.paid), ZERO) == line.amount
    ]
    for batch in found:
        day, parts = french.day(batch.collect_on, weekday=False), parts_of_batch(batch.paid)
        if batch.collected_on is None:
            words = ngettext(
                "Noter l’encaissement des prélèvements du %(day)s\u00a0: %(n)s paiement",
                "Noter l’encaissement des prélèvements du %(day)s\u00a0: %(n)s paiements",
                len(batch.paid),
            )
        else:
            words = ngettext(
                "Ce sont les prélèvements du %(day)s\u00a0: %(n)s paiement",
                "Ce sont les prélèvements du %(day)s\u00a0: %(n)s paiements",
                len(batch.paid),
            )
        yield Proposal(
            key=f"batch:{batch.pk}",
            label=words % {"day": day, "n": len(batch.paid)},
            reason=_("même total que ce fichier, à sa date"),
            parts=parts,
            # Once all of it was given back, nothing tells whether its line has come.
            is_sure=len(found) == 1 and any(part.account for part in parts),
            collects=batch if batch.collected_on is None else None,
        )


def parts_of_batch(debits: Iterable[Debit]) -> tuple[Part, ...]:
    """The line of a file, debit by debit."""
    return tuple(_collected(debit) for debit in debits)


def _collected(debit: Debit) -> Part:
    """A payment undone since is of no account: the line that takes it back says whose it was."""
    if debit.payment is not None and debit.payment.cancelled_at is not None:
        return Part(amount=debit.amount, kind=MatchKind.OTHER, reference=debit.end_to_end)
    return Part(amount=debit.amount, account=debit.invoice.account, payment=debit.payment, method=PaymentMethod.DEBIT)


def by_debit_returned(line: BankLine, books: Books) -> Iterator[Proposal]:
    """A debit given back, that a file of the bank or a hand has told already."""
    text = books.texts[line.pk]
    if line.amount > 0 or not (RETURNED.search(text) or DEBITED.search(text)):
        return
    found = [
        debit
        for debit in books.returned_debits
        if debit.amount == -line.amount and dt.timedelta(0) <= line.on - debit.collect_on
    ]
    for debit in found:
        cited = debit.end_to_end.replace("-", " ") in text.replace("-", " ")
        given = {"number": debit.invoice.number, "account": debit.invoice.account}
        yield Proposal(
            key=f"returned:{debit.pk}",
            label=_("C’est le rejet déjà noté du prélèvement de %(number)s, %(account)s") % given,
            reason=_("le libellé cite %s") % debit.end_to_end if cited else _("même montant, repris par la banque"),
            parts=(
                Part(amount=line.amount, account=debit.invoice.account, payment=debit.payment, kind=MatchKind.RETURN),
            ),
            is_sure=cited or len(found) == 1,
        )
