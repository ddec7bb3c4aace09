"""Deposits held, at a date."""

import datetime as dt
from decimal import Decimal

from django.db.models import QuerySet, Sum, Value
from django.db.models.functions import Coalesce, Concat

from billing.models import Deposit
from billing.money import ZERO


def deposits_on(day: dt.date) -> QuerySet[Deposit]:
    """Every deposit asked by that day, with its holder's name and what was received and held at its end."""
    person = Concat("account__person__family_name", Value(" "), "account__person__given_name")
    asked = Deposit.objects.live().filter(asked_on__lte=day).with_held(on__lte=day)
    return asked.annotate(holder=Coalesce("account__organisation__name", person))


def held_in_all(deposits: QuerySet[Deposit]) -> Decimal:
    """What these come to."""
    return deposits.order_by().aggregate(sum=Coalesce(Sum("held"), ZERO))["sum"]
