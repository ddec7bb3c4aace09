import datetime as dt

from django.urls import path, register_converter

from billing.enums import DepositMoveKind
from billing.papers_deposits import REQUEST, STATEMENT
from billing.views import (
    account_statements,
    accounts,
    arrangements,
    bank,
    bank_returns,
    books,
    cards,
    debits,
    deposits,
    einvoice,
    invoices,
    issuers,
    ledger,
    mandates,
    member,
    minimis,
    months,
    my_mandate,
    my_quotes,
    openings,
    platform,
    quotes,
    recurring,
    refunds,
    reminders,
    schedules,
    seals,
    slips,
    statements,
    suppliers,
    years,
)


class MonthConverter:
    """`2026-10`: the first of the month."""

    regex = r"20[0-9]{2}-(?:0[1-9]|1[0-2])"

    def to_python(self, value: str) -> dt.date:
        return dt.date.fromisoformat(f"{value}-01")

    def to_url(self, value: dt.date | str) -> str:
        return value if isinstance(value, str) else f"{value:%Y-%m}"


class YearConverter:
    """`2026`"""

    regex = r"20[0-9]{2}"

    def to_python(self, value: str) -> int:
        return int(value)

    def to_url(self, value: int) -> str:
        return str(value)


class RankConverter:
    """The level of a reminder: 1 to 9."""

    regex = r"[1-9]"

    def to_python(self, value: str) -> int:
        return int(value)

    def to_url(self, value: int) -> str:
        return str(value)


register_converter(MonthConverter, "month")
register_converter(YearConverter, "year")
register_converter(RankConverter, "rank")

STAFF = "gestion/facturation/"
MONTH = f"{STAFF}mois/<month:month>/"
INVOICE = f"{STAFF}factures/<int:invoice_id>/"
SUPPLIER = f"{STAFF}fournisseurs/<int:invoice_id>/"
QUOTE = f"{STAFF}devis/<int:quote_id>/"
ACCOUNT = f"{STAFF}comptes/<int:account_id>/"
RECURRING = f"{STAFF}regulieres/<int:recurring_id>/"
BANK = f"{STAFF}banque/"
SETTINGS = "gestion/reglages/"
BOOKS = "gestion/comptabilite/"
YEAR = f"{BOOKS}exercices/<int:year_id>/"
DEPOSIT = f"{STAFF}depots/<int:deposit_id>/"
OPENING = f"{SETTINGS}reprise/"
OPENING_FILE = f"{OPENING}fichier/<slug:public_id>/"
DEBITS = f"{STAFF}prelevements/"
MANDATES = f"{STAFF}mandats/"
MINE = "mon-espace/compte/"

