"""Sign-in by allauth, hub by hub: an account with no person here is an account that does not exist here."""

import secrets
import time
from typing import Any
from urllib.parse import urlsplit

from allauth.account import app_settings
from allauth.account import forms as allauth_forms
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from allauth.account.internal.flows.login import get_authentication_records
from allauth.core import context
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from hubs import languages, limits
from hubs.actions import send_mail
from hubs.devices import name_of
from hubs.models import User
from hubs.queries import absolute
from hubs.scope import current_hub
from parties.models import Person


def is_of_hub(user: User | None) -> bool:
    """Whether the account belongs to a person of the open hub, whose way in is not closed."""
    return user is not None and Person.objects.let_in(timezone.localdate()).filter(user_id=user.pk).exists()


KNOWN = "coursive_known"


def count(rule: limits.Rule, request: HttpRequest, mail: str = "") -> limits.Tries:
    """Count a try of the sign-in. Raises TooMany.

    Wrong passwords from all over the world shut the door on an address for some minutes, and not on the
    browser where its owner has signed in before: that one counts for itself.
    """
    nonce = _nonce_of(request, mail)
    return limits.check(
        rule, address=limits.client_address(request), mail=f"{mail} {nonce}" if nonce else mail, now=timezone.now()
    )


def _nonce_of(request: HttpRequest, mail: str) -> str:
    kept = request.get_signed_cookie(KNOWN, "", salt=KNOWN)
    whose, _colon, nonce = kept.partition(":")
    return nonce if mail and whose == _whose(mail) else ""


def _whose(mail: str) -> str:
    return salted_hmac(KNOWN, mail.lower()).hexdigest()[:20]


class HubBackend(AuthenticationBackend):
    def get_user(self, user_id: int) -> User | None:
        """The account that came with the row of the session, which each request reads anyway."""
        known = getattr(getattr(context.request, "session", None), "account", None)
        if known is not None and known.pk == user_id:
            return known if self.user_can_authenticate(known) else None
        return super().get_user(user_id)

    def authenticate(self, request: HttpRequest | None, **credentials: Any) -> User | None:
        user = super().authenticate(request, **credentials)
        return user if is_of_hub(user) else None


class HubAdapter(DefaultAccountAdapter):
    """Mail of the sign-in goes through the outbox like all mail; nobody signs up by themselves."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": _(
            "Cette adresse et ce mot de passe ne vont pas ensemble. Vous pouvez aussi demander un code par courriel."
        ),
        "incorrect_code": _("Ce n’est pas le code que nous avons envoyé."),
        "incorrect_password": _("Ce n’est pas votre mot de passe."),
        "enter_current_password": _("Ce n’est pas votre mot de passe actuel."),
        "too_many_login_attempts": _("Trop d’essais avec ce code. Demandez-en un autre."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        return limits.client_address(request)

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        """Counted before the password is looked at, so that those who come together are all counted."""
        tries = count(limits.SIGN_IN, request, credentials["email"])
        user = super().authenticate(request, **credentials)
        if user is not None:
            tries.give_back()
        return user

    def reauthenticate(self, user: User, password: str) -> bool:
        return self.authenticate(context.request, email=user.email, password=password) == user

    def is_reauthentication_required(self, **kwargs: Any) -> bool:
        """Not of one who has just signed in: who is led to set up a second step has typed everything already."""
        records = get_authentication_records(context.request, context.request.user)
        recently = time.time() - app_settings.REAUTHENTICATION_TIMEOUT
        return not any(record["at"] > recently for record in records)

    def post_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse:
        response = super().post_login(request, user, **kwargs)
        if not _nonce_of(request, user.email):
            response.set_signed_cookie(
                KNOWN,
                f"{_whose(user.email)}:{secrets.token_urlsafe(9)}",
                salt=KNOWN,
                max_age=365 * 24 * 3600,
                secure=settings.SESSION_COOKIE_SECURE,
                httponly=True,
                samesite="Lax",
            )
        if user.language:
            languages.keep(response, user.language)
        return response

    def get_reset_password_from_key_url(self, key: str) -> str:
        """On the hub's own address: whoever asks chooses the Host header, and not where the link leads."""
        return absolute(urlsplit(super().get_reset_password_from_key_url(key)).path)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        reader = User.objects.filter(email=email.lower()).first()
        # Who asks is who reads: without a language of their own, that of the page.
        with languages.of_recipient((reader and reader.language) or get_language() or ""):
            message = self.render_mail(template_prefix, email, {"hub": current_hub(), **context})
        send_mail(to=message.to, subject=message.subject, text=str(message.body), is_secret=True)

    def send_notification_mail(
        self, template_prefix: str, user: User, context: dict[str, Any] | None = None, email: str | None = None
    ) -> None:
        """To the address one signs in with: of the others that allauth may know, none is ours."""
        told = {
            "device": name_of(self.request.META.get("HTTP_USER_AGENT", "")),
            "account_url": absolute(reverse("mfa_index")),
        }
        super().send_notification_mail(template_prefix, user, told | (context or {}), email or user.email)


class RequestLoginCodeForm(allauth_forms.RequestLoginCodeForm):
    def clean_email(self) -> str:
        email = super().clean_email()
        count(limits.CODE_REQUEST, context.request, email)
        if not is_of_hub(self._user):
            self._user = None
        return email


class ConfirmLoginCodeForm(allauth_forms.ConfirmLoginCodeForm):
    """allauth counts wrong codes in the session, where ten who come together all read none."""

    def clean_code(self) -> str:
        asked = context.request._login_stage.state
        # One code has its own count: whoever types wrong ones elsewhere wears out theirs.
        tries = count(limits.CODE_ENTRY, context.request, f"{asked['email']} {asked['at']}")
        code = super().clean_code()
        tries.give_back()
        return code


class ResetPasswordForm(allauth_forms.ResetPasswordForm):
    def clean_email(self) -> str:
        email = super().clean_email()
        count(limits.PASSWORD_RESET, context.request, email)
        self.users = [user for user in self.users if is_of_hub(user)]
        return email


class ChangePasswordForm(allauth_forms.ChangePasswordForm):
    def clean_oldpassword(self) -> str:
        tries = count(limits.SIGN_IN, context.request, self.user.email)
        password = super().clean_oldpassword()
        tries.give_back()
        return password
