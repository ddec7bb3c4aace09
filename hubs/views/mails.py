"""/gestion/suivi/courriels/: what left, what waits, what failed and why, and the click that sends it again."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from hubs import actions
from hubs.enums import MailState
from hubs.forms import MailForm
from hubs.lists import PER_PAGE
from hubs.models import Mail
from hubs.parts import things_named
from hubs.refusals import Refusal
from hubs.rules import coordinator, follows_up, open_to
from hubs.views.todos import back_to_todos


@require_safe
@open_to(follows_up)
def mails(request: HttpRequest) -> HttpResponse:
    """The deliveries, the last first."""
    form = MailForm(request.GET or None)
    asked = form.cleaned_data if form.is_valid() else {}
    found = Mail.objects.defer("text", "html", "attachments").order_by("-pk")
    if state := asked.get("etat"):
        found = found.filter(state=state)
    if address := asked.get("adresse"):
        found = found.to_address(address)
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    things = things_named({mail.about for mail in page}, request.hub, request.actor)
    context = {
        "form": form,
        "page": page,
        "lines": [(mail, things.get(mail.about)) for mail in page],
        "nothing_yet": not request.GET and not page.paginator.count,
    }
    return render(request, "hubs/mails.html", context, status=422 if form.errors else 200)


@require_safe
@open_to(follows_up)
def mail(request: HttpRequest, mail_id: int) -> HttpResponse:
    """One message: to whom, about what, why it did not leave. Its text is for the coordination."""
    found = get_object_or_404(Mail, pk=mail_id)
    thing = things_named({found.about}, request.hub, request.actor).get(found.about)
    context = {
        "mail": found,
        "thing": thing,
        "moved": bool(thing and thing.addresses and list(thing.addresses) != found.to),
        "reads_text": coordinator(request.actor) and not found.is_secret,
        "is_failed": found.state == MailState.FAILED,
        "may_resend": not found.is_secret and found.state != MailState.QUEUED,
    }
    return render(request, "hubs/mail.html", context)


@require_POST
@open_to(follows_up)
def resend(request: HttpRequest, mail_id: int) -> HttpResponse:
    found = get_object_or_404(Mail, pk=mail_id)
    try:
        again = actions.resend_mail(mail=found, by=request.actor, now=timezone.now())
    except Refusal as refusal:
        messages.error(request, str(refusal.message))
        again = found
    else:
        messages.success(request, _("Il repart à %(to)s.") % {"to": ", ".join(again.to)})
    return _back(request, again)


@require_POST
@open_to(follows_up)
def drop(request: HttpRequest, mail_id: int) -> HttpResponse:
    found = get_object_or_404(Mail, pk=mail_id)
    try:
        actions.drop_mail(mail=found, by=request.actor)
    except Refusal as refusal:
        messages.error(request, str(refusal.message))
    else:
        messages.success(request, _("C’est noté\u00a0: ce courriel ne partira pas."))
    return _back(request, found)


def _back(request: HttpRequest, found: Mail) -> HttpResponseRedirect:
    """Where the click was made: à faire, or the message."""
    return back_to_todos(request) if request.POST.get("retour") == "a-faire" else redirect("hubs:mail", found.pk)
