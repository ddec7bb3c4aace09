"""What the house notes and does when someone signs in, or changes how they do."""

from typing import Any

from allauth.account import signals as account
from allauth.mfa import signals as mfa
from allauth.mfa.models import Authenticator
from django.contrib.auth.signals import user_logged_in
from django.db.models.signals import pre_save
from django.http import HttpRequest
from django.utils import timezone

from hubs import passkeys, sessions
from hubs.actions import end_other_sessions, record
from hubs.models import User


def note_device(request: HttpRequest, **kwargs: Any) -> None:
    """Signed in: on what, and when."""
    request.session[sessions.AGENT] = request.META.get("HTTP_USER_AGENT", "")[:240]
    request.session[sessions.BEGAN] = timezone.now().isoformat()


def end_others(request: HttpRequest, user: User, **kwargs: Any) -> None:
    """The password is another: whoever had the old one leaves. In other hubs their sessions no longer match it."""
    actor = request.actor  # type: ignore[attr-defined]
    record(by=actor, verb="hubs.password_changed", thing=user)
    end_other_sessions(user=user, keep=request.session.session_key or "", by=actor)


def note_factor_added(request: HttpRequest, user: User, authenticator: Authenticator, **kwargs: Any) -> None:
    record(by=request.actor, verb="hubs.factor_added", thing=user, after={"type": authenticator.type})  # type: ignore[attr-defined]


def note_factor_removed(request: HttpRequest, user: User, authenticator: Authenticator, **kwargs: Any) -> None:
    record(by=request.actor, verb="hubs.factor_removed", thing=user, before={"type": authenticator.type})  # type: ignore[attr-defined]


def listen() -> None:
    user_logged_in.connect(note_device)
    for changed in (account.password_changed, account.password_set, account.password_reset):
        changed.connect(end_others)
    mfa.authenticator_added.connect(note_factor_added)
    mfa.authenticator_removed.connect(note_factor_removed)
    pre_save.connect(passkeys.tie_to_host, sender=Authenticator)
