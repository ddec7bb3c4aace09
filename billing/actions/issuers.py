"""Who issues the hub's invoices."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from billing.models import Issuer
from billing.rules import require_accounts
from hubs.actions import record
from hubs.actors import Actor
from hubs.refusals import Refusal
from hubs.scope import current_hub


class AnotherBody(Refusal):
    message = _(
        "Des factures sont déjà parties sous l’autre SIREN. Un autre organisme est un autre émetteur, "
        "dont les numéros repartent à 1\u00a0: fixez avec votre comptable le jour où il prend la suite."
    )
    field = "siren"


@transaction.atomic
def describe_issuer(*, values: Mapping[str, Any], by: Actor, today: dt.date) -> Issuer:
    """Say who issues, or mend what is said of them; invoices already issued keep what they showed.

    The first issuer of a hub is so from the first of January. Raises AnotherBody.
    """
    require_accounts(by)
    issuer = Issuer.objects.live(today).select_for_update(of=("self",), no_key=True).first()
    if issuer is None:
        issuer = Issuer(starts_on=dt.date(today.year, 1, 1))
    before = {name: getattr(issuer, name) for name in values} if issuer.pk else None
    if before and before["siren"] and before["siren"] != values["siren"] and issuer.invoices.issued().exists():
        raise AnotherBody
    for name, value in values.items():
        setattr(issuer, name, value)
    issuer.save()
    record(
        by=by, verb="billing.issuer_described", thing=issuer, before=before, after=dict(values), concerns=current_hub()
    )
    return issuer
