"""What the log and the mails name « billing.invoice:12 », as those who keep the accounts see it."""

import datetime as dt
from collections.abc import Callable, Collection
from typing import Any

from django.db.models import Model
from django.urls import reverse
from django.utils.translation import gettext as _

from billing.models import (
    Account,
    BankAccount,
    BankLine,
    BankReturn,
    BankStatement,
    BooksYear,
    Charge,
    ChequeSlip,
    Debit,
    DebitBatch,
    DeclaredAid,
    Deposit,
    Invoice,
    Issuer,
    LedgerRule,
    Mandate,
    MinimisCertificate,
    MinimisRegime,
    MonthClose,
    Payment,
    Payout,
    PayoutPayment,
    PenaltyRate,
    PlatformArrival,
    PlatformLink,
    Quote,
    Receipt,
    RecurringCharge,
    Refund,
    ReminderLevel,
    ReminderPolicy,
    SupplierInvoice,
)
from billing.papers import title_of
from billing.queries.accounts import recipients
from hubs import french
from hubs.models import Run
from hubs.parts import Thing, ids_of
from parties.models import ImportDraft


def things_named(names: Collection[str], today: dt.date) -> dict[str, Thing]:
    """One query for each kind of thing, and more for where the papers are sent today."""
    return (
        _invoices(names, today)
        | _quotes(names, today)
        | _accounts(names, today)
        | _on_accounts(names)
        | _deposits(names, today)
        | _months(names)
        | _recurring(names)
        | _minimis(names, today)
        | _suppliers(names)
        | _books(names)
        | _bank(names)
        | _debits(names, today)
        | _chasing(names)
        | _platform(names)
    )


def _invoices(names: Collection[str], today: dt.date) -> dict[str, Thing]:
    ids = ids_of("billing.invoice", names)
    found = Invoice.objects.filter(pk__in=ids).select_related("account__organisation", "account__person")
    invoices = list(found) if ids else []
    addresses = recipients([invoice.account for invoice in invoices], today)
    return {
        f"billing.invoice:{invoice.pk}": Thing(
            label=title_of(invoice),
            url=reverse("billing:invoice", args=[invoice.pk]),
            addresses=addresses[invoice.account_id],
            mend_url=_mend_url(invoice.account),
        )
        for invoice in invoices
    }


def _quotes(names: Collection[str], today: dt.date) -> dict[str, Thing]:
    ids = ids_of("billing.quote", names)
    found = Quote.objects.filter(pk__in=ids).select_related("account__organisation", "account__person")
    quotes = list(found) if ids else []
    addresses = recipients([quote.account for quote in quotes], today)
    return {
        f"billing.quote:{quote.pk}": Thing(
            label=str(quote),
            url=reverse("billing:quote", args=[quote.pk]),
            addresses=addresses[quote.account_id],
            mend_url=_mend_url(quote.account),
        )
        for quote in quotes
    }


def _mend_url(account: Account) -> str:
    organisation = account.organisation
    return reverse("parties:structure_edit", args=[organisation.public_id]) if organisation else ""


def _accounts(names: Collection[str], today: dt.date) -> dict[str, Thing]:
    """A reminder is about the account, and goes where its invoices go."""
    ids = ids_of("billing.account", names)
    found = list(Account.objects.with_holders().filter(pk__in=ids)) if ids else []
    addresses = recipients(found, today)
    return {
        f"billing.account:{account.pk}": Thing(
            label=str(account),
            url=_url_of(account.pk),
            addresses=addresses[account.pk],
            mend_url=_mend_url(account),
        )
        for account in found
    }


def _on_accounts(names: Collection[str]) -> dict[str, Thing]:
    """Charges, payments and refunds are read on their account."""
    found = {}
    for model in (Charge, Payment, Refund):
        label = model._meta.label_lower
        if ids := ids_of(label, names):
            for row in model.objects.filter(pk__in=ids):
                found[f"{label}:{row.pk}"] = Thing(label=str(row), url=_url_of(row.account_id))
    return found


def _deposits(names: Collection[str], today: dt.date) -> dict[str, Thing]:
    ids = ids_of("billing.deposit", names)
    found = Deposit.objects.filter(pk__in=ids).select_related("account__organisation", "account__person")
    deposits = list(found) if ids else []
    addresses = recipients([deposit.account for deposit in deposits], today)
    return {
        f"billing.deposit:{deposit.pk}": Thing(
            label=str(deposit),
            url=reverse("billing:deposit", args=[deposit.pk]),
            addresses=addresses[deposit.account_id],
            mend_url=_mend_url(deposit.account),
        )
        for deposit in deposits
    }


