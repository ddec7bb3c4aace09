"""/gestion/comptabilite/: the journals, the balance, the tax and what a year brought."""

import datetime as dt
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from billing import actions, queries
from billing.filters import LineFilter
from billing.forms import PeriodForm, RevenueForm, YearForm
from billing.models import BooksYear, Issuer, JournalLine, LedgerRule
from billing.papers import month_name
from billing.rules import accounts
from billing.tables import LineTable
from billing.views.invoices import without_paging
from hubs.charts import MOST, Bar, Chart
from hubs.exports import MAX_ROWS, TYPES, download
from hubs.lists import show_page
from hubs.pieces import NavItem
from hubs.rules import open_to


def tabs(active: str) -> list[list[NavItem]]:
    """The pages of the books, as tabs of each of them."""
    labels = {
        "books": _("Journaux"),
        "balance": _("Balance"),
        "vat_figures": _("TVA"),
        "revenue": _("Recettes"),
        "years": _("Exercices"),
        "integrity": _("Intégrité"),
    }
    return [[NavItem(label, reverse(f"billing:{name}"), active=name == active) for name, label in labels.items()]]


@require_safe
@open_to(accounts)
def books(request: HttpRequest) -> HttpResponse:
    """Every line of the journals; `?export=csv` gives the list as it is filtered."""
    everything = JournalLine.objects.select_related("entry", "ledger_account")
    filters = LineFilter(request.GET or None, queryset=everything)
    if (kind := request.GET.get("export")) in TYPES:
        return _export(request, filters, kind)
    table = LineTable(filters.qs, order_by="-entry")
    show_page(request, table)
    context = {
        "tabs": tabs("books"),
        "filters": filters,
        "table": table,
        "export_query": without_paging(request),
        "has_chart": LedgerRule.objects.exists(),
        "has_year": BooksYear.objects.exists(),
        "unwritten": queries.unwritten(),
    }
    return render(request, "billing/books.html", context)


def _export(request: HttpRequest, filters: LineFilter, kind: str) -> HttpResponse:
    lines = list(filters.qs.order_by("entry_id", "rank")[: MAX_ROWS + 1])
    if len(lines) > MAX_ROWS:
        messages.warning(request, _("L’export s’arrête à 5 000 lignes\u00a0: choisissez un journal ou des dates."))
        return redirect("billing:books")
    header = [
        _("Journal"), _("Numéro"), _("Date"), _("Compte"), _("Compte auxiliaire"), _("Nom du tiers"), _("Pièce"),
        _("Libellé"), _("Débit"), _("Crédit"), _("Lettrage"), _("Code analytique"),
    ]  # fmt: skip
    rows = [
        (
            line.entry.journal, line.entry.sequence, line.entry.on, line.ledger_account.number, line.aux_number,
            line.aux_label, line.entry.piece_ref, line.label, line.debit, line.credit, line.letter, line.analytic,
        )
        for line in lines
    ]  # fmt: skip
    return download("ecritures", kind, header, rows)


@require_POST
@open_to(accounts)
def write(request: HttpRequest) -> HttpResponse:
    """Write now what the portal would write in a few minutes, and say what it cannot."""
    written = actions.post_entries(by=request.actor)
    text = ngettext("%(n)s écriture ajoutée aux journaux.", "%(n)s écritures ajoutées aux journaux.", written.count)
    messages.success(request, text % {"n": written.count})
    for reason in sorted({kept.reason for kept in written.kept}):
        messages.warning(request, reason)
    return redirect("billing:books")


@require_POST
@open_to(accounts)
def adopt_chart(request: HttpRequest) -> HttpResponse:
    actions.adopt_chart(by=request.actor, today=timezone.localdate())
    messages.success(request, _("Le plan comptable est en place. Relisez-le, puis changez ce qui doit l’être."))
    return redirect("billing:ledger")


