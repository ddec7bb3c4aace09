import django_tables2 as tables
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from billing.models import (
    Account,
    BankLine,
    BankStatement,
    ChequeSlip,
    DebitBatch,
    Deposit,
    Invoice,
    JournalLine,
    Mandate,
    Payout,
    Quote,
    RecurringCharge,
    SupplierInvoice,
)

NUMBER = {"th": {"class": "num"}, "td": {"class": "num"}}


class InvoiceTable(tables.Table):
    number = tables.Column(verbose_name=_("Numéro"), order_by=("issue_date", "sequence", "pk"))
    holder = tables.Column(verbose_name=_("Pour"), order_by=("holder", "pk"))
    issue_date = tables.Column(verbose_name=_("Émise le"), order_by=("issue_date", "pk"))
    due_date = tables.Column(verbose_name=_("Échéance"), order_by=("due_date", "pk"))
    total_incl = tables.Column(verbose_name=_("Montant TTC"), attrs=NUMBER, order_by=("total_incl", "pk"))
    due = tables.Column(verbose_name=_("Reste à payer"), attrs=NUMBER, order_by=("due", "pk"))

    class Meta:
        model = Invoice
        fields: tuple[str, ...] = ()
        template_name = "billing/invoice_rows.html"
        empty_text = _("Aucune facture à afficher.")


class QuoteTable(tables.Table):
    number = tables.Column(verbose_name=_("Numéro"), order_by=("sent_on", "sequence", "pk"))
    holder = tables.Column(verbose_name=_("Pour"), order_by=("holder", "pk"))
    title = tables.Column(verbose_name=_("Objet"), order_by=("title", "pk"))
    valid_until = tables.Column(verbose_name=_("Valable jusqu’au"), order_by=("valid_until", "pk"))
    total_incl = tables.Column(verbose_name=_("Montant TTC"), attrs=NUMBER, order_by=("total_incl", "pk"))
    decision = tables.Column(verbose_name=_("État"), order_by=("decision", "sent_on", "pk"))

    class Meta:
        model = Quote
        fields: tuple[str, ...] = ()
        template_name = "billing/quote_rows.html"
        empty_text = _("Aucun devis à afficher.")


class AccountTable(tables.Table):
    holder_name = tables.Column(verbose_name=_("Compte"), order_by=("holder_name", "pk"))
    balance = tables.Column(verbose_name=_("Solde"), attrs=NUMBER, order_by=("balance", "pk"))

    class Meta:
        model = Account
        fields: tuple[str, ...] = ()
        template_name = "billing/account_rows.html"
        empty_text = _("Aucun compte\u00a0: ils s’ouvrent avec la première réservation.")


class SupplierInvoiceTable(tables.Table):
    seller_name = tables.Column(verbose_name=_("Fournisseur"), order_by=("seller_name", "pk"))
    number = tables.Column(verbose_name=_("Numéro"), order_by=("number", "pk"))
    issue_date = tables.Column(verbose_name=_("Date"), order_by=("issue_date", "pk"))
    due_date = tables.Column(verbose_name=_("Échéance"), order_by=("due_date", "pk"))
    to_pay = tables.Column(verbose_name=_("Net à payer"), attrs=NUMBER, order_by=("to_pay", "pk"))
    state = tables.Column(verbose_name=_("État"), order_by=("state", "pk"))

    class Meta:
        model = SupplierInvoice
        fields: tuple[str, ...] = ()
        template_name = "billing/supplier_invoice_rows.html"
        empty_text = _("Aucune facture de fournisseur à afficher.")


class RecurringTable(tables.Table):
    holder = tables.Column(verbose_name=_("Compte"), order_by=("holder", "label", "pk"))
    label = tables.Column(verbose_name=_("Quoi"), order_by=("label", "pk"))
    kind = tables.Column(verbose_name=_("Nature"), order_by=("kind", "holder", "pk"))
    price = tables.Column(verbose_name=_("Prix HT"), attrs=NUMBER, order_by=("price", "pk"))
    starts_on = tables.Column(verbose_name=_("Quand"), order_by=("starts_on", "pk"))

    class Meta:
        model = RecurringCharge
        fields: tuple[str, ...] = ()
        template_name = "billing/recurring_rows.html"
        empty_text = _("Aucune somme régulière à afficher.")


class LineTable(tables.Table):
    entry = tables.Column(verbose_name=_("Écriture"))
    on = tables.Column(verbose_name=_("Date"), order_by=("entry__on", "entry_id", "rank"))
    ledger = tables.Column(verbose_name=_("Compte"), order_by=("ledger_account__number", "entry_id", "rank"))
    label = tables.Column(verbose_name=_("Libellé"), orderable=False)
    debit = tables.Column(verbose_name=_("Débit"), attrs=NUMBER, order_by=("debit", "pk"))
    credit = tables.Column(verbose_name=_("Crédit"), attrs=NUMBER, order_by=("credit", "pk"))
    letter = tables.Column(verbose_name=_("Lettrage"), order_by=("letter", "entry_id", "rank"))

    def order_entry(self, queryset: QuerySet, is_descending: bool) -> tuple[QuerySet, bool]:
        """The last entry first, its lines as they were written."""
        return queryset.order_by("-entry_id" if is_descending else "entry_id", "rank"), True

    class Meta:
        model = JournalLine
        fields: tuple[str, ...] = ()
        template_name = "billing/line_rows.html"
        empty_text = _("Aucune écriture à afficher.")


