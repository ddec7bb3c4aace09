"""Who issues the hub's invoices."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from billing.models import Invoice, InvoiceLine, Issuer
from billing.rules import require_accounts
from hubs.actions import record
from hubs.actors import Actor
from hubs.refusals import Refusal, refusing
from hubs.scope import current_hub


class AnotherBody(Refusal):
    message = _(
        "Des factures sont déjà parties sous l’autre SIREN. Un autre organisme est un autre émetteur, "
        "dont les numéros repartent à 1\u00a0: fixez avec votre comptable le jour où il prend la suite."
    )
    field = "siren"


class DayOfAnother(Refusal):
    message = _("Un autre émetteur couvre déjà ce jour ou ceux qui suivent. Choisissez-en un après lui.")
    field = "starts_on"


class IssuerPlanned(Refusal):
    message = _("Un autre émetteur prend déjà la suite. Corrigez-le plutôt.")
    field = "starts_on"


class IssuerBeforeOther(Refusal):
    message = _("Choisissez un jour après celui où l’émetteur d’aujourd’hui a commencé.")
    field = "starts_on"


class AlreadyInvoicedThen(Refusal):
    message = _("Des factures déjà émises couvrent ce jour. Choisissez-en un plus tard.")
    field = "starts_on"


@transaction.atomic
def describe_issuer(
    *,
    values: Mapping[str, Any],
    by: Actor,
    today: dt.date,
    planned: Issuer | None = None,
    starts_on: dt.date | None = None,
) -> Issuer:
    """Say who issues, or mend what is said of them (or of the one `planned`); what is issued keeps what it showed.

    Where nobody issues yet, they do from `starts_on`, or else from the first of January: what was sold before stays
    on the accounts. Raises AnotherBody, DayOfAnother.
    """
    require_accounts(by)
    wanted = Issuer.objects.select_for_update(of=("self",), no_key=True)
    issuer = wanted.get(pk=planned.pk) if planned else wanted.filter(pk__in=Issuer.objects.live(today)).first()
    if issuer is None:
        issuer = Issuer(starts_on=starts_on or dt.date(today.year, 1, 1))
    before = {name: getattr(issuer, name) for name in values} if issuer.pk else None
    if (
        before
        and before["siren"]
        and before["siren"] != values["siren"]
        and Invoice.objects.issued().filter(issuer=issuer).exists()
    ):
        raise AnotherBody
    for name, value in values.items():
        setattr(issuer, name, value)
    with refusing({"billing_issuer_no_overlap": DayOfAnother}):
        issuer.save()
    record(
        by=by, verb="billing.issuer_described", thing=issuer, before=before, after=dict(values), concerns=current_hub()
    )
    return issuer


@transaction.atomic
def succeed_issuer(*, values: Mapping[str, Any], starts_on: dt.date, by: Actor) -> Issuer:
    """Another legal body issues what is sold from `starts_on`, its numbers beginning at 1; the one before stays.

    What was sold before that day is still invoiced by the one before, under its own numbers.
    Raises IssuerPlanned, IssuerBeforeOther, AlreadyInvoicedThen.
    """
    require_accounts(by)
    issuers = list(Issuer.objects.select_for_update(of=("self",), no_key=True).order_by("starts_on", "pk"))
    last = issuers[-1] if issuers else None
    if len(issuers) > 1 and last is not None and last.starts_on >= starts_on:
        raise IssuerPlanned
    if last is not None:
        if starts_on <= last.starts_on:
            raise IssuerBeforeOther
        if InvoiceLine.objects.filter(
            invoice__issuer=last, invoice__issued_at__isnull=False, on__gte=starts_on
        ).exists():
            raise AlreadyInvoicedThen
        last.ends_on = starts_on
        last.save(update_fields=["ends_on"])
    issuer = Issuer.objects.create(starts_on=starts_on, **values)
    record(
        by=by,
        verb="billing.issuer_succeeded",
        thing=issuer,
        before={"legal_name": last.legal_name} if last else None,
        after={"legal_name": issuer.legal_name, "starts_on": starts_on},
    )
    return issuer
