"""Quotes: written, sent under a number, answered, then put on the account."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from billing.actions.charges import UnknownVatRule, counted
from billing.actions.months import NoIssuer
from billing.actions.numbers import take_number
from billing.actions.payments import lock_account
from billing.credits import credit_left
from billing.enums import QUOTES, QuoteDecision, QuoteState, VatCategory
from billing.models import Account, Charge, Invoice, Issuer, Quote, QuoteLine, VatRule
from billing.money import totals
from billing.papers import buyer_of, seller_of
from billing.queries.accounts import recipients
from billing.quote_papers import paper_of_quote
from billing.rules import may_sign, require_accounts
from documents.actions import attach_document, store_file
from documents.models import StoredFile
from documents.queries import document_of
from hubs import french, languages
from hubs.actions import add_item, record, send_mail, start_run
from hubs.actors import Actor
from hubs.queries import absolute
from hubs.refusals import NotAllowed, Refusal
from hubs.scope import current_hub

QUOTE_LINE_FIELDS = (
    "description", "quantity", "unit_label", "unit_price_excl", "vat_rule_id", "vat_category", "vat_rate",
    "exemption_text", "exemption_code", "amount_excl",
)  # fmt: skip


class QuoteSent(Refusal):
    message = _("Ce devis est envoyé\u00a0: il ne se modifie plus. Préparez-en un autre.")


class QuoteNotSent(Refusal):
    message = _("Ce devis n’est pas encore envoyé.")


class QuoteEmpty(Refusal):
    message = _("Un devis a au moins une ligne, et un total positif pour chaque taux de TVA.")


class QuoteEndsTooSoon(Refusal):
    message = _("Choisissez un jour à venir\u00a0: le devis doit pouvoir être accepté.")
    field = "valid_until"


class QuoteAnswered(Refusal):
    message = _("Ce devis a déjà sa réponse.")


class QuoteExpired(Refusal):
    message = _("Ce devis n’est plus valable. Demandez-en un nouveau au pôle.")


class AnswerOutOfTime(Refusal):
    message = _("Indiquez le jour de la réponse\u00a0: après l’envoi du devis, et pas dans l’avenir.")
    field = "on"


class QuoteNotAccepted(Refusal):
    message = _("Seul un devis accepté se facture.")


class QuoteCharged(Refusal):
    message = _("Ce devis est déjà porté au compte.")


@transaction.atomic
def write_quote(
    *,
    account: Account,
    title: str,
    valid_until: dt.date,
    lines: Sequence[Mapping[str, Any]],
    by: Actor,
    today: dt.date,
    note: str = "",
    quote: Quote | None = None,
) -> Quote:
    """Write a draft, or write the draft `quote` anew. Each line has `description`, `quantity`, `unit_label`,
    `unit_price_excl` and `vat_code`; it keeps the rate that the code has today.

    Raises QuoteSent, QuoteEndsTooSoon, QuoteEmpty, UnknownVatRule, AmountTooBig.
    """
    require_accounts(by)
    if valid_until < today:
        raise QuoteEndsTooSoon
    made = [_line(values, today) for values in lines]
    sums = totals(made)
    if sums.incl <= 0 or any(group.base < 0 for group in sums.groups):
        raise QuoteEmpty
    if quote is None:
        quote = Quote()
    else:
        quote = _locked(quote)
        if quote.is_sent:
            raise QuoteSent
        quote.lines.all().delete()
    quote.account, quote.title, quote.note, quote.valid_until = account, title, note, valid_until
    quote.total_excl, quote.total_vat, quote.total_incl = sums.excl, sums.vat, sums.incl
    quote.save()
    for position, line in enumerate(made, start=1):
        line.quote, line.position = quote, position
    QuoteLine.objects.bulk_create(made)
    return quote


def _line(values: Mapping[str, Any], today: dt.date) -> QuoteLine:
    rule = (
        VatRule.objects.live(today).exclude(category=VatCategory.OUT_OF_SCOPE).filter(code=values["vat_code"]).first()
    )
    if rule is None:
        raise UnknownVatRule
    return QuoteLine(
        description=values["description"],
        quantity=values["quantity"],
        unit_label=values.get("unit_label", ""),
        unit_price_excl=values["unit_price_excl"],
        vat_rule=rule,
        vat_category=rule.category,
        vat_rate=rule.rate,
        exemption_text=rule.exemption_text,
        exemption_code=rule.exemption_code,
        amount_excl=counted(values["quantity"], values["unit_price_excl"]),
    )


def _locked(quote: Quote) -> Quote:
    wanted = Quote.objects.select_for_update(of=("self",), no_key=True)
    return wanted.select_related("account__organisation", "account__person", "issuer").get(pk=quote.pk)


@transaction.atomic
def drop_quote(*, quote: Quote, by: Actor) -> None:
    """Delete a draft. Raises QuoteSent."""
    require_accounts(by)
    quote = _locked(quote)
    if quote.is_sent:
        raise QuoteSent
    quote.delete()


@transaction.atomic
def send_quote(*, quote: Quote, by: Actor, today: dt.date) -> Quote:
    """Give a draft its number and freeze it; its paper is made and mailed by a run.

    Raises QuoteSent, QuoteEndsTooSoon, NoIssuer.
    """
    require_accounts(by)
    quote = _locked(quote)
    if quote.is_sent:
        raise QuoteSent
    issuer = Issuer.objects.live(today).first()
    if issuer is None:
        raise NoIssuer
    taken = take_number(issuer, QUOTES, today)
    quote.sent_on = taken.on
    if quote.valid_until < quote.sent_on:
        raise QuoteEndsTooSoon
    quote.issuer, quote.year, quote.sequence, quote.number = issuer, taken.year, taken.sequence, taken.number
    quote.seller, quote.buyer = seller_of(issuer), buyer_of(quote.account)
    quote.sent_at = timezone.now()
    quote.save()
    with languages.of_hub():
        title = str(quote)
    run = start_run(title=title, by=by, about=quote)
    add_item(run=run, job="billing.render_quote", label=title, quote_id=quote.pk)
    after = {"total_incl": quote.total_incl, "valid_until": quote.valid_until}
    record(by=by, verb="billing.quote_sent", thing=quote, after=after, concerns=quote.account)
    return quote


@transaction.atomic
def render_quote(*, quote: Quote, today: dt.date) -> None:
    """Make the PDF of a sent quote, keep it and mail it; once made, it is never made again."""
    quote = _locked(quote)
    if document_of(quote, "quote") is not None:
        return
    # WeasyPrint is slow to import, and web processes do not need it.
    from documents.rendering import render_pdf

    seller, _buyer = quote.frozen
    pdf = render_pdf(
        template="billing/quote_pdf.html",
        context=paper_of_quote(quote),
        issued_at=quote.sent_at,  # type: ignore[arg-type]
        title=f"Devis {quote.number}",
        author=seller["name"],
    )
    file = store_file(name=f"{quote.number}.pdf", content_type="application/pdf", content=pdf.content)
    attach_document(about=quote, kind="quote", file=file)
    _mail(quote, file, today)


def _mail(quote: Quote, file: StoredFile, today: dt.date) -> None:
    to = recipients([quote.account], today)[quote.account_id]
    if not to:
        return
    seller, _buyer = quote.frozen
    context = {
        "quote": quote,
        "hub": current_hub(),
        "url": absolute(reverse("billing:my_quote", args=[quote.pk])),
    }
    with languages.of_hub():
        subject = f"Devis {quote.number} – {seller['name']}"
        text = render_to_string("billing/mail/quote.txt", context)
    attachment = {"name": f"{quote.number}.pdf", "type": "application/pdf", "key": file.key}
    send_mail(to=to, subject=subject, text=text, attachments=[attachment], about=quote)


@transaction.atomic
def answer_quote(
    *,
    quote: Quote,
    decision: QuoteDecision,
    name: str,
    by: Actor,
    on: dt.date,
    today: dt.date,
    order_number: str = "",
    note: str = "",
) -> Quote:
    """Note that `name` has accepted or refused a quote: themselves on the portal, or as staff have it in writing.

    The hub is told by mail. Raises NotAllowed, QuoteNotSent, QuoteAnswered, QuoteExpired, AnswerOutOfTime.
    """
    if not may_sign(by, quote.account):
        raise NotAllowed(gettext("Seule une personne qui administre la structure répond à son devis."))
    quote = _locked(quote)
    if quote.sent_on is None:
        raise QuoteNotSent
    if quote.decision:
        raise QuoteAnswered
    if not quote.sent_on <= on <= today:
        raise AnswerOutOfTime
    if decision == QuoteDecision.ACCEPTED and quote.state(on) == QuoteState.EXPIRED:
        raise QuoteExpired
    quote.decision, quote.decided_at, quote.decided_on = decision, timezone.now(), on
    quote.decided_by, quote.order_number, quote.decision_note = name, order_number, note
    quote.save(update_fields=["decision", "decided_at", "decided_on", "decided_by", "order_number", "decision_note"])
    verb = "billing.quote_accepted" if decision == QuoteDecision.ACCEPTED else "billing.quote_refused"
    after = {"decided_on": on, "order_number": order_number}
    record(by=by, verb=verb, thing=quote, after=after, reason=note, concerns=quote.account)
    if not by.is_staff:
        _tell_hub(quote)
    return quote


def _tell_hub(quote: Quote) -> None:
    seller, _buyer = quote.frozen
    if not seller["email"]:
        return
    context = {"quote": quote, "hub": current_hub(), "url": absolute(reverse("billing:quote", args=[quote.pk]))}
    with languages.of_hub():
        subject = f"{quote} – {quote.get_decision_display()}"
        text = render_to_string("billing/mail/quote_answer.txt", context)
    send_mail(to=[seller["email"]], subject=subject, text=text, about=quote)


@transaction.atomic
def charge_quote(*, quote: Quote, on: dt.date, by: Actor) -> list[Charge]:
    """Put the lines of an accepted quote on its account, as they were agreed, once; `on` is the day of the service.

    The deposits already invoiced come off as lines of a negative quantity under the same rates, so that the final
    invoice asks for the rest. Raises QuoteNotAccepted, QuoteCharged.
    """
    require_accounts(by)
    lock_account(quote.account_id)
    quote = _locked(quote)
    if quote.decision != QuoteDecision.ACCEPTED:
        raise QuoteNotAccepted
    if quote.charged_at is not None:
        raise QuoteCharged
    quote.charged_at = timezone.now()
    quote.save(update_fields=["charged_at"])
    common = {
        "account": quote.account, "source": f"billing.quote:{quote.pk}", "period": on.replace(day=1), "on": on,
    }  # fmt: skip
    detail = f"Devis {quote.number}, {quote.title}"
    lines = quote.lines.order_by("position")
    charges = [
        Charge(
            kind=f"quote:{line.position}",
            detail=detail,
            **common,
            **{field: getattr(line, field) for field in QUOTE_LINE_FIELDS},
        )
        for line in lines
    ] + [Charge(**common, **values) for values in _deductions(quote)]
    Charge.objects.bulk_create(charges)
    after = {"account": str(quote.account), "amount_excl": totals(charges).excl}
    record(by=by, verb="billing.quote_charged", thing=quote, after=after, concerns=quote.account)
    return charges


def _deductions(quote: Quote) -> list[dict[str, Any]]:
    """What comes off for each line of each deposit, less what was credited of it."""
    found = []
    for deposit in Invoice.objects.issued().filter(quote=quote).order_by("sequence"):
        day = french.day(deposit.issue_date, year=True, weekday=False)
        for left in credit_left(deposit).lines:
            if left.left_excl:
                same = ("vat_rule_id", "vat_category", "vat_rate", "exemption_text", "exemption_code")
                found.append(
                    {name: getattr(left.line, name) for name in same}
                    | {
                        "kind": f"deposit:{deposit.pk}:{left.line.position}",
                        "description": f"Acompte {deposit.number} du {day}",
                        "quantity": -1,
                        "unit_price_excl": left.left_excl,
                        "amount_excl": -left.left_excl,
                    }
                )
    return found