def chosen_year(request: HttpRequest, today: dt.date) -> BooksYear | None:
    """The year that the page asks for, or else that of today, or else the last one."""
    years = BooksYear.objects.select_related("issuer")
    asked = request.GET.get("year", "")
    if asked.isdecimal() and len(asked) < 19 and (found := years.filter(pk=int(asked)).first()):
        return found
    return (
        years.filter(starts_on__lte=today, ends_on__gt=today).order_by("-pk").first()
        or years.order_by("-starts_on", "-pk").first()
    )


@require_safe
@open_to(accounts)
def balance(request: HttpRequest) -> HttpResponse:
    """Each account of a year; and whether the members' accounts say the same as the ledger, to the cent."""
    year = chosen_year(request, timezone.localdate())
    rows = queries.trial_balance(year) if year else []
    if (kind := request.GET.get("export")) in TYPES and year:
        header = [_("Compte"), _("Libellé"), _("Débit"), _("Crédit"), _("Solde")]
        both = [*rows, *queries.auxiliary_balance(year)]
        lines = [(row.number, row.label, row.debit, row.credit, row.balance) for row in both]
        return download(f"balance-{year}", kind, header, lines)
    context = {
        "tabs": tabs("balance"),
        "form": YearForm(initial={"year": year}),
        "year": year,
        "rows": rows,
        "debit": sum((row.debit for row in rows), Decimal(0)),
        "credit": sum((row.credit for row in rows), Decimal(0)),
        "tie": queries.tie(),
        "unwritten": queries.unwritten(),
    }
    return render(request, "billing/balance.html", context)


@require_safe
@open_to(accounts)
def vat_figures(request: HttpRequest) -> HttpResponse:
    """Tax by rate in a period; last month unless told."""
    today = timezone.localdate()
    last = today.replace(day=1) - dt.timedelta(days=1)
    form = PeriodForm(request.GET if "first" in request.GET else {"first": last.replace(day=1), "last": last})
    issuer = Issuer.objects.live(today).first() or Issuer.objects.order_by("-starts_on").first()
    rows: list[queries.VatRow] = []
    if issuer and form.is_valid():
        rows = queries.vat_figures(issuer, form.cleaned_data["first"], form.cleaned_data["last"])
    columns = ("base_invoiced", "vat_invoiced", "base_received", "vat_received")
    totals = {name: sum((getattr(row, name) for row in rows), Decimal(0)) for name in columns}
    if (kind := request.GET.get("export")) in TYPES and rows:
        header = [_("Taux"), _("Base facturée"), _("TVA facturée"), _("Base encaissée"), _("TVA encaissée")]
        lines = [(row.label, *(getattr(row, name) for name in columns)) for row in rows]
        return download("tva", kind, header, lines)
    context = {
        "tabs": tabs("vat_figures"),
        "form": form,
        "issuer": issuer,
        "rows": rows,
        "totals": totals,
        "export_query": without_paging(request),
    }
    return render(request, "billing/vat_figures.html", context, status=422 if form.errors else 200)


@require_safe
@open_to(accounts)
def revenue(request: HttpRequest) -> HttpResponse:
    """What a year brought, month by month, and what from."""
    year = chosen_year(request, timezone.localdate())
    analytic = request.GET.get("analytic", "")[:20]
    found = queries.revenue(year, analytic) if year else None
    context: dict[str, Any] = {
        "tabs": tabs("revenue"),
        "form": RevenueForm(initial={"year": year, "analytic": analytic}),
        "year": year,
        "revenue": found,
        "months": [(month_name(month), amount) for month, amount in found.months] if found else [],
        "chart": _chart(found.months) if found and found.total else None,
    }
    return render(request, "billing/revenue.html", context)


def _chart(months: list[tuple[dt.date, Decimal]]) -> Chart | None:
    """Nothing where a month took back more than it brought: bars start at zero, and the table tells it."""
    if len(months) > MOST or any(amount < 0 for _month, amount in months):
        return None
    bars = tuple(Bar(month_name(month), amount) for month, amount in months)
    return Chart(_("Recettes hors taxe par mois"), bars, unit="€", heading=_("Mois"), places=2)
