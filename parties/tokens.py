"""The secret part of an invitation's link."""

import base64
import datetime as dt
import hashlib

from django.utils.crypto import constant_time_compare, salted_hmac

from parties.models import Invitation


def hash_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def guest_token(invitation: Invitation) -> str:
    """The token of a guest's link, made again each time it is shown from the key of the instance: it is not kept.

    It is the one that opens only while `holds_token` says so.
    """
    what = f"{invitation.hub_id}:{invitation.public_id}:{invitation.sent_at.astimezone(dt.UTC).isoformat()}"
    digest = salted_hmac("parties.guest_token", what, algorithm="sha256").digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def holds_token(invitation: Invitation, token: str) -> bool:
    """Whether this token opens the invitation; that of a guest invited under another key of the instance does not."""
    return constant_time_compare(invitation.token_hash, hash_of(token))
