"""What the bank, HelloAsso and receipts say of a person who paid."""

from django.db.models import Q
from django.utils.translation import gettext as _

from billing.models import Account, BankLine, Match, PayoutPayment, Receipt
from documents.queries import documents_of
from hubs.personal import Copy, Subject


def bank_rows(subject: Subject, account: Account | None) -> list[list[object]]:
    """Lines that moved money of the account, and those where the name stands."""
    named = Q(counterparty__icontains=subject.name) | Q(label__icontains=subject.name)
    if account is not None:
        theirs = Q(payment__account=account) | Q(refund__account=account) | Q(move__deposit__account=account)
        named |= Q(pk__in=Match.objects.filter(theirs).values("line"))
    lines = BankLine.objects.filter(named).order_by("-on", "-pk")
    return [[line.on, line.label, line.counterparty, line.counterparty_iban, line.amount] for line in lines]


def bank_header() -> list[str]:
    return [_("Date"), _("Libellé"), _("Autre partie"), _("IBAN"), _("Montant (€)")]


def payout_rows(subject: Subject, account: Account | None) -> list[list[object]]:
    """Payments by HelloAsso under the person's mail or on their account."""
    theirs = Q(email__in=[mail for mail in subject.emails if mail])
    if account is not None:
        theirs |= Q(account=account)
    found = PayoutPayment.objects.filter(theirs).order_by("-on", "-pk")
    return [[each.on, each.payer, each.email, each.label, each.amount] for each in found]


def payout_header() -> list[str]:
    return [_("Payé le"), _("Payeur"), _("Adresse électronique"), _("Objet"), _("Montant (€)")]


def receipt_rows(account: Account | None) -> tuple[list[list[object]], list[Copy]]:
    """The receipts given to the person, with their papers."""
    found = list(Receipt.objects.filter(payment__account=account).select_related("payment")) if account else []
    papers = documents_of(found, "receipt")
    rows: list[list[object]] = [
        [each.number, each.issue_date, each.payer.get("name", ""), each.payment.amount] for each in found
    ]
    return rows, [Copy(papers[each.pk].file.name, papers[each.pk].file.key) for each in found if each.pk in papers]


def receipt_header() -> list[str]:
    return [_("Numéro"), _("Date"), _("Payeur"), _("Montant (€)")]
