"""Where each thing is written on a day, and in whose books; read once for many rows."""

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from billing.enums import Journal, LedgerUse
from billing.models import Account, Charge, Issuer, LedgerRule
from hubs.refusals import Refusal


class NotWritable(Refusal):
    """A row that cannot be written yet; its message says what is missing."""


@dataclass(frozen=True)
class Side:
    """What an entry adds to one account: above zero a debit, below a credit."""

    rule: LedgerRule
    amount: Decimal
    account: Account | None = None
    aux_label: str = ""


@dataclass(frozen=True)
class Posting:
    """An entry to write; its sides sum to zero."""

    source: str
    issuer: Issuer
    journal: Journal
    on: dt.date
    piece_ref: str
    piece_date: dt.date
    label: str
    sides: tuple[Side, ...]


class Ledger:
    """The rules and the issuers of the open hub; two queries."""

    def __init__(self) -> None:
        self._rules: dict[tuple[str, str], list[LedgerRule]] = defaultdict(list)
        for rule in LedgerRule.objects.select_related("ledger_account").order_by("-starts_on", "-pk"):
            self._rules[rule.use, rule.key].append(rule)
        self.issuers = list(Issuer.objects.order_by("starts_on", "pk"))

    @property
    def is_empty(self) -> bool:
        return not self._rules

    def rule(self, use: LedgerUse, on: dt.date, *keys: str) -> LedgerRule:
        """The rule of the first of `keys` that has one that day, the empty key last. Raises NotWritable."""
        for key in (*keys, ""):
            for rule in self._rules[use, key]:
                if rule.starts_on <= on and (rule.ends_on is None or rule.ends_on > on):
                    return rule
        name = " ".join(filter(None, (str(use.label), *keys[:1])))
        raise NotWritable(_("Le plan comptable ne dit pas où s’écrit\u00a0: %s.") % name)

    def sale(self, charge: Charge | None, on: dt.date) -> LedgerRule:
        """Where a thing sold is written: by itself, its kind, its app, or as the rest."""
        return self.rule(LedgerUse.SALES, on, *(sale_keys(charge.source, charge.kind) if charge else ()))

    def dues(self, on: dt.date) -> LedgerRule:
        """Where dues are written that are called for themselves, with no charge that says what they are."""
        return self.rule(LedgerUse.SALES, on, "members.dues", "members")

    def issuer_on(self, day: dt.date) -> Issuer:
        """In whose books a day is, as `billing_issuer_on` in billing/sql_books.py. Raises NotWritable."""
        if not self.issuers:
            raise NotWritable(_("Aucun organisme ne tient les comptes du pôle\u00a0: renseignez l’émetteur."))
        begun = [issuer for issuer in self.issuers if issuer.starts_on <= day]
        return begun[-1] if begun else self.issuers[0]


def sale_keys(source: str, kind: str) -> tuple[str, ...]:
    """`spaces.booking:12` of kind `booking`, from the narrowest key to the widest."""
    thing = source.partition(":")[0]
    return (source, f"{thing}.{kind}", thing, thing.partition(".")[0])
