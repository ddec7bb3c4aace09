"""What closing a month would invoice, what stands in the way, and how far the issue is."""

import datetime as dt
import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from django.db.models import Count, Sum
from django.urls import reverse
from django.utils.translation import gettext as _

from billing.einvoice.facts import provisional
from billing.einvoice.faults import Remedy, remedies
from billing.enums import OWED, InvoiceKind, VatCategory, VatRegime
from billing.models import Account, BuyerProfile, Charge, DraftCheck, HeldBack, Invoice, Issuer, MonthClose
from billing.money import ZERO, Totals, totals
from billing.papers import profiles_of
from billing.queries.accounts import recipients
from billing.queries.mandates import mandates_serving
from billing.queries.recurring import Gathering, Trouble, gathering_of
from documents.models import Document
from documents.queries import documents_of
from hubs import french
from hubs.actions import name_of
from hubs.enums import ItemState
from hubs.models import Mail, RunItem

# An invoice that many times last month's is shown before it leaves.
UNUSUAL_TIMES = 3


@dataclass(frozen=True)
class Anomaly:
    """Something to look at. `blocks`: what it is about stays out of this month's invoices until mended."""

    kind: str
    text: str
    url: str
    action: str
    blocks: bool
    account: Account | None = None


@dataclass(frozen=True)
class DraftPlan:
    """An invoice as it would be."""

    account: Account
    issuer: Issuer
    kind: InvoiceKind
    charges: tuple[Charge, ...]
    totals: Totals
    # What the last check found; None when it has not been checked as it is now.
    faults: tuple[dict[str, str], ...] | None = None

    @property
    def is_checked(self) -> bool:
        return self.faults is not None

    @property
    def key(self) -> tuple[int, int, str]:
        """At most one draft has it."""
        return self.account.pk, self.issuer.pk, self.kind.value

    @property
    def charge_ids(self) -> frozenset[int]:
        return frozenset(charge.pk for charge in self.charges)


@dataclass(frozen=True)
class Held:
    """What an account would be invoiced, had it not been put off to the next month."""

    account: Account
    reason: str
    who: str
    total_incl: Decimal


@dataclass(frozen=True)
class MonthPlan:
    month: dt.date
    drafts: list[DraftPlan]
    anomalies: list[Anomaly] = field(default_factory=list)
    held: list[Held] = field(default_factory=list)
    # What falls due and is on no account yet: not written.
    to_gather: list[Charge] = field(default_factory=list)

    @property
    def total_incl(self) -> Decimal:
        return sum((draft.totals.incl for draft in self.drafts), ZERO)

    @property
    def checked_count(self) -> int:
        return sum(draft.is_checked for draft in self.drafts)

    @property
    def blocking(self) -> list[Anomaly]:
        return [anomaly for anomaly in self.anomalies if anomaly.blocks]

    @property
    def fingerprint(self) -> str:
        """Changes with any charge that would be invoiced: what was seen is what is issued.

        A charge counts for what it is: gathering it, which gives it an id, changes nothing to what was read.
        """
        seen = sorted((*draft.key, *sorted(_identity(charge) for charge in draft.charges)) for draft in self.drafts)
        return hashlib.sha256(repr((self.month, seen)).encode()).hexdigest()[:32]


def _identity(charge: Charge) -> tuple[str, str, str, str, int]:
    return charge.source, charge.kind, str(charge.period), str(charge.amount_excl), charge.vat_rule_id


def month_plan(month: dt.date, *, gathering: Gathering | None = None, sealing: bool = False) -> MonthPlan:
    """What is not invoiced yet up to this month, one draft per account, issuer and kind. Writes nothing.

    With what would be gathered, unless the caller has just gathered it. `sealing` holds the charges until the
    transaction ends.
    """
    month = month.replace(day=1)
    gathering = gathering_of(month) if gathering is None else gathering
    anomalies = [_untold(trouble) for trouble in gathering.troubles]
    putting_off = {held.account_id: held for held in HeldBack.objects.live().filter(month=month)}
    put_off: dict[int, list[Charge]] = defaultdict(list)
    issuers = list(Issuer.objects.order_by("starts_on", "pk"))
    groups: dict[tuple[int, int, InvoiceKind], list[Charge]] = defaultdict(list)
    orphans: list[Charge] = []
    by_id = {issuer.pk: issuer for issuer in issuers}
    for charge in _to_invoice(month, gathering, sealing):
        issuer = issuer_on(issuers, charge.on)
        if charge.account_id in putting_off:
            put_off[charge.account_id].append(charge)
        elif issuer is None:
            orphans.append(charge)
        else:
            groups[charge.account_id, issuer.pk, kind_of(charge)].append(charge)
    if orphans:
        anomalies.append(_no_issuer(orphans, issuers))
    plans = [
        DraftPlan(account=held[0].account, issuer=by_id[issuer_id], kind=kind, charges=tuple(held), totals=totals(held))
        for (_, issuer_id, kind), held in groups.items()
    ]
    plans.sort(key=lambda plan: (str(plan.account).casefold(), *plan.key))
    plan = _sorted_out(month, plans, anomalies, _held(putting_off, put_off))
    return replace(plan, to_gather=[charge for charge in gathering.new if charge.period <= month])


