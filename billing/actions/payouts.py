"""HelloAsso's monthly transfer, taken apart."""

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from billing.bank.base import StatementRefused
from billing.models import Account, Match, Payout, PayoutPayment
from billing.queries.payouts import PayoutPlan, payout_plan
from billing.rules import require_accounts
from documents.actions import store_file
from hubs.actions import record
from hubs.actors import Actor
from hubs.refusals import Refusal, refusing


class PayoutTwice(StatementRefused):
    message = _("Tous les versements de ce fichier sont déjà importés. Rien n’a changé.")


class PayoutDiffers(StatementRefused):
    message = _("Un paiement de ce fichier est déjà dans un autre versement. Choisissez l’export d’une autre période.")


class PayoutOnStatement(Refusal):
    message = _("Ce versement est sur un relevé de la banque. Défaites d’abord le rapprochement de sa ligne.")


@transaction.atomic
def import_payouts(*, name: str, content: bytes, by: Actor, now: dt.datetime) -> list[Payout]:
    """Keep the transfers that are new, each payment with the account that it seems to be for.

    Raises a FileRefused: unreadable, imported already.
    """
    require_accounts(by)
    plan = payout_plan(content)
    fresh = [each for each in plan if each.is_new]
    if not fresh:
        raise PayoutTwice
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" if content[:2] == b"PK" else "text/csv"
    file = store_file(name=name, content_type=kind, content=content)
    with refusing({"billing_payout_once": PayoutTwice, "billing_payoutpayment_once": PayoutDiffers}):
        return [_keep(each, file.pk, by=by, now=now) for each in fresh]


def _keep(plan: PayoutPlan, file_id: int, *, by: Actor, now: dt.datetime) -> Payout:
    read = plan.read
    payout = Payout.objects.create(
        file_id=file_id,
        reference=read.reference,
        on=read.on,
        gross=read.gross,
        fees=read.fees,
        net=read.net,
        imported_at=now,
    )
    PayoutPayment.objects.bulk_create(
        PayoutPayment(
            payout=payout,
            reference=paid.reference,
            on=paid.on,
            payer=paid.payer,
            email=paid.email,
            label=paid.label,
            amount=paid.amount,
            fees=paid.fees,
            account=guess.account if guess else None,
            because=guess.because if guess else "",
        )
        for paid, guess in plan.payments
    )
    record(by=by, verb="billing.payout_imported", thing=payout, after={"net": payout.net, "fees": payout.fees})
    return payout


@transaction.atomic
def direct_payout_payment(
    *, payment: PayoutPayment, account: Account | None, is_aside: bool, by: Actor
) -> PayoutPayment:
    """Say whose account a payment goes to, or that it is not for the portal. Raises PayoutOnStatement."""
    require_accounts(by)
    payment = PayoutPayment.objects.select_for_update(of=("self",), no_key=True).get(pk=payment.pk)
    if Match.objects.live().filter(payout=payment.payout_id).exists():
        raise PayoutOnStatement
    payment.account, payment.is_aside, payment.because = account, is_aside and account is None, ""
    payment.save(update_fields=["account", "is_aside", "because"])
    after = {"account": str(account) if account else "", "is_aside": payment.is_aside}
    record(by=by, verb="billing.payout_directed", thing=payment, after=after, concerns=account)
    return payment
