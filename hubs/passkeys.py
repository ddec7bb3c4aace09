"""A passkey is of the host where it was made, and of no other.

The table is allauth's, and every list, count and check of it too. So the row itself says its host, and
row-level security shows only those of the host that the request names: on another hub's address there
are none, whoever asks.
"""

from typing import Any

from allauth.mfa.models import Authenticator

from hubs.scope import current_host


def tie_to_host(instance: Authenticator, **kwargs: Any) -> None:
    """Before a passkey is written."""
    if instance._state.adding and instance.type == Authenticator.Type.WEBAUTHN:
        instance.data["host"] = current_host()
