"""Every page of every role: axe finds nothing, on a desk in the light and on a phone in the dark; nothing overflows.

The pages are those of the resolver: one that no link leads to is a fault, unless it says why below.
"""

import datetime as dt
from functools import partial
from pathlib import Path

import pytest
from django.template.loader import render_to_string
from django.utils import translation
from playwright.sync_api import Route

from tests.billing import supplied
from tests.billing.statements import table
from tests.browser.walk import TODAY, faults_of, faults_when_sent_empty, walk
from tests.hubs.test_urls import PATTERNS

pytestmark = pytest.mark.browser

# Who the demo has, the widest rights first; None is a visitor.
ROLES = ("coordination", "comptabilite", "accueil", "conseil", "copil", "structure", "equipe", None)
# What each role opens first, whatever another sees there.
HOMES = {"hubs:home", "hubs:member_home", "hubs:staff_home"}
# Pages that nothing leads to in the demo, and why.
UNLINKED = {
    "parties:person_part": "a form of a sheet that was merged, of which the demo has none",
    "parties:structure_part": "a form of a sheet that was merged, of which the demo has none",
    "billing:archive": "of a year whose archive was asked for",
    "billing:arrival_file": "the demo has no platform",
    "billing:arrival_handled": "the demo has no platform",
    "billing:bank_return": "of a file that someone drops",
    "billing:cancel_refund": "a form of a refund, of which the demo has none",
    "billing:collect_batch": "a form of a file that went to the bank and is not collected",
    "billing:deposit_request_pdf": "of a deposit whose paper the worker has made",
    "billing:deposit_statement_pdf": "of a deposit whose paper the worker has made",
    "billing:look_up_buyer": "the demo has no platform",
    "billing:make_debit_file": "of debits that were announced",
    "billing:minimis_pdf": "of a certificate, which is of a year that is over",
    "billing:month_checks": "the preview of a month shows this form where nobody checks its drafts",
    "billing:my_card_payment": "the demo takes no card",
    "billing:my_deposit_request_pdf": "of a deposit whose paper the worker has made",
    "billing:my_deposit_statement_pdf": "of a deposit whose paper the worker has made",
    "billing:my_year_zip": "of a year whose archive was asked for",
    "billing:note_call": "a form of an account to call, of which the demo has none",
    "billing:opening_result": "of a file that someone drops",
    "billing:pay_by_card": "the demo takes no card",
    "billing:pay_supplier": "a form of a supplier's invoice that was approved",
    "billing:reopen_year": "a form of a year that is closed",
    "billing:resume_mandate": "a form of a mandate that is suspended",
    "billing:transmission_handled": "the demo has no platform",
    "billing:transmit_again": "the demo has no platform",
    "billing:withdraw_debit": "a form of a debit that was announced",
    "billing:withdraw_aid": "a form of an aid declared, of which the demo has none",
    "billing:year_zip": "of a year whose archive was asked for",
    "account_reset_password_from_key": "its link is in a mail",
    "billing:charge_skipped": "a form of a period left out, of which the demo has none",
    "billing:let_go": "a form of an invoice on hold, of which the demo has none",
    "billing:month_resume": "the result of a month shows this form where an item failed",
    "billing:planned_issuer": "the demo plans no other issuer",
    "billing:my_receipt_pdf": "of a receipt, of which the demo has none",
    "billing:receipt_pdf": "of a receipt, of which the demo has none",
    "governance:linked_meeting": "its link is in a mail",
    "governance:linked_meeting_paper": "of a page whose link is in a mail",
    "governance:linked_report_pdf": "of a page whose link is in a mail",
    "governance:handed": "a form of a notice that has not left, of which the demo has none",
    "hubs:announcement_end": "a form of an announcement, of which the demo has none",
    "hubs:mail_drop": "a form of a mail that failed",
    "hubs:run_cancel": "a form of a run that is not over",
    "hubs:run_retry": "a form of a run that failed in part",
    "members:adopt_dues_scale": "a form of a scale that no vote has adopted, of which the demo has none",
    "members:application_follow": "its link is in a mail",
    "members:application_letter": "of an application whose link is in a mail",
    "members:application_withdraw": "a form of a page whose link is in a mail",
    "members:decide_strike": "a form of a strike-off whose delay has ended, of which the demo has none",
    "members:note_resignation": "a form of a resignation that a member wrote, of which the demo has none",
    "members:withdraw_my_resignation": "a form of a resignation of the demo's member, which stays",
    "members:import_to_mend": "a file of the lines that an import refused; that of this test refuses none",
    "members:picture": "a picture: pages show it, and no link leads to it",
    "parties:answer_erasure": "a form of a request to be forgotten, which nobody in the demo makes",
    "mfa_edit_webauthn": "of a passkey, which takes a device",
    "mfa_remove_webauthn": "of a passkey, which takes a device",
    "parties:invitation": "its link is in a mail",
    "parties:invitation_again": "a form of an invitation that waits for its answer",
    "parties:invitation_withdraw": "a form of an invitation that waits for its answer",
}
# The walk opens a few among many, which the tests before it have changed and the day of the month makes late: it may
# meet an account, a person, a structure or an assembly with these, or not.
OF_SOME = {
    "billing:dispute",
    "billing:end_arrangement",
    "billing:end_schedule",
    "billing:give_receipt",
    "billing:record_refund",
    "billing:skip_once",
    "governance:desk",
    "governance:live",
    "governance:move",
    "governance:my_paper",
    "members:hear_member",
    "members:my_letter",
    "members:resign_person",
    "members:strike_person",
    "parties:person_account_open",
    "parties:relation_end",
}
# What some of them are told.
SAID = {"minutes": 5, "until": dt.datetime(2026, 11, 24, 9, tzinfo=dt.UTC), "request_id": "3f2a", "sent": True}
# One invoice of a member of the demo, one of nobody.
OPENING = "Tiers;N° facture;Date;Montant TTC\nZutique Productions;A-1;31/12/2025;120,00\nPersonne;A-2;31/12/2025;9,00\n".encode()
ONE_LINE = "Structure;Forme juridique\nAtelier de passage;association\n"


