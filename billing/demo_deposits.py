"""Deposits of the demo: one held since the lease, one asked and awaited, the key of a workshop given back."""

import datetime as dt
from decimal import Decimal

from billing.actions import ask_deposit, receive_deposit, record_payment, record_refund, refund_deposit
from billing.enums import DepositNature, PaymentMethod
from billing.models import Account, Issuer
from billing.queries import held
from hubs.actors import Actor

HELD, KEY = Decimal("800.00"), Decimal("50.00")
TWICE = Decimal("36.00")


def settle_deposits(today: dt.date, by: Actor) -> None:
    """Give the first accounts of the hub something in hand, and something to give back."""
    issuer = Issuer.objects.live(today).first()
    accounts = list(Account.objects.with_holders().filter(organisation__isnull=False).by_name()[:3])
    if issuer is None or len(accounts) < 3:
        return
    resident, awaited, workshop = accounts
    begun = max(today - dt.timedelta(days=120), issuer.starts_on)
    deposit = ask_deposit(account=resident, label="Bureau 12", amount=HELD, by=by, today=begun)
    receive_deposit(
        deposit=deposit, amount=HELD, on=begun + dt.timedelta(days=4), method=PaymentMethod.CHEQUE,
        reference="0004512", by=by, today=today,
    )  # fmt: skip
    ask_deposit(account=awaited, label="Bureau 7", amount=Decimal("650.00"), by=by, today=today)
    key = ask_deposit(
        account=workshop, label="Clé de l’atelier", amount=KEY, nature=DepositNature.KEY, by=by, today=begun
    )
    receive_deposit(deposit=key, amount=KEY, on=begun, method=PaymentMethod.CASH, by=by, today=today)
    refund_deposit(
        deposit=key, amount=KEY, on=today - dt.timedelta(days=10), method=PaymentMethod.CASH, by=by, today=today
    )
    _pay_twice(workshop, today, by)


def _pay_twice(account: Account, today: dt.date, by: Actor) -> None:
    """A transfer made twice, half of it given back."""
    record_payment(
        account=account, received_on=today - dt.timedelta(days=8), amount=TWICE, method=PaymentMethod.TRANSFER,
        reference="VIR doublon", by=by, today=today,
    )  # fmt: skip
    if (ahead := held(account.pk)) > 0:
        record_refund(
            account=account, paid_on=today - dt.timedelta(days=2), amount=min(ahead, TWICE / 2),
            method=PaymentMethod.TRANSFER, reason="Virement fait deux fois", by=by, today=today,
        )  # fmt: skip
