"""Files of the bank: dropped, recognised, shown line by line, then imported."""

from hashlib import sha256
from pathlib import PurePath
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from billing import actions, queries
from billing.bank import table as sheets
from billing.bank.reading import HELLOASSO, read_statement, recognise
from billing.bank.table import Columns
from billing.enums import LineState, StatementFormat
from billing.forms import BankAccountForm, ColumnsForm, StatementForm
from billing.models import BankAccount, BankStatement, ColumnMapping, Issuer
from billing.rules import accounts
from billing.tables import StatementTable
from billing.views.bank import FORM, bank_tabs
from documents.downloads import attachment
from hubs.actors import Actor
from hubs.lists import show_page
from hubs.refusals import Refusal
from hubs.rules import open_to
from parties.imports.sheets import MAX_BYTES, FileTooBig, read_sheet
from parties.imports.writes import keep_draft
from parties.models import ImportDraft

PURPOSE = "bank"
PER_PAGE = 100
SHOWN_ROWS = 8


@require_safe
@open_to(accounts)
def statements(request: HttpRequest) -> HttpResponse:
    """Every file that was imported, last first."""
    waiting = Count("lines", filter=Q(lines__state=LineState.TO_MATCH))
    found = BankStatement.objects.select_related("bank_account").annotate(waiting=waiting)
    table = StatementTable(found, order_by="-last_on")
    show_page(request, table)
    return render(request, "billing/statements.html", {"tabs": bank_tabs("billing:statements"), "table": table})


@require_safe
@open_to(accounts)
def statement_file(request: HttpRequest, statement_id: int) -> HttpResponse:
    """The file as it was dropped."""
    statement = get_object_or_404(BankStatement.objects.select_related("file"), pk=statement_id)
    return attachment(statement.file, statement.name)


@require_http_methods(FORM)
@open_to(accounts)
def bank_accounts(request: HttpRequest) -> HttpResponse:
    """The accounts whose statements are read, and one more."""
    issuer = Issuer.objects.live(timezone.localdate()).first()
    taken = BankAccount.objects.values_list("iban", flat=True)
    initial = {"iban": issuer.iban, "label": _("Compte courant")} if issuer and issuer.iban not in taken else {}
    form = BankAccountForm(request.POST or None, initial=initial)
    if request.method == "POST" and issuer is not None and form.is_valid():
        try:
            made = actions.open_bank_account(issuer=issuer, by=request.actor, **form.cleaned_data)  # type: ignore[attr-defined]
        except Refusal as refusal:
            refusal.tell(form)
        else:
            messages.success(request, _("«\u00a0%s\u00a0» est prêt à recevoir ses relevés.") % made)
            return redirect("billing:import_statement")
    context = {
        "tabs": bank_tabs("billing:bank_accounts"),
        "progress": queries.bank_progress(),
        "issuer": issuer,
        "form": form,
    }
    return render(request, "billing/bank_accounts.html", context, status=422 if form.errors else 200)


@require_http_methods(FORM)
@open_to(accounts)
def drop(request: HttpRequest) -> HttpResponse:
    """Keep the file, once its format is recognised."""
    if not BankAccount.objects.exists():
        return redirect("billing:bank_accounts")
    form = StatementForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            draft = _keep(form.cleaned_data, request.actor)  # type: ignore[attr-defined]
        except Refusal as refusal:
            refusal.tell(form)
        else:
            return redirect("billing:import_draft", draft.public_id)
    context = {"tabs": bank_tabs("billing:statements"), "form": form, "steps": _steps()}
    return render(request, "billing/bank_import.html", context, status=422 if form.errors else 200)


def _steps() -> list[str]:
    return [_("Déposer"), _("Vérifier"), _("Rapprocher")]


def _keep(given: dict[str, Any], actor: Actor) -> ImportDraft:
    """The file for a day. Raises FileRefused where it cannot be read, is known, or is of another account."""
    file, bank_account = given["file"], given["bank_account"]
    if file.size > MAX_BYTES:
        raise FileTooBig
    content = file.read()
    kind = recognise(content)
    if kind == HELLOASSO:
        if not any(each.is_new for each in queries.payout_plan(content)):
            raise actions.PayoutTwice
    elif kind != StatementFormat.CSV:
        bank_account = _account_of(content, bank_account)
    if BankStatement.objects.filter(sha256=sha256(content).hexdigest()).exists():
        raise actions.StatementTwice
    options = {"kind": kind, "bank_account": bank_account.pk}
    name = PurePath(file.name).name
    return keep_draft(purpose=PURPOSE, name=name, content=content, options=options, by=actor, now=timezone.now())


def _account_of(content: bytes, chosen: BankAccount) -> BankAccount:
    """The account that the file names, or else the one that was chosen. Raises AnotherAccount."""
    read = read_statement(content)
    if read.is_of(chosen.iban):
        return chosen
    named = [each for each in BankAccount.objects.order_by("pk") if read.is_of(each.iban)]
    if len(named) != 1:
        raise actions.AnotherAccount(
            _("Ce relevé est celui du compte %s, que le portail ne connaît pas. Ajoutez-le aux comptes bancaires.")
            % read.account
        )
    return named[0]


