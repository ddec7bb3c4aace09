"""What waits for a decision about money."""

import datetime as dt
from collections import defaultdict

from django.db.models import Count, Min, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from billing.enums import SupplierState
from billing.models import Account, BankLine, Charge, Dispute, Issuer, MinimisRegime, Quote, SupplierInvoice
from billing.money import ZERO
from billing.papers import month_name
from billing.queries import (
    LateInvoice,
    kept_invoices,
    late_invoices,
    minimis_year,
    month_to_close,
    recipients,
    reminder_plan,
)
from billing.todos_debits import debit_todos
from billing.todos_platform import platform_todos
from hubs import french
from hubs.parts import HANDFUL, Todo


def todos(today: dt.date) -> list[Todo]:
    return [
        *_issuer(today),
        *_month(today),
        *debit_todos(today),
        *_late(today),
        *_chasing(today),
        *_accepted(),
        *_no_address(today),
        *_suppliers(today),
        *platform_todos(),
        *_bank(),
        *_minimis(today),
    ]


def _issuer(today: dt.date) -> list[Todo]:
    """Sums wait and nobody invoices them, or who does is not fully described."""
    issuer = Issuer.objects.live(today).first()
    if issuer is None:
        first = Charge.objects.unbilled().filter(period__lt=today.replace(day=1)).in_order().first()
        if first is None:
            return []
        label = _("Dire qui émet les factures")
        reason = _("Des sommes attendent sur les comptes, et aucun organisme ne les facture.")
        since = first.on
    else:
        missing = _missing(issuer)
        if not missing:
            return []
        label = _("Compléter l’émetteur des factures")
        reason = _("Il manque\u00a0: %(what)s.") % {"what": ", ".join(missing)}
        since = issuer.starts_on
    url = reverse("billing:issuer")
    return [Todo("billing.issuer", _("Facturation"), label, reason, url, since, verb=_("Compléter"))]


def _missing(issuer: Issuer) -> list[str]:
    """What an invoice would lack: who issues is known by a number, and is paid on an account."""
    missing = [] if issuer.siren or issuer.rna else [_("le SIREN ou le numéro RNA")]
    return missing if issuer.iban else [*missing, _("l’IBAN")]


def _month(today: dt.date) -> list[Todo]:
    month = month_to_close(today)
    if month is None or not Issuer.objects.live(today).exists():
        return []
    return [
        Todo(
            f"billing.month:{month:%Y-%m}",
            _("Facturation"),
            _("Clore %(month)s") % {"month": month_name(month)},
            _("Le mois est fini et ses factures ne sont pas parties."),
            reverse("billing:month", args=[month]),
            today.replace(day=1),
            verb=_("Vérifier, puis émettre"),
        )
    ]


def _late(today: dt.date) -> list[Todo]:
    """What is past due, and not paid on agreed dates: account by account, or in one line that leads to the list."""
    by_account: dict[int, list[LateInvoice]] = defaultdict(list)
    found = late_invoices(today)
    arranged = kept_invoices([late.invoice.pk for late in found], today) if found else set()
    for late in found:
        if late.invoice.pk not in arranged:
            by_account[late.invoice.account_id].append(late)
    if len(by_account) > HANDFUL:
        every = [late for held in by_account.values() for late in held]
        label = _("%(n)s comptes en retard de paiement") % {"n": len(by_account)}
        url = f"{reverse('billing:invoices')}?state=late"
        return [_of_late("billing.late", label, every, url, _("Voir les factures"))]
    return [
        _of_late(
            f"billing.late:{pk}",
            str(held[0].invoice.account),
            held,
            reverse("billing:account", args=[pk]),
            _("Voir le compte"),
        )
        for pk, held in by_account.items()
    ]


