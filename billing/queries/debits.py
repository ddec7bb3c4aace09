"""What can be collected, when, and why the rest cannot."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from decimal import Decimal

from django.utils.translation import gettext as _

from billing.banking import bank_day, bank_day_before, is_bank_day
from billing.enums import OWED, DebitState
from billing.models import Debit, DebitBatch, Invoice, Issuer, Mandate
from billing.money import ZERO
from billing.queries.accounts import recipients
from billing.queries.arrangements import kept_invoices
from billing.queries.mandates import mandates_by_account, why_not_debited
from hubs import french


@dataclass(frozen=True)
class DebitProposal:
    """An invoice that is due, and when it can be collected; or `reason`, why it cannot."""

    invoice: Invoice
    mandate: Mandate
    # Where it cannot, the day on which one would have asked.
    collect_on: dt.date
    # The day that was aimed at, where banks are closed on it.
    moved_from: dt.date | None = None
    # Under way already: proposed by the invoice itself, or announced for a day that has passed.
    debit: Debit | None = None
    to: list[str] = field(default_factory=list)
    reason: str = ""

    @property
    def is_announced(self) -> bool:
        """Whether the mail of the invoice has announced this very debit: no other mail leaves."""
        return self.debit is not None and self.debit.collect_on == self.collect_on

    @property
    def amount(self) -> Decimal:
        return self.invoice.due  # type: ignore[attr-defined]


@dataclass(frozen=True)
class Proposals:
    ready: list[DebitProposal]
    blocked: list[DebitProposal]
    # Invoices that are due on accounts that never had a mandate.
    without: int

    @property
    def total(self) -> Decimal:
        return sum((proposal.amount for proposal in self.ready), ZERO)

    @property
    def mails(self) -> int:
        return sum(not proposal.is_announced for proposal in self.ready)


@dataclass(frozen=True)
class Round:
    """The debits of one issuer announced for one day: they make one file."""

    issuer: Issuer
    collect_on: dt.date
    leaving: list[Debit]
    # Those that stay out of the file, each with its reason.
    staying: list[tuple[Debit, str]] = field(default_factory=list)

    @property
    def total(self) -> Decimal:
        return sum((debit.amount for debit in self.leaving), ZERO)

    @property
    def at_bank_by(self) -> dt.date:
        """The last day to hand the file to the bank."""
        return bank_day_before(self.collect_on)


def still_time(collect_on: dt.date, today: dt.date) -> bool:
    """Whether a file given today reaches the bank a banking day before."""
    return today <= bank_day_before(collect_on)


def first_day(due_date: dt.date, notice: int, today: dt.date) -> tuple[dt.date, dt.date]:
    """The day aimed at and the banking day on which it can be collected, announced today."""
    wanted = max(due_date, today + dt.timedelta(days=notice))
    collect_on = bank_day(wanted)
    while not still_time(collect_on, today):
        collect_on = bank_day(collect_on + dt.timedelta(days=1))
    return wanted, collect_on


def debit_proposals(today: dt.date, invoices: Iterable[int] | None = None) -> Proposals:
    """Every invoice that is due (or those asked about) and not on its way; seven queries, whatever their number."""
    due = Invoice.objects.issued().filter(kind__in=OWED).with_due().filter(due__gt=0)
    if invoices is not None:
        due = due.filter(pk__in=list(invoices))
    found = list(
        due.select_related("account__organisation", "account__person", "issuer").order_by("due_date", "number", "pk")
    )
    mandates = mandates_by_account({invoice.account_id for invoice in found})
    under_way = {debit.invoice_id: debit for debit in Debit.objects.open().filter(invoice__in=found)}
    mails = recipients({invoice.account_id: invoice.account for invoice in found}.values(), today)
    arranged = kept_invoices([invoice.pk for invoice in found], today)
    ready: list[DebitProposal] = []
    blocked: list[DebitProposal] = []
    without = 0
    for invoice in found:
        debit, mandate = under_way.get(invoice.pk), mandates.get((invoice.account_id, invoice.issuer_id))
        if debit and (
            debit.state == DebitState.IN_FILE
            or (debit.state == DebitState.ANNOUNCED and still_time(debit.collect_on, today))
        ):
            continue
        if mandate is None:
            without += 1
            continue
        proposal = _proposal(invoice, mandate, debit, mails[invoice.account_id], today)
        if invoice.pk in arranged:
            proposal = replace(proposal, reason=_("Un échéancier est convenu et tenu : il se paie à ses dates."))
        (blocked if proposal.reason else ready).append(proposal)
    return Proposals(ready, blocked, without)


def _proposal(invoice: Invoice, mandate: Mandate, debit: Debit | None, to: list[str], today: dt.date) -> DebitProposal:
    issuer = invoice.issuer
    wanted, collect_on = first_day(invoice.due_date or today, issuer.debit_notice_days, today)
    if reason := why_not_debited(mandate, issuer, today):
        return DebitProposal(invoice, mandate, collect_on=collect_on, debit=debit, reason=reason)
    if debit and _is_announced(debit, invoice, mandate, today):
        return DebitProposal(invoice, mandate, collect_on=debit.collect_on, debit=debit, to=to)
    if not to:
        words = _("Aucune adresse électronique pour l’annoncer. Complétez la fiche.")
        return DebitProposal(invoice, mandate, collect_on=collect_on, debit=debit, reason=words)
    return DebitProposal(
        invoice,
        mandate,
        collect_on=collect_on,
        moved_from=None if is_bank_day(wanted) and wanted == collect_on else wanted,
        debit=debit,
        to=to,
    )


def _is_announced(debit: Debit, invoice: Invoice, mandate: Mandate, today: dt.date) -> bool:
    """Whether the invoice said this amount, this day and this mandate, in time."""
    return (
        debit.state == DebitState.PROPOSED
        and debit.announced_on is not None
        and debit.amount == invoice.due  # type: ignore[attr-defined]
        and debit.mandate_id == mandate.pk
        and still_time(debit.collect_on, today)
    )


def debit_rounds(today: dt.date) -> list[Round]:
    """The files to make, soonest first."""
    announced = Debit.objects.announced().for_display().order_by("collect_on", "pk")
    groups: dict[tuple[dt.date, int], list[Debit]] = defaultdict(list)
    for debit in announced:
        if still_time(debit.collect_on, today):
            groups[debit.collect_on, debit.mandate.issuer_id].append(debit)
    issuers = Issuer.objects.in_bulk({issuer_id for _day, issuer_id in groups})
    checks = _checks([debit for debits in groups.values() for debit in debits], issuers, today)
    return [
        _round(issuers[issuer_id], collect_on, debits, checks)
        for (collect_on, issuer_id), debits in sorted(groups.items(), key=lambda group: group[0])
    ]


def debit_round(issuer: Issuer, collect_on: dt.date, debits: list[Debit], today: dt.date) -> Round:
    """What a file of these debits would hold, and what stays out."""
    return _round(issuer, collect_on, debits, _checks(debits, {issuer.pk: issuer}, today))


def _round(issuer: Issuer, collect_on: dt.date, debits: list[Debit], reasons: dict[int, str]) -> Round:
    return Round(
        issuer,
        collect_on,
        leaving=[debit for debit in debits if not reasons[debit.pk]],
        staying=[(debit, reasons[debit.pk]) for debit in debits if reasons[debit.pk]],
    )


def _checks(debits: list[Debit], issuers: dict[int, Issuer], today: dt.date) -> dict[int, str]:
    """Why each debit may no longer leave, by its id: empty where it may."""
    invoices = Invoice.objects.with_due().in_bulk([debit.invoice_id for debit in debits]) if debits else {}
    wanted = Mandate.objects.with_last_collection()
    mandates = wanted.in_bulk([debit.mandate_id for debit in debits]) if debits else {}
    reasons = {}
    for debit in debits:
        invoice, mandate = invoices[debit.invoice_id], mandates[debit.mandate_id]
        reasons[debit.pk] = _why_not(invoice, debit.amount) or why_not_debited(
            mandate, issuers[mandate.issuer_id], today
        )
    return reasons


def _why_not(invoice: Invoice, amount: Decimal) -> str:
    due: Decimal = invoice.due  # type: ignore[attr-defined]
    if invoice.is_credited:  # type: ignore[attr-defined]
        return _("La facture est annulée par un avoir.")
    if not due:
        return _("La facture est déjà payée.")
    if due != amount:
        return _("Il reste %(due)s à payer, et non %(amount)s\u00a0: il s’annonce de nouveau.") % {
            "due": french.euros(due),
            "amount": french.euros(amount),
        }
    return ""


def batch_lines(batch: DebitBatch) -> list[Debit]:
    """What the file holds, and after it what stayed out."""
    lines = Debit.objects.for_display().filter(batch=batch)
    return sorted(lines, key=lambda debit: (not debit.end_to_end, debit.invoice.number or "", debit.pk))


def failed_debits() -> list[Debit]:
    """Refused or taken back by the bank, and nothing was done about the invoice since."""
    failed = Debit.objects.for_display().filter(state__in=[DebitState.REJECTED, DebitState.RETURNED])
    last = list(failed.order_by("invoice_id", "-pk").distinct("invoice_id"))
    due = set(
        Invoice.objects.with_due()
        .filter(pk__in=[debit.invoice_id for debit in last], due__gt=0)
        .exclude(pk__in=Debit.objects.open().values("invoice"))
        .values_list("pk", flat=True)
    )
    return sorted(
        (debit for debit in last if debit.invoice_id in due),
        key=lambda debit: (debit.ended_on or dt.date.min, debit.pk),
    )
