"""/mon-espace/attestations/: certificates that members take themselves; /verifier/: anyone checks a code."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from documents.downloads import attachment
from documents.queries import document_of
from hubs.limits import SECRET_LINK, check, client_address
from hubs.refusals import Refusal
from hubs.rules import anyone, open_to, person_of_hub
from members import actions
from members.forms.certificates import CertificateForm, CodeForm, WithdrawForm
from members.models import Certificate
from members.papers import PAPER, check_url
from members.queries import Offer, certificates_of, check_code, holders_of, is_member, offers_to
from members.rules import keeps_memberships, takes_certificates

FORM = ["GET", "HEAD", "POST"]
PER_PAGE = 50


@require_http_methods(FORM)
@open_to(person_of_hub)
def certificates(request: HttpRequest) -> HttpResponse:
    """What may be attested of each structure worked in and of oneself, and what was; with several, which one."""
    actor, today = request.actor, timezone.localdate()  # type: ignore[attr-defined]
    holders = holders_of(actor)
    asked = request.GET.get("pour", "")
    holder = next((each for each in holders if each.public_id == asked), None if asked else holders[0])
    if holder is None:
        raise Http404
    offers = offers_to(holder, today)
    posted = _posted(request, offers)
    if posted is not None and posted[1].is_valid():
        kind, form = posted
        try:
            made = actions.issue_certificate(
                kind=kind, holder=holder, by=actor, today=today, now=timezone.now(), **form.cleaned_data
            )
        except Refusal as refusal:
            refusal.tell(form)
        else:
            messages.success(request, _("L’attestation %s est établie.") % made.number)
            return redirect("members:certificate", made.code)
    context = {
        "holder": holder,
        "holders": holders,
        "offers": [(offer, _form_of(offer, posted)) for offer in offers],
        "issued": certificates_of(holder),
        "has_card": is_member(holder, today),
    }
    wrong = posted is not None and posted[1].errors
    return render(request, "members/certificates.html", context, status=422 if wrong else 200)


def _posted(request: HttpRequest, offers: list[Offer]) -> tuple[str, CertificateForm] | None:
    if request.method != "POST":
        return None
    offer = next((each for each in offers if each.kind.key == request.POST.get("kind")), None)
    if offer is None:
        raise Http404
    return offer.kind.key, CertificateForm(request.POST, periods=offer.periods, auto_id=f"{offer.kind.key}-%s")


def _form_of(offer: Offer, posted: tuple[str, CertificateForm] | None) -> CertificateForm:
    """The form that was sent, with its errors, or a new one."""
    if posted is not None and posted[0] == offer.kind.key:
        return posted[1]
    return CertificateForm(periods=offer.periods, auto_id=f"{offer.kind.key}-%s")


def _mine(request: HttpRequest, code: str) -> Certificate:
    """The certificate, to those who may take it; it is nobody else's to find: 404."""
    found = get_object_or_404(Certificate.objects.for_display(), code=code)
    if not takes_certificates(request.actor, found.organisation_id, found.person_id):  # type: ignore[attr-defined]
        raise Http404
    return found


@require_safe
@open_to(person_of_hub)
def certificate(request: HttpRequest, code: str) -> HttpResponse:
    found = _mine(request, code)
    header, *rows = found.table or [[]]
    context = {
        "certificate": found,
        "header": header,
        "rows": [list(zip(header, row, strict=True)) for row in rows],
        "check_url": check_url(found.code),
        "is_ready": document_of(found, PAPER) is not None,
        "may_withdraw": keeps_memberships(request.actor) and found.withdrawn_on is None,  # type: ignore[attr-defined]
    }
    return render(request, "members/certificate.html", context)


@require_safe
@open_to(person_of_hub)
def certificate_pdf(request: HttpRequest, code: str) -> HttpResponse:
    """The PDF as it was made; while it is being made, the page with a word."""
    found = _mine(request, code)
    document = document_of(found, PAPER)
    if document is None:
        messages.info(request, _("Le PDF est en préparation. Revenez dans une minute."))
        return redirect("members:certificate", code)
    return attachment(document.file, f"{found.number}.pdf")


@require_safe
@open_to(keeps_memberships)
def issued(request: HttpRequest) -> HttpResponse:
    """Every certificate of the hub, the last first."""
    page = Paginator(Certificate.objects.for_display(), PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "members/certificates_issued.html", {"page": page})


@require_http_methods(FORM)
@open_to(keeps_memberships)
def withdraw(request: HttpRequest, public_id: str) -> HttpResponse:
    found = get_object_or_404(Certificate.objects.for_display(), code=public_id)
    form = WithdrawForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.withdraw_certificate(
                certificate=found,
                by=request.actor,  # type: ignore[attr-defined]
                today=timezone.localdate(),
                **form.cleaned_data,
            )
        except Refusal as refusal:
            refusal.tell(form)
        else:
            messages.success(
                request, _("L’attestation %s est retirée\u00a0: son code le dit à qui le vérifie.") % found
            )
            return redirect("members:certificates_issued")
    context: dict[str, Any] = {"certificate": found, "form": form}
    return render(request, "members/certificate_withdraw.html", context, status=422 if form.errors else 200)


@require_safe
@open_to(anyone)
def check_paper(request: HttpRequest) -> HttpResponse:
    """The form of whoever has the paper and no camera; with a code it leads to what that code certifies."""
    form = CodeForm(request.GET if "code" in request.GET else None)
    if form.is_bound and form.is_valid():
        return redirect("members:check_code", "".join(form.cleaned_data["code"].split()).lower()[:40])
    return render(request, "members/check.html", {"form": form, "is_asked": False}, status=422 if form.errors else 200)


@never_cache
@require_safe
@open_to(anyone)
def check_one(request: HttpRequest, code: str) -> HttpResponse:
    """Whether this code holds, and what it certifies. Codes that are not there are counted, so that nobody guesses."""
    tries = check(SECRET_LINK, address=client_address(request), now=timezone.now())
    found = check_code(code, timezone.localdate())
    if found is not None:
        tries.give_back()
    context = {"form": CodeForm(), "is_asked": True, "found": found}
    response = render(request, "members/check.html", context, status=200 if found else 404)
    response["X-Robots-Tag"] = "noindex"
    return response
