"""Mandates signed for the tool before, which go on under their own reference."""

import datetime as dt
from collections.abc import Callable, Sequence
from functools import partial

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing.actions.openings_writes import OpenedMandate, open_mandates
from billing.banking import clean_bic, clean_iban, clean_reference, masked
from billing.models import Account, Mandate
from billing.openings.base import Fate, Outcome, date
from billing.openings.holders import HOLDER, AccountImporter
from hubs import french
from hubs.actors import Actor
from hubs.refusals import Refusal
from parties.imports import values
from parties.imports.columns import Column
from parties.imports.values import Wrong
from parties.models import Organisation, Person


def _read(clean: Callable[[str], str], text: str) -> str:
    """What a form would take, or Wrong with its message."""
    try:
        return clean(text)
    except Refusal as refusal:
        raise Wrong(str(refusal.message)) from None


class SignedMandates(AccountImporter):
    key = "mandates"
    title = gettext_lazy("Mandats de prélèvement")
    lead = gettext_lazy(
        "Les mandats déjà signés pour le même créancier (même ICS)\u00a0: ils gardent leur référence, et personne ne "
        "signe à nouveau. Gardez les papiers."
    )
    columns = (
        *HOLDER,
        Column("rum", gettext_lazy("Référence du mandat (RUM)"), ("rum", "référence", "référence mandat", "mandat", "umr"), "LC-000123-1"),
        Column("iban", gettext_lazy("IBAN"), ("compte bancaire", "iban du débiteur"), "FR76 3000 6000 0112 3456 7890 189"),
        Column("bic", gettext_lazy("BIC"), ("swift", "bic/swift"), "AGRIFRPP"),
        Column("debtor", gettext_lazy("Titulaire du compte bancaire"), ("titulaire", "débiteur", "nom du débiteur"), ""),
        Column("signed_on", gettext_lazy("Signé le"), ("date de signature", "date du mandat", "signature"), "12/03/2024"),
        Column("collected_on", gettext_lazy("Dernier prélèvement"), ("dernière utilisation", "dernier prélèvement le"), "05/02/2026"),
    )  # fmt: skip
    required = ("rum", "iban", "signed_on")
    readers = {
        "rum": partial(_read, clean_reference),
        "iban": partial(_read, clean_iban),
        "bic": partial(_read, clean_bic),
        "debtor": partial(values.words, longest=70),
        "signed_on": date,
        "collected_on": date,
    }

    def prepare(self) -> None:
        ics = self.issuer.ics if self.issuer else ""
        mandates = Mandate.objects.filter(ics=ics).order_by("pk")
        self.by_rum = {each.rum: each for each in mandates}
        self.signed = {each.account_id: each for each in Mandate.objects.signed().filter(issuer=self.issuer)}

    def judge(self, fate: Fate, holder: Organisation | Person, account: Account | None) -> None:
        given = fate.given
        given.setdefault("debtor", str(holder)[:70])
        if self.issuer and not self.issuer.ics:
            self.blame(fate, "rum", _("L’émetteur n’a pas d’ICS\u00a0: renseignez-le dans ses réglages d’abord."))
        if given["signed_on"] > self.today:
            self.blame(fate, "signed_on", _("Cette date n’est pas encore passée."))
        collected = given.setdefault("collected_on", None)
        if collected and not given["signed_on"] <= collected <= self.today:
            self.blame(fate, "collected_on", _("Un prélèvement vient après la signature, et avant aujourd’hui."))
        self.once(fate, ("rum", given["rum"]), "rum")
        self.once(fate, ("holder", holder), "holder")
        fate.told = _("%(rum)s, %(iban)s, signé le %(day)s") % {
            "rum": given["rum"],
            "iban": masked(given["iban"]),
            "day": french.day(given["signed_on"], year=True, weekday=False),
        }
        self._known(fate, account)

    def _known(self, fate: Fate, account: Account | None) -> None:
        known = self.by_rum.get(fate.given["rum"])
        if known is not None:
            same = account is not None and known.account_id == account.pk and known.iban == fate.given["iban"]
            if same and fate.outcome == Outcome.NEW:
                fate.outcome = Outcome.UNCHANGED
            elif not same:
                self.blame(fate, "rum", _("Un autre mandat porte déjà cette référence."))
        elif account is not None and account.pk in self.signed:
            text = _("Ce compte a déjà un mandat signé, %s\u00a0: révoquez-le d’abord.") % self.signed[account.pk].rum
            self.blame(fate, "holder", text)

    def apply(self, fates: Sequence[Fate], *, by: Actor, today: dt.date) -> None:
        open_mandates(
            given=[
                OpenedMandate(
                    holder=fate.given["of"],
                    rum=fate.given["rum"],
                    debtor_name=fate.given["debtor"],
                    iban=fate.given["iban"],
                    bic=fate.given.get("bic", ""),
                    signed_on=fate.given["signed_on"],
                    collected_on=fate.given["collected_on"],
                )
                for fate in fates
            ],
            by=by,
            today=today,
        )
