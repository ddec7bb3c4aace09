import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy

from billing.rules import is_treasurer, sees_debts
from hubs.actors import Actor
from hubs.french import amount
from hubs.parts import Card, HubAppConfig, NavItem, Thing, Todo, TrailField
from hubs.rules import accounts, only_accounts, person_of_hub

if TYPE_CHECKING:
    from hubs.models import Run
    from hubs.personal import Hindrance, Keeping, Section, Subject
    from parties.parts import Held


TRAIL_WORDS = {
    "billing.charged": gettext_lazy("Somme portée au compte"),
    "billing.reversed": gettext_lazy("Somme annulée"),
    "billing.issued": gettext_lazy("Facture émise"),
    "billing.sent_again": gettext_lazy("Facture renvoyée"),
    "billing.account_opened": gettext_lazy("Compte ouvert"),
    "billing.account_seen": gettext_lazy("Compte consulté"),
    "billing.credited": gettext_lazy("Avoir établi"),
    "billing.buyer_described": gettext_lazy("Facturation d’une structure décrite"),
    "billing.deposited": gettext_lazy("Facture déposée sur Chorus Pro"),
    "billing.payment_recorded": gettext_lazy("Paiement noté"),
    "billing.card_begun": gettext_lazy("Paiement par carte commencé"),
    "billing.payment_cancelled": gettext_lazy("Paiement annulé"),
    "billing.issuer_described": gettext_lazy("Émetteur des factures décrit"),
    "billing.quote_sent": gettext_lazy("Devis envoyé"),
    "billing.quote_accepted": gettext_lazy("Devis accepté"),
    "billing.quote_refused": gettext_lazy("Devis refusé"),
    "billing.quote_charged": gettext_lazy("Devis porté au compte"),
    "billing.month_issued": gettext_lazy("Mois émis"),
    "billing.issuer_succeeded": gettext_lazy("Nouvel émetteur des factures"),
    "billing.supplier_received": gettext_lazy("Facture de fournisseur reçue"),
    "billing.supplier_approved": gettext_lazy("Facture de fournisseur à payer"),
    "billing.supplier_refused": gettext_lazy("Facture de fournisseur refusée"),
    "billing.supplier_paid": gettext_lazy("Facture de fournisseur payée"),
    "billing.vat_rule_set": gettext_lazy("Règle de TVA notée"),
    "billing.recurring_begun": gettext_lazy("Somme régulière commencée"),
    "billing.recurring_priced": gettext_lazy("Prix d’une somme régulière changé"),
    "billing.recurring_ended": gettext_lazy("Fin d’une somme régulière changée"),
    "billing.period_skipped": gettext_lazy("Période laissée sans facture"),
    "billing.period_unskipped": gettext_lazy("Période facturée après tout"),
    "billing.gathered": gettext_lazy("Sommes régulières portées aux comptes"),
    "billing.held_back": gettext_lazy("Facture du mois mise en attente"),
    "billing.let_go": gettext_lazy("Facture remise dans le mois"),
    "billing.chart_adopted": gettext_lazy("Plan comptable adopté"),
    "billing.ledger_rule_set": gettext_lazy("Règle d’imputation notée"),
    "billing.year_opened": gettext_lazy("Exercice comptable ouvert"),
    "billing.books_stopped": gettext_lazy("Comptes arrêtés"),
    "billing.year_closed": gettext_lazy("Exercice clos"),
    "billing.year_reopened": gettext_lazy("Exercice rouvert"),
    "billing.seals_checked": gettext_lazy("Sceaux vérifiés"),
    "billing.archive_asked": gettext_lazy("Archive d’exercice demandée"),
    "billing.bank_account_opened": gettext_lazy("Compte bancaire ajouté"),
    "billing.statement_imported": gettext_lazy("Relevé bancaire importé"),
    "billing.line_matched": gettext_lazy("Ligne de relevé rapprochée"),
    "billing.line_set_aside": gettext_lazy("Ligne de relevé mise de côté"),
    "billing.line_undone": gettext_lazy("Rapprochement défait"),
    "billing.slip_made": gettext_lazy("Remise de chèques établie"),
    "billing.slip_cancelled": gettext_lazy("Remise de chèques défaite"),
    "billing.payout_imported": gettext_lazy("Versement HelloAsso importé"),
    "billing.payout_directed": gettext_lazy("Paiement HelloAsso dirigé"),
    "billing.receipt_given": gettext_lazy("Reçu établi"),
    "billing.deposit_asked": gettext_lazy("Dépôt demandé"),
    "billing.deposit_cancelled": gettext_lazy("Dépôt annulé"),
    "billing.deposit_received": gettext_lazy("Dépôt reçu"),
    "billing.deposit_kept": gettext_lazy("Retenue sur un dépôt"),
    "billing.deposit_refunded": gettext_lazy("Dépôt rendu"),
    "billing.deposit_set_against": gettext_lazy("Dépôt imputé sur une facture"),
    "billing.deposit_move_cancelled": gettext_lazy("Mouvement de dépôt annulé"),
    "billing.deposit_paper_sent": gettext_lazy("Papier d’un dépôt envoyé"),
    "billing.refunded": gettext_lazy("Remboursement noté"),
    "billing.refund_cancelled": gettext_lazy("Remboursement annulé"),
    "billing.invoice_opened": gettext_lazy("Facture reprise"),
    "billing.advance_opened": gettext_lazy("Avance reprise"),
    "billing.mandate_opened": gettext_lazy("Mandat repris"),
    "billing.deposit_opened": gettext_lazy("Dépôt repris"),
    "billing.numbers_continued": gettext_lazy("Numérotation reprise"),
    "billing.mandate_invited": gettext_lazy("Mandat de prélèvement proposé"),
    "billing.mandate_signed": gettext_lazy("Mandat de prélèvement signé"),
    "billing.mandate_revoked": gettext_lazy("Mandat de prélèvement révoqué"),
    "billing.mandate_suspended": gettext_lazy("Mandat de prélèvement suspendu"),
    "billing.mandate_resumed": gettext_lazy("Mandat de prélèvement repris"),
    "billing.debit_announced": gettext_lazy("Prélèvement annoncé"),
    "billing.debit_withdrawn": gettext_lazy("Prélèvement abandonné"),
    "billing.debit_file_made": gettext_lazy("Fichier de prélèvements fait"),
    "billing.debit_file_deposited": gettext_lazy("Fichier de prélèvements déposé"),
    "billing.debits_collected": gettext_lazy("Prélèvements encaissés"),
    "billing.debit_failed": gettext_lazy("Prélèvement rejeté"),
    "billing.bank_return_dropped": gettext_lazy("Retour de la banque déposé"),
    "billing.bank_return_applied": gettext_lazy("Retour de la banque pris en compte"),
    "billing.reminders_started": gettext_lazy("Relances envoyées"),
    "billing.reminded": gettext_lazy("Compte relancé"),
    "billing.called": gettext_lazy("Appel noté"),
    "billing.reminders_excepted": gettext_lazy("Compte laissé sans relance"),
    "billing.reminders_resumed": gettext_lazy("Compte relancé de nouveau"),
    "billing.reminder_level_set": gettext_lazy("Niveau de relance réglé"),
    "billing.reminder_level_ended": gettext_lazy("Niveau de relance retiré"),
    "billing.reminder_policy_set": gettext_lazy("Envoi des relances réglé"),
    "billing.penalty_rate_set": gettext_lazy("Taux des pénalités noté"),
    "billing.disputed": gettext_lazy("Facture contestée"),
    "billing.dispute_closed": gettext_lazy("Contestation répondue"),
    "billing.minimis_set": gettext_lazy("Décision de minimis notée"),
    "billing.minimis_ended": gettext_lazy("Fin de la décision de minimis notée"),
    "billing.aid_declared": gettext_lazy("Aide reçue ailleurs déclarée"),
    "billing.aid_withdrawn": gettext_lazy("Déclaration d’aide retirée"),
    "billing.market_price_set": gettext_lazy("Prix du marché noté"),
    "billing.minimis_certified": gettext_lazy("Attestation de minimis établie"),
    "billing.platform_set": gettext_lazy("Envoi par la plateforme réglé"),
    "billing.transmitted": gettext_lazy("Facture remise à la plateforme"),
    "billing.transmission_again": gettext_lazy("Nouvel envoi à la plateforme demandé"),
    "billing.transmission_handled": gettext_lazy("Refus d’une facture traité"),
    "billing.arrival_handled": gettext_lazy("Facture reçue illisible traitée"),
    "billing.schedule_agreed": gettext_lazy("Échéancier convenu"),
    "billing.schedule_ended": gettext_lazy("Échéancier arrêté"),
    "billing.arranged": gettext_lazy("Échéancier du compte convenu"),
    "billing.arrangement_ended": gettext_lazy("Échéancier du compte arrêté"),
}


