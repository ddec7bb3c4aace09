"""Sign-in by allauth, hub by hub: an account with no person here is an account that does not exist here."""

from typing import Any
from urllib.parse import urlsplit

from allauth.account import forms as allauth_forms
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from hubs import languages
from hubs.actions import send_mail
from hubs.models import User
from hubs.queries import absolute
from hubs.scope import current_hub
from parties.models import Person


def is_of_hub(user: User | None) -> bool:
    """Whether the account belongs to a person of the open hub."""
    return user is not None and Person.objects.filter(user_id=user.pk).exists()


class HubBackend(AuthenticationBackend):
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
        "too_many_login_attempts": _("Trop d’essais. Attendez quelques minutes, puis recommencez."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def post_login(self, request: HttpRequest, user: User, **details: Any) -> HttpResponse:
        response = super().post_login(request, user, **details)
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
        send_mail(to=message.to, subject=message.subject, text=str(message.body))


class RequestLoginCodeForm(allauth_forms.RequestLoginCodeForm):
    def clean_email(self) -> str:
        email = super().clean_email()
        if not is_of_hub(self._user):
            self._user = None
        return email


class ResetPasswordForm(allauth_forms.ResetPasswordForm):
    def clean_email(self) -> str:
        email = super().clean_email()
        self.users = [user for user in self.users if is_of_hub(user)]
        return email
