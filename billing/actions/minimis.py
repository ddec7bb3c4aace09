"""De minimis aid: who says it, the market price of a rent, what was received elsewhere, the certificate of a year."""

import datetime as dt
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from billing.actions.numbers import take_number
from billing.actions.payments import lock_account
from billing.enums import MINIMIS_SERIES
from billing.models import (
    Account,
    DeclaredAid,
    Issuer,
    MarketPrice,
    MinimisCertificate,
    MinimisRegime,
    RecurringCharge,
)
from billing.papers import buyer_of, seller_of
from billing.queries.accounts import recipients
from billing.queries.minimis import MinimisYear, minimis_of
from billing.rules import may_sign, require_accounts
from documents.actions import attach_document, store_file
from documents.models import StoredFile
from documents.queries import document_of
from hubs import french, languages
from hubs.actions import add_item, record, send_mail, start_run
from hubs.actors import Actor
from hubs.queries import absolute
from hubs.refusals import NotAllowed, Refusal, refusing
from hubs.scope import current_hub


class RegimeOverlaps(Refusal):
    message = _("Une décision couvre déjà ces dates.")
    field = "starts_on"


class RegimeEndsFirst(Refusal):
    message = _("La fin vient après le début.")
    field = "last_day"


class MarketOverlaps(Refusal):
    message = _("Un prix du marché couvre déjà ces dates.")
    field = "starts_on"


class AidToCome(Refusal):
    message = _("Déclarez une aide une fois qu’elle est accordée.")
    field = "granted_on"


class AidDeclared(Refusal):
    message = _("Cette aide est déjà déclarée.")


class YearNotOver(Refusal):
    message = _("L’année n’est pas finie\u00a0: ses attestations s’établissent à partir du 1er janvier suivant.")


class NobodyCertifies(Refusal):
    message = _("Aucun organisme n’atteste pour le pôle. Renseignez d’abord l’émetteur des factures.")


_REFUSALS = {
    "billing_minimisregime_no_overlap": RegimeOverlaps,
    "billing_minimisregime_dates": RegimeEndsFirst,
    "billing_marketprice_no_overlap": MarketOverlaps,
    "billing_declaredaid_once": AidDeclared,
}


@transaction.atomic
def set_minimis(*, funder: str, decision: str, starts_on: dt.date, ends_on: dt.date | None, by: Actor) -> MinimisRegime:
    """Say who holds these rents for de minimis aid, from a day to another. Raises RegimeOverlaps, RegimeEndsFirst."""
    require_accounts(by)
    if ends_on and ends_on <= starts_on:
        raise RegimeEndsFirst
    with refusing(_REFUSALS):
        made = MinimisRegime.objects.create(funder=funder, decision=decision, starts_on=starts_on, ends_on=ends_on)
    record(by=by, verb="billing.minimis_set", thing=made, after={"starts_on": starts_on, "ends_on": ends_on})
    return made


@transaction.atomic
def end_minimis(*, regime: MinimisRegime, ends_on: dt.date | None, by: Actor) -> MinimisRegime:
    """The first day that the decision no longer covers; on its first day, it never was.

    Raises RegimeEndsFirst, RegimeOverlaps.
    """
    require_accounts(by)
    regime = MinimisRegime.objects.select_for_update(of=("self",), no_key=True).get(pk=regime.pk)
    before = {"ends_on": regime.ends_on}
    regime.ends_on = ends_on
    with refusing(_REFUSALS):
        regime.save(update_fields=["ends_on"])
    record(by=by, verb="billing.minimis_ended", thing=regime, before=before, after={"ends_on": ends_on})
    return regime


@transaction.atomic
def set_market_price(
    *,
    recurring: RecurringCharge,
    amount_excl: Decimal,
    origin: str,
    starts_on: dt.date,
    by: Actor,
    per_square_metre: Decimal | None = None,
    area: Decimal | None = None,
) -> MarketPrice:
    """What a whole period would cost at the market, in euros without tax, from a day on; the price before ends.

    Raises MarketOverlaps.
    """
    require_accounts(by)
    lock_account(recurring.account_id)
    MarketPrice.objects.filter(recurring=recurring, ends_on=None, starts_on__lt=starts_on).update(ends_on=starts_on)
    with refusing(_REFUSALS):
        made = MarketPrice.objects.create(
            recurring=recurring, amount_excl=amount_excl, per_square_metre=per_square_metre, area=area, origin=origin,
            starts_on=starts_on,
        )  # fmt: skip
    after = {"amount_excl": amount_excl, "starts_on": starts_on}
    record(by=by, verb="billing.market_price_set", thing=recurring, after=after, concerns=recurring.account)
    return made


def _require_signatory(by: Actor, account: Account) -> None:
    if not may_sign(by, account):
        raise NotAllowed(_("Seul qui engage la structure déclare ses aides."))


