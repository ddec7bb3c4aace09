"""Mon espace: the account of each structure one acts for, and one's own."""

from django.contrib import messages
from django.db.models import prefetch_related_objects
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from billing import actions, queries, transfers
from billing.banking import grouped
from billing.cards import card_provider
from billing.forms import DisputeForm
from billing.models import Account, Debit, Dispute, Invoice, Issuer, Quote
from billing.papers import month_name, title_of, transfer_of
from billing.papers_deposits import REQUEST, STATEMENT
from billing.rules import is_signatory, sees_account
from billing.views.papers import details_of, has_xml, lines_of, pdf_of, xml_of
from documents.queries import documents_of
from hubs.refusals import Refusal
from hubs.rules import open_to, person_of_hub
from parties.models import Organisation
from parties.queries import workplaces_of
from parties.rules import workplaces, works_for


@require_safe
@open_to(person_of_hub)
def my_account(request: HttpRequest) -> HttpResponse:
    """The account; with several, which one."""
    organisations = workplaces_of(request.actor)
    accounts = queries.accounts_of(request.actor)
    own = next((account for account in accounts if account.is_person), None)
    if len(organisations) + bool(own) > 1:
        balances = dict(
            Account.objects.with_balance().filter(pk__in=[a.pk for a in accounts]).values_list("pk", "balance")
        )
        by_structure = {account.organisation_id: balances[account.pk] for account in accounts}
        context = {
            "structures": [(structure, by_structure.get(structure.pk, 0)) for structure in organisations],
            "own": own,
            "own_balance": balances.get(own.pk) if own else None,
        }
        return render(request, "billing/my_accounts.html", context)
    if organisations:
        return _show(request, accounts[0] if accounts else None, organisations[0])
    return _show(request, own, None)


@require_safe
@open_to(person_of_hub)
def structure_account(request: HttpRequest, public_id: str) -> HttpResponse:
    structure = get_object_or_404(Organisation, public_id=public_id)
    if not works_for(request.actor, structure.pk):
        raise Http404
    account = Account.objects.with_holders().filter(organisation=structure).first()
    return _show(request, account, structure)


@require_safe
@open_to(person_of_hub)
def personal_account(request: HttpRequest) -> HttpResponse:
    account = get_object_or_404(Account.objects.with_holders(), person=request.actor.person_id)
    return _show(request, account, None)


def _show(request: HttpRequest, account: Account | None, structure: Organisation | None) -> HttpResponse:
    told = queries.statement(account) if account else None
    due = told.due if told else []
    prefetch_related_objects(due, "lines")
    debits = _expected(due)
    disputed = set(Dispute.objects.pending().filter(invoice__account=account).values_list("invoice", flat=True))
    parts = queries.parts_by_invoice(account, timezone.localdate()) if account and due else {}
    deposits = told.deposits if told else []
    requests, statements = documents_of(deposits, REQUEST), documents_of(deposits, STATEMENT)
    context = {
        "account": account,
        "structure": structure,
        "agreed": queries.agreed_on_account(account, timezone.localdate()) if account and due else None,
        "deposits": [(each, requests.get(each.pk), statements.get(each.pk)) for each in deposits],
        "statement": told,
        "certificates": queries.minimis_papers(account) if account else None,
        "cancellable": (),
        "recurring": queries.recurring_on(account, timezone.localdate()) if account else [],
        "reasons": [
            (
                invoice,
                lines_of(invoice) | {"debit": debits.get(invoice.pk)},
                parts.get(invoice.pk, []),
                invoice.pk in disputed,
            )
            for invoice in due
        ],
        "signs": bool(account and is_signatory(request.actor, account) and _debits_someone()),
        "declares": bool(account and is_signatory(request.actor, account)),
        "waiting_quotes": Quote.objects.waiting(timezone.localdate()).filter(account=account).in_order()
        if account
        else [],
        "today": timezone.localdate(),
        "several": len(workplaces(request.actor)) > 1,
        **(details_of(request, account, told) if account and told else {}),
    }
    return render(request, "billing/my_account.html", context)


def _expected(invoices: list[Invoice]) -> dict[int, Debit]:
    """The debits to expect, by the invoice they collect."""
    return {debit.invoice_id: debit for debit in Debit.objects.expected().filter(invoice__in=invoices)}


def _debits_someone() -> bool:
    """Whether the hub debits at all: it has its identifier of creditor."""
    return Issuer.objects.live(timezone.localdate()).exclude(ics="").exists()


def my_invoice_of(request: HttpRequest, invoice_id: int) -> Invoice:
    """One of the actor's own; 404 otherwise."""
    issued = Invoice.objects.issued().with_due()
    found = get_object_or_404(
        issued.select_related("account__organisation", "account__person", "corrects", "issuer"), pk=invoice_id
    )
    if not sees_account(request.actor, found.account):
        raise Http404
    return found


@require_safe
@open_to(person_of_hub)
def my_invoice(request: HttpRequest, invoice_id: int) -> HttpResponse:
    found = my_invoice_of(request, invoice_id)
    debit = _expected([found]).get(found.pk) if found.due else None
    mandate = queries.active_mandate(found.account, found.issuer, timezone.localdate()) if found.due else None
    asked = found.due and not debit and not mandate and found.seller and found.seller["iban"]
    context = {
        "invoice": found,
        "title": title_of(found),
        "month_name": month_name(found.period),
        "may_pay_by_card": found.due > 0 and not debit and not mandate and card_provider() is not None,
        "has_xml": has_xml(found),
        "debit": debit,
        "today": timezone.localdate(),
        "mandate": mandate,
        "parts": queries.parts_of(found),
        "disputes": found.disputes.order_by("-opened_at", "-pk"),
        "iban": grouped(found.seller["iban"]) if asked else "",
        "transfer_code": transfers.inline_code(**transfer_of(found, found.due)) if asked else "",
        **lines_of(found),
    }
    return render(request, "billing/my_invoice.html", context)


@require_safe
@open_to(person_of_hub)
def my_invoice_pdf(request: HttpRequest, invoice_id: int) -> HttpResponse:
    return pdf_of(request, my_invoice_of(request, invoice_id), back="billing:my_invoice")


@require_safe
@open_to(person_of_hub)
def my_invoice_xml(request: HttpRequest, invoice_id: int) -> HttpResponse:
    return xml_of(my_invoice_of(request, invoice_id))


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(person_of_hub)
def dispute(request: HttpRequest, invoice_id: int) -> HttpResponse:
    """« Je conteste cette facture », with the reason."""
    found = my_invoice_of(request, invoice_id)
    form = DisputeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.open_dispute(
                invoice=found, reason=form.cleaned_data["reason"], by=request.actor, now=timezone.now()
            )
        except Refusal as refusal:
            refusal.tell(form)
        else:
            messages.success(request, _("C’est noté. L’équipe vous répond, et ne relance pas cette facture d’ici là."))
            return redirect("billing:my_invoice", found.pk)
    context = {"invoice": found, "title": title_of(found), "form": form}
    return render(request, "billing/dispute.html", context, status=422 if form.errors else 200)