def _of_late(key: str, label: str, late: list[LateInvoice], url: str, verb: str) -> Todo:
    amount = french.euros(sum((each.amount for each in late), ZERO))
    reason = ngettext(
        "%(n)s facture échue, %(amount)s\u00a0: relancez, ou notez le paiement.",
        "%(n)s factures échues, %(amount)s\u00a0: relancez, ou notez le paiement.",
        len(late),
    ) % {"n": len(late), "amount": amount}
    since = min(each.due_on for each in late)
    return Todo(key, _("Paiements en retard"), label, reason, url, since, verb=verb)


def _accepted() -> list[Todo]:
    """Quotes that were accepted and that no invoice will ask for yet."""
    waiting = (
        Quote.objects.accepted().filter(charged_at=None).select_related("account__organisation", "account__person")
    )
    quotes = list(waiting.order_by("decided_on", "pk"))
    kind = _("Devis acceptés")
    if len(quotes) > HANDFUL:
        label = _("%(n)s devis acceptés à facturer") % {"n": len(quotes)}
        reason = ", ".join(quote.number or "" for quote in quotes)
        url = f"{reverse('billing:quotes')}?state=to_charge"
        return [Todo("billing.quotes", kind, label, reason, url, _answered(quotes[0]), verb=_("Voir les devis"))]
    return [
        Todo(
            f"billing.quote:{quote.pk}",
            kind,
            str(quote.account),
            _("%(title)s, %(amount)s TTC\u00a0: demandez un acompte, ou portez-le au compte une fois fait.")
            % {"title": quote.title, "amount": french.euros(quote.total_incl)},
            reverse("billing:quote", args=[quote.pk]),
            _answered(quote),
            verb=_("Voir le devis"),
        )
        for quote in quotes
    ]


def _answered(quote: Quote) -> dt.date:
    if quote.decided_on is None:
        raise ValueError("An accepted quote has its date.")
    return quote.decided_on


def _no_address(today: dt.date) -> list[Todo]:
    """Structures that will be invoiced and have no address to send it to."""
    unbilled = Charge.objects.unbilled()
    waiting = list(
        Account.objects.with_holders().filter(pk__in=unbilled.values("account"), organisation__isnull=False).by_name()
    )
    addresses = recipients(waiting, today)
    unreachable = [account for account in waiting if not addresses[account.pk]]
    if not unreachable:
        return []
    first = dict(unbilled.filter(account__in=unreachable).order_by("account", "-on").values_list("account", "on"))
    kind = _("Facturation")
    if len(unreachable) > HANDFUL:
        label = _("%(n)s structures sans adresse pour leurs factures") % {"n": len(unreachable)}
        names = ", ".join(str(account) for account in unreachable)
        url = reverse("billing:month", args=[today.replace(day=1)])
        return [Todo("billing.addresses", kind, label, names, url, min(first.values()), verb=_("Voir le mois"))]
    return [
        Todo(
            f"billing.address:{account.pk}",
            kind,
            str(account),
            _("Aucune adresse pour ses factures, et personne n’administre son compte."),
            reverse("parties:structure_edit", args=[account.organisation.public_id]),
            first[account.pk],
            verb=_("Compléter la fiche"),
        )
        for account in unreachable
        if account.organisation
    ]


# A transfer ordered three days before arrives in time.
AHEAD = dt.timedelta(days=3)


def _suppliers(today: dt.date) -> list[Todo]:
    """Invoices of suppliers that nobody has looked at, and those that fall due."""
    waiting = list(
        SupplierInvoice.objects.filter(
            Q(state=SupplierState.RECEIVED) | Q(state=SupplierState.APPROVED, due_date__lte=today + AHEAD)
        ).order_by("due_date", "pk")
    )
    kind = _("Fournisseurs")
    if len(waiting) > HANDFUL:
        label = _("%(n)s factures de fournisseurs à traiter") % {"n": len(waiting)}
        reason = _("Elles attendent d’être vérifiées ou payées.")
        since = min(invoice.received_at for invoice in waiting).date()
        url = reverse("billing:supplier_invoices")
        return [Todo("billing.suppliers", kind, label, reason, url, since, verb=_("Voir les factures"))]
    return [_of_supplier(invoice, kind) for invoice in waiting]