def _url_of(account_id: int) -> str:
    return reverse("billing:account", args=[account_id])


def _recurring(names: Collection[str]) -> dict[str, Thing]:
    ids = ids_of("billing.recurringcharge", names)
    return {
        f"billing.recurringcharge:{recurring.pk}": Thing(
            label=str(recurring), url=reverse("billing:recurring", args=[recurring.pk])
        )
        for recurring in (RecurringCharge.objects.filter(pk__in=ids) if ids else ())
    }


def _minimis(names: Collection[str], today: dt.date) -> dict[str, Thing]:
    found: dict[str, Thing] = {}
    for regime in MinimisRegime.objects.filter(pk__in=ids_of("billing.minimisregime", names)):
        found[f"billing.minimisregime:{regime.pk}"] = Thing(label=str(regime), url=reverse("billing:minimis"))
    for aid in DeclaredAid.objects.filter(pk__in=ids_of("billing.declaredaid", names)):
        url = reverse("billing:aids", args=[aid.account_id])
        found[f"billing.declaredaid:{aid.pk}"] = Thing(label=str(aid), url=url)
    rows = MinimisCertificate.objects.filter(pk__in=ids_of("billing.minimiscertificate", names))
    certificates = list(rows.select_related("account__organisation", "account__person"))
    addresses = recipients([each.account for each in certificates], today)
    for each in certificates:
        found[f"billing.minimiscertificate:{each.pk}"] = Thing(
            label=str(each),
            url=reverse("billing:minimis_year", args=[each.year]),
            addresses=addresses[each.account_id],
            mend_url=_mend_url(each.account),
        )
    return found


def _months(names: Collection[str]) -> dict[str, Thing]:
    ids = ids_of("billing.monthclose", names)
    return {
        f"billing.monthclose:{close.pk}": Thing(
            label=str(close), url=reverse("billing:month_result", args=[close.month])
        )
        for close in (MonthClose.objects.filter(pk__in=ids) if ids else ())
    }


def _suppliers(names: Collection[str]) -> dict[str, Thing]:
    ids = ids_of("billing.supplierinvoice", names)
    return {
        f"billing.supplierinvoice:{invoice.pk}": Thing(
            label=str(invoice), url=reverse("billing:supplier_invoice", args=[invoice.pk])
        )
        for invoice in (SupplierInvoice.objects.filter(pk__in=ids) if ids else ())
    }


def _books(names: Collection[str]) -> dict[str, Thing]:
    """Years on their own page, issuers where their books are stopped, rules of the ledger in the settings."""
    found = {}
    if ids := ids_of("billing.booksyear", names):
        for year in BooksYear.objects.filter(pk__in=ids):
            url = reverse("billing:year", args=[year.pk])
            found[f"billing.booksyear:{year.pk}"] = Thing(label=str(year), url=url)
    if ids := ids_of("billing.issuer", names):
        for issuer in Issuer.objects.filter(pk__in=ids):
            found[f"billing.issuer:{issuer.pk}"] = Thing(label=str(issuer), url=reverse("billing:years"))
    if ids := ids_of("billing.ledgerrule", names):
        for rule in LedgerRule.objects.filter(pk__in=ids):
            found[f"billing.ledgerrule:{rule.pk}"] = Thing(label=str(rule), url=reverse("billing:ledger"))
    return found


def _bank(names: Collection[str]) -> dict[str, Thing]:
    """What the bank said, slips and transfers, each on its page; a receipt on the account of who paid."""
    pages: dict[type[Model], Callable[[Any], str]] = {
        BankAccount: lambda row: reverse("billing:bank_accounts"),
        BankLine: lambda row: reverse("billing:bank_line", args=[row.pk]),
        BankStatement: lambda row: reverse("billing:statements"),
        ChequeSlip: lambda row: reverse("billing:slip", args=[row.pk]),
        Payout: lambda row: reverse("billing:payout", args=[row.pk]),
        PayoutPayment: lambda row: reverse("billing:payout", args=[row.payout_id]),
        Receipt: lambda row: _url_of(row.payment.account_id),
    }
    found = {}
    for model, url_of in pages.items():
        label = model._meta.label_lower
        if ids := ids_of(label, names):
            rows = model._default_manager.filter(pk__in=ids)
            for row in rows.select_related("payment") if model is Receipt else rows:
                found[f"{label}:{row.pk}"] = Thing(label=str(row), url=url_of(row))
    return found


