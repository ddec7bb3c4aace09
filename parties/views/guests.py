"""The guests of a structure: let in by a list, each by a link that is shown, copied or scanned, and ended."""

import datetime as dt
from dataclasses import dataclass
from urllib.parse import quote

import segno
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from hubs.queries import absolute
from hubs.refusals import Refusal
from hubs.rules import open_to
from parties import actions
from parties.guest_forms import GuestsForm
from parties.models import Invitation, Organisation
from parties.rules import keeps_structures, may_invite, workplaces, works_somewhere
from parties.tokens import guest_token, holds_token

THREE_WEEKS = dt.timedelta(days=20)


@dataclass(frozen=True)
class Shared:
    """A guest, and the link to hand over; no link where only another can be made."""

    invitation: Invitation
    url: str
    code: SafeString | str

    @property
    def sms(self) -> str:
        """A text message that holds the link; the phone asks to whom it goes."""
        words = _("Votre accès à l’espace de %(structure)s\u00a0: %(url)s")
        return "sms:?&body=" + quote(words % {"structure": self.invitation.organisation, "url": self.url})


def _shared(invitation: Invitation, base: str) -> Shared:
    token = guest_token(invitation)
    if not holds_token(invitation, token):
        return Shared(invitation, "", "")
    url = base + reverse("parties:invitation", args=[token])
    drawn = segno.make(url, error="m").svg_inline(
        title=_("Code QR du lien de %s") % invitation.name, dark="#000", light="#fff", svgclass="transfer-code",
        lineclass=None, omitsize=True, border=4,
    )  # fmt: skip
    # segno escapes the title and draws the rest from modules: nothing of what was typed is written as markup.
    return Shared(invitation, url, mark_safe(drawn))


@never_cache
@require_safe
@open_to(keeps_structures)
def guests(request: HttpRequest, public_id: str) -> HttpResponse:
    organisation = get_object_or_404(Organisation, public_id=public_id)
    return _guests(request, organisation, "parties/guests.html", reverse("parties:structure", args=[public_id]))


@never_cache
@require_safe
@open_to(works_somewhere)
def my_guests(request: HttpRequest, public_id: str) -> HttpResponse:
    organisation = _administered(request, public_id)
    back = f"{reverse('parties:my_structure')}?structure={public_id}"
    return _guests(request, organisation, "parties/my_guests.html", back)


def _administered(request: HttpRequest, public_id: str) -> Organisation:
    """One's own structure, to which one may invite. To others of the hub it is not theirs: 404."""
    actor = request.actor  # type: ignore[attr-defined]
    organisation = get_object_or_404(Organisation.objects.filter(pk__in=workplaces(actor)), public_id=public_id)
    if not may_invite(actor, organisation.pk):
        raise PermissionDenied
    return organisation


def _guests(request: HttpRequest, organisation: Organisation, template: str, back: str) -> HttpResponse:
    found = Invitation.objects.guests_in(timezone.now()).filter(organisation=organisation).for_display()
    add = "guests_add" if template == "parties/guests.html" else "my_guests_add"
    base = absolute("")
    context = {
        "organisation": organisation,
        "guests": [_shared(invitation, base) for invitation in found],
        "back": back,
        "add_url": reverse(f"parties:{add}", args=[organisation.public_id]),
    }
    return render(request, template, context)


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(keeps_structures)
def guests_add(request: HttpRequest, public_id: str) -> HttpResponse:
    organisation = get_object_or_404(Organisation, public_id=public_id)
    return _add(request, organisation, "layouts/staff.html", reverse("parties:guests", args=[public_id]))


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(works_somewhere)
def my_guests_add(request: HttpRequest, public_id: str) -> HttpResponse:
    organisation = _administered(request, public_id)
    return _add(request, organisation, "layouts/member.html", reverse("parties:my_guests", args=[public_id]))


def _add(request: HttpRequest, organisation: Organisation, layout: str, back: str) -> HttpResponse:
    last_day = timezone.localdate() + THREE_WEEKS
    form = GuestsForm(request.POST if request.method == "POST" else None, initial={"last_day": last_day})
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.invite_guests(
                organisation=organisation,
                by=request.actor,  # type: ignore[attr-defined]
                now=timezone.now(),
                **form.given,
            )
        except Refusal as refusal:
            refusal.tell(form)
        else:
            words = ngettext("%s lien est prêt\u00a0: donnez-le.", "%s liens sont prêts\u00a0: donnez-les.", len(made))
            messages.success(request, words % len(made))
            return redirect(back)
    context = {"form": form, "organisation": organisation, "back": back, "layout": layout}
    return render(request, "parties/guests_add.html", context, status=422 if form.errors else 200)