def _with_checks(month: dt.date, plans: list[DraftPlan], profiles: Mapping[int, BuyerProfile]) -> list[DraftPlan]:
    """Each with what its check found, if it was checked as it is now; two queries."""
    mandates = mandates_serving(plan.account for plan in plans)
    checks = {
        (check.account_id, check.issuer_id, check.kind): check
        for check in DraftCheck.objects.filter(account__in={plan.account.pk for plan in plans})
    }
    told = []
    for plan in plans:
        check = checks.get(plan.key)
        if check:
            sums = (plan.totals.excl, plan.totals.vat, plan.totals.incl)
            profile, mandate = profiles.get(plan.account.pk), mandates.get((plan.account.pk, plan.issuer.pk))
            facts = provisional(plan, month=month, lines=plan.charges, sums=sums, profile=profile, mandate=mandate)
            if facts.fingerprint == check.fingerprint:
                plan = replace(plan, faults=tuple(check.faults))
        told.append(plan)
    return told


def _to_invoice(month: dt.date, gathering: Gathering, sealing: bool) -> list[Charge]:
    """The charges up to this month, as they are once gathered."""
    undone = {charge.pk for charge in gathering.undone}
    written = Charge.objects.unbilled().filter(period__lte=month).in_order()
    if sealing:
        written = written.select_for_update(of=("self",), no_key=True)
    charges = [charge for charge in written if charge.pk not in undone]
    # Each account once, not with each of its charges.
    accounts = Account.objects.with_holders().in_bulk({charge.account_id for charge in charges})
    for charge in charges:
        charge.account = accounts[charge.account_id]
    charges += [charge for charge in gathering.new if charge.period <= month]
    # Those that are not written yet come last on their day, as they will.
    charges.sort(key=lambda charge: charge.on)
    return charges


def _held(putting_off: Mapping[int, HeldBack], put_off: Mapping[int, list[Charge]]) -> list[Held]:
    found = [
        Held(
            account=charges[0].account,
            reason=putting_off[account_id].reason,
            who=putting_off[account_id].held_by,
            total_incl=totals(charges).incl,
        )
        for account_id, charges in put_off.items()
    ]
    return sorted(found, key=lambda held: (str(held.account).casefold(), held.account.pk))


def _sorted_out(month: dt.date, plans: list[DraftPlan], anomalies: list[Anomaly], held: list[Held]) -> MonthPlan:
    kept = []
    profiles = profiles_of([plan.account for plan in plans])
    plans = _with_checks(month, plans, profiles)
    mails = recipients({plan.account.pk: plan.account for plan in plans}.values(), month)
    before = _totals_of(_month_before(month))
    for plan in plans:
        if blocking := _blocking(plan, profiles.get(plan.account.pk)):
            anomalies += blocking
            continue
        kept.append(plan)
        if not mails[plan.account.pk]:
            anomalies.append(_no_mail(plan))
        if plan.issuer.vat_regime == VatRegime.FRANCHISE and plan.totals.vat:
            anomalies.append(_taxed_under_franchise(plan))
        last = before.get((plan.account.pk, plan.kind.value))
        if last and plan.totals.incl > UNUSUAL_TIMES * last:
            anomalies.append(_unusual(plan, last))
    # An account with two documents lacks the same thing once.
    anomalies = list(dict.fromkeys(anomalies))
    anomalies.sort(key=lambda anomaly: not anomaly.blocks)
    return MonthPlan(month=month, drafts=kept, anomalies=anomalies, held=held)


def kind_of(charge: Charge) -> InvoiceKind:
    """What is out of the scope of VAT shares no document with what is in it (EN 16931, BR-O-11)."""
    return InvoiceKind.DUES if charge.vat_category == VatCategory.OUT_OF_SCOPE else InvoiceKind.INVOICE


def issuer_on(issuers: Iterable[Issuer], day: dt.date) -> Issuer | None:
    """Who sold on that day: the service dates the seller, not the invoice."""
    for issuer in issuers:
        if issuer.starts_on <= day and (issuer.ends_on is None or day < issuer.ends_on):
            return issuer
    return None


def _month_before(month: dt.date) -> dt.date:
    return (month - dt.timedelta(days=1)).replace(day=1)


def _totals_of(month: dt.date) -> dict[tuple[int, str], Decimal]:
    issued = Invoice.objects.issued().filter(kind__in=OWED, period=month)
    rows = issued.values_list("account", "kind").annotate(Sum("total_incl")).order_by()
    return {(account, kind): total for account, kind, total in rows}


