"""Who may see and move money."""

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from hubs.actors import Actor
from hubs.enums import Role
from hubs.refusals import NotAllowed
from hubs.rules import accounts
from parties.rules import administers, works_for

if TYPE_CHECKING:
    from billing.models import Account

__all__ = [
    "accounts",
    "is_signatory",
    "is_treasurer",
    "may_sign",
    "require_accounts",
    "require_signatory",
    "sees_account",
    "sees_debts",
]


def sees_account(actor: Actor, account: "Account") -> bool:
    """Whether the account is that of the actor, or of a structure the actor works in."""
    if account.organisation_id is not None:
        return works_for(actor, account.organisation_id)
    return actor.person_id is not None and not actor.is_guest and account.person_id == actor.person_id


def may_sign(actor: Actor, account: "Account") -> bool:
    """Who commits the account: its signatory, or the staff that has it in writing."""
    return accounts(actor) or is_signatory(actor, account)


def is_treasurer(actor: Actor) -> bool:
    """Elected, and not staff: reaches the debts from mon espace."""
    return actor.has(Role.TREASURER) and not actor.is_staff


def sees_debts(actor: Actor) -> bool:
    """Who reads what each account owes, and nothing of what it bought."""
    return accounts(actor) or actor.has(Role.TREASURER)


def require_accounts(actor: Actor) -> None:
    """Raises NotAllowed unless the actor keeps the hub's accounts."""
    if not accounts(actor):
        raise NotAllowed(_("Seules la coordination et la comptabilité tiennent les comptes."))


def is_signatory(actor: Actor, account: "Account") -> bool:
    """Who binds the holder of the account: who administers the structure, or the person whose account it is."""
    if account.organisation_id is not None:
        return administers(actor, account.organisation_id)
    return sees_account(actor, account)


def require_signatory(actor: Actor, account: "Account") -> None:
    """Raises NotAllowed unless the actor signs for the holder of the account."""
    if not is_signatory(actor, account):
        raise NotAllowed(_("Seules les personnes qui administrent la structure signent son mandat."))
