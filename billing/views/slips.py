"""Slips of cheques, receipts, and the transfers of HelloAsso."""

from django.contrib import messages
from django.db.models import Count, Exists, OuterRef, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from billing import actions, queries
from billing.forms import DirectForm, ReasonForm, SlipForm
from billing.models import Account, BankAccount, ChequeSlip, Match, Payment, Payout, Receipt
from billing.rules import accounts, sees_account
from billing.tables import PayoutTable, SlipTable
from billing.views.bank import FORM, bank_tabs
from documents.downloads import attachment
from documents.queries import document_of
from hubs import french
from hubs.lists import show_page
from hubs.refusals import Refusal
from hubs.rules import open_to, person_of_hub


@require_http_methods(FORM)
@open_to(accounts)
def slips(request: HttpRequest) -> HttpResponse:
    """The cheques in hand, to be ticked and taken to the bank; the slips that were."""
    cheques = list(queries.cheques_in_hand())
    labels = [
        (each.pk, f"{each.account}, {french.euros(each.amount)}{f', {each.reference}' if each.reference else ''}")
        for each in cheques
    ]
    form = SlipForm(request.POST or None, cheques=labels)
    if request.method == "POST" and form.is_valid():
        try:
            slip = actions.make_slip(
                by=request.actor,  # type: ignore[attr-defined]
                today=timezone.localdate(),
                now=timezone.now(),
                **form.cleaned_data,
            )
        except Refusal as refusal:
            refusal.tell(form)
        else:
            messages.success(request, _("La remise %s est prête. Son bordereau arrive dans un instant.") % slip)
            return redirect("billing:slip", slip.pk)
    seen = Match.objects.live().filter(slip=OuterRef("pk"))
    table = SlipTable(
        ChequeSlip.objects.annotate(count=Count("cheques"), is_seen=Exists(seen)).select_related("bank_account"),
        order_by="-on",
    )
    show_page(request, table)
    context = {
        "tabs": bank_tabs("billing:slips"),
        "cheques": cheques,
        "form": form,
        "table": table,
        "has_account": BankAccount.objects.exists(),
    }
    return render(request, "billing/slips.html", context, status=422 if form.errors else 200)


def _slip(slip_id: int) -> ChequeSlip:
    return get_object_or_404(ChequeSlip.objects.select_related("bank_account__issuer"), pk=slip_id)


@require_safe
@open_to(accounts)
def slip(request: HttpRequest, slip_id: int) -> HttpResponse:
    found = _slip(slip_id)
    cheques = found.cheques.select_related("payment__account__organisation", "payment__account__person").order_by("pk")
    context = {
        "tabs": bank_tabs("billing:slips"),
        "slip": found,
        "cheques": cheques,
        "match": Match.objects.live().filter(slip=found).select_related("line").first(),
        "document": document_of(found, "slip"),
    }
    return render(request, "billing/slip.html", context)


@require_safe
@open_to(accounts)
def slip_pdf(request: HttpRequest, slip_id: int) -> HttpResponse:
    found = _slip(slip_id)
    document = document_of(found, "slip")
    if document is None:
        messages.info(request, _("Le PDF est en préparation. Revenez dans une minute."))
        return redirect("billing:slip", found.pk)
    return attachment(document.file, f"{found.number}.pdf")


@require_http_methods(FORM)
@open_to(accounts)
def cancel_slip(request: HttpRequest, slip_id: int) -> HttpResponse:
    """Undo a slip: its cheques wait again."""
    found = _slip(slip_id)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.cancel_slip(
                slip=found,
                reason=form.cleaned_data["reason"],
                by=request.actor,  # type: ignore[attr-defined]
                now=timezone.now(),
            )
        except Refusal as refusal:
            refusal.tell(form)
        else:
            messages.success(request, _("La remise est défaite. Ses chèques attendent de nouveau."))
            return redirect("billing:slips")
    context = {"tabs": bank_tabs("billing:slips"), "slip": found, "form": form}
    return render(request, "billing/cancel_slip.html", context, status=422 if form.errors else 200)


# --- Receipts ---------------------------------------------------------------------------------------