# --- Anomalies, as told to the person who closes the month ----------------------------------------


def _url_of(account: Account) -> str:
    return reverse("billing:account", args=[account.pk])


def _about(plan: DraftPlan, *, kind: str, text: str, blocks: bool) -> Anomaly:
    url = _url_of(plan.account)
    return Anomaly(kind=kind, text=text, url=url, action=_("Voir le compte"), blocks=blocks, account=plan.account)


def _to_mend(plan: DraftPlan, *, kind: str, text: str, blocks: bool) -> Anomaly:
    """What the card of the structure lacks: the link goes there."""
    organisation = plan.account.organisation
    if organisation is None:
        return _about(plan, kind=kind, text=text, blocks=blocks)
    url = reverse("parties:structure_edit", args=[organisation.public_id])
    return Anomaly(kind=kind, text=text, url=url, action=_("Compléter la fiche"), blocks=blocks, account=plan.account)


def _untold(trouble: Trouble) -> Anomaly:
    """A recurring charge of which nobody knows the price or the tax on a day."""
    recurring = trouble.recurring
    given = {
        "account": recurring.account,
        "label": recurring.label,
        "day": french.day(trouble.on, year=True, weekday=False),
        "code": recurring.vat_code,
    }
    if trouble.kind == "no_vat_rule":
        return Anomaly(
            kind="no_vat_rule",
            text=_(
                "%(account)s\u00a0: aucune règle de TVA «\u00a0%(code)s\u00a0» au %(day)s. "
                "«\u00a0%(label)s\u00a0» attend qu’elle soit notée."
            )
            % given,
            url=reverse("billing:vat_rules"),
            action=_("Voir les règles"),
            blocks=True,
            account=recurring.account,
        )
    return Anomaly(
        kind="no_price",
        text=_("%(account)s\u00a0: «\u00a0%(label)s\u00a0» n’a pas de prix au %(day)s. Notez-en un.") % given,
        url=reverse("billing:recurring", args=[recurring.pk]),
        action=_("Noter le prix"),
        blocks=True,
        account=recurring.account,
    )


def _no_issuer(orphans: list[Charge], issuers: list[Issuer]) -> Anomaly:
    total = french.euros(totals(orphans).incl)
    later = next((issuer for issuer in issuers if issuer.starts_on > orphans[-1].on), None)
    if later is not None:
        return Anomaly(
            kind="before_issuer",
            text=_(
                "%(total)s TTC ont été vendus avant que %(issuer)s ne commence à facturer, le %(day)s\u00a0: cela reste "
                "sur les comptes, sans facture."
            )
            % {
                "total": total,
                "issuer": later,
                "day": french.day(later.starts_on, year=True, weekday=False),
            },
            url=reverse("billing:accounts"),
            action=_("Voir les comptes"),
            blocks=True,
        )
    day = french.day(orphans[0].on, year=True, weekday=False)
    return Anomaly(
        kind="no_issuer",
        text=_(
            "Aucun organisme n’émet de factures pour le pôle au %(day)s\u00a0: %(total)s TTC restent sur les comptes. "
            "Renseignez l’émetteur (dénomination, SIREN, adresse, IBAN)."
        )
        % {"day": day, "total": total},
        url=reverse("billing:issuer"),
        action=_("Voir ce qui manque"),
        blocks=True,
    )


def _blocking(plan: DraftPlan, profile: BuyerProfile | None) -> list[Anomaly]:
    account = plan.account
    if plan.totals.incl < 0:
        text = _(
            "%(account)s\u00a0: le total est négatif (%(total)s). "
            "Une facture ne peut pas l’être\u00a0; ces sommes attendent d’être compensées."
        ) % {"account": account, "total": french.euros(plan.totals.incl)}
        return [_about(plan, kind="negative", text=text, blocks=True)]
    # Paid in full by deposits, the final invoice asks for nothing and leaves all the same.
    if plan.totals.incl == 0 and not any(charge.kind.startswith("deposit:") for charge in plan.charges):
        given = {"account": account, "total": french.euros(ZERO)}
        text = _("%(account)s\u00a0: le total est de %(total)s. Aucune facture ne part.") % given
        return [_about(plan, kind="zero", text=text, blocks=True)]
    if account.organisation and not account.organisation.address_lines:
        text = _("%s\u00a0: l’adresse de la structure manque, et la loi la demande sur une facture.") % account
        return [_to_mend(plan, kind="no_address", text=text, blocks=True)]
    if profile and profile.is_public and account.organisation:
        if not account.organisation.siret:
            text = _("%s\u00a0: le SIRET manque, et Chorus Pro le demande d’un organisme public.") % account
            return [_to_mend(plan, kind="no_siret", text=text, blocks=True)]
        if profile.needs_service_code and not profile.service_code:
            text = _("%s\u00a0: le code service manque, et cet organisme l’exige sur Chorus Pro.") % account
            return [_of_check(plan, "no_service_code", Remedy(text, _buyer_url(account), _("Compléter")))]
    return [
        _of_check(plan, "einvoice", replace(remedy, text=f"{account}\u00a0: {remedy.text}"))
        for remedy in remedies(plan.faults or (), account)
    ]