def _untold(value: object) -> str:
    """Names for machines, and what the label of the line says already."""
    return ""


class BillingConfig(HubAppConfig):
    name = "billing"
    verbose_name = gettext_lazy("comptes et factures")
    switch = "billing"
    member_nav = (
        NavItem(gettext_lazy("Compte"), "billing:my_account", "wallet", person_of_hub, rank=40),
        NavItem(gettext_lazy("Qui doit quoi"), "billing:accounts", "scale", is_treasurer, rank=75),
    )
    settings_nav = (
        NavItem(
            gettext_lazy("Émetteur"),
            "billing:issuer",
            "building-library",
            accounts,
            rank=60,
            group=gettext_lazy("Les factures"),
        ),
        NavItem(
            gettext_lazy("Facture électronique"),
            "billing:einvoicing",
            "document-check",
            accounts,
            rank=62,
            group=gettext_lazy("Les factures"),
        ),
        NavItem(
            gettext_lazy("TVA"),
            "billing:vat_rules",
            "receipt-percent",
            accounts,
            rank=65,
            group=gettext_lazy("Les factures"),
        ),
        NavItem(
            gettext_lazy("Plan comptable"),
            "billing:ledger",
            "book-open",
            accounts,
            rank=66,
            group=gettext_lazy("Les factures"),
        ),
        NavItem(
            gettext_lazy("Reprise"),
            "billing:openings",
            "arrow-down-on-square",
            accounts,
            rank=70,
            group=gettext_lazy("Les factures"),
        ),
        NavItem(
            gettext_lazy("Relances"),
            "billing:reminder_settings",
            "bell",
            accounts,
            rank=66,
            group=gettext_lazy("Les factures"),
        ),
        NavItem(
            gettext_lazy("Aides de minimis"),
            "billing:minimis",
            "scale",
            accounts,
            rank=67,
            group=gettext_lazy("Les factures"),
        ),
    )
    staff_nav = (
        NavItem(
            gettext_lazy("Réglages"),
            "billing:issuer",
            "cog-6-tooth",
            only_accounts,
            rank=90,
            section="/gestion/reglages/",
        ),
        NavItem(gettext_lazy("Facturation"), "billing:invoices", "document-text", accounts, rank=60),
        NavItem(gettext_lazy("Fournisseurs"), "billing:supplier_invoices", "inbox-arrow-down", accounts, rank=64),
        NavItem(gettext_lazy("Comptes"), "billing:accounts", "wallet", sees_debts, rank=61),
        NavItem(gettext_lazy("Comptabilité"), "billing:books", "book-open", accounts, rank=62),
    )
    money_nav = (
        NavItem(gettext_lazy("Factures"), "billing:invoices", "document-text", accounts, rank=10),
        NavItem(gettext_lazy("Devis"), "billing:quotes", "pencil-square", accounts, rank=20),
        NavItem(gettext_lazy("Comptes"), "billing:accounts", "wallet", accounts, rank=90),
        NavItem(gettext_lazy("Banque"), "billing:bank", "banknotes", accounts, rank=62),
        NavItem(gettext_lazy("Dépôts"), "billing:deposits", "lock-closed", accounts, rank=62),
        NavItem(gettext_lazy("Prélèvements"), "billing:debits", "arrow-path", accounts, rank=62),
    )
    trail_words = TRAIL_WORDS
    trail_rules = dict.fromkeys(TRAIL_WORDS, accounts)
    trail_fields = {
        "account": TrailField(),
        "amount": TrailField(gettext_lazy("montant"), amount),
        "amount_excl": TrailField(gettext_lazy("montant HT"), amount),
        "total_incl": TrailField(gettext_lazy("total TTC"), amount),
        "month": TrailField(gettext_lazy("mois"), _untold),
        "code": TrailField(gettext_lazy("code de la règle"), _untold),
        "invoices": TrailField(gettext_lazy("factures")),
        "debits": TrailField(gettext_lazy("prélèvements")),
        "credit_note": TrailField(gettext_lazy("avoir")),
        "quote": TrailField(gettext_lazy("devis")),
        "to": TrailField(gettext_lazy("à")),
        "accounts": TrailField(gettext_lazy("comptes")),
        "dates": TrailField(gettext_lazy("échéances")),
        "source": TrailField(gettext_lazy("origine"), _untold),
        "kind": TrailField(gettext_lazy("nature"), _untold),
        "charges": TrailField(gettext_lazy("sommes portées")),
        "reversed": TrailField(gettext_lazy("sommes annulées")),
        "number": TrailField(gettext_lazy("compte comptable")),
        "analytic": TrailField(gettext_lazy("code analytique")),
        "until": TrailField(gettext_lazy("arrêtés au")),
        "last_day": TrailField(gettext_lazy("dernier jour")),
        "reference": TrailField(gettext_lazy("référence")),
        "fault": TrailField(gettext_lazy("défaut")),
        "seals": TrailField(gettext_lazy("sceaux")),
        "cheques": TrailField(gettext_lazy("chèques")),
        "total": TrailField(gettext_lazy("montant total"), amount),
        "net": TrailField(gettext_lazy("versé"), amount),
        "fees": TrailField(gettext_lazy("frais retenus"), amount),
    }
    jobs = {
        "billing.check_drafts": "billing.tasks.check_drafts",
        "billing.issue_invoice": "billing.tasks.issue_invoice",
        "billing.render_invoice": "billing.tasks.render_invoice",
        "billing.render_quote": "billing.tasks.render_quote",
        "billing.check_seals": "billing.tasks.check_seals",
        "billing.build_archive": "billing.tasks.build_archive",
        "billing.render_receipt": "billing.tasks.render_receipt",
        "billing.render_slip": "billing.tasks.render_slip",
        "billing.render_deposit_paper": "billing.tasks.render_deposit_paper",
        "billing.import_opening": "billing.tasks.import_opening",
        "billing.render_mandate": "billing.tasks.render_mandate",
        "billing.remind_account": "billing.tasks.remind_account",
        "billing.render_minimis": "billing.tasks.render_minimis",
        "billing.zip_year": "billing.tasks.zip_year",
        "billing.read_platform": "billing.tasks.read_platform",
        "billing.send_to_platform": "billing.tasks.send_to_platform",
        "billing.receive_from_platform": "billing.tasks.receive_from_platform",
    }
    opening_importers = (
        "billing.openings.invoices.OpenInvoices",
        "billing.openings.invoices.Balances",
        "billing.openings.deposits.HeldDeposits",
        "billing.openings.mandates.SignedMandates",
    )
    # An import is all of the file or nothing: what is not begun has written nothing.
    cancellable_jobs = (
        "billing.check_drafts", "billing.check_seals", "billing.build_archive", "billing.import_opening",
        "billing.remind_account", "billing.zip_year", "billing.read_platform", "billing.send_to_platform",
        "billing.receive_from_platform",
    )  # fmt: skip
    # Kept ten years as they were issued or received (C. com. L123-22): frozen by the database.
    mended_texts = (
        "billing.Arrangement",
        "billing.BankLine",
        "billing.BankReturn",
        "billing.BankStatement",
        "billing.BooksArchive",
        "billing.CardPayment",
        "billing.Charge",
        "billing.ChequeSlip",
        "billing.Debit",
        "billing.DebitBatch",
        "billing.DeclaredAid",
        "billing.Deposit",
        "billing.DepositMove",
        "billing.Dispute",
        "billing.HeldBack",
        "billing.Invoice",
        "billing.InvoiceLine",
        "billing.Issuer",
        "billing.JournalEntry",
        "billing.JournalLine",
        "billing.LedgerAccount",
        "billing.LedgerRule",
        "billing.LockDate",
        "billing.Mandate",
        "billing.MarketPrice",
        "billing.Match",
        "billing.MinimisCertificate",
        "billing.MinimisRegime",
        "billing.Payment",
        "billing.Payout",
        "billing.PayoutPayment",
        "billing.PlatformArrival",
        "billing.Quote",
        "billing.QuoteLine",
        "billing.Receipt",
        "billing.RecurringCharge",
        "billing.RecurringSkip",
        "billing.Refund",
        "billing.Reminder",
        "billing.ReminderException",
        "billing.Schedule",
        "billing.Seal",
        "billing.SupplierInvoice",
        "billing.SupplierInvoiceLine",
        "billing.Transmission",
        "billing.TransmissionStatus",
        "billing.VatRule",
    )

    def ready(self) -> None:
        """An account that no platform can use stops the start, and not the month when it is issued."""
        from django.conf import settings

        from billing.einvoice.platforms import platform_of

        for account in settings.EINVOICE_ACCOUNTS.values():
            platform_of(account)

    def held_of_structures(self) -> "Sequence[Held]":
        """The account, what is owed, the mandate, what the hub buys."""
        from billing.held import HELD

        return HELD

    def personal_data(self, subject: "Subject") -> "Sequence[Section]":
        from billing import personal

        return personal.personal_data(subject)

    def hindrances(self, subject: "Subject", now: dt.datetime) -> "Sequence[Hindrance]":
        from django.utils import timezone

        from billing import personal

        return personal.hindrances(subject, timezone.localdate(now))

    def erase(self, subject: "Subject", now: dt.datetime) -> Sequence[str]:
        from billing import personal

        return personal.erase(subject)

    def keepings(self) -> "Sequence[Keeping]":
        from billing import personal

        return personal.keepings()

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
        """The month to close, what is past due, and what would stop an invoice from leaving."""
        from django.utils import timezone

        from billing.todos import todos

        return todos(timezone.localdate()) if accounts(actor) else ()

    def things(self, names: Collection[str], actor: Actor) -> Mapping[str, Thing]:
        """Invoices, accounts and what moves on them, for those who keep them."""
        from django.utils import timezone

        from billing.queries import things_named

        return things_named(names, timezone.localdate()) if accounts(actor) else {}

    def run_link(self, run: "Run") -> str:
        from billing.queries import page_of_run

        return page_of_run(run)

    def tidy(self, now: dt.datetime) -> None:
        """Archives of a year are kept thirty days."""
        from billing.actions import forget_archives

        forget_archives(now=now)

    def furnish(self, preset: str, today: dt.date) -> None:
        from billing.presets import furnish

        furnish(preset, today)

    def settle_demo(self, today: dt.date) -> None:
        from billing.demo import settle

        settle(today)
