"""Permission to debit: asked for, signed on the portal or on paper, suspended, ended."""

import datetime as dt
from typing import Any

from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing.actions.payments import lock_account
from billing.banking import clean_bic, clean_iban, clean_reference
from billing.models import Account, Issuer, Mandate
from billing.papers import seller_of
from billing.queries.accounts import recipients
from billing.queries.mandates import signatories
from billing.rules import require_accounts, require_signatory
from documents.actions import attach_document, store_file
from documents.queries import document_of
from hubs import french, languages
from hubs.actions import add_item, record, send_mail, start_run
from hubs.actors import Actor
from hubs.models import Mail
from hubs.queries import absolute
from hubs.refusals import NotAllowed, Refusal, refusing
from hubs.scope import current_hub


class NoCreditor(Refusal):
    message = gettext_lazy("L’émetteur n’a pas d’ICS\u00a0: renseignez-le dans ses réglages avant de prélever.")


class InvitedAlready(Refusal):
    message = gettext_lazy("Un mandat attend déjà la signature de ce compte.")


class NobodySigns(Refusal):
    message = gettext_lazy(
        "Personne n’administre ce compte sur le portail\u00a0: invitez quelqu’un, ou notez un mandat papier."
    )


class NotAgreed(Refusal):
    message = gettext_lazy("Cochez la case pour autoriser les prélèvements.")
    field = "agreed"


class ReferenceTaken(Refusal):
    message = gettext_lazy("Un autre mandat porte déjà cette référence.")
    field = "rum"


class SignedInFuture(Refusal):
    message = gettext_lazy("Un mandat se note le jour de sa signature, ou après.")
    field = "signed_on"


class MandateOver(Refusal):
    message = gettext_lazy("Ce mandat est déjà révoqué.")


class NotSuspended(Refusal):
    message = gettext_lazy("Ce mandat n’est pas suspendu.")


def _creditor(today: dt.date) -> Issuer:
    """Who debits today. Raises NoCreditor."""
    issuer = Issuer.objects.live(today).first()
    if issuer is None or not issuer.ics:
        raise NoCreditor
    return issuer


def next_reference(account: Account) -> str:
    """« LC-000123-1 »: the initials of the hub, the account, the rank of the mandate; at most 35 plain letters."""
    initials = "".join(word[0] for word in current_hub().slug.split("-") if word)[:8].upper()
    return f"{initials}-{account.pk:06d}-{Mandate.objects.filter(account=account).count() + 1}"


@transaction.atomic
def invite_to_sign(*, account: Account, by: Actor, today: dt.date) -> Mandate:
    """Prepare a mandate and ask those who administer the structure to sign it.

    Raises NoCreditor, NobodySigns, InvitedAlready.
    """
    require_accounts(by)
    issuer = _creditor(today)
    to = signatories(account, today)
    if not to:
        raise NobodySigns
    lock_account(account.pk)
    with refusing({"billing_mandate_one_invited": InvitedAlready}):
        mandate = Mandate.objects.create(account=account, issuer=issuer, ics=issuer.ics, rum=next_reference(account))
    record(by=by, verb="billing.mandate_invited", thing=mandate, after={"to": to}, concerns=account)
    _tell("billing/mail/mandate_invited.txt", gettext_lazy("Mandat de prélèvement %s à signer"), mandate, to)
    return mandate


@transaction.atomic
def sign_mandate(
    *,
    account: Account,
    debtor_name: str,
    iban: str,
    agreed: bool,
    by: Actor,
    now: dt.datetime,
    bic: str = "",
) -> Mandate:
    """Sign on the portal, invited or not; the mandate of another bank ends with it. Its PDF is mailed.

    Raises NoCreditor, NotAgreed, WrongIban, WrongBic; NotAllowed unless `by` signs for the account.
    """
    require_signatory(by, account)
    today = french.local(now).date()
    issuer = _creditor(today)
    if not agreed:
        raise NotAgreed
    values = {"debtor_name": debtor_name, "iban": clean_iban(iban), "bic": clean_bic(bic)}
    lock_account(account.pk)
    mandate = Mandate.objects.invited().filter(account=account, issuer=issuer, ics=issuer.ics).first()
    if mandate is None:
        _close_invitation(account, issuer, today)
        mandate = Mandate(account=account, issuer=issuer, ics=issuer.ics, rum=next_reference(account))
    with languages.of_hub():
        proof = _("Signé sur le portail par %(who)s le %(day)s à %(hour)s, en étant connecté·e.") % {
            "who": by.name,
            "day": french.day(today, year=True, weekday=False),
            "hour": french.hour(now),
        }
    return _signed(mandate, values | {"signed_on": today, "signed_by": by.name, "proof": proof}, by=by, today=today)


