"""An invoice contested by whom it was sent to, and the team's answer; each side is told by mail."""

import datetime as dt

from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from billing.models import Dispute, Invoice
from billing.papers import title_of
from billing.queries.accounts import recipients
from billing.rules import require_accounts, sees_account
from hubs import languages
from hubs.actions import record, send_mail
from hubs.actors import Actor
from hubs.queries import absolute
from hubs.refusals import NotAllowed, Refusal, refusing
from hubs.rules import accounts
from hubs.scope import current_hub


class NotDisputable(Refusal):
    message = _("Seule une facture qui reste à payer se conteste.")


class AlreadyDisputed(Refusal):
    message = _("Cette facture est déjà contestée\u00a0: l’équipe vous répond.")


class DisputeClosed(Refusal):
    message = _("Cette contestation a déjà sa réponse.")


@transaction.atomic
def open_dispute(*, invoice: Invoice, reason: str, by: Actor, now: dt.datetime) -> Dispute:
    """Say what is wrong with an invoice; it is not chased until the team has answered.

    By whoever reads the account, or by staff who were told. Raises NotDisputable, AlreadyDisputed.
    """
    if not (sees_account(by, invoice.account) or accounts(by)):
        raise NotAllowed(_("Seules les personnes de la structure contestent ses factures."))
    found = (
        Invoice.objects.issued()
        .with_due()
        .select_related("account__organisation", "account__person")
        .get(pk=invoice.pk)
    )
    if not found.due:
        raise NotDisputable
    with refusing({"billing_dispute_one_open": AlreadyDisputed}):
        dispute = Dispute.objects.create(invoice=found, reason=reason, opened_at=now, opened_by_id=by.person_id)
    record(by=by, verb="billing.disputed", thing=invoice, reason=reason, concerns=invoice.account)
    _mail(dispute, "opened", [current_hub().contact_email], reverse("billing:close_dispute", args=[invoice.pk]))
    _mail(
        dispute, "noted", _who_asks(dispute, timezone.localdate(now)), reverse("billing:my_invoice", args=[invoice.pk])
    )
    return dispute


@transaction.atomic
def close_dispute(*, invoice: Invoice, answer: str, by: Actor, now: dt.datetime) -> Dispute:
    """Answer whoever contested the invoice; from then on it is chased as the others are. Raises DisputeClosed."""
    require_accounts(by)
    pending = Dispute.objects.pending().select_for_update(of=("self",), no_key=True)
    dispute = (
        pending.select_related("invoice__account__organisation", "invoice__account__person")
        .filter(invoice=invoice)
        .first()
    )
    if dispute is None:
        raise DisputeClosed
    dispute.answer, dispute.closed_at, dispute.closed_by_id = answer, now, by.person_id
    dispute.save(update_fields=["answer", "closed_at", "closed_by"])
    account = dispute.invoice.account
    record(by=by, verb="billing.dispute_closed", thing=dispute.invoice, reason=answer, concerns=account)
    _mail(
        dispute, "closed", _who_asks(dispute, timezone.localdate(now)), reverse("billing:my_invoice", args=[invoice.pk])
    )
    return dispute


def _who_asks(dispute: Dispute, on: dt.date) -> list[str]:
    """Whoever contested, and where the invoices of the account go."""
    account = dispute.invoice.account
    asked = [dispute.opened_by.email] if dispute.opened_by and dispute.opened_by.email else []
    return list(dict.fromkeys([*asked, *recipients([account], on)[account.pk]]))


def _mail(dispute: Dispute, what: str, to: list[str], path: str) -> None:
    if not to:
        return
    invoice = dispute.invoice
    context = {
        "what": what, "dispute": dispute, "invoice": invoice, "url": absolute(path), "hub": current_hub(),
    }  # fmt: skip
    with languages.of_hub():
        subjects = {
            "opened": _("%(account)s conteste la facture %(number)s"),
            "noted": _("Facture %(number)s\u00a0: votre contestation est notée"),
            "closed": _("Facture %(number)s\u00a0: notre réponse"),
        }
        subject = subjects[what] % {"account": invoice.account, "number": invoice.number}
        text = render_to_string("billing/mail/dispute.txt", context | {"title": title_of(invoice)})
    send_mail(to=to, subject=subject, text=text, about=invoice)
