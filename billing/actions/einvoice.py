"""The electronic form of invoices: drafts checked before their number, the buyer's marks, Chorus Pro."""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from billing.einvoice.facts import Facts, facts_of, facts_of_draft
from billing.einvoice.faults import remedies
from billing.models import Account, BuyerProfile, ChorusDeposit, DraftCheck, Invoice
from billing.papers import month_name, profiles_of
from billing.queries.mandates import mandates_serving
from billing.queries.months import MonthPlan
from billing.rules import require_accounts
from hubs import languages
from hubs.actions import add_item, record, start_run
from hubs.actors import Actor
from hubs.models import Run
from hubs.refusals import Refusal

# Drafts of one item: some seconds of work, so that killed it loses little.
BATCH = 50


class DraftFaulty(Refusal):
    message = _("Ce document ne passe pas le contrôle de la facture électronique.")


class AddressOfAnother(Refusal):
    message = _("Cette adresse commence par le SIREN de la structure.")
    field = "einvoice_address"


class HandedInInFuture(Refusal):
    message = _("Un dépôt se note le jour où il est fait, ou après.")
    field = "deposited_on"


class DepositBeforeInvoice(Refusal):
    message = _("Cette facture n’était pas encore émise ce jour-là.")
    field = "deposited_on"


class NotForChorus(Refusal):
    message = _("Seules les factures d’un organisme public se déposent sur Chorus Pro.")


def start_checks(*, plan: MonthPlan, by: Actor) -> Run | None:
    """Have the drafts that no check knows as they are now checked by the worker; None when there is none."""
    keys = {draft.key for draft in plan.drafts if not draft.is_checked}
    if not keys:
        return None
    rows = Invoice.objects.drafts().filter(close=None, period=plan.month)
    ids = [
        pk
        for pk, *key in rows.order_by("pk").values_list("pk", "account_id", "issuer_id", "kind")
        if tuple(key) in keys
    ]
    with languages.of_hub():
        title = _("Contrôle des factures de %(month)s") % {"month": month_name(plan.month)}
    run = start_run(title=title, by=by)
    for start in range(0, len(ids), BATCH):
        add_item(run=run, job="billing.check_drafts", label=title, invoice_ids=ids[start : start + BATCH])
    return run


@transaction.atomic
def check_drafts(*, invoice_ids: Iterable[int]) -> None:
    """Check these drafts, those that are still there and that changed since. Raises CheckerSilent."""
    drafts = Invoice.objects.drafts().filter(pk__in=list(invoice_ids)).prefetch_related("lines")
    wanted = list(drafts.select_related("account__organisation", "account__person", "issuer").order_by("pk"))
    profiles = profiles_of([draft.account for draft in wanted])
    mandates = mandates_serving([draft.account for draft in wanted])
    known = {
        (check.account_id, check.issuer_id, check.kind): check.fingerprint
        for check in DraftCheck.objects.filter(account__in=[draft.account_id for draft in wanted])
    }
    for draft in wanted:
        facts = facts_of_draft(draft, profiles.get(draft.account_id), mandates.get((draft.account_id, draft.issuer_id)))
        if known.get((draft.account_id, draft.issuer_id, draft.kind)) != facts.fingerprint:
            _check(draft, facts)


def _check(draft: Invoice, facts: Facts) -> DraftCheck:
    # Starts a process of its own: web processes that import the actions do not.
    from billing.einvoice.checker import faults_of

    check, _is_new = DraftCheck.objects.update_or_create(
        account_id=draft.account_id,
        issuer_id=draft.issuer_id,
        kind=draft.kind,
        defaults={"fingerprint": facts.fingerprint, "faults": faults_of(facts), "checked_at": timezone.now()},
    )
    return check


def require_valid(draft: Invoice, profile: BuyerProfile | None) -> None:
    """Before a number is given. What no check knows yet is checked now. Raises DraftFaulty, CheckerSilent."""
    facts = facts_of_draft(draft, profile, mandates_serving([draft.account]).get((draft.account_id, draft.issuer_id)))
    known = DraftCheck.objects.filter(account=draft.account_id, issuer=draft.issuer_id, kind=draft.kind).first()
    if known is None or known.fingerprint != facts.fingerprint:
        known = _check(draft, facts)
    if known.faults:
        raise DraftFaulty(" ".join(remedy.text for remedy in remedies(known.faults, draft.account)))


def require_sound(invoice: Invoice) -> None:
    """Of what is numbered on a page, in the transaction that numbers it. Raises DraftFaulty, CheckerSilent."""
    from billing.einvoice.checker import faults_of

    if faults := faults_of(facts_of(invoice)):
        raise DraftFaulty(" ".join(remedy.text for remedy in remedies(faults, invoice.account)))


@transaction.atomic
def describe_buyer(*, account: Account, values: Mapping[str, Any], by: Actor) -> BuyerProfile:
    """Say what a structure asks to read on its invoices; those that are issued keep what they showed.

    A service code that is asked for and not known yet holds the month's draft back. Raises AddressOfAnother.
    """
    require_accounts(by)
    values = dict(values)
    if not values["is_public"]:
        values |= {"needs_service_code": False, "service_code": ""}
    siren = account.organisation.siren if account.organisation else ""
    if values["einvoice_address"] and not (siren and values["einvoice_address"].startswith(siren)):
        raise AddressOfAnother
    held = BuyerProfile.objects.select_for_update(of=("self",), no_key=True).filter(account=account).first()
    before = {name: getattr(held, name) for name in values} if held else None
    profile, _is_new = BuyerProfile.objects.update_or_create(account=account, defaults=values)
    record(by=by, verb="billing.buyer_described", thing=account, before=before, after=values, concerns=account)
    return profile


@transaction.atomic
def note_handed_in(*, invoice: Invoice, deposited_on: dt.date, by: Actor, today: dt.date) -> ChorusDeposit:
    """Note the day an invoice was handed in on Chorus Pro; noted again, the day is corrected.

    Raises NotForChorus, HandedInInFuture, DepositBeforeInvoice.
    """
    require_accounts(by)
    if not (invoice.buyer or {}).get("is_public"):
        raise NotForChorus
    if deposited_on > today:
        raise HandedInInFuture
    if invoice.issue_date and deposited_on < invoice.issue_date:
        raise DepositBeforeInvoice
    deposit, _is_new = ChorusDeposit.objects.update_or_create(invoice=invoice, defaults={"deposited_on": deposited_on})
    after = {"deposited_on": deposited_on}
    record(by=by, verb="billing.deposited", thing=invoice, after=after, concerns=invoice.account)
    return deposit
