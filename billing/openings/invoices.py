"""Invoices issued elsewhere and not paid yet, and balances where the invoices themselves are not known."""

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal
from functools import partial
from typing import Any

from django.db.models import Exists, OuterRef, Sum
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing.actions.openings_writes import Opened, open_advances, open_invoices
from billing.enums import SERIES, PaymentMethod
from billing.models import Account, Invoice, NumberSeries, Payment
from billing.money import ZERO
from billing.openings.base import Fate, Outcome, date
from billing.openings.holders import HOLDER, AccountImporter, amount
from hubs import french
from hubs.actors import Actor
from parties.imports import values
from parties.imports.columns import Column
from parties.models import Organisation, Person

# A number that the portal gives, or will give.
OURS = re.compile(rf"({'|'.join(SERIES.values())})-(\d{{4}})-(\d+)")


class OpenInvoices(AccountImporter):
    key = "invoices"
    title = gettext_lazy("Factures à encaisser")
    lead = gettext_lazy(
        "Les factures parties d’un autre outil et pas encore payées, avec leur numéro à elles. Le portail suit leur "
        "paiement\u00a0; il ne les renumérote pas et ne refait pas leur PDF."
    )
    columns = (
        *HOLDER,
        Column("number", gettext_lazy("Numéro"), ("n° facture", "réf. facture", "numéro de facture", "facture", "réf.", "référence", "pièce"), "2025-114"),
        Column("on", gettext_lazy("Date"), ("date facture", "date de facturation", "date de facture", "émise le", "date facturation"), "31/12/2025"),
        Column("due_on", gettext_lazy("Échéance"), ("date échéance", "date d’échéance", "à payer avant le"), "30/01/2026"),
        Column("amount", gettext_lazy("Montant TTC"), ("montant", "ttc", "total ttc", "total"), "120,00"),
        Column("paid", gettext_lazy("Déjà payé"), ("payé", "réglé", "montant réglé", "déjà réglé", "encaissé"), "40,00"),
    )  # fmt: skip
    required = ("number", "on", "amount")
    readers = {
        "number": partial(values.words, longest=35),
        "on": date,
        "due_on": date,
        "amount": amount,
        "paid": amount,
    }

    def prepare(self) -> None:
        self.known = {each.number: each for each in Invoice.objects.issued().filter(issuer=self.issuer)}
        series = NumberSeries.objects.filter(issuer=self.issuer, series__in=SERIES.values())
        self.given = {(each.series, each.year): each.last for each in series}
        self.with_balance = set(
            Invoice.objects.issued().opening_balances().filter(issuer=self.issuer).values_list("account_id", flat=True)
        )

    def judge(self, fate: Fate, holder: Organisation | Person, account: Account | None) -> None:
        given = fate.given
        paid = given.setdefault("paid", ZERO)
        days = self.issuer.payment_days if self.issuer else 0
        given.setdefault("due_on", given["on"] + dt.timedelta(days=days))
        if given["on"] > self.today:
            self.blame(fate, "on", _("Cette date n’est pas encore passée."))
        if given["due_on"] < given["on"]:
            self.blame(fate, "due_on", _("L’échéance est avant la date de la facture."))
        if given["amount"] <= 0:
            self.blame(fate, "amount", _("Indiquez un montant d’au moins un centime."))
        elif paid > given["amount"]:
            self.blame(fate, "paid", _("C’est plus que le montant de la facture."))
        self._number(fate, account)
        fate.told = _("%(amount)s du %(day)s, reste %(due)s") % {
            "amount": french.euros(given["amount"]),
            "day": french.day(given["on"], year=True, weekday=False),
            "due": french.euros(given["amount"] - paid),
        }

    def _number(self, fate: Fate, account: Account | None) -> None:
        number = fate.given["number"]
        if not self.once(fate, number, "number"):
            return
        known = self.known.get(number)
        if known is not None:
            same = known.is_opening and account is not None and known.account_id == account.pk
            if same and (known.total_incl, known.issue_date) == (fate.given["amount"], fate.given["on"]):
                fate.outcome = Outcome.UNCHANGED if fate.outcome == Outcome.NEW else fate.outcome
            else:
                text = _("Ce numéro est déjà celui d’une autre facture, de %s.") % french.euros(known.total_incl)
                self.blame(fate, "number", text)
        elif (ours := OURS.fullmatch(number)) and int(ours[3]) > self.given.get((ours[1], int(ours[2])), 0):
            text = _(
                "Le portail donnera ce numéro un jour\u00a0: dites d’abord où en est la série, sur la page Reprise."
            )
            self.blame(fate, "number", text)
        elif account is not None and account.pk in self.with_balance:
            self.blame(
                fate, "holder", _("Le solde de ce compte est déjà repris\u00a0: la facture y serait comptée deux fois.")
            )

    def apply(self, fates: Sequence[Fate], *, by: Actor, today: dt.date) -> None:
        open_invoices(
            opened=[
                Opened(
                    holder=fate.given["of"],
                    number=fate.given["number"],
                    on=fate.given["on"],
                    due_on=fate.given["due_on"],
                    amount=fate.given["amount"],
                    paid=fate.given["paid"],
                )
                for fate in fates
            ],
            by=by,
            today=today,
        )


