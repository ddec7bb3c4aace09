"""From the page that calls dues to the journal of sales."""

import datetime as dt

import pytest

from billing import actions
from billing.actions.ledger import furnish_books
from billing.models import Invoice, JournalLine
from hubs.actors import system
from hubs.scope import open_hub
from tests.members.dues import TODAY, YEAR, calling, said

CALL = "/gestion/membres/cotisations/{}/appel/"


@pytest.mark.feature("ME11")
def test_dues_are_written_in_the_journal_of_sales_by_account_year_and_project(nord, sign_in, work):
    first, _second = calling(nord, "Le Théâtre")
    with open_hub(nord.hub):
        furnish_books(starts_on=dt.date(YEAR - 2, 1, 1), today=TODAY)
    browser = sign_in(nord, "coordinator")
    browser.post(
        "/gestion/reglages/plan-comptable/noter/",
        {
            "use": "sales", "key": "members.dues", "number": "756100", "label": f"Cotisations {YEAR}",
            "analytic": f"COTIS-{YEAR}", "starts_on": f"{YEAR}-01-01",
        },
    )  # fmt: skip

    seen = browser.get(CALL.format(first.fiscal_year_id)).context["form"]["seen"].value()
    browser.post(CALL.format(first.fiscal_year_id), {"parts": 1, "seen": seen})
    work(nord.hub)
    with open_hub(nord.hub):
        actions.post_entries(by=system(nord.hub.pk))
        invoice = Invoice.objects.order_by("sequence").first()
        actions.credit_invoice(
            invoice=invoice, reason="Partie avant l’assemblée", by=nord.actor("coordinator"), today=TODAY
        )
        actions.post_entries(by=system(nord.hub.pk))
        lines = JournalLine.objects.filter(ledger_account__number="756100").select_related("entry__year")
        told = [
            (line.entry.journal, line.entry.year.starts_on.year, line.analytic, line.debit, line.credit)
            for line in lines.order_by("pk")
        ]
    page = said(browser.get("/gestion/comptabilite/recettes/"))

    assert told == [
        ("VE", YEAR, f"COTIS-{YEAR}", 0, 800), ("VE", YEAR, f"COTIS-{YEAR}", 0, 800), ("VE", YEAR, f"COTIS-{YEAR}", 800, 0),
    ]  # fmt: skip
    assert f"Cotisations {YEAR}" in page and f"COTIS-{YEAR}" in page
