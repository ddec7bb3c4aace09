"""Who may see and move money."""

from django.utils.translation import gettext_lazy as _

from billing.models import Account
from hubs.actors import Actor
from hubs.refusals import NotAllowed
from hubs.rules import accounts

__all__ = ["accounts", "require_accounts", "sees_account"]


def sees_account(actor: Actor, account: Account) -> bool:
    """Whether the account is that of the actor, or of a structure the actor acts for."""
    if account.organisation_id is not None:
        return actor.acts_for(account.organisation_id)
    return actor.person_id is not None and account.person_id == actor.person_id


def require_accounts(actor: Actor) -> None:
    """Raises NotAllowed unless the actor keeps the hub's accounts."""
    if not accounts(actor):
        raise NotAllowed(_("Seules la coordination et la comptabilité tiennent les comptes."))
