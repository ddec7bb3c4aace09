"""What HelloAsso paid, and whose account each payment seems to be for."""

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal

from django.utils import timezone
from django.utils.translation import gettext as _

from billing.bank import helloasso
from billing.bank.helloasso import Paid, ReadPayout
from billing.models import Account, Invoice, Payout
from billing.queries.candidates import numbers_in, resembles
from billing.queries.proposals import RESEMBLES
from parties.imports.values import plain
from parties.models import Link


@dataclass(frozen=True)
class Guess:
    account: Account
    because: str


@dataclass(frozen=True)
class PayoutPlan:
    """A transfer of the export, each payment with its account where one stands out."""

    read: ReadPayout
    payments: list[tuple[Paid, Guess | None]]
    is_new: bool


def payout_plan(content: bytes) -> list[PayoutPlan]:
    """The transfers of an export of HelloAsso, oldest first. Raises a FileRefused. Writes nothing."""
    payouts, _left_out = helloasso.read(content)
    known = set(
        Payout.objects.filter(reference__in=[each.reference for each in payouts]).values_list("reference", flat=True)
    )
    guesser = _Guesser([paid for each in payouts for paid in each.payments])
    return [
        PayoutPlan(
            read=each,
            payments=[(paid, guesser.guess(paid)) for paid in each.payments],
            is_new=each.reference not in known,
        )
        for each in payouts
    ]


class _Guesser:
    """By the invoice that is cited, the mail, the name with the sum, the name alone."""

    def __init__(self, paid: list[Paid]) -> None:
        self.accounts = {account.pk: account for account in Account.objects.with_holders()}
        numbers = {number for each in paid for number in numbers_in(plain(each.label).upper())}
        found = Invoice.objects.issued().filter(number__in=numbers)
        self.cited = dict(found.values_list("number", "account")) if numbers else {}
        self.mails = self._mails()
        self.due: dict[int, set[Decimal]] = defaultdict(set)
        for account_id, due in Invoice.objects.issued().with_due().filter(due__gt=0).values_list("account", "due"):
            self.due[account_id].add(due)

    def _mails(self) -> dict[str, set[int]]:
        """The accounts behind each address: the holder's own, or those of whom one works for."""
        mails: dict[str, set[int]] = defaultdict(set)
        structures: dict[int, int] = {}
        for account in self.accounts.values():
            if account.organisation:
                structures[account.organisation.pk] = account.pk
                addresses = [account.organisation.billing_email, account.organisation.email]
            else:
                addresses = [account.person.email if account.person else ""]
            for mail in addresses:
                mails[mail.lower()].add(account.pk)
        links = Link.objects.live(timezone.localdate()).filter(organisation__in=structures).exclude(person__email="")
        for organisation_id, mail in links.values_list("organisation", "person__email"):
            mails[mail.lower()].add(structures[organisation_id])
        mails.pop("", None)
        return mails

    def guess(self, paid: Paid) -> Guess | None:
        for number in numbers_in(plain(paid.label).upper()):
            if number in self.cited:
                return Guess(self.accounts[self.cited[number]], _("cite %s") % number)
        by_mail = self.mails.get(paid.email.lower(), set()) if paid.email else set()
        if (account_id := self._only(by_mail, paid.amount)) is not None:
            return Guess(self.accounts[account_id], _("adresse du compte"))
        text = plain(f"{paid.payer} {paid.company} {paid.label}").upper()
        like = {pk for pk, account in self.accounts.items() if resembles(str(account), text) >= RESEMBLES}
        if (account_id := self._only(like, paid.amount)) is not None:
            return Guess(self.accounts[account_id], _("nom qui ressemble"))
        return None

    def _only(self, found: set[int], amount: Decimal) -> int | None:
        """The one account; of several, the one that owes that sum."""
        owing = {pk for pk in found if amount in self.due[pk]}
        chosen = found if len(found) == 1 else owing
        return next(iter(chosen)) if len(chosen) == 1 else None