@require_POST
@open_to(accounts)
def give_receipt(request: HttpRequest, payment_id: int) -> HttpResponse:
    """A receipt for cash or a cheque; its PDF follows."""
    payment = get_object_or_404(Payment, pk=payment_id)
    try:
        receipt = actions.give_receipt(
            payment=payment,
            by=request.actor,  # type: ignore[attr-defined]
            today=timezone.localdate(),
            now=timezone.now(),
        )
    except Refusal as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, _("Le reçu %s est établi. Son PDF arrive dans un instant.") % receipt)
    return redirect("billing:account", payment.account_id)


@require_safe
@open_to(accounts)
def receipt_pdf(request: HttpRequest, receipt_id: int) -> HttpResponse:
    receipt = get_object_or_404(Receipt.objects.select_related("payment"), pk=receipt_id)
    return _pdf_of(request, receipt, "billing:account", receipt.payment.account_id)


@require_safe
@open_to(person_of_hub)
def my_receipt_pdf(request: HttpRequest, receipt_id: int) -> HttpResponse:
    receipt = get_object_or_404(Receipt.objects.select_related("payment__account"), pk=receipt_id)
    if not sees_account(request.actor, receipt.payment.account):
        raise Http404
    return _pdf_of(request, receipt, "billing:my_account")


def _pdf_of(request: HttpRequest, receipt: Receipt, back: str, *args: int) -> HttpResponse:
    document = document_of(receipt, "receipt")
    if document is None:
        messages.info(request, _("Le PDF est en préparation. Revenez dans une minute."))
        return redirect(back, *args)
    return attachment(document.file, f"{receipt.number}.pdf")


# --- HelloAsso --------------------------------------------------------------------------------------


@require_safe
@open_to(accounts)
def payouts(request: HttpRequest) -> HttpResponse:
    """The transfers of HelloAsso, and what is missing for each to be matched at one click."""
    seen = Match.objects.live().filter(payout=OuterRef("pk"))
    found = Payout.objects.annotate(
        count=Count("payments"),
        untold=Count("payments", filter=Q(payments__account=None, payments__is_aside=False)),
        is_seen=Exists(seen),
    )
    table = PayoutTable(found, order_by="-on")
    show_page(request, table)
    return render(request, "billing/payouts.html", {"tabs": bank_tabs("billing:payouts"), "table": table})


@require_http_methods(FORM)
@open_to(accounts)
def payout(request: HttpRequest, payout_id: int) -> HttpResponse:
    """One transfer: whose account each payment goes to; a POST says it of one of them."""
    found = get_object_or_404(Payout, pk=payout_id)
    payments = list(found.payments.select_related("account__organisation", "account__person").order_by("on", "pk"))
    held = list(Account.objects.with_holders().by_name())
    choices = [(str(account.pk), str(account)) for account in held]
    forms = [
        DirectForm(
            request.POST if request.POST.get("payment") == str(payment.pk) else None,
            accounts=choices,
            prefix=f"p{payment.pk}",
            initial={"target": "aside" if payment.is_aside else str(payment.account_id or "")},
        )
        for payment in payments
    ]
    status = 200
    if request.method == "POST":
        status = 422
        by_id = {account.pk: account for account in held}
        for payment, form in zip(payments, forms, strict=True):
            if form.is_bound and form.is_valid():
                target = form.cleaned_data["target"]
                try:
                    actions.direct_payout_payment(
                        payment=payment,
                        account=by_id[int(target)] if target.isdecimal() else None,
                        is_aside=target == "aside",
                        by=request.actor,  # type: ignore[attr-defined]
                    )
                except Refusal as refusal:
                    refusal.tell(form)
                else:
                    messages.success(request, _("C’est noté pour %s.") % payment.payer)
                    return redirect("billing:payout", found.pk)
    match = Match.objects.live().filter(payout=found).select_related("line").first()
    context = {
        "tabs": bank_tabs("billing:payouts"),
        "payout": found,
        "payments": list(zip(payments, forms, strict=True)),
        "untold": sum(not payment.is_told for payment in payments),
        "match": match,
    }
    return render(request, "billing/payout.html", context, status=status)