app_name = "billing"
urlpatterns = [
    path(STAFF, invoices.invoices, name="invoices"),
    path(f"{SETTINGS}emetteur/", issuers.issuer, name="issuer"),
    path(f"{SETTINGS}emetteur/suivant/", issuers.next_issuer, name="next_issuer"),
    path(f"{SETTINGS}emetteur/<int:issuer_id>/", issuers.planned_issuer, name="planned_issuer"),
    path(f"{SETTINGS}facture-electronique/", platform.einvoicing, name="einvoicing"),
    path(f"{SETTINGS}facture-electronique/releve/", platform.visit, name="visit_platform"),
    path(f"{SETTINGS}facture-electronique/annuaire/", platform.look_up_issuer, name="look_up_issuer"),
    path(f"{SETTINGS}tva/", issuers.vat_rules, name="vat_rules"),
    path(f"{SETTINGS}tva/noter/", issuers.set_vat_rule, name="set_vat_rule"),
    path(f"{SETTINGS}minimis/", minimis.minimis, name="minimis"),
    path(f"{SETTINGS}minimis/<int:regime_id>/fin/", minimis.end_minimis, name="end_minimis"),
    path(f"{RECURRING}marche/", minimis.market_price, name="market_price"),
    path(f"{STAFF}minimis/<year:year>/", minimis.minimis_year, name="minimis_year"),
    path(f"{MINE}aides/<int:account_id>/", minimis.aids, name="aids"),
    path(f"{MINE}aides/<int:account_id>/<int:aid_id>/retirer/", minimis.withdraw_aid, name="withdraw_aid"),
    path(f"{MINE}minimis/<int:certificate_id>/pdf/", minimis.minimis_pdf, name="minimis_pdf"),
    path(MONTH, months.month, name="month"),
    path(f"{MONTH}apercu/", months.preview, name="month_preview"),
    path(f"{MONTH}controle/", einvoice.checks, name="month_checks"),
    path(f"{MONTH}emission/", months.issue, name="month_issue"),
    path(f"{MONTH}attente/<int:account_id>/", months.hold_back, name="hold_back"),
    path(f"{MONTH}attente/<int:account_id>/fin/", months.let_go, name="let_go"),
    path(f"{MONTH}resultat/", months.result, name="month_result"),
    path(f"{MONTH}resultat.csv", months.result_csv, name="month_result_csv"),
    path(f"{MONTH}reprise/", months.resume, name="month_resume"),
    path(INVOICE, invoices.invoice, name="invoice"),
    path(f"{INVOICE}pdf/", invoices.invoice_pdf, name="invoice_pdf"),
    path(f"{INVOICE}xml/", einvoice.invoice_xml, name="invoice_xml"),
    path(f"{INVOICE}depot/", einvoice.note_handed_in, name="note_handed_in"),
    path(f"{INVOICE}plateforme/", platform.send_again, name="transmit_again"),
    path(f"{INVOICE}plateforme/traitee/", platform.note_handled, name="transmission_handled"),
    path(f"{STAFF}chorus-pro/", einvoice.chorus, name="chorus"),
    path(f"{INVOICE}avoir/", invoices.credit, name="credit"),
    path(f"{INVOICE}renvoi/", invoices.send_again, name="send_again"),
    path(f"{STAFF}fournisseurs/", suppliers.supplier_invoices, name="supplier_invoices"),
    path(f"{STAFF}arrivees/<int:arrival_id>/", platform.arrival_file, name="arrival_file"),
    path(f"{STAFF}arrivees/<int:arrival_id>/traitee/", platform.note_arrival_handled, name="arrival_handled"),
    path(SUPPLIER, suppliers.supplier_invoice, name="supplier_invoice"),
    path(f"{SUPPLIER}fichier/", suppliers.supplier_file, name="supplier_file"),
    path(f"{SUPPLIER}accord/", suppliers.approve_supplier, name="approve_supplier"),
    path(f"{SUPPLIER}refus/", suppliers.refuse_supplier, name="refuse_supplier"),
    path(f"{SUPPLIER}paiement/", suppliers.pay_supplier, name="pay_supplier"),
    path(f"{MONTH}pro-forma/<int:account_id>/<int:issuer_id>/", months.pro_forma, name="month_pro_forma"),
    path(f"{STAFF}devis/", quotes.quotes, name="quotes"),
    path(f"{STAFF}devis/nouveau/", quotes.new_quote, name="new_quote"),
    path(QUOTE, quotes.quote, name="quote"),
    path(f"{QUOTE}modification/", quotes.edit_quote, name="edit_quote"),
    path(f"{QUOTE}envoi/", quotes.send_quote, name="send_quote"),
    path(f"{QUOTE}suppression/", quotes.drop_quote, name="drop_quote"),
    path(f"{QUOTE}reponse/", quotes.answer_quote, name="answer_quote"),
    path(f"{QUOTE}acompte/", quotes.ask_deposit, name="ask_deposit_invoice"),
    path(f"{QUOTE}au-compte/", quotes.charge_quote, name="charge_quote"),
    path(f"{QUOTE}pdf/", quotes.quote_pdf, name="quote_pdf"),
    path(f"{QUOTE}pro-forma/", quotes.quote_pro_forma, name="quote_pro_forma"),
    path(f"{STAFF}comptes/", accounts.accounts, name="accounts"),
    path(f"{STAFF}comptes/ouvrir/", accounts.open_account, name="open_account"),
    path(ACCOUNT, accounts.account, name="account"),
    path(f"{ACCOUNT}facturation/", einvoice.buyer, name="buyer"),
    path(f"{ACCOUNT}facturation/annuaire/", platform.look_up_buyer, name="look_up_buyer"),
    path(f"{ACCOUNT}somme/", recurring.add_charge, name="add_charge"),
    path(f"{ACCOUNT}regulieres/", recurring.begin, name="begin_recurring"),
    path(f"{STAFF}sommes/<int:charge_id>/annulation/", recurring.cancel_charge, name="cancel_charge"),
    path(f"{STAFF}regulieres/", recurring.every, name="every_recurring"),
    path(RECURRING, recurring.recurring, name="recurring"),
    path(f"{RECURRING}prix/", recurring.change_price, name="change_price"),
    path(f"{RECURRING}fin/", recurring.end, name="end_recurring"),
    path(f"{STAFF}periodes/<int:skip_id>/facturer/", recurring.charge_skipped, name="charge_skipped"),
    path(f"{STAFF}paiements/<int:payment_id>/annulation/", accounts.cancel_payment, name="cancel_payment"),
    path(BOOKS, books.books, name="books"),
    path(f"{BOOKS}ecrire/", books.write, name="write_books"),
    path(f"{BOOKS}plan/", books.adopt_chart, name="adopt_chart"),
    path(f"{BOOKS}balance/", books.balance, name="balance"),
    path(f"{BOOKS}tva/", books.vat_figures, name="vat_figures"),
    path(f"{BOOKS}recettes/", books.revenue, name="revenue"),
    path(f"{BOOKS}exercices/", years.years, name="years"),
    path(f"{BOOKS}exercices/ouvrir/", years.open_year, name="open_year"),
    path(f"{BOOKS}exercices/arret/", years.stop_books, name="stop_books"),
    path(YEAR, years.year, name="year"),
    path(f"{YEAR}cloture/", years.close_year, name="close_year"),
    path(f"{YEAR}reouverture/", years.reopen_year, name="reopen_year"),
    path(f"{YEAR}ecritures/<slug:kind>/", years.export_year, name="export_year"),
    path(f"{YEAR}archive/", years.ask_archive, name="ask_archive"),
    path(f"{BOOKS}archives/<int:archive_id>/", years.archive, name="archive"),
    path(f"{BOOKS}integrite/", seals.integrity, name="integrity"),
    path(f"{BOOKS}integrite/verifier/", seals.check, name="check_seals"),
    path(f"{SETTINGS}plan-comptable/", ledger.ledger, name="ledger"),
    path(f"{SETTINGS}plan-comptable/noter/", ledger.set_ledger_rule, name="set_ledger_rule"),
    path(BANK, bank.bank, name="bank"),
    path(f"{BANK}tout-accepter/", bank.accept_all, name="accept_all"),
    path(f"{BANK}lignes/", bank.bank_lines, name="bank_lines"),
    path(f"{BANK}lignes/<int:line_id>/", bank.bank_line, name="bank_line"),
    path(f"{BANK}lignes/<int:line_id>/acceptation/", bank.accept, name="accept"),
    path(f"{BANK}lignes/<int:line_id>/mise-de-cote/", bank.aside, name="bank_aside"),
    path(f"{BANK}lignes/<int:line_id>/retour/", bank.undo, name="bank_undo"),
    path(f"{BANK}releves/", statements.statements, name="statements"),
    path(f"{BANK}releves/<int:statement_id>/fichier/", statements.statement_file, name="statement_file"),
    path(f"{BANK}comptes/", statements.bank_accounts, name="bank_accounts"),
    path(f"{BANK}import/", statements.drop, name="import_statement"),
    path(f"{BANK}import/<slug:public_id>/", statements.draft, name="import_draft"),
    path(f"{BANK}import/<slug:public_id>/colonnes/", statements.columns, name="import_columns"),
    path(f"{BANK}remises/", slips.slips, name="slips"),
    path(f"{BANK}remises/<int:slip_id>/", slips.slip, name="slip"),
    path(f"{BANK}remises/<int:slip_id>/pdf/", slips.slip_pdf, name="slip_pdf"),
    path(f"{BANK}remises/<int:slip_id>/annulation/", slips.cancel_slip, name="cancel_slip"),
    path(f"{BANK}helloasso/", slips.payouts, name="payouts"),
    path(f"{BANK}helloasso/<int:payout_id>/", slips.payout, name="payout"),
    path(f"{STAFF}paiements/<int:payment_id>/recu/", slips.give_receipt, name="give_receipt"),
    path(f"{STAFF}recus/<int:receipt_id>/pdf/", slips.receipt_pdf, name="receipt_pdf"),
    path(f"{MINE}recus/<int:receipt_id>/pdf/", slips.my_receipt_pdf, name="my_receipt_pdf"),
    path(OPENING, openings.openings, name="openings"),
    path(OPENING_FILE, openings.opening, name="opening"),
    path(f"{OPENING_FILE}colonnes/", openings.opening_columns, name="opening_columns"),
    path(f"{OPENING_FILE}resultat/", openings.opening_result, name="opening_result"),
    path(f"{OPENING_FILE}a-corriger.csv", openings.opening_to_mend, name="opening_to_mend"),
    path(f"{OPENING}<slug:kind>/", openings.drop_opening, name="drop_opening"),
    path(f"{OPENING}<slug:kind>/modele.<slug:extension>", openings.opening_template, name="opening_template"),
    path(f"{STAFF}depots/", deposits.deposits, name="deposits"),
    path(f"{ACCOUNT}depot/", deposits.ask_deposit, name="ask_deposit"),
    path(DEPOSIT, deposits.deposit, name="deposit"),
    path(f"{DEPOSIT}recu/", deposits.move_deposit, {"kind": DepositMoveKind.RECEIVED}, name="receive_deposit"),
    path(f"{DEPOSIT}retenue/", deposits.move_deposit, {"kind": DepositMoveKind.KEPT}, name="keep_deposit"),
    path(f"{DEPOSIT}rendu/", deposits.move_deposit, {"kind": DepositMoveKind.REFUNDED}, name="refund_deposit"),
    path(
        f"{DEPOSIT}imputation/",
        deposits.move_deposit,
        {"kind": DepositMoveKind.SET_AGAINST},
        name="set_deposit_against",
    ),
    path(f"{DEPOSIT}annulation/", deposits.cancel_deposit, name="cancel_deposit"),
    path(f"{DEPOSIT}demande/", deposits.send_deposit_paper, {"kind": REQUEST}, name="send_deposit_request"),
    path(f"{DEPOSIT}solde/", deposits.send_deposit_paper, {"kind": STATEMENT}, name="send_deposit_statement"),
    path(f"{DEPOSIT}demande/pdf/", deposits.deposit_paper, {"kind": REQUEST}, name="deposit_request_pdf"),
    path(f"{DEPOSIT}solde/pdf/", deposits.deposit_paper, {"kind": STATEMENT}, name="deposit_statement_pdf"),
    path(
        f"{STAFF}depots/mouvements/<int:move_id>/annulation/",
        deposits.cancel_deposit_move,
        name="cancel_deposit_move",
    ),
    path(f"{ACCOUNT}remboursement/", refunds.record_refund, name="record_refund"),
    path(f"{STAFF}remboursements/<int:refund_id>/annulation/", refunds.cancel_refund, name="cancel_refund"),
    path(
        f"{MINE}depots/<int:deposit_id>/demande/pdf/",
        deposits.my_deposit_paper,
        {"kind": REQUEST},
        name="my_deposit_request_pdf",
    ),
    path(
        f"{MINE}depots/<int:deposit_id>/solde/pdf/",
        deposits.my_deposit_paper,
        {"kind": STATEMENT},
        name="my_deposit_statement_pdf",
    ),
    path(DEBITS, debits.debits, name="debits"),
    path(f"{DEBITS}fichiers/", debits.batches, name="batches"),
    path(f"{DEBITS}fichiers/<int:batch_id>/", debits.batch, name="batch"),
    path(f"{DEBITS}fichiers/<int:batch_id>/xml/", debits.batch_file, name="batch_file"),
    path(f"{DEBITS}fichiers/<int:batch_id>/encaissement/", debits.collect, name="collect_batch"),
    path(f"{DEBITS}emetteur/<int:issuer_id>/<str:day>/", debits.make_file, name="make_debit_file"),
    path(f"{DEBITS}<int:debit_id>/retrait/", debits.withdraw, name="withdraw_debit"),
    path(f"{DEBITS}<int:debit_id>/rejet/", debits.fail, name="fail_debit"),
    path(f"{DEBITS}retours/", bank_returns.bank_returns, name="bank_returns"),
    path(f"{DEBITS}retours/<int:return_id>/", bank_returns.bank_return, name="bank_return"),
    path(MANDATES, mandates.mandates, name="mandates"),
    path(f"{MANDATES}<int:mandate_id>/", mandates.mandate, name="mandate"),
    path(f"{MANDATES}<int:mandate_id>/papier/", mandates.mandate_paper, name="mandate_paper"),
    path(f"{MANDATES}<int:mandate_id>/reprise/", mandates.resume_mandate, name="resume_mandate"),
    path(f"{ACCOUNT}mandat/", mandates.account_mandate, name="account_mandate"),
    path(f"{ACCOUNT}mandat/papier/", mandates.paper_mandate, name="paper_mandate"),
    path(f"{MINE}<int:account_id>/prelevement/", my_mandate.my_mandate, name="my_mandate"),
    path(f"{MINE}<int:account_id>/prelevement/mandat/", my_mandate.my_mandate_paper, name="my_mandate_paper"),
    path(f"{MINE}<int:account_id>/prelevement/revocation/", my_mandate.end_my_mandate, name="end_my_mandate"),
    path(f"{STAFF}relances/", reminders.reminders, name="reminders"),
    path(f"{STAFF}relances/envoi/", reminders.send_reminders, name="send_reminders"),
    path(f"{STAFF}balance-agee/", account_statements.aged, name="aged"),
    path(f"{ACCOUNT}echeancier/", arrangements.arrangement, name="arrangement"),
    path(f"{ACCOUNT}echeancier/fin/", arrangements.end_arrangement, name="end_arrangement"),
    path(f"{ACCOUNT}relances/", reminders.account_reminders, name="account_reminders"),
    path(f"{ACCOUNT}relances/reprise/", reminders.end_exception, name="end_exception"),
    path(f"{ACCOUNT}relances/pas-cette-fois/", reminders.skip_once, name="skip_once"),
    path(f"{ACCOUNT}appel/", reminders.note_call, name="note_call"),
    path(f"{ACCOUNT}releve/", account_statements.account_statement, name="account_statement"),
    path(f"{ACCOUNT}factures-<int:year>/", account_statements.prepare_year, name="prepare_year"),
    path(f"{ACCOUNT}factures-<int:year>.zip", account_statements.year_zip, name="year_zip"),
    path(f"{INVOICE}contestation/", reminders.close_dispute, name="close_dispute"),
    path(f"{INVOICE}echeancier/", schedules.schedule, name="schedule"),
    path(f"{INVOICE}echeancier/fin/", schedules.end_schedule, name="end_schedule"),
    path(f"{SETTINGS}relances/", reminders.reminder_settings, name="reminder_settings"),
    path(f"{SETTINGS}relances/taux/", reminders.penalty_rate, name="penalty_rate"),
    path(f"{SETTINGS}relances/niveau-<rank:rank>/", reminders.reminder_level, name="reminder_level"),
    path(f"{SETTINGS}relances/niveau-<rank:rank>/retrait/", reminders.end_reminder_level, name="end_reminder_level"),
    path(MINE, member.my_account, name="my_account"),
    path(f"{MINE}moi/", member.personal_account, name="personal_account"),
    path(f"{MINE}factures/<int:invoice_id>/", member.my_invoice, name="my_invoice"),
    path(f"{MINE}factures/<int:invoice_id>/pdf/", member.my_invoice_pdf, name="my_invoice_pdf"),
    path(f"{MINE}factures/<int:invoice_id>/carte/", cards.pay_by_card, name="pay_by_card"),
    path(f"{MINE}carte/<uuid:card_key>/", cards.my_card_payment, name="my_card_payment"),
    path("paiements/carte/", cards.card_message, name="card_message"),
    path(f"{MINE}factures/<int:invoice_id>/xml/", member.my_invoice_xml, name="my_invoice_xml"),
    path(f"{MINE}devis/", my_quotes.my_quotes, name="my_quotes"),
    path(f"{MINE}devis/<int:quote_id>/", my_quotes.my_quote, name="my_quote"),
    path(f"{MINE}devis/<int:quote_id>/pdf/", my_quotes.my_quote_pdf, name="my_quote_pdf"),
    path(f"{MINE}factures/<int:invoice_id>/contestation/", member.dispute, name="dispute"),
    path(f"{MINE}releve/<int:account_id>/", account_statements.my_statement, name="my_statement"),
    path(
        f"{MINE}releve/<int:account_id>/factures-<int:year>/",
        account_statements.prepare_my_year,
        name="prepare_my_year",
    ),
    path(f"{MINE}releve/<int:account_id>/factures-<int:year>.zip", account_statements.my_year_zip, name="my_year_zip"),
    path(f"{MINE}<slug:public_id>/", member.structure_account, name="structure_account"),
]
