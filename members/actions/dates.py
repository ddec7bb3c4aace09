"""A member asks to pay its dues in several dates; the team grants it, or says why not."""

import datetime as dt

from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing.actions import agree_schedule
from billing.models import Invoice
from billing.money import split
from billing.periods import add_months
from billing.queries import parts_of, recipients
from billing.rules import is_signatory
from hubs import languages
from hubs.actions import record, send_mail
from hubs.actors import Actor
from hubs.queries import absolute
from hubs.refusals import NotAllowed, Refusal, refusing
from hubs.scope import current_hub
from members.actions.colleges import check_keeps
from members.models import DatesRequest, DuesCall


class DatesAsked(Refusal):
    message = gettext_lazy("Votre demande est déjà partie\u00a0: l’équipe vous répond.")


class NothingToSpread(Refusal):
    message = gettext_lazy("Cette cotisation est déjà réglée.")


class DatesAnswered(Refusal):
    message = gettext_lazy("Cette demande a déjà sa réponse.")


class DatesRefusedUntold(Refusal):
    message = gettext_lazy("Dites pourquoi c’est refusé\u00a0: le membre le lit.")
    field = "answer"


@transaction.atomic
def ask_dates(*, call: DuesCall, parts: int, reason: str, by: Actor, now: dt.datetime) -> DatesRequest:
    """Ask to pay dues that were called in `parts` dates, a month apart. Raises NothingToSpread, DatesAsked."""
    invoice = Invoice.objects.with_due().filter(pk=call.invoice_id, due__gt=0).select_related("account").first()
    if invoice is None:
        raise NothingToSpread
    if not is_signatory(by, invoice.account):
        raise NotAllowed(_("Seules les personnes qui administrent la structure le demandent."))
    with refusing({"members_datesrequest_one_waiting": DatesAsked}):
        made = DatesRequest.objects.create(
            call=call, parts=parts, reason=reason, asked_at=now, asked_by_id=by.person_id
        )
    record(by=by, verb="members.dates_asked", thing=call.membership.member, after={"parts": parts}, reason=reason)
    return made


def dates_of(request: DatesRequest, invoice: Invoice, today: dt.date) -> list[tuple[dt.date, object]]:
    """What granting would agree: equal parts, the first on the due date, or today if it is past."""
    first = max(invoice.due_date or today, today)
    amounts = split(invoice.total_incl, [1] * request.parts)
    return [(add_months(first, n), amount) for n, amount in enumerate(amounts)]


@transaction.atomic
def answer_dates(
    *, request: DatesRequest, is_granted: bool, answer: str, by: Actor, now: dt.datetime, today: dt.date
) -> DatesRequest:
    """Agree these dates, or refuse them with a reason; the member is told.

    Raises DatesAnswered, DatesRefusedUntold, and what `billing.actions.agree_schedule` raises.
    """
    check_keeps(by)
    if not is_granted and not answer:
        raise DatesRefusedUntold
    kept = DatesRequest.objects.select_for_update(of=("self",), no_key=True).get(pk=request.pk)
    if kept.answered_at is not None:
        raise DatesAnswered
    call = DuesCall.objects.select_related(
        "invoice__account__organisation", "invoice__account__person", "membership__organisation", "membership__person",
        "membership__fiscal_year",
    ).get(pk=kept.call_id)  # fmt: skip
    invoice = call.invoice
    if invoice is not None and is_granted:
        agree_schedule(
            invoice=invoice,
            parts=dates_of(kept, invoice, today),  # type: ignore[arg-type]
            reason=(kept.reason or _("À la demande du membre"))[:300],
            by=by,
            now=now,
        )
    kept.is_granted, kept.answer, kept.answered_at, kept.answered_by_id = is_granted, answer, now, by.person_id
    kept.save(update_fields=["is_granted", "answer", "answered_at", "answered_by"])
    _tell(kept, call, today)
    after = {"parts": kept.parts, "granted": is_granted}
    record(by=by, verb="members.dates_answered", thing=call.membership.member, after=after, reason=answer)
    return kept


def _tell(request: DatesRequest, call: DuesCall, today: dt.date) -> None:
    if call.invoice is None or not (to := recipients([call.invoice.account], today)[call.invoice.account_id]):
        return
    invoice = Invoice.objects.with_due().get(pk=call.invoice_id)
    hub = current_hub()
    with languages.of_hub():
        context = {
            "request": request,
            "invoice": invoice,
            "parts": parts_of(invoice) if request.is_granted else [],
            "url": absolute(reverse("members:my_dues")),
            "hub": hub,
        }
        subject = _("Votre cotisation en plusieurs fois") + f" – {hub.name}"
        text = render_to_string("members/mail/dates.txt", context)
    send_mail(to=to, subject=subject, text=text, about=call.membership.member)