class BankLineTable(tables.Table):
    on = tables.Column(verbose_name=_("Date"), order_by=("on", "pk"))
    label = tables.Column(verbose_name=_("Libellé"), order_by=("label", "pk"))
    amount = tables.Column(verbose_name=_("Montant"), attrs=NUMBER, order_by=("amount", "pk"))
    state = tables.Column(verbose_name=_("État"), order_by=("state", "pk"))

    class Meta:
        model = BankLine
        fields: tuple[str, ...] = ()
        template_name = "billing/bank_line_rows.html"
        empty_text = _("Aucune ligne à afficher.")


class StatementTable(tables.Table):
    name = tables.Column(verbose_name=_("Relevé"), order_by=("name", "pk"))
    last_on = tables.Column(verbose_name=_("Période"), order_by=("last_on", "pk"))
    closing = tables.Column(verbose_name=_("Solde d’arrivée"), attrs=NUMBER, order_by=("closing", "pk"))
    added = tables.Column(verbose_name=_("Lignes"), attrs=NUMBER, order_by=("added", "pk"))
    waiting = tables.Column(verbose_name=_("À rapprocher"), attrs=NUMBER, order_by=("waiting", "pk"))

    class Meta:
        model = BankStatement
        fields: tuple[str, ...] = ()
        template_name = "billing/statement_rows.html"
        empty_text = _("Aucun relevé.")


class SlipTable(tables.Table):
    number = tables.Column(verbose_name=_("Remise"), order_by=("on", "pk"))
    on = tables.Column(verbose_name=_("Date"), order_by=("on", "pk"))
    count = tables.Column(verbose_name=_("Chèques"), attrs=NUMBER, order_by=("count", "pk"))
    total = tables.Column(verbose_name=_("Total"), attrs=NUMBER, order_by=("total", "pk"))

    class Meta:
        model = ChequeSlip
        fields: tuple[str, ...] = ()
        template_name = "billing/slip_rows.html"
        empty_text = _("Aucune remise.")


class PayoutTable(tables.Table):
    reference = tables.Column(verbose_name=_("Versement"), order_by=("reference", "pk"))
    on = tables.Column(verbose_name=_("Date"), order_by=("on", "pk"))
    net = tables.Column(verbose_name=_("Versé"), attrs=NUMBER, order_by=("net", "pk"))
    count = tables.Column(verbose_name=_("Paiements"), attrs=NUMBER, order_by=("count", "pk"))
    untold = tables.Column(verbose_name=_("Sans compte"), attrs=NUMBER, order_by=("untold", "pk"))

    class Meta:
        model = Payout
        fields: tuple[str, ...] = ()
        template_name = "billing/payout_rows.html"
        empty_text = _("Aucun versement.")


class DepositTable(tables.Table):
    holder = tables.Column(verbose_name=_("Pour"), order_by=("holder", "pk"))
    label = tables.Column(verbose_name=_("Pour quoi"), order_by=("label", "pk"))
    asked_on = tables.Column(verbose_name=_("Demandé le"), order_by=("asked_on", "pk"))
    amount = tables.Column(verbose_name=_("Convenu"), attrs=NUMBER, order_by=("amount", "pk"))
    held = tables.Column(verbose_name=_("Détenu"), attrs=NUMBER, order_by=("held", "pk"))

    class Meta:
        model = Deposit
        fields: tuple[str, ...] = ()
        template_name = "billing/deposit_rows.html"
        empty_text = _("Aucun dépôt à afficher.")


class MandateTable(tables.Table):
    holder_name = tables.Column(verbose_name=_("Compte"), order_by=("holder_name", "pk"))
    rum = tables.Column(verbose_name=_("Référence"), order_by=("rum", "pk"))
    signed_on = tables.Column(verbose_name=_("Signé le"), order_by=("signed_on", "pk"))
    state = tables.Column(verbose_name=_("État"), orderable=False, empty_values=())

    class Meta:
        model = Mandate
        fields: tuple[str, ...] = ()
        template_name = "billing/mandate_rows.html"
        empty_text = _("Aucun mandat à afficher.")


class DebitBatchTable(tables.Table):
    collect_on = tables.Column(verbose_name=_("Prélevé le"), order_by=("collect_on", "pk"))
    count = tables.Column(verbose_name=_("Prélèvements"), attrs=NUMBER, order_by=("count", "pk"))
    total = tables.Column(verbose_name=_("Total"), attrs=NUMBER, order_by=("total", "pk"))
    state = tables.Column(verbose_name=_("État"), orderable=False, empty_values=())

    class Meta:
        model = DebitBatch
        fields: tuple[str, ...] = ()
        template_name = "billing/batch_rows.html"
        empty_text = _("Aucun fichier de prélèvements.")


class AgeingTable(tables.Table):
    holder = tables.Column(verbose_name=_("Compte"), order_by=("holder", "account_id"))
    not_due = tables.Column(verbose_name=_("Pas encore échu"), attrs=NUMBER, order_by=("not_due", "account_id"))
    to_30 = tables.Column(verbose_name=_("1 à 30 jours"), attrs=NUMBER, order_by=("to_30", "account_id"))
    to_60 = tables.Column(verbose_name=_("31 à 60 jours"), attrs=NUMBER, order_by=("to_60", "account_id"))
    to_90 = tables.Column(verbose_name=_("61 à 90 jours"), attrs=NUMBER, order_by=("to_90", "account_id"))
    beyond = tables.Column(verbose_name=_("Plus de 90 jours"), attrs=NUMBER, order_by=("beyond", "account_id"))
    total = tables.Column(verbose_name=_("Total"), attrs=NUMBER, order_by=("total", "account_id"))

    class Meta:
        template_name = "billing/aged_rows.html"
        empty_text = _("Personne ne doit rien.")