def _draft(public_id: str, actor: Actor) -> ImportDraft:
    """The actor's own file, less than a day old, not imported yet; 404 otherwise."""
    drafts = ImportDraft.objects.live(timezone.now()).filter(purpose=PURPOSE, owner=actor.person_id, imported_at=None)
    return get_object_or_404(drafts, public_id=public_id)


def _columns(draft: ImportDraft, bank_account: BankAccount) -> Columns | None:
    """The columns that were told for this bank, where the file has the same headers; else what they seem to be."""
    sheet = read_sheet(bytes(draft.content))
    mapping = ColumnMapping.objects.filter(bank_account=bank_account).first()
    if mapping is not None:
        told = Columns(header=mapping.header, columns=mapping.columns)
        if sheets.known_here(sheet, told):
            return told
    guessed = sheets.guess(sheet)
    return guessed if guessed.is_enough else None


@require_http_methods(FORM)
@open_to(accounts)
def draft(request: HttpRequest, public_id: str) -> HttpResponse:
    """The dry run; a POST imports."""
    kept = _draft(public_id, request.actor)  # type: ignore[attr-defined]
    if kept.options["kind"] == HELLOASSO:
        return _payouts(request, kept)
    bank_account = get_object_or_404(BankAccount, pk=kept.options["bank_account"])
    content = bytes(kept.content)
    is_table = kept.options["kind"] == StatementFormat.CSV
    columns = _columns(kept, bank_account) if is_table else None
    if is_table and columns is None:
        return redirect("billing:import_columns", kept.public_id)
    context = {
        "tabs": bank_tabs("billing:statements"),
        "draft": kept,
        "steps": _steps(),
        "is_table": is_table,
        "bank_account": bank_account,
    }
    try:
        if request.method == "POST":
            made = actions.import_statement(
                bank_account=bank_account,
                name=kept.name,
                content=content,
                columns=columns,
                by=request.actor,  # type: ignore[attr-defined]
                now=timezone.now(),
            )
            return _imported(request, made)
        plan = queries.import_plan(bank_account, read_statement(content, columns), sha256(content).hexdigest())
    except Refusal as refusal:
        return render(request, "billing/bank_draft.html", context | {"refusal": refusal}, status=422)
    page = Paginator(plan.fates, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "billing/bank_draft.html", context | {"plan": plan, "page": page})


def _imported(request: HttpRequest, made: BankStatement) -> HttpResponse:
    words = ngettext("%(n)s ligne est ajoutée.", "%(n)s lignes sont ajoutées.", made.added) % {"n": made.added}
    messages.success(request, words)
    return redirect("billing:bank")


def _payouts(request: HttpRequest, kept: ImportDraft) -> HttpResponse:
    """The transfers of HelloAsso, each with its payments and whose account they seem to be for."""
    context = {"tabs": bank_tabs("billing:payouts"), "draft": kept, "steps": _steps()}
    try:
        if request.method == "POST":
            made = actions.import_payouts(
                name=kept.name,
                content=bytes(kept.content),
                by=request.actor,  # type: ignore[attr-defined]
                now=timezone.now(),
            )
            messages.success(request, _("L’export HelloAsso est importé."))
            return redirect("billing:payout", made[0].pk)
        plans = queries.payout_plan(bytes(kept.content))
    except Refusal as refusal:
        return render(request, "billing/payout_draft.html", context | {"refusal": refusal}, status=422)
    return render(request, "billing/payout_draft.html", context | {"plans": plans})


@require_http_methods(FORM)
@open_to(accounts)
def columns(request: HttpRequest, public_id: str) -> HttpResponse:
    """Which column says what, on the first rows of the very file; the bank's next files are read alike."""
    kept = _draft(public_id, request.actor)  # type: ignore[attr-defined]
    bank_account = get_object_or_404(BankAccount, pk=kept.options["bank_account"])
    try:
        sheet = read_sheet(bytes(kept.content))
    except Refusal as refusal:
        messages.error(request, refusal.message)
        return redirect("billing:import_statement")
    guessed = _columns(kept, bank_account) or sheets.guess(sheet)
    head = next((place for place, (_n, cells) in enumerate(sheet.lines) if cells == list(guessed.header)), 0)
    initial = {"head": str(head), **{key: str(at) for key, at in guessed.columns.items()}}
    form = ColumnsForm(sheet, request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            actions.remember_columns(
                bank_account=bank_account,
                header=form.header,
                columns=form.columns,
                by=request.actor,  # type: ignore[attr-defined]
            )
        except Refusal as refusal:
            refusal.tell(form)
        else:
            return redirect("billing:import_draft", kept.public_id)
    context = {
        "tabs": bank_tabs("billing:statements"),
        "draft": kept,
        "bank_account": bank_account,
        "form": form,
        "rows": sheet.lines[head : head + SHOWN_ROWS],
        "steps": _steps(),
    }
    return render(request, "billing/bank_columns.html", context, status=422 if form.errors else 200)