def import_one_line(page, site, folder: Path) -> tuple[str, str]:
    """The addresses of an import that is done: its pages are reached by a file."""
    file = folder / "structures.csv"
    file.write_text(ONE_LINE, encoding="utf-8")
    page.goto(site.url("/gestion/membres/import/"))
    page.locator("input[type=file]").set_input_files(file)
    page.get_by_role("button", name="Voir ce qui va se passer").click()
    page.wait_for_url("**/import/*/")
    draft = page.url.removeprefix(site.url(""))
    page.get_by_role("button", name="Importer la structure").click()
    page.wait_for_url("**/resultat/")
    return draft, page.url.removeprefix(site.url(""))


def drop(page, site, path: str, name: str, content: bytes, button: str) -> str:
    """Drop a file on a page; the address it leads to."""
    page.goto(site.url(path))
    page.locator("input[type=file]").first.set_input_files({"name": name, "mimeType": "", "buffer": content})
    page.get_by_role("button", name=button).first.click()
    page.wait_for_url(lambda url: not url.endswith(path))
    return page.url.removeprefix(site.url(""))


def drop_papers_of_billing(page, site) -> list[str]:
    """The addresses of files dropped by who keeps the accounts: an opening, a bank statement, a supplier's invoice."""
    columns = drop(page, site, "/gestion/reglages/reprise/invoices/", "reprise.csv", OPENING, "Déposer ce fichier")
    page.get_by_role("button", name="Voir ce qui va se passer").click()
    page.wait_for_url(lambda url: not url.endswith(columns))
    bank = "/gestion/facturation/banque/import/"
    statement = table((f"{TODAY - dt.timedelta(days=3):%d/%m/%Y}", "VIR M DUPONT", "42,00"))
    return [
        columns,
        page.url.removeprefix(site.url("")),
        drop(page, site, bank, "releve.csv", statement, "Voir ce qui va se passer"),
        drop(page, site, "/gestion/facturation/fournisseurs/", "facture.xml", supplied.cii(), "Lire la facture"),
    ]


def test_each_page_is_looked_at_as_whoever_opens_most_of_it(people, site, tmp_path):
    looked, asked, found = set(), set(), {}

    for name in ROLES:
        page = people(name)
        more = (
            [*import_one_line(page, site, tmp_path), *drop_papers_of_billing(page, site)]
            if name == "coordination"
            else []
        )
        pages, tried = walk(page, site, *more, turns=6 if more else 1)
        asked |= tried
        for view, path in pages.items():
            if view not in looked | HOMES or (view in HOMES and (view, name) not in looked):
                looked |= {view, (view, name)}
                page.goto(site.url(path))
                if faults := faults_of(page) + faults_when_sent_empty(page):
                    found[f"{name}: {path}"] = faults

    assert found == {}
    assert set(PATTERNS) - asked - OF_SOME == set(UNLINKED)


@pytest.mark.long
@pytest.mark.parametrize("name", ROLES, ids=str)
def test_each_page_is_looked_at_by_each_role(people, site, name):
    page = people(name)
    pages, _asked = walk(page, site)
    found = {}

    for path in pages.values():
        page.goto(site.url(path))
        if faults := faults_of(page):
            found[path] = faults

    assert found == {}


def _answer(body: str, route: Route) -> None:
    route.fulfill(body=body, content_type="text/html; charset=utf-8")


@pytest.mark.parametrize("language", ["fr", "en"])
def test_error_pages_are_for_everyone(people, site, language):
    """As the site sends them when nothing else stands: no hub, no script."""
    page = people(None)
    found = {}

    for code in ("400", "403", "403_csrf", "404", "422", "429", "500", "503"):
        with translation.override(language):
            body = render_to_string(f"{code}.html", SAID)
        page.route(f"**/panne/{code}/", partial(_answer, body))
        page.goto(site.url(f"/panne/{code}/"))
        if faults := faults_of(page):
            found[code] = faults

    assert found == {}