@transaction.atomic
def note_paper_mandate(
    *,
    account: Account,
    debtor_name: str,
    iban: str,
    signed_on: dt.date,
    signed_by: str,
    scan: bytes,
    scan_type: str,
    by: Actor,
    today: dt.date,
    bic: str = "",
    rum: str = "",
) -> Mandate:
    """Keep a mandate signed on paper with its scan, under its own reference if it has one.

    Raises NoCreditor, SignedInFuture, WrongIban, WrongBic, WrongReference, ReferenceTaken.
    """
    require_accounts(by)
    issuer = _creditor(today)
    if signed_on > today:
        raise SignedInFuture
    values: dict[str, Any] = {"debtor_name": debtor_name, "iban": clean_iban(iban), "bic": clean_bic(bic)}
    lock_account(account.pk)
    _close_invitation(account, issuer, today)
    reference = clean_reference(rum) if rum.strip() else next_reference(account)
    file = store_file(name=f"{reference}.{scan_type.rpartition('/')[2]}", content_type=scan_type, content=scan)
    with languages.of_hub():
        proof = _("Signé sur papier par %(who)s\u00a0; la copie est gardée ici.") % {"who": signed_by}
    mandate = Mandate(account=account, issuer=issuer, ics=issuer.ics, rum=reference)
    values |= {"signed_on": signed_on, "signed_by": signed_by, "proof": proof, "scan": file}
    return _signed(mandate, values, by=by, today=today)


def _close_invitation(account: Account, issuer: Issuer, today: dt.date) -> None:
    """An invitation that another signature makes useless."""
    waiting = Mandate.objects.invited().filter(account=account, issuer=issuer)
    with languages.of_hub():
        waiting.update(revoked_on=today, revoke_reason=_("Remplacé par un autre mandat."))


def _signed(mandate: Mandate, values: dict[str, Any], *, by: Actor, today: dt.date) -> Mandate:
    with languages.of_hub():
        replaced = _("Remplacé par le mandat %s.") % mandate.rum
    Mandate.objects.signed().filter(account=mandate.account, issuer=mandate.issuer).update(
        revoked_on=today, revoke_reason=replaced
    )
    for name, value in values.items():
        setattr(mandate, name, value)
    with refusing({"billing_mandate_reference_once": ReferenceTaken}):
        mandate.save()
    after = {"rum": mandate.rum, "iban": mandate.masked_iban, "signed_on": mandate.signed_on}
    record(by=by, verb="billing.mandate_signed", thing=mandate, after=after, concerns=mandate.account)
    if mandate.scan_id is None:
        run = start_run(title=mandate.rum, by=by, about=mandate)
        add_item(run=run, job="billing.render_mandate", label=mandate.rum, mandate_id=mandate.pk)
    return mandate