def _buyer_url(account: Account) -> str:
    return reverse("billing:buyer", args=[account.pk])


def _of_check(plan: DraftPlan, kind: str, remedy: Remedy) -> Anomaly:
    return Anomaly(kind=kind, text=remedy.text, url=remedy.url, action=remedy.action, blocks=True, account=plan.account)


def _no_mail(plan: DraftPlan) -> Anomaly:
    text = _("%s\u00a0: aucune adresse électronique. La facture sera émise, à vous de la remettre.") % plan.account
    return _to_mend(plan, kind="no_mail", text=text, blocks=False)


def _taxed_under_franchise(plan: DraftPlan) -> Anomaly:
    text = _(
        "%(account)s\u00a0: %(vat)s de TVA, alors que l’émetteur est en franchise (art. 293 B). Facturée, elle est due."
    ) % {"account": plan.account, "vat": french.euros(plan.totals.vat)}
    url = reverse("billing:vat_rules")
    return Anomaly("franchise", text, url, _("Voir les règles de TVA"), blocks=False, account=plan.account)


def _unusual(plan: DraftPlan, last: Decimal) -> Anomaly:
    text = _("%(account)s\u00a0: %(now)s ce mois-ci, contre %(before)s le mois précédent. Vérifiez les lignes.") % {
        "account": plan.account,
        "now": french.euros(plan.totals.incl),
        "before": french.euros(last),
    }
    return _about(plan, kind="unusual", text=text, blocks=False)


# --- The issue under way, and its result -----------------------------------------------------------


@dataclass(frozen=True)
class MonthProgress:
    """How far the issue of a month is: each invoice counts for its number and for its PDF."""

    closes: Sequence[MonthClose]
    total: int
    done: int
    failed: int
    errors: list[RunItem]

    @property
    def is_issued(self) -> bool:
        return bool(self.closes)

    @property
    def is_finished(self) -> bool:
        return self.is_issued and self.done == self.total

    @property
    def is_running(self) -> bool:
        return self.is_issued and not self.is_finished and not self.failed


def month_progress(month: dt.date) -> MonthProgress:
    closes = list(
        MonthClose.objects.filter(month=month.replace(day=1), issued_at__isnull=False)
        .select_related("run")
        .annotate(invoice_count=Count("invoices"))
        .order_by("pk")
    )
    counts = dict(
        RunItem.objects.filter(run__in=[close.run_id for close in closes])
        .values_list("state")
        .annotate(Count("pk"))
        .order_by()
    )
    failed = counts.get(ItemState.FAILED, 0)
    errors = (
        list(RunItem.objects.filter(run__in=[c.run_id for c in closes], state=ItemState.FAILED).order_by("pk")[:20])
        if failed
        else []
    )
    return MonthProgress(
        closes=closes,
        total=2 * sum(close.invoice_count for close in closes),
        done=counts.get(ItemState.DONE, 0),
        failed=failed,
        errors=errors,
    )


@dataclass(frozen=True)
class Result:
    """An invoice of a month that was issued, its PDF and its mail."""

    invoice: Invoice
    document: Document | None
    mail: Mail | None


def results_of(invoices: Iterable[Invoice]) -> list[Result]:
    """Each invoice with its PDF and the last mail that carried it; two queries."""
    invoices = list(invoices)
    papers = documents_of(invoices, "invoice")
    names = {name_of(invoice): invoice.pk for invoice in invoices}
    mails = {names[mail.about]: mail for mail in Mail.objects.filter(about__in=names).order_by("pk")}
    return [Result(invoice, papers.get(invoice.pk), mails.get(invoice.pk)) for invoice in invoices]


def month_results(month: dt.date) -> list[Result]:
    """What the close of this month made, by number; those still waiting for one come last."""
    invoices = (
        Invoice.objects.filter(close__month=month.replace(day=1))
        .select_related("account__organisation", "account__person")
        .order_by("year", "sequence", "pk")
    )
    return results_of(invoices)


def month_to_close(today: dt.date) -> dt.date | None:
    """The month that ended, if nobody has issued it and something is to be invoiced in it."""
    month = _month_before(today.replace(day=1))
    if MonthClose.objects.filter(month=month, issued_at__isnull=False).exists():
        return None
    return month if Charge.objects.unbilled().filter(period__lte=month).exists() else None
