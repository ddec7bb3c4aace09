import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing.rules import is_treasurer, sees_debts
from hubs.actors import Actor
from hubs.parts import Card, HubAppConfig, NavItem, Todo
from hubs.rules import accounts, person_of_hub

if TYPE_CHECKING:
    from hubs.models import Run


class BillingConfig(HubAppConfig):
    name = "billing"
    verbose_name = gettext_lazy("comptes et factures")
    switch = "billing"
    member_nav = (
        NavItem(gettext_lazy("Compte"), "billing:my_account", "wallet", person_of_hub, rank=40),
        NavItem(gettext_lazy("Qui doit quoi"), "billing:accounts", "scale", is_treasurer, rank=75),
    )
    settings_nav = (
        NavItem(gettext_lazy("Émetteur"), "billing:issuer", "building-library", accounts, rank=60),
        NavItem(gettext_lazy("TVA"), "billing:vat_rules", "receipt-percent", accounts, rank=65),
    )
    staff_nav = (
        NavItem(gettext_lazy("Facturation"), "billing:invoices", "document-text", accounts, rank=60),
        NavItem(gettext_lazy("Comptes"), "billing:accounts", "wallet", sees_debts, rank=61),
    )
    jobs = {
        "billing.issue_invoice": "billing.tasks.issue_invoice",
        "billing.render_invoice": "billing.tasks.render_invoice",
    }

    def member_cards(self, actor: Actor) -> Sequence[Card]:
        """The accounts in one line each."""
        from billing.models import Account
        from billing.queries import accounts_of

        mine = accounts_of(actor)
        if not mine:
            return ()
        balances = dict(Account.objects.with_balance().filter(pk__in=[a.pk for a in mine]).values_list("pk", "balance"))
        for account in mine:
            account.balance = balances[account.pk]
        return (Card("billing/card_account.html", {"accounts": mine}, rank=60),)

    def todos(self, actor: Actor) -> Sequence[Todo]:
        """The month that nobody has closed, and the invoices whose mail did not leave."""
        from django.utils import timezone

        from billing.papers import month_name
        from billing.queries import failed_mails, month_to_close

        if not accounts(actor):
            return ()
        today = timezone.localdate()
        found = []
        if month := month_to_close(today):
            found.append(
                Todo(
                    kind=_("facturation"),
                    label=_("Clore %(month)s") % {"month": month_name(month)},
                    reason=_("Le mois est fini et ses factures ne sont pas parties."),
                    url=reverse("billing:month", args=[month]),
                    since=today.replace(day=1),
                )
            )
        found += [
            Todo(
                kind=_("facturation"),
                label=str(invoice),
                reason=_("Le courriel n’est pas parti\u00a0: vérifiez l’adresse %(to)s, puis renvoyez.")
                % {"to": ", ".join(mail.to)},
                url=reverse("billing:invoice", args=[invoice.pk]),
                since=timezone.localdate(mail.queued_at),
            )
            for invoice, mail in failed_mails()
        ]
        return found

    def run_link(self, run: "Run") -> str:
        from billing.models import MonthClose

        close = MonthClose.objects.filter(run=run).first()
        return reverse("billing:month_result", args=[close.month]) if close else ""

    def furnish(self, preset: str, today: dt.date) -> None:
        from billing.presets import furnish

        furnish(preset, today)

    def settle_demo(self, today: dt.date) -> None:
        from billing.demo import settle

        settle(today)