@transaction.atomic
def render_mandate(*, mandate: Mandate, today: dt.date) -> None:
    """Make the PDF of a mandate signed on the portal, keep it and mail it; once made, it is never made again."""
    Mandate.objects.select_for_update(of=("self",), no_key=True).get(pk=mandate.pk)
    if document_of(mandate, "mandate") is not None or mandate.signed_on is None:
        return
    # WeasyPrint is slow to import, and web processes do not need it.
    from documents.rendering import render_pdf

    with languages.of_hub():
        title = _("Mandat de prélèvement %s") % mandate.rum
    seller = seller_of(mandate.issuer)
    # The words of the law are those of the country, whatever the hub speaks.
    with translation.override("fr"):
        pdf = render_pdf(
            template="billing/mandate_pdf.html",
            context={"issuer": seller, "mandate": mandate, "account": mandate.account},
            issued_at=timezone.make_aware(dt.datetime.combine(mandate.signed_on, dt.time(12))),
            title=title,
            author=seller["name"],
        )
    file = store_file(name=f"{mandate.rum}.pdf", content_type="application/pdf", content=pdf.content)
    attach_document(about=mandate, kind="mandate", file=file)
    to = list(
        dict.fromkeys([*signatories(mandate.account, today), *recipients([mandate.account], today)[mandate.account_id]])
    )
    attachment = {"name": f"{mandate.rum.replace('/', '-')}.pdf", "type": "application/pdf", "key": file.key}
    _tell("billing/mail/mandate_signed.txt", gettext_lazy("Mandat de prélèvement %s"), mandate, to, attachment)


def _tell(
    template: str, subject: str | Promise, mandate: Mandate, to: list[str], attachment: dict[str, str] | None = None
) -> Mail | None:
    if not to:
        return None
    context = {
        "mandate": mandate,
        "issuer": mandate.issuer,
        "hub": current_hub(),
        "url": absolute(reverse("billing:my_mandate", args=[mandate.account_id])),
    }
    with languages.of_hub():
        text, title = render_to_string(template, context), str(subject) % mandate.rum
    return send_mail(to=to, subject=title, text=text, attachments=[attachment] if attachment else [], about=mandate)


@transaction.atomic
def revoke_mandate(*, mandate: Mandate, by: Actor, reason: str, today: dt.date) -> Mandate:
    """End a mandate, or an invitation: what is not in a file yet stays out of it. The other side is told.

    By the accounts, or by who signs for the account. Raises MandateOver.
    """
    account = lock_account(mandate.account_id)
    by_member = _may_end(by, account)
    mandate = Mandate.objects.select_for_update(of=("self",), no_key=True).select_related("issuer").get(pk=mandate.pk)
    if mandate.is_over:
        raise MandateOver
    mandate.revoked_on, mandate.revoke_reason = today, reason
    mandate.save(update_fields=["revoked_on", "revoke_reason"])
    record(
        by=by,
        verb="billing.mandate_revoked",
        thing=mandate,
        after={"revoked_on": today},
        reason=reason,
        concerns=account,
    )
    to = [mandate.issuer.email] if by_member else signatories(account, today)
    _tell(
        "billing/mail/mandate_revoked.txt",
        gettext_lazy("Mandat de prélèvement %s révoqué"),
        mandate,
        [each for each in to if each],
    )
    return mandate


def _may_end(by: Actor, account: Account) -> bool:
    """Whether a member ends it rather than staff. Raises NotAllowed when neither may."""
    try:
        require_accounts(by)
    except NotAllowed:
        require_signatory(by, account)
        return True
    return False


def suspend_mandate(mandate: Mandate, *, reason: str, by: Actor, today: dt.date) -> None:
    """Stop collecting until someone has spoken with its holder; the account is locked. Twice changes nothing."""
    if mandate.suspended_on is not None or mandate.is_over:
        return
    mandate.suspended_on, mandate.suspend_reason = today, reason[:200]
    mandate.save(update_fields=["suspended_on", "suspend_reason"])
    record(by=by, verb="billing.mandate_suspended", thing=mandate, reason=reason, concerns=mandate.account)


@transaction.atomic
def resume_mandate(*, mandate: Mandate, by: Actor) -> Mandate:
    """Collect again under a mandate that the bank's answer had suspended. Raises NotSuspended."""
    require_accounts(by)
    account = lock_account(mandate.account_id)
    mandate = Mandate.objects.select_for_update(of=("self",), no_key=True).get(pk=mandate.pk)
    if mandate.suspended_on is None or mandate.is_over:
        raise NotSuspended
    before = {"suspend_reason": mandate.suspend_reason}
    mandate.suspended_on, mandate.suspend_reason = None, ""
    mandate.save(update_fields=["suspended_on", "suspend_reason"])
    record(by=by, verb="billing.mandate_resumed", thing=mandate, before=before, concerns=account)
    return mandate
