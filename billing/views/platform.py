"""The plateforme agréée: from when invoices go by it, what it told and brought, who is in its directory."""

import datetime as dt

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from billing import actions, queries
from billing.einvoice.platforms import current_platform
from billing.forms import SendingForm
from billing.models import Account, Invoice, Issuer, PlatformArrival
from billing.rules import accounts
from documents.downloads import attachment
from hubs import french
from hubs.refusals import Refusal
from hubs.rules import open_to


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(accounts)
def einvoicing(request: HttpRequest) -> HttpResponse:
    """What the reform asks of the hub and what is missing; from which day its invoices go by its platform."""
    link, today = queries.platform_link(), timezone.localdate()
    form = SendingForm(request.POST or None, initial={"sends_from": link.sends_from})
    if request.method == "POST" and form.is_valid():
        try:
            kept = actions.set_sending(by=request.actor, today=today, **form.cleaned_data)
        except Refusal as refusal:
            refusal.tell(form)
        else:
            messages.success(request, _sending(kept.sends_from))
            return redirect("billing:einvoicing")
    context = {
        "ready": queries.readiness(today),
        "platform": current_platform(),
        "issuer": Issuer.objects.live(today).first(),
        "link": link,
        "form": form,
        "waiting": queries.to_transmit().count(),
        "troubles": queries.transmissions_in_trouble(),
        "is_visiting": queries.is_visiting(),
    }
    return render(request, "billing/einvoicing.html", context, status=422 if form.errors else 200)


def _sending(day: dt.date | None) -> str:
    if day is None:
        return _("C’est noté\u00a0: plus rien ne part par la plateforme.")
    told = french.day(day, year=True, weekday=False)
    return _("C’est noté\u00a0: les factures émises à partir du %s partent par la plateforme.") % told


@require_POST
@open_to(accounts)
def visit(request: HttpRequest) -> HttpResponse:
    """Now, without waiting for the night."""
    try:
        run = actions.visit_platform(by=request.actor)
    except Refusal as refusal:
        messages.error(request, refusal.message)
        return redirect("billing:einvoicing")
    messages.success(request, _("La relève commence."))
    return redirect("hubs:run", run.pk)


@require_POST
@open_to(accounts)
def look_up_issuer(request: HttpRequest) -> HttpResponse:
    """Whether the directory sends the hub's invoices where it receives."""
    issuer = Issuer.objects.live(timezone.localdate()).first()
    _look_up(request, issuer.siren if issuer else "")
    return redirect("billing:einvoicing")


@require_POST
@open_to(accounts)
def look_up_buyer(request: HttpRequest, account_id: int) -> HttpResponse:
    structures = Account.objects.with_holders().filter(organisation__isnull=False)
    account = get_object_or_404(structures, pk=account_id)
    _look_up(request, account.organisation.siren if account.organisation else "")
    return redirect("billing:buyer", account.pk)


def _look_up(request: HttpRequest, siren: str) -> None:
    if not siren:
        messages.error(request, _("L’annuaire se cherche par le SIREN\u00a0: notez-le d’abord."))
        return
    try:
        found = current_platform().lookup(siren)
    except Refusal as refusal:
        messages.error(request, refusal.message)
        return
    if not found:
        messages.warning(
            request,
            _("L’annuaire ne connaît pas le SIREN %s\u00a0: rien ne peut lui être envoyé par une plateforme.") % siren,
        )
        return
    lines = ", ".join(each.address if each.is_open else _("%s (pas encore ouverte)") % each.address for each in found)
    messages.success(
        request, _("L’annuaire connaît le SIREN %(siren)s\u00a0: %(lines)s.") % {"siren": siren, "lines": lines}
    )


def _issued(invoice_id: int) -> Invoice:
    issued = Invoice.objects.issued().select_related("account__organisation", "account__person")
    return get_object_or_404(issued, pk=invoice_id)


@require_POST
@open_to(accounts)
def send_again(request: HttpRequest, invoice_id: int) -> HttpResponse:
    """Hand over once more what the platform rejected, once what was wrong is mended."""
    found = _issued(invoice_id)
    try:
        actions.send_again(invoice=found, by=request.actor)
    except Refusal as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, _("%s repart à la plateforme.") % found.number)
    return redirect("billing:invoice", found.pk)


@require_POST
@open_to(accounts)
def note_handled(request: HttpRequest, invoice_id: int) -> HttpResponse:
    found = _issued(invoice_id)
    try:
        actions.note_transmission_handled(invoice=found, by=request.actor, now=timezone.now())
    except Refusal as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, _("C’est noté\u00a0: elle ne vous est plus rappelée, sauf nouveau refus."))
    return redirect("billing:invoice", found.pk)


@require_safe
@open_to(accounts)
def arrival_file(request: HttpRequest, arrival_id: int) -> HttpResponse:
    """The bytes that came from the platform and that do not read."""
    held = PlatformArrival.objects.filter(file__isnull=False).select_related("file")
    return attachment(get_object_or_404(held, pk=arrival_id).file)


@require_POST
@open_to(accounts)
def note_arrival_handled(request: HttpRequest, arrival_id: int) -> HttpResponse:
    found = get_object_or_404(PlatformArrival, pk=arrival_id)
    try:
        actions.note_arrival_handled(arrival=found, by=request.actor, now=timezone.now())
    except Refusal as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, _("C’est noté."))
    return redirect("billing:supplier_invoices")
