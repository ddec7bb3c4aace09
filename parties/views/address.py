"""/mon-espace/moi/adresse/: the mail address one signs in with, changed once the new one has answered."""

import time
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.decorators import reauthentication_required
from allauth.core.internal.cryptokit import compare_user_code
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from hubs import limits
from hubs.refusals import Refusal
from hubs.rules import open_to, person_of_hub
from parties import actions
from parties.authentication import count
from parties.forms import AddressCodeForm, AddressForm

ASKED = "address_asked"


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(person_of_hub)
@reauthentication_required
def ask(request: HttpRequest) -> HttpResponse:
    """Which address; a code goes there."""
    form = AddressForm(request.POST if request.method == "POST" else None, current=request.user.email)
    if request.method == "POST" and form.is_valid():
        email = form.cleaned_data["email"]
        count(limits.CODE_REQUEST, request, email)
        code = get_adapter().generate_login_code()
        actions.send_address_code(email=email, code=code)
        request.session[ASKED] = {"email": email, "code": code, "at": time.time()}
        return redirect("parties:address_code")
    return render(request, "parties/address.html", {"form": form}, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(person_of_hub)
def confirm(request: HttpRequest) -> HttpResponse:
    """The code that came there: from now on this is the address."""
    asked: dict[str, Any] = request.session.get(ASKED, {})
    if asked.get("at", 0) < time.time() - settings.ACCOUNT_LOGIN_BY_CODE_TIMEOUT:
        return redirect("parties:address")
    form = AddressCodeForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        count(limits.CODE_ENTRY, request, f"{asked['email']} {asked['at']}")
        if not compare_user_code(actual=form.cleaned_data["code"], expected=asked["code"]):
            form.add_error("code", _("Ce n’est pas le code que nous avons envoyé."))
        else:
            return _take(request, form, asked["email"])
    context = {"form": form, "email": asked["email"]}
    return render(request, "parties/address_code.html", context, status=422 if form.errors else 200)


def _take(request: HttpRequest, form: AddressCodeForm, email: str) -> HttpResponse:
    try:
        actions.change_address(user=request.user, email=email, by=request.actor)  # type: ignore[attr-defined]
    except Refusal as refusal:
        refusal.tell(form)
        return render(request, "parties/address_code.html", {"form": form, "email": email}, status=422)
    del request.session[ASKED]
    messages.success(request, _("Vous entrez maintenant avec %(email)s.") % {"email": email})
    return redirect("mfa_index")