def page_of_run(run: Run) -> str:
    """Where the result of a run of billing is shown; nothing for another's. What it is about says which."""
    label, _colon, pk = run.about.partition(":")
    if label == "billing.monthclose":
        return reverse("billing:month_result", args=[MonthClose.objects.get(pk=pk).month])
    if label == "billing.booksyear":
        return reverse("billing:year", args=[pk])
    if label == "billing.platformlink":
        return reverse("billing:einvoicing")
    if label == "billing.reminderpolicy":
        return reverse("billing:reminders")
    if label == "billing.mandate":
        return reverse("billing:mandate", args=[pk])
    if label != ImportDraft._meta.label_lower:
        # The check of the seals is about all of them.
        is_of_seals = not label and run.items.filter(job="billing.check_seals").exists()
        return reverse("billing:integrity") if is_of_seals else ""
    public_id = ImportDraft.objects.filter(pk=pk, purpose="opening").values_list("public_id", flat=True).first()
    return reverse("billing:opening_result", args=[public_id]) if public_id else ""


def _debits(names: Collection[str], today: dt.date) -> dict[str, Thing]:
    """Mandates, debits and the files that went to and came from the bank."""
    found: dict[str, Thing] = {}
    if ids := ids_of("billing.mandate", names):
        mandates = list(Mandate.objects.filter(pk__in=ids).select_related("account__organisation", "account__person"))
        addresses = recipients({each.account_id: each.account for each in mandates}.values(), today)
        for mandate in mandates:
            found[f"billing.mandate:{mandate.pk}"] = Thing(
                label=str(mandate),
                url=reverse("billing:mandate", args=[mandate.pk]),
                addresses=addresses[mandate.account_id],
                mend_url=_mend_url(mandate.account),
            )
    if ids := ids_of("billing.debit", names):
        debits = list(Debit.objects.filter(pk__in=ids).for_display())
        addresses = recipients({each.invoice.account_id: each.invoice.account for each in debits}.values(), today)
        for debit in debits:
            found[f"billing.debit:{debit.pk}"] = Thing(
                label=str(debit),
                url=reverse("billing:invoice", args=[debit.invoice_id]),
                addresses=addresses[debit.invoice.account_id],
                mend_url=_mend_url(debit.invoice.account),
            )
    for model, name in ((DebitBatch, "batch"), (BankReturn, "bank_return")):
        label = model._meta.label_lower
        if ids := ids_of(label, names):
            for row in model.objects.filter(pk__in=ids):
                found[f"{label}:{row.pk}"] = Thing(label=str(row), url=reverse(f"billing:{name}", args=[row.pk]))
    return found


def _chasing(names: Collection[str]) -> dict[str, Thing]:
    """How the hub chases is read among its settings."""
    found = {}
    for model in (ReminderLevel, ReminderPolicy, PenaltyRate):
        label = model._meta.label_lower
        if ids := ids_of(label, names):
            for row in model.objects.filter(pk__in=ids):
                found[f"{label}:{row.pk}"] = Thing(label=_words(row), url=reverse("billing:reminder_settings"))
    return found


def _platform(names: Collection[str]) -> dict[str, Thing]:
    """What the hub does with its platform, and what came from there and does not read."""
    found = {}
    if ids := ids_of("billing.platformlink", names):
        for link in PlatformLink.objects.filter(pk__in=ids):
            found[f"billing.platformlink:{link.pk}"] = Thing(label=str(link), url=reverse("billing:einvoicing"))
    if ids := ids_of("billing.platformarrival", names):
        for arrival in PlatformArrival.objects.filter(pk__in=ids):
            url = reverse("billing:supplier_invoices")
            found[f"billing.platformarrival:{arrival.pk}"] = Thing(label=str(arrival), url=url)
    return found


def _words(row: ReminderLevel | ReminderPolicy | PenaltyRate) -> str:
    if isinstance(row, PenaltyRate):
        return _("Pénalités à %(rate)s\u00a0%%") % {"rate": french.number(row.rate)}
    return str(row)
