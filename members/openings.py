"""Dues already paid, when a hub begins in the middle of a year (HU12)."""

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing.models import Account, Invoice, Payment
from billing.money import ZERO
from billing.openings.base import Fate, Outcome, date
from billing.openings.holders import HOLDER, AccountImporter, amount
from billing.queries.years import lock_on
from hubs import french
from hubs.actors import Actor
from members.actions.openings import NUMBER, OpenedDues, called_on, open_dues
from members.enums import MemberKind
from members.imports.columns import KINDS
from members.models import College, FiscalYear, Membership
from parties.imports import values
from parties.imports.columns import Column
from parties.imports.values import Wrong, plain
from parties.models import Organisation, Person


def kind(text: str) -> MemberKind:
    """« installée », « associée ». Raises Wrong."""
    try:
        return KINDS[plain(text)]
    except KeyError:
        raise Wrong(
            _("«\u00a0%s\u00a0»\u00a0: écrivez «\u00a0installée\u00a0» ou «\u00a0associée\u00a0».") % text[:60]
        ) from None


def _words(text: str) -> str:
    return values.words(text, longest=80)


class DuesPaid(AccountImporter):
    key = "dues"
    title = gettext_lazy("Cotisations déjà payées")
    lead = gettext_lazy(
        "Les cotisations appelées et payées ailleurs, membre par membre et exercice par exercice. Le portail ne les "
        "appelle plus, et les compte pour les assemblées."
    )
    columns = (
        *HOLDER,
        Column("year", gettext_lazy("Exercice"), ("année", "an", "saison", "année de cotisation", "exercice comptable"), "2026"),
        Column("college", gettext_lazy("Collège"), ("catégorie", "catégorie de membre", "type d’adhérent"), "Structures"),
        Column("kind", gettext_lazy("Lien"), ("statut", "résidente ou associée"), "installée"),
        Column("called", gettext_lazy("Montant appelé"), ("appelé", "cotisation", "montant dû", "montant de la cotisation", "à payer"), "300,00"),
        Column("paid", gettext_lazy("Montant payé"), ("payé", "réglé", "montant réglé", "versé", "encaissé"), "300,00"),
        Column("on", gettext_lazy("Payée le"), ("date de paiement", "date de règlement", "réglée le", "date", "payé le", "date d’encaissement"), "15/01/2026"),
    )  # fmt: skip
    required = ("year",)
    readers = {"year": _words, "college": _words, "kind": kind, "called": amount, "paid": amount, "on": date}

    def prepare(self) -> None:
        years = list(FiscalYear.objects.by_date())
        begun = Counter(year.starts_on.year for year in years)
        self.years = {str(year.starts_on.year): year for year in years if begun[year.starts_on.year] == 1}
        self.years |= {plain(year.label): year for year in years}
        self.colleges: dict[str, College] = {plain(each.name): each for each in College.objects.order_by("starts_on")}
        held = Membership.objects.select_related(
            "organisation", "person", "college", "fiscal_year", "dues_call__invoice"
        )
        self.held = {(each.member, each.fiscal_year_id): each for each in held.order_by("fiscal_year__starts_on", "pk")}
        self.kinds = {member: each.kind for (member, _year), each in self.held.items()}
        self.brought: dict[str, Decimal] = dict(
            Payment.objects.kept().filter(method="opening").values_list("reference", "amount")
        )
        openings = Invoice.objects.issued().opening_balances().filter(issuer=self.issuer)
        self.with_balance = set(openings.values_list("account_id", flat=True))
        self.locked = lock_on(self.today, self.issuer)

    def judge(self, fate: Fate, holder: Organisation | Person, account: Account | None) -> None:
        year = self.years.get(plain(fate.given["year"]))
        if year is None:
            names = ", ".join(sorted({each.label for each in self.years.values()}))
            text = _("«\u00a0%(text)s\u00a0» n’est pas un exercice du pôle (%(names)s). Ouvrez-le d’abord.")
            self.blame(fate, "year", text % {"text": fate.given["year"], "names": names})
            return
        if not self.once(fate, (holder, year), "year"):
            return
        fate.given["fiscal_year"], fate.given["membership"] = year, self.held.get((holder, year.pk))
        self._college(fate, holder)
        self._sums(fate)
        if fate.outcome == Outcome.NEW:
            self._tell(fate, account)

    def _college(self, fate: Fate, holder: Organisation | Person) -> None:
        """The membership of that year as it is, or what it takes to make it."""
        given, membership = fate.given, fate.given["membership"]
        said = given.pop("college", "")
        college = self.colleges.get(plain(said))
        if said and college is None:
            text = _("«\u00a0%(text)s\u00a0» n’est pas un collège du pôle\u00a0: %(names)s.")
            names = ", ".join(each.name for each in self.colleges.values())
            self.blame(fate, "college", text % {"text": said, "names": names})
        elif membership is not None:
            if college is not None and college != membership.college:
                text = _("Son adhésion de cet exercice est dans le collège «\u00a0%s\u00a0».") % membership.college
                self.blame(fate, "college", text)
            if membership.left_on is not None and membership.left_on <= membership.fiscal_year.starts_on:
                self.blame(fate, "year", _("Ce membre était parti avant cet exercice."))
            college = membership.college
        elif college is None:
            self.blame(fate, "college", _("Dites son collège\u00a0: il n’a pas encore d’adhésion pour cet exercice."))
        elif not (college.takes_people if isinstance(holder, Person) else college.takes_structures):
            self.blame(fate, "college", _("Ce collège n’accueille pas ce genre de membre."))
        given["college"] = college
        given.setdefault("kind", MemberKind(self.kinds.get(holder, MemberKind.ASSOCIATE)))

    def _sums(self, fate: Fate) -> None:
        given = fate.given
        if "called" not in given and "paid" not in given:
            self.blame(fate, "paid", _("Dites ce qui a été payé, ou ce qui a été appelé."))
            return
        given.setdefault("paid", ZERO)
        given.setdefault("called", given["paid"])
        if given["paid"] > given["called"]:
            self.blame(fate, "paid", _("C’est plus que ce qui a été appelé."))
        if any(given[key] < 0 for key in ("paid", "called")):
            self.blame(fate, "called", _("Un montant n’est pas négatif."))
        if not given["paid"]:
            given["on"] = None
        elif "on" not in given:
            self.blame(fate, "on", _("Dites quand elle a été payée."))
        elif given["on"] > self.today:
            self.blame(fate, "on", _("Cette date n’est pas encore passée."))

    def _tell(self, fate: Fate, account: Account | None) -> None:
        given, membership = fate.given, fate.given["membership"]
        called, paid = given["called"], given["paid"]
        words = _("cotisation %(year)s, %(college)s\u00a0: %(called)s, reste %(due)s")
        if membership is None:
            words = _("adhésion %(year)s faite, %(college)s\u00a0: cotisation de %(called)s, reste %(due)s")
        fate.told = words % {
            "year": given["fiscal_year"],
            "college": given["college"],
            "called": french.euros(called),
            "due": french.euros(called - paid),
        }
        call = getattr(membership, "dues_call", None) if membership else None
        if call is not None:
            self._known(fate, membership, call)
        elif account is not None and account.pk in self.with_balance and paid < called:
            text = _("Le solde de ce compte est déjà repris\u00a0: ce qui reste dû y serait compté deux fois.")
            self.blame(fate, "holder", text)
        elif (
            called
            and self.locked is not None
            and called_on(given["fiscal_year"], given["on"], self.today) <= self.locked
        ):
            text = _("Les comptes sont arrêtés au %s\u00a0: une écriture d’avant ne s’ajoute plus.")
            self.blame(fate, "on", text % french.day(self.locked, year=True, weekday=False))

    def _known(self, fate: Fate, membership: Membership, call: Any) -> None:
        brought = self.brought.get(f"{NUMBER}{membership.pk}", ZERO)
        is_reprise = call.invoice_id is None or call.invoice.is_opening
        if is_reprise and (call.amount, brought) == (fate.given["called"], fate.given["paid"]):
            fate.outcome = Outcome.UNCHANGED
        else:
            text = _("La cotisation de cet exercice est déjà appelée, de %s.") % french.euros(call.amount)
            self.blame(fate, "year", text)

    def apply(self, fates: Sequence[Fate], *, by: Actor, today: dt.date) -> None:
        open_dues(given=[_opened(fate.given) for fate in fates], by=by, today=today)


def _opened(given: dict[str, Any]) -> OpenedDues:
    return OpenedDues(
        holder=given["of"],
        year=given["fiscal_year"],
        membership=given["membership"],
        college=given["college"],
        kind=given["kind"],
        called=given["called"],
        paid=given["paid"],
        paid_on=given["on"],
    )