class Balances(AccountImporter):
    key = "balances"
    title = gettext_lazy("Soldes des comptes")
    lead = gettext_lazy(
        "Ce que chacun doit en un seul montant, quand vous n’avez pas le détail des factures. Un montant négatif est "
        "une avance, qui règlera la suite."
    )
    columns = (
        *HOLDER,
        Column("amount", gettext_lazy("Solde dû"), ("solde", "montant", "reste dû", "reste à payer", "balance"), "75,50"),
        Column("on", gettext_lazy("Date"), ("au", "date du solde", "arrêté au"), "28/02/2026"),
    )  # fmt: skip
    required = ("amount",)
    readers = {"amount": partial(amount, signed=True), "on": date}

    def prepare(self) -> None:
        self.known: dict[int, Decimal] = defaultdict(Decimal)
        openings = Invoice.objects.issued().filter(is_opening=True, issuer=self.issuer)
        for account_id, owed in openings.opening_balances().values_list("account_id", "total_incl"):
            self.known[account_id] = owed
        for account_id, ahead in _advances().values_list("account").annotate(Sum("amount")).order_by():
            self.known[account_id] -= ahead
        itemised = openings.exclude(pk__in=openings.opening_balances().values("pk"))
        brought = Payment.objects.kept().filter(method=PaymentMethod.OPENING, reference=OuterRef("number"))
        settled = brought.filter(account=OuterRef("account"), amount=OuterRef("total_incl"))
        self.itemised = set(itemised.exclude(Exists(settled)).values_list("account_id", flat=True))

    def judge(self, fate: Fate, holder: Organisation | Person, account: Account | None) -> None:
        owed = fate.given["amount"]
        if fate.given.setdefault("on", self.today) > self.today:
            self.blame(fate, "on", _("Cette date n’est pas encore passée."))
        self.once(fate, holder, "holder")
        fate.told = _("doit %s") % french.euros(owed) if owed > 0 else _("en avance de %s") % french.euros(-owed)
        if fate.outcome != Outcome.NEW:
            return
        known = self.known.get(account.pk) if account else None
        if owed == 0 or known == owed:
            fate.outcome = Outcome.UNCHANGED
        elif known is not None:
            text = _("Un autre solde est déjà repris sur ce compte\u00a0: %s.") % french.euros(known)
            self.blame(fate, "amount", text)
        elif owed > 0 and account is not None and account.pk in self.itemised:
            text = _("Des factures de ce compte sont déjà reprises\u00a0: son solde les compterait deux fois.")
            self.blame(fate, "holder", text)

    def apply(self, fates: Sequence[Fate], *, by: Actor, today: dt.date) -> None:
        owing, ahead = _parted(fates)
        open_invoices(opened=owing, by=by, today=today)
        open_advances(advances=ahead, by=by)


def _advances() -> Any:
    """Payments brought in as a balance, and not as what had paid an invoice."""
    return Payment.objects.kept().filter(method="opening", reference="")


def _parted(fates: Iterable[Fate]) -> tuple[list[Opened], list[Opened]]:
    owing, ahead = [], []
    for fate in fates:
        given = fate.given
        (owing if given["amount"] > 0 else ahead).append(
            Opened(holder=given["of"], number="", on=given["on"], due_on=given["on"], amount=abs(given["amount"]))
        )
    return owing, ahead
