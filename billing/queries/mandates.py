"""Whose account may be debited, and who may say so."""

import datetime as dt
from collections.abc import Iterable

from django.utils.translation import gettext as _

from billing.enums import MandateState
from billing.models import Account, Issuer, Mandate
from billing.queries.accounts import recipients
from hubs import french
from parties.enums import LinkRole
from parties.models import Link


def mandate_state(mandate: Mandate, today: dt.date) -> MandateState:
    """Where it stands; the mandate comes `with_last_collection`."""
    if mandate.revoked_on is not None:
        return MandateState.REVOKED
    lapses_on = mandate.lapses_on
    if lapses_on is None:
        return MandateState.INVITED
    if mandate.suspended_on is not None:
        return MandateState.SUSPENDED
    return MandateState.ACTIVE if today < lapses_on else MandateState.LAPSED


def why_not_debited(mandate: Mandate, issuer: Issuer, today: dt.date) -> str:
    """Why nothing can be collected under this mandate, in words for staff; empty when something can."""
    state = mandate_state(mandate, today)
    if state == MandateState.REVOKED and mandate.revoked_on:
        return _("Mandat révoqué le %s.") % french.day(mandate.revoked_on, year=True, weekday=False)
    if state == MandateState.INVITED:
        return _("Le mandat attend sa signature.")
    if state == MandateState.SUSPENDED:
        return _("Mandat suspendu\u00a0: %s") % mandate.suspend_reason
    if state == MandateState.LAPSED:
        return _("Mandat caduc\u00a0: rien n’a été prélevé depuis 36 mois. Faites-en signer un autre.")
    if mandate.ics != issuer.ics:
        return _("Mandat signé pour un autre ICS (%s). Faites-en signer un autre.") % mandate.ics
    return ""


def mandates_by_account(accounts: Iterable[int]) -> dict[tuple[int, int], Mandate]:
    """The mandate that counts, by account and issuer: the signed one, else the one to sign, else the last ended."""
    wanted = Mandate.objects.with_last_collection().filter(account__in=list(accounts)).order_by("pk")

    def rank(mandate: Mandate) -> tuple[bool, bool, int]:
        return (not mandate.is_over and mandate.is_signed, not mandate.is_over, mandate.pk)

    return {(mandate.account_id, mandate.issuer_id): mandate for mandate in sorted(wanted, key=rank)}


def mandates_of(account: Account) -> list[Mandate]:
    """Every mandate of the account, last first."""
    return list(Mandate.objects.for_display().filter(account=account).order_by("-pk"))


def mandates_serving(accounts: Iterable[Account]) -> dict[tuple[int, int], Mandate]:
    """The mandates that serve these accounts, by account and issuer; one query."""
    ids = {account.pk for account in accounts}
    signed = Mandate.objects.signed().filter(account__in=ids, suspended_on=None)
    return {(mandate.account_id, mandate.issuer_id): mandate for mandate in signed}


def active_mandate(account: Account, issuer: Issuer | None, today: dt.date) -> Mandate | None:
    """The mandate under which this account may be debited today by this issuer."""
    if issuer is None:
        return None
    signed = Mandate.objects.signed().with_last_collection().filter(account=account, issuer=issuer).first()
    return signed if signed is not None and not why_not_debited(signed, issuer, today) else None


def signatories(account: Account, on: dt.date) -> list[str]:
    """Where an invitation to sign goes: those who administer the structure, or the person."""
    if account.organisation_id is None:
        return recipients([account], on)[account.pk]
    links = Link.objects.live(on).filter(organisation=account.organisation_id, role=LinkRole.ADMINISTRATOR)
    return list(links.exclude(person__email="").order_by("person_id").values_list("person__email", flat=True))
