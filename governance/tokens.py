"""The link by which someone without an account reads the meeting they are invited to."""

import base64

from django.utils.crypto import salted_hmac

from governance.models import Invitee


def invitee_token(invitee: Invitee) -> str:
    """Made again from the key of the instance: it is not kept. Of the address, so that it ends when this is erased."""
    what = f"{invitee.hub_id}:{invitee.pk}:{invitee.address}"
    digest = salted_hmac("governance.invitee_token", what, algorithm="sha256").digest()
    return f"{invitee.pk}-{base64.urlsafe_b64encode(digest).decode().rstrip('=')}"
