"""The second step at sign-in, by allauth.mfa: applications and recovery codes are of the account, passkeys of a host."""

import time
from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.core import context
from allauth.core.internal.cryptokit import compare_user_code
from allauth.mfa import app_settings
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.base import forms as base_forms
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from allauth.mfa.utils import decrypt
from allauth.mfa.webauthn import forms as webauthn_forms
from allauth.mfa.webauthn import views as webauthn_views
from allauth.mfa.webauthn.internal import auth
from django.core.exceptions import ValidationError
from django.db import connection
from django.http import HttpRequest, HttpResponseBase
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from qrcode.main import QRCode

from hubs import limits
from hubs.models import User
from hubs.scope import current_hub
from parties.authentication import count, is_of_hub
from parties.models import Person


class HubMFAAdapter(DefaultMFAAdapter):
    error_messages = DefaultMFAAdapter.error_messages | {
        "cannot_generate_recovery_codes": _("Ajoutez d’abord une application ou une clé d’accès."),
        "incorrect_code": _("Ce code n’est pas le bon, ou il a déjà servi."),
    }

    def _get_site_name(self) -> str:
        return current_hub().name

    def build_totp_svg(self, url: str) -> str:
        """Drawn in the page: no image of ours may come from a data: address."""
        code = QRCode(border=4)
        code.add_data(url)
        matrix = code.get_matrix()
        dots = "".join(f"M{x} {y}h1v1h-1z" for y, row in enumerate(matrix) for x, dark in enumerate(row) if dark)
        return format_html(
            '<svg class="qr" viewBox="0 0 {0} {0}" role="img" aria-label="{1}" shape-rendering="crispEdges">'
            '<path fill="#fff" d="M0 0h{0}v{0}H0z"/><path d="{2}"/></svg>',
            len(matrix),
            gettext("La clé de l’application, en image"),
            dots,
        )

    def generate_authenticator_name(self, user: User, type: Authenticator.Type) -> str:  # noqa: A002
        number = Authenticator.objects.filter(user=user, type=type).count() + 1
        return gettext("Clé %(number)s") % {"number": number}

    def get_public_key_credential_user_entity(self, user: User) -> dict[str, Any]:
        person = Person.objects.filter(user=user).first()
        return super().get_public_key_credential_user_entity(user) | {"display_name": str(person or user)}


class CountedCode(base_forms.BaseAuthenticateForm):
    """A code of the application or a recovery code, counted before it is compared, and good for once."""

    def clean_code(self) -> str:
        tries = count(limits.SECOND_FACTOR, context.request, self.user.email)
        code = super().clean_code()
        if self.authenticator.type == Authenticator.Type.TOTP:
            _use(self.authenticator.pk, code)
        tries.give_back()
        return code


class AuthenticateForm(CountedCode, base_forms.AuthenticateForm):
    pass


class ReauthenticateForm(CountedCode, base_forms.ReauthenticateForm):
    pass


def _use(authenticator_id: int, code: str) -> None:
    """Note the turn of the clock that the code is of; neither it nor an earlier one is taken again.

    allauth keeps used codes in a cache, which each process has for itself.
    """
    kept = Authenticator.objects.select_for_update(of=("self",)).get(pk=authenticator_id)
    secret = decrypt(kept.data["secret"])
    now = int(time.time()) // app_settings.TOTP_PERIOD
    turns = range(now - app_settings.TOTP_TOLERANCE, now + app_settings.TOTP_TOLERANCE + 1)
    last = kept.data.get("last_turn", 0)
    used = [turn for turn in turns if turn > last and compare_user_code(actual=code, expected=_code(secret, turn))]
    if not used:
        raise HubMFAAdapter().validation_error("incorrect_code")
    kept.data["last_turn"] = used[0]
    kept.save(update_fields=["data"])


def _code(secret: str, turn: int) -> str:
    return format_hotp_value(hotp_value(secret, turn))


class AddPasskeyForm(webauthn_forms.AddWebAuthnForm):
    """Every passkey signs in alone: the device has checked who holds it."""

    passwordless = None


class LoginPasskeyForm(webauthn_forms.LoginWebAuthnForm):
    def clean_credential(self) -> Authenticator:
        tries = count(limits.SIGN_IN, context.request)
        try:
            authenticator = super().clean_credential()
        except ValidationError as error:
            raise ValidationError(gettext("Cette clé d’accès n’ouvre rien ici.")) from error
        if not is_of_hub(authenticator.user):
            raise ValidationError(gettext("Cette clé d’accès n’ouvre rien ici."))
        tries.give_back()
        return authenticator


class AddPasskeyView(webauthn_views.AddWebAuthnView):
    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        # After allauth's own: of two challenges the session keeps the last.
        options = auth.begin_registration(self.request.user, passwordless=True)
        return context | {"js_data": {"creation_options": options}}


def told_at_once(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """allauth waits for the commit before it sends mail, since its mail cannot be undone.

    Ours is a row of the same transaction; after the commit no hub is open, and nothing could be written.
    """

    @wraps(view)
    def told(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        before = len(connection.run_on_commit)
        response = view(request, *args, **kwargs)
        registered = connection.run_on_commit[before:]
        # Robust ones are nudges to the worker, which must wait.
        connection.run_on_commit[before:] = [entry for entry in registered if entry[2]]
        for _savepoints, tell, robust in registered:
            if not robust:
                tell()
        return response

    return told
