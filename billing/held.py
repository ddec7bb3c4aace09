"""What billing holds about a structure, and who reads it."""

from django.utils.translation import gettext_lazy as _

from billing.rules import accounts, sees_debts
from parties.held import nobody_there
from parties.parts import Held
from parties.rules import administers, works_for

HELD = (
    Held(
        key="billing.account",
        title=_("Le compte"),
        what=_(
            "Ce que vous prenez, les devis, les factures, les paiements, les dépôts, les relances, les aides de minimis."
        ),
        models=(
            "billing.Account",
            "billing.Arrangement",
            "billing.BuyerProfile",
            "billing.Charge",
            "billing.DeclaredAid",
            "billing.Deposit",
            "billing.Invoice",
            "billing.MinimisCertificate",
            "billing.Payment",
            "billing.PayoutPayment",
            "billing.Quote",
            "billing.RecurringCharge",
            "billing.Refund",
            "billing.Reminder",
        ),
        team=accounts,
        ours=works_for,
        looks=("billing.account_seen",),
        rank=30,
    ),
    Held(
        key="billing.debts",
        title=_("Ce que vous devez"),
        what=_("Le solde de votre compte et son ancienneté, sans ce que vous avez pris."),
        models=(),
        team=sees_debts,
        ours=works_for,
        rank=31,
    ),
    Held(
        key="billing.books",
        title=_("Les écritures du pôle"),
        what=_(
            "La comptabilité du pôle, les contrôles avant facturation, les factures et les relances mises en attente."
        ),
        models=("billing.DraftCheck", "billing.HeldBack", "billing.JournalLine", "billing.ReminderException"),
        team=accounts,
        ours=nobody_there,
        rank=32,
    ),
    Held(
        key="billing.mandate",
        title=_("Le mandat de prélèvement"),
        what=_("Votre IBAN, dont le portail ne montre que la fin, et qui a signé."),
        models=("billing.Mandate",),
        team=accounts,
        ours=administers,
        others=_("La banque du pôle, à chaque prélèvement."),
        rank=33,
    ),
    Held(
        key="billing.supplies",
        title=_("Ce que le pôle vous achète"),
        what=_("Les factures que vous lui adressez, et leur règlement."),
        models=("billing.SupplierInvoice",),
        team=accounts,
        ours=nobody_there,
        rank=34,
    ),
)
