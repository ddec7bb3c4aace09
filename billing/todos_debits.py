"""What waits for a decision about debits: to announce, to put in a file, to note, to speak about."""

import datetime as dt

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from billing.enums import DebitState
from billing.models import Debit, DebitBatch
from billing.queries.debits import debit_proposals, debit_rounds, failed_debits
from hubs import french
from hubs.parts import HANDFUL, Todo

# A file is asked for so many days before the bank wants it.
AHEAD = dt.timedelta(days=5)


def debit_todos(today: dt.date) -> list[Todo]:
    return [*_failed(), *_files(today), *_deposits(today), *_collections(today), *_proposals(today)]


def _kind() -> str:
    return _("Prélèvements")


def _proposals(today: dt.date) -> list[Todo]:
    proposals = debit_proposals(today)
    if not proposals.ready:
        return []
    label = ngettext("%(n)s prélèvement à annoncer", "%(n)s prélèvements à annoncer", len(proposals.ready)) % {
        "n": len(proposals.ready)
    }
    reason = _("%s sont dus par des structures qui ont signé un mandat.") % french.euros(proposals.total)
    since = min(proposal.invoice.issue_date or today for proposal in proposals.ready)
    return [Todo("billing.debits", _kind(), label, reason, reverse("billing:debits"), since, verb=_("Annoncer"))]


def _files(today: dt.date) -> list[Todo]:
    found = []
    for each in debit_rounds(today):
        if each.at_bank_by - AHEAD > today:
            continue
        day = french.day(each.collect_on, weekday=False)
        found.append(
            Todo(
                f"billing.debit_file:{each.issuer.pk}:{each.collect_on}",
                _kind(),
                _("Faire le fichier du %s") % day,
                _("La banque le veut au plus tard %s.") % french.day(each.at_bank_by),
                reverse("billing:make_debit_file", args=[each.issuer.pk, each.collect_on.isoformat()]),
                each.at_bank_by - AHEAD,
                verb=_("Faire le fichier"),
            )
        )
    return found


def _deposits(today: dt.date) -> list[Todo]:
    """Files that nobody said were given to the bank: one forgotten there collects nothing."""
    return [
        Todo(
            f"billing.debit_deposit:{batch.pk}",
            _kind(),
            _("Déposer le fichier du %s") % french.day(batch.collect_on, weekday=False),
            _("Il est fait, et son dépôt à la banque n’est pas noté."),
            reverse("billing:batch", args=[batch.pk]),
            french.local(batch.created_at).date(),
            verb=_("Noter le dépôt"),
        )
        for batch in DebitBatch.objects.filter(deposited_on=None, collected_on=None).order_by("collect_on", "pk")
    ]


def _collections(today: dt.date) -> list[Todo]:
    batches = DebitBatch.objects.filter(collect_on__lt=today, collected_on=None, deposited_on__isnull=False)
    waiting = batches.filter(pk__in=Debit.objects.filter(state=DebitState.IN_FILE).values("batch"))
    return [
        Todo(
            f"billing.debit_collection:{batch.pk}",
            _kind(),
            _("Noter ce que la banque a prélevé le %s") % french.day(batch.collect_on, weekday=False),
            _("Lisez d’abord son retour, s’il y en a un."),
            reverse("billing:batch", args=[batch.pk]),
            batch.collect_on,
            verb=_("Noter l’encaissement"),
        )
        for batch in waiting.order_by("collect_on", "pk")
    ]


def _failed() -> list[Todo]:
    failed = failed_debits()
    if not failed:
        return []
    if len(failed) > HANDFUL:
        label = _("%(n)s prélèvements rejetés par la banque") % {"n": len(failed)}
        reason = _("Leurs factures sont dues de nouveau.")
        since = min(debit.ended_on or debit.collect_on for debit in failed)
        url = reverse("billing:debits")
        return [Todo("billing.debits_failed", _kind(), label, reason, url, since, verb=_("Voir les rejets"))]
    return [
        Todo(
            f"billing.debit_failed:{debit.pk}",
            _kind(),
            str(debit.invoice.account),
            _("%(reason)s. La facture %(number)s est due de nouveau.")
            % {"reason": debit.end_reason, "number": debit.invoice.number},
            reverse("billing:invoice", args=[debit.invoice_id]),
            debit.ended_on or debit.collect_on,
            verb=_("Voir la facture"),
        )
        for debit in failed
    ]
