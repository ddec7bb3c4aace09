"""The second step at sign-in, where a hub asks it of its staff."""

from allauth.mfa.models import Authenticator

from hubs.actors import Actor
from hubs.enums import SecondFactor
from hubs.models import Hub


def has_second_factor(user_id: int | None) -> bool:
    """Whether the account has an application or, on this host, a passkey. Recovery codes are for its loss."""
    kinds = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
    return Authenticator.objects.filter(user_id=user_id, type__in=kinds).exists()


def lacks_second_factor(hub: Hub, actor: Actor) -> bool:
    """Whether the hub asks this actor to set one up before anything else."""
    return hub.second_factor == SecondFactor.STAFF and actor.is_staff and not has_second_factor(actor.user_id)