def _of_supplier(invoice: SupplierInvoice, kind: str) -> Todo:
    amount = french.euros(invoice.to_pay)
    if invoice.state == SupplierState.RECEIVED:
        reason = _("%(amount)s\u00a0: dites si elle est à payer.") % {"amount": amount}
        verb = _("Vérifier")
    else:
        reason = _("%(amount)s, à payer pour le %(day)s.") % {
            "amount": amount,
            "day": french.day(invoice.due_date, weekday=False),
        }
        verb = _("Noter le paiement")
    url = reverse("billing:supplier_invoice", args=[invoice.pk])
    return Todo(
        f"billing.supplier:{invoice.pk}", kind, str(invoice), reason, url, invoice.received_at.date(), verb=verb
    )


def _bank() -> list[Todo]:
    """Lines of the bank that nobody has explained yet."""
    told = BankLine.objects.waiting().aggregate(count=Count("pk"), oldest=Min("on"))
    if not told["count"]:
        return []
    label = ngettext("%(n)s ligne de banque à rapprocher", "%(n)s lignes de banque à rapprocher", told["count"])
    return [
        Todo(
            "billing.bank",
            _("Banque"),
            label % {"n": told["count"]},
            _("Chaque ligne est un paiement, ou se met de côté\u00a0; le portail propose."),
            reverse("billing:bank"),
            told["oldest"],
            verb=_("Rapprocher"),
        )
    ]


def _chasing(today: dt.date) -> list[Todo]:
    """Whom the last level says to call, and who contests an invoice and waits for an answer."""
    calls = [
        Todo(
            f"billing.call:{entry.account.pk}:{entry.level.rank}",
            _("Paiements en retard"),
            _("Appeler %(account)s") % {"account": entry.account},
            _("%(amount)s en retard, et les courriels n’ont rien donné.") % {"amount": french.euros(entry.total)},
            reverse("billing:note_call", args=[entry.account.pk]),
            entry.since,
            verb=_("Noter l’appel"),
        )
        for entry in reminder_plan(today).calls
    ]
    pending = Dispute.objects.pending().select_related("invoice__account__organisation", "invoice__account__person")
    disputes = [
        Todo(
            f"billing.dispute:{dispute.pk}",
            _("Contestations"),
            str(dispute.invoice.account),
            _("%(invoice)s\u00a0: %(reason)s") % {"invoice": dispute.invoice, "reason": dispute.reason[:120]},
            reverse("billing:close_dispute", args=[dispute.invoice_id]),
            timezone.localdate(dispute.opened_at),
            verb=_("Répondre"),
        )
        for dispute in pending.order_by("opened_at", "pk")
    ]
    return calls + disputes


def _minimis(today: dt.date) -> list[Todo]:
    """In the new year, the certificates of the year before that nobody has, or that are no longer right."""
    year = today.year - 1
    if not MinimisRegime.objects.unended(dt.date(year, 1, 1)).filter(starts_on__lt=dt.date(today.year, 1, 1)).exists():
        return []
    waiting = [each for each in minimis_year(year, today) if each.is_waiting]
    if not waiting:
        return []
    label = _("Établir les attestations de minimis de %(year)s") % {"year": year}
    reason = ngettext(
        "Une structure n’a pas son attestation, ou l’a avec un autre montant.",
        "%(n)s structures n’ont pas leur attestation, ou l’ont avec un autre montant.",
        len(waiting),
    ) % {"n": len(waiting)}
    url = reverse("billing:minimis_year", args=[year])
    since = dt.date(today.year, 1, 1)
    return [Todo(f"billing.minimis:{year}", _("Facturation"), label, reason, url, since, verb=_("Établir"))]
