"""Deposits that the hub holds already."""

import datetime as dt
from collections.abc import Sequence
from functools import partial

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing.actions.openings_writes import open_deposits
from billing.enums import DepositNature
from billing.models import Account, Deposit
from billing.openings.base import Fate, Outcome, date
from billing.openings.holders import HOLDER, AccountImporter, amount
from hubs import french
from hubs.actors import Actor
from parties.imports import values
from parties.imports.columns import Column
from parties.imports.values import Wrong, plain
from parties.models import Organisation, Person

_NATURES = {
    **dict.fromkeys(("depot de garantie", "depot", "garantie", "bail", "loyer"), DepositNature.SECURITY),
    **dict.fromkeys(("caution", "cle", "cles", "badge", "caution de cle", "caution cle"), DepositNature.KEY),
}


def nature(text: str) -> DepositNature:
    """« Dépôt de garantie », « caution ». Raises Wrong."""
    try:
        return _NATURES[plain(text)]
    except KeyError:
        raise Wrong(
            _("«\u00a0%s\u00a0»\u00a0: écrivez «\u00a0dépôt de garantie\u00a0» ou «\u00a0caution\u00a0».") % text[:60]
        ) from None


class HeldDeposits(AccountImporter):
    key = "deposits"
    title = gettext_lazy("Dépôts détenus")
    lead = gettext_lazy("Les dépôts de garantie et les cautions que le pôle a déjà en main, et qu’il rendra.")
    columns = (
        *HOLDER,
        Column("label", gettext_lazy("Pour quoi"), ("objet", "local", "bureau", "libellé"), "Bureau 12"),
        Column("amount", gettext_lazy("Montant détenu"), ("montant", "dépôt", "caution", "détenu"), "800,00"),
        Column("nature", gettext_lazy("Nature"), ("type",), "dépôt de garantie"),
        Column("on", gettext_lazy("Reçu le"), ("date", "date de réception", "versé le"), "01/09/2024"),
    )
    required = ("label", "amount")
    readers = {
        "label": partial(values.words, longest=120),
        "amount": amount,
        "nature": nature,
        "on": date,
    }

    def prepare(self) -> None:
        self.known = {
            (each.account_id, each.nature, plain(each.label)): each.received
            for each in Deposit.objects.live().with_held().order_by("pk")
        }

    def judge(self, fate: Fate, holder: Organisation | Person, account: Account | None) -> None:
        given = fate.given
        given.setdefault("nature", DepositNature.SECURITY)
        if given.setdefault("on", self.today) > self.today:
            self.blame(fate, "on", _("Cette date n’est pas encore passée."))
        if given["amount"] <= 0:
            self.blame(fate, "amount", _("Indiquez un montant d’au moins un centime."))
        label = plain(given["label"])
        self.once(fate, (holder, given["nature"], label), "label")
        fate.told = _("%(label)s, %(amount)s détenus") % {
            "label": given["label"],
            "amount": french.euros(given["amount"]),
        }
        if fate.outcome != Outcome.NEW or account is None:
            return
        known = self.known.get((account.pk, given["nature"], label))
        if known == given["amount"]:
            fate.outcome = Outcome.UNCHANGED
        elif known is not None:
            text = _("Un dépôt de ce nom est déjà sur ce compte, de %s.") % french.euros(known)
            self.blame(fate, "amount", text)

    def apply(self, fates: Sequence[Fate], *, by: Actor, today: dt.date) -> None:
        open_deposits(
            given=[
                (
                    fate.given["of"], fate.given["nature"], fate.given["label"], fate.given["amount"],
                    fate.given["on"],
                )
                for fate in fates
            ],
            by=by,
            today=today,
        )  # fmt: skip
