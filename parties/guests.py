"""The browser of a guest: it came in by a link, and holds no account."""

import datetime as dt

from django.contrib.auth import logout
from django.http import HttpRequest

from parties.models import Invitation

_KEY = "guest"
LONGEST = dt.timedelta(days=30)


def invitation_of(request: HttpRequest) -> int | None:
    """By which invitation this browser came in, if it is a guest's."""
    return request.session.get(_KEY)


def let_in(request: HttpRequest, invitation: Invitation, now: dt.datetime) -> None:
    """Open the browser to what the invitation gives, until it ends; whoever was signed in there is signed out."""
    logout(request)
    request.session[_KEY] = invitation.pk
    request.session.set_expiry(min(invitation.expires_at, now + LONGEST))


def let_out(request: HttpRequest) -> None:
    request.session.flush()