@transaction.atomic
def declare_aid(
    *,
    account: Account,
    grantor: str,
    granted_on: dt.date,
    amount: Decimal,
    by: Actor,
    now: dt.datetime,
    today: dt.date,
    reference: str = "",
) -> DeclaredAid:
    """Note a de minimis aid, in euros, that another body granted. Raises AidToCome, AidDeclared."""
    _require_signatory(by, account)
    account = lock_account(account.pk)
    if granted_on > today:
        raise AidToCome
    with refusing(_REFUSALS):
        made = DeclaredAid.objects.create(
            account=account, grantor=grantor, reference=reference, granted_on=granted_on, amount=amount,
            said_by=by.name, said_at=now,
        )  # fmt: skip
    after = {"grantor": grantor, "amount": amount, "granted_on": granted_on}
    record(by=by, verb="billing.aid_declared", thing=made, after=after, concerns=account)
    return made


@transaction.atomic
def withdraw_aid(*, aid: DeclaredAid, by: Actor, now: dt.datetime) -> None:
    """Take back an aid said by mistake."""
    account = lock_account(aid.account_id)
    _require_signatory(by, account)
    if DeclaredAid.objects.live().filter(pk=aid.pk).update(undone_at=now):
        record(by=by, verb="billing.aid_withdrawn", thing=aid, before={"amount": aid.amount}, concerns=account)


@transaction.atomic
def certify_minimis(*, account: Account, year: int, by: Actor, today: dt.date, now: dt.datetime) -> MinimisCertificate:
    """The certificate of a year that is over; asked twice, it is the same one.

    Where the sums changed since, it is another version, that names the one it replaces.
    Raises YearNotOver, NobodyCertifies.
    """
    require_accounts(by)
    if today.year <= year:
        raise YearNotOver
    account = lock_account(account.pk)
    (minimis,) = minimis_of([account], today)
    counted = minimis.of_year(year)
    given = MinimisCertificate.objects.filter(account=account, year=year).order_by("version").last()
    if given is not None and counted.is_told_by(given):
        return given
    issuer = Issuer.objects.live(today).first()
    if issuer is None:
        raise NobodyCertifies
    taken = take_number(issuer, MINIMIS_SERIES, today)
    made = MinimisCertificate.objects.create(
        account=account,
        issuer=issuer,
        year=year,
        version=given.version + 1 if given else 1,
        number=taken.number,
        issue_date=taken.on,
        issued_at=now,
        amount=counted.amount,
        rolling=counted.rolling.total,
        facts=_facts(issuer, account, counted, given),
    )
    run = start_run(title=f"Attestation {made.number}", by=by, about=made)
    add_item(run=run, job="billing.render_minimis", label=made.number, certificate_id=made.pk)
    record(by=by, verb="billing.minimis_certified", thing=made, after={"amount": made.amount}, concerns=account)
    return made


def _facts(issuer: Issuer, account: Account, counted: MinimisYear, given: MinimisCertificate | None) -> dict[str, Any]:
    days = counted.days
    in_force = MinimisRegime.objects.unended(days.starts_on).filter(starts_on__lt=days.ends_on).order_by("starts_on")
    return {
        "seller": seller_of(issuer),
        "payer": buyer_of(account),
        "regimes": list(in_force.values("funder", "decision")),
        "aids": [
            {"what": label, "when": str(span), "amount": str(amount)} for label, span, amount in counted.lines
        ],
        "ours": str(counted.rolling.ours),
        "elsewhere": str(counted.rolling.elsewhere),
        "replaces": f"{given.number} du {french.day(given.issue_date, year=True, weekday=False)}" if given else "",
    }  # fmt: skip


@transaction.atomic
def render_minimis(*, certificate: MinimisCertificate, today: dt.date) -> None:
    """Make the PDF of a certificate and mail it; once made, it is never made again."""
    rows = MinimisCertificate.objects.select_for_update(of=("self",), no_key=True)
    certificate = rows.select_related("account__organisation", "account__person").get(pk=certificate.pk)
    if document_of(certificate, "minimis") is not None:
        return
    # WeasyPrint is slow to import, and web processes do not need it.
    from documents.rendering import render_pdf

    facts = certificate.facts
    pdf = render_pdf(
        template="billing/minimis_pdf.html",
        context={
            "issuer": facts["seller"], "payer": facts["payer"], "certificate": certificate, "facts": facts,
            "aids": [aid | {"amount": Decimal(aid["amount"])} for aid in facts["aids"]],
            "ours": Decimal(facts["ours"]), "elsewhere": Decimal(facts["elsewhere"]),
        },
        issued_at=certificate.issued_at,
        title=f"Attestation {certificate.number}",
        author=facts["seller"]["name"],
    )  # fmt: skip
    file = store_file(name=f"{certificate.number}.pdf", content_type="application/pdf", content=pdf.content)
    attach_document(about=certificate, kind="minimis", file=file)
    _mail(certificate, file, today)


def _mail(certificate: MinimisCertificate, file: StoredFile, today: dt.date) -> None:
    to = recipients([certificate.account], today)[certificate.account_id]
    if not to:
        return
    url = absolute(reverse("billing:minimis_pdf", args=[certificate.pk]))
    context = {"certificate": certificate, "replaces": certificate.facts["replaces"], "hub": current_hub(), "url": url}
    with languages.of_hub():
        subject = _("Attestation d’aide de minimis %(year)s") % {"year": certificate.year}
        text = render_to_string("billing/mail/minimis.txt", context)
    attachment = {"name": f"{certificate.number}.pdf", "type": "application/pdf", "key": file.key}
    send_mail(to=to, subject=str(subject), text=text, attachments=[attachment], about=certificate)
