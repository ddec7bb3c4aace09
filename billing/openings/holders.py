"""Whose line it is: a structure by SIRET, SIREN or name, a person by mail or name."""

import datetime as dt
from abc import abstractmethod
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing.models import Account, Issuer
from billing.openings.base import Fate, Importer, Outcome, Row
from parties.imports import values
from parties.imports.columns import Column
from parties.imports.values import Wrong, plain
from parties.models import Organisation, Person

HOLDER = (
    Column(
        "holder",
        gettext_lazy("Structure ou personne"),
        ("structure", "client", "tiers", "nom", "raison sociale", "adhérent", "membre", "société", "nom du tiers"),
        "Zutique Productions",
    ),
    Column("siret", gettext_lazy("SIRET"), ("siren", "n° SIRET", "numéro SIRET", "SIRET/SIREN"), "86065698200011"),
    Column("email", gettext_lazy("Courriel"), ("e-mail", "email", "mail", "adresse électronique"), ""),
)
READERS: dict[str, Callable[[str], Any]] = {
    "holder": partial(values.words, longest=160),
    "siret": values.identifier,
    "email": values.email,
}
# What a line of an invoice holds: eight digits before the comma.
amount = partial(values.number, digits=10, places=2)


class Ambiguous(Exception):
    """Several holders answer to what the line says."""


class Holders:
    """Every structure and person of the hub, read once."""

    def __init__(self) -> None:
        self.by_number: dict[str, list[Organisation | Person]] = defaultdict(list)
        self.by_mail: dict[str, list[Organisation | Person]] = defaultdict(list)
        self.by_name: dict[str, list[Organisation | Person]] = defaultdict(list)
        for organisation in Organisation.objects.standing().order_by("pk"):
            for number in {organisation.siret, organisation.siren} - {""}:
                self.by_number[number].append(organisation)
            for mail in {organisation.email.lower(), organisation.invoice_email.lower()} - {""}:
                self.by_mail[mail].append(organisation)
            self.by_name[plain(organisation.name)].append(organisation)
        for person in Person.objects.known().order_by("pk"):
            if person.email:
                self.by_mail[person.email.lower()].append(person)
            for name in {
                f"{person.given_name} {person.family_name}", f"{person.family_name} {person.given_name}",
            }:  # fmt: skip
                self.by_name[plain(name)].append(person)
        self.accounts = {
            account.holder: account for account in Account.objects.with_holders().order_by("pk") if account.holder
        }

    def find(self, given: Mapping[str, Any]) -> Organisation | Person:
        """The holder that the line names. Raises Wrong when there is none, Ambiguous when there are several."""
        named = [
            found
            for found in (
                self._numbered(given.get("siret", "")),
                self.by_name.get(plain(given.get("holder", "")), []),
                self.by_mail.get(given.get("email", ""), []),
            )
            if found
        ]
        if not named:
            raise Wrong(_("Personne ne répond à ce nom dans le pôle. Ajoutez la structure d’abord, ou corrigez."))
        # A number says more than a name, and a name more than an address that several may share.
        for first, *others in (named, *([named[0], each] for each in named[1:])):
            left = [each for each in first if all(each in other for other in others)] if others else first
            if len(left) == 1:
                return left[0]
        if len(named[0]) == 1:
            return named[0][0]
        raise Ambiguous(
            _("%(count)s structures ou personnes portent ce nom\u00a0: donnez le SIRET ou l’adresse électronique.")
            % {"count": len(named[0])}
        )

    def _numbered(self, number: str) -> list[Organisation | Person]:
        """By SIRET, else by the SIREN that it begins with."""
        return self.by_number.get(number) or (self.by_number.get(number[:9], []) if len(number) == 14 else [])


class AccountImporter(Importer):
    """What is brought in on the account of someone."""

    readers: Mapping[str, Callable[[str], Any]]

    def plan(self, rows: Sequence[Row], today: dt.date) -> list[Fate]:
        self.holders = Holders()
        self.today = today
        self.issuer = Issuer.objects.live(today).first()
        self.seen: dict[Any, int] = {}
        self.prepare()
        return [self._fate(row) for row in rows]

    @abstractmethod
    def prepare(self) -> None:
        """Read what is there already."""

    @abstractmethod
    def judge(self, fate: Fate, holder: Organisation | Person, account: Account | None) -> None:
        """Complete a line whose cells are right: what it tells, what is wrong with it, or that it is there already."""

    def _fate(self, row: Row) -> Fate:
        fate = Fate(line=row.line, name=(row.cells.get("holder") or row.cells.get("siret") or "")[:160])
        readers = READERS | dict(self.readers)
        for key, text in row.cells.items():
            try:
                value = readers[key](text)
            except Wrong as error:
                self.blame(fate, key, str(error))
            else:
                if value not in (None, ""):
                    fate.given[key] = value
        told = {title for title, _text in fate.problems}
        for key in self.required:
            if key not in fate.given and self.title_of(key) not in told:
                self.blame(fate, key, _("Cette case est vide."))
        self._whose(fate)
        return fate

    def _whose(self, fate: Fate) -> None:
        try:
            holder = self.holders.find(fate.given)
        except Wrong as error:
            self.blame(fate, "holder", str(error))
        except Ambiguous as error:
            fate.problems.append((self.title_of("holder"), str(error)))
            fate.outcome = Outcome.AMBIGUOUS if fate.outcome == Outcome.NEW else fate.outcome
        else:
            fate.name, fate.given["of"] = str(holder), holder
            if fate.outcome == Outcome.NEW:
                self.judge(fate, holder, self.holders.accounts.get(holder))

    def blame(self, fate: Fate, key: str, text: str) -> None:
        fate.problems.append((self.title_of(key), text))
        fate.outcome = Outcome.WRONG

    def once(self, fate: Fate, identity: Any, key: str) -> bool:
        """Whether no line before says the same thing; told beside `key` when one does."""
        first = self.seen.setdefault(identity, fate.line)
        if first != fate.line:
            self.blame(fate, key, _("Déjà à la ligne %s.") % first)
        return first == fate.line
