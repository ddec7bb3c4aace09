"""The tax that things sold bear, from a day on."""

import datetime as dt
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from billing.enums import VatCategory
from billing.models import VatRule
from billing.rules import require_accounts
from hubs.actions import record
from hubs.actors import Actor
from hubs.refusals import Refusal, refusing


class RuleInThePast(Refusal):
    message = _("Une règle de ce code commence ce jour-là ou plus tard. Choisissez un jour après elle.")
    field = "starts_on"


class WrongRate(Refusal):
    message = _(
        "Le taux ne va pas avec la catégorie\u00a0: au-dessus de zéro si taxée, vide si hors champ, zéro sinon."
    )
    field = "rate"


class ExemptionUnsaid(Refusal):
    message = _("Une exonération cite son article.")
    field = "exemption_text"


_REFUSALS = {
    "billing_vatrule_no_overlap": RuleInThePast,
    "billing_vatrule_rate_of_category": WrongRate,
    "billing_vatrule_exemption_says_why": ExemptionUnsaid,
}


@transaction.atomic
def set_vat_rule(
    *,
    code: str,
    label: str,
    category: VatCategory,
    rate: Decimal | None,
    starts_on: dt.date,
    by: Actor,
    exemption_text: str = "",
    exemption_code: str = "",
) -> VatRule:
    """What is sold under this code bears from `starts_on`; the rule before it ends there, and keeps what it taxed.

    Raises RuleInThePast, WrongRate, ExemptionUnsaid.
    """
    require_accounts(by)
    before = VatRule.objects.live(starts_on).filter(code=code).select_for_update(of=("self",), no_key=True).first()
    if before is not None and before.starts_on == starts_on:
        raise RuleInThePast
    with refusing(_REFUSALS):
        if before is not None:
            before.ends_on = starts_on
            before.save(update_fields=["ends_on"])
        rule = VatRule.objects.create(
            code=code,
            label=label,
            category=category,
            rate=rate,
            exemption_text=exemption_text,
            exemption_code=exemption_code,
            starts_on=starts_on,
        )
    record(
        by=by,
        verb="billing.vat_rule_set",
        thing=rule,
        before={"rate": before.rate, "category": before.category} if before else None,
        after={"code": code, "rate": rate, "category": category, "starts_on": starts_on},
    )
    return rule
