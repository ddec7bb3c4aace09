"""Every word of the screens has its English, and nothing in the catalogues is left over."""

import ast
import re
from pathlib import Path

import pytest
from django.conf import settings

from hubs import catalogues

HINT = "run `make messages`, translate what is empty, commit locale/"
PLACES = re.compile(r"%\(\w+\)[sd]|%[sd]")
HOUSE = ("hubs", "documents", "parties", "billing", "members", "governance", "spaces")


@pytest.fixture(scope="module")
def extracted():
    return {(message.id, message.context) for message in catalogues.extracted() if message.id}


def entries(language: str):
    return [message for message in catalogues.kept(language) if message.id]


def words(message) -> list[str]:
    return list(message.string) if isinstance(message.string, tuple) else [message.string]


def test_the_english_catalogue_has_each_message_and_no_other(extracted):
    assert {(message.id, message.context) for message in entries("en")} == extracted, HINT


def test_the_french_catalogue_has_each_plural(extracted):
    plurals = {(words, context) for words, context in extracted if isinstance(words, tuple)}

    assert {(message.id, message.context) for message in entries("fr")} == plurals, HINT


@pytest.mark.parametrize("language", ["en", "fr"])
def test_each_message_is_translated_and_sure(language):
    assert [message.id for message in entries(language) if message.fuzzy or not all(words(message))] == [], HINT


@pytest.mark.parametrize("language", ["en", "fr"])
def test_translations_keep_what_is_filled_in(language):
    """The singular may leave the figure out: « one day »."""
    faults = []
    for message in entries(language):
        asked = message.id if isinstance(message.id, tuple) else (message.id,)
        wanted = set(PLACES.findall(asked[-1]))
        for place, text in enumerate(words(message)):
            given = set(PLACES.findall(text))
            single = len(asked) > 1 and place == 0
            if given != wanted and not (single and given == set(PLACES.findall(asked[0]))):
                faults.append((text, given ^ wanted))
    assert faults == []


def test_english_has_english_signs():
    """No French quotation mark, nor a space before a colon."""
    assert [
        text for message in entries("en") for text in words(message) if re.search(r"[«»]|[\s\u00a0\u202f][:;?!]", text)
    ] == []


# --- What is not marked is not translated ---------------------------------------------------------

TEMPLATES = Path(settings.BASE_DIR) / "templates"
IN_FRENCH = {
    "documents/sheet.html": "documents are in French",
    "members/cards_pdf.html": "documents are in French",
    "members/certificate_pdf.html": "documents are in French",
    "composants.html": "sample words, for who makes the screens",
    "billing/_pdf_lines.html": "an invoice and a quote are in French",
    "billing/_pdf_vat.html": "an invoice and a quote are in French",
    "billing/deposit_pdf.html": "a paper that goes with invoices is in French as they are",
    "billing/invoice_pdf.html": "an invoice is in French, as the law's mentions are",
    "billing/mandate_pdf.html": "the text of the mandate is that of the SEPA rulebook in French",
    "billing/receipt_pdf.html": "documents are in French",
    "billing/slip_pdf.html": "what a French bank is given",
    "billing/minimis_pdf.html": "a certificate says it in French",
    "billing/quote_pdf.html": "a quote is in French, as its invoice will be",
    "billing/statement_pdf.html": "documents are in French",
    "members/letter_body.txt": "documents are in French",
    "members/letter_pdf.html": "documents are in French",
    "documents/letterhead.html": "documents are in French",
    "governance/minutes_pdf.html": "documents are in French",
    "governance/attendance_pdf.html": "documents are in French",
    "governance/notice_pdf.html": "documents are in French",
    "governance/report_pdf.html": "documents are in French",
}
SAID_ALIKE = {"CSV", "XLSX", "PDF", "SIREN", "SIRET", "Coursive", "TVA", "France"}


def left_in_template(path: Path) -> list[str]:
    text = re.sub(r"{% comment.*?endcomment %}|{#.*?#}", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    text = re.sub(r"{% blocktranslate.*?{% endblocktranslate %}", "", text, flags=re.DOTALL)
    text = re.sub(r"{% block body_class %}\w+{% endblock %}", "", text)
    literals = [
        literal
        for tag in re.findall(r"{%-?\s*(\w+.*?)%}", text, flags=re.DOTALL)
        if not tag.startswith(("translate", "extends", "include", "load", "url", "static"))
        for literal in re.findall(r'"([^"]*)"', re.sub(r'_\("[^"]*"\)', "", tag))
        if re.search(r"[À-ÿ’]|\w \w", literal)
    ]
    text = re.sub(r"{%.*?%}|{{.*?}}", "", text, flags=re.DOTALL)
    attributes = re.findall(r'(?:aria-label|alt|title|placeholder|data-label)="([^"]*)"', text)
    shown = re.sub(r"<[^>]*>|&\w+;", " ", text)
    said = [word for word in re.findall(r"[A-Za-zÀ-ÿ]{2,}", " ".join([shown, *attributes])) if word not in SAID_ALIKE]
    return said + literals


@pytest.mark.parametrize(
    "path",
    [path for path in sorted(TEMPLATES.rglob("*")) if path.suffix in (".html", ".txt")],
    ids=lambda path: str(path.relative_to(TEMPLATES)),
)
def test_the_words_of_a_template_are_marked(path):
    is_french = str(path.relative_to(TEMPLATES)) in IN_FRENCH

    assert bool(left_in_template(path)) == is_french, left_in_template(path)


FRENCH = re.compile(r"[À-ÿ’«»]")
CODE_IN_FRENCH = {
    "billing/openings/mandates.py": "other people's columns",
    "members/demo_arrivals.py": "the demo's people speak French",
    "members/sql_checklists.py": "what the database says when it refuses: read by who runs the site",
    "members/sql_papers.py": "what the database says when it refuses: read by who runs the site",
    "parties/demo_papers.py": "the demo's people speak French",
    "parties/guest_forms.py": "an example of a list of names",
    "parties/papers/actions.py": "the usual documents, kept in the hub's language",
    "parties/sql_merges.py": "what the database says when it refuses: read by who runs the site",
    "parties/sql_papers.py": "what the database says when it refuses: read by who runs the site",
    "members/demo_departures.py": "the demo's people speak French",
    "members/sql_departures.py": "what the database says when it refuses: read by who runs the site",
    "billing/actions/deposit_invoices.py": "the lines of an invoice, which is in French",
    "billing/actions/months.py": "the title of a run, kept in the hub's language",
    "billing/actions/openings_writes.py": "the name of a rule that is never in force, kept for everyone",
    "billing/actions/receipts.py": "the title of a paper, which is in French",
    "billing/actions/slips.py": "the title of a paper, which is in French",
    "billing/bank/helloasso.py": "the heads of HelloAsso's own export",
    "billing/bank/table.py": "the heads that French banks write",
    "billing/banking.py": "letters that a bank's file does not take",
    "billing/books/chart.py": "the chart of accounts of French associations",
    "billing/demo_bank.py": "the demo's bank speaks French",
    "billing/demo_deposits.py": "what the demo's people write",
    "billing/demo_einvoice.py": "the demo's people speak French",
    "billing/demo_quotes.py": "the demo's people speak French",
    "billing/demo_recurring.py": "the demo's people speak French",
    "billing/demo_reminders.py": "the demo's people speak French",
    "billing/einvoice/cii.py": "the notes of an electronic invoice, which is in French",
    "billing/openings/deposits.py": "headers that people write on their own files",
    "billing/openings/holders.py": "headers that people write on their own files",
    "billing/openings/invoices.py": "headers that people write on their own files",
    "members/openings.py": "headers that people write on their own files",
    "billing/papers.py": "the mentions of an invoice, which is in French",
    "billing/papers_bank.py": "the words of a paper, which is in French",
    "billing/papers_deposits.py": "the titles and the mention of a paper, which is in French",
    "billing/presets.py": "what a new French hub starts with",
    "billing/quote_papers.py": "the mentions of a quote, which is in French",
    "governance/demo.py": "the demo's people speak French",
    "governance/sql_convene.py": "what the database says when it refuses: read by who runs the site",
    "governance/sql.py": "what the database says when it refuses: read by who runs the site",
    "members/demo_dues.py": "the demo's people speak French",
    "members/sql_dues.py": "what the database says when it refuses: read by who runs the site",
    "billing/sql_lines.py": "what the database says when it refuses: read by who runs the site",
    "billing/sql.py": "what the database says when it refuses: read by who runs the site",
    "billing/sql_bank.py": "what the database says when it refuses: read by who runs the site",
    "billing/sql_books.py": "what the database says when it refuses: read by who runs the site",
    "billing/sql_debits.py": "what the database says when it refuses: read by who runs the site",
    "billing/sql_deposits.py": "what the database says when it refuses: read by who runs the site",
    "billing/sql_arrangements.py": "what the database says when it refuses: read by who runs the site",
    "billing/sql_given_back.py": "what the database says when it refuses: read by who runs the site",
    "billing/sql_dues.py": "what the database says when it refuses: read by who runs the site",
    "billing/sql_einvoice.py": "what the database says when it refuses: read by who runs the site",
    "billing/sql_quotes.py": "what the database says when it refuses: read by who runs the site",
    "billing/sql_schedule.py": "what the database says when it refuses: read by who runs the site",
    "documents/backups/archive.py": "what a command says to who runs the site",
    "documents/backups/restoring.py": "what a command says to who runs the site",
    "documents/backups/writing.py": "what a command says to who runs the site",
    "documents/templatetags/document_format.py": "documents are in French",
    "governance/demo_meetings.py": "what the demo's people write",
    "governance/demo_votes.py": "what the demo's people write",
    "governance/papers_votes.py": "the words of a paper, which is in French",
    "governance/sql_meetings.py": "what a trigger says, which no page shows",
    "governance/sql_minutes.py": "what a trigger says, which no page shows",
    "governance/sql_votes.py": "what a trigger says, which no page shows",
    "hubs/gallery.py": "sample words, for who makes the screens",
    "hubs/middleware.py": "said where no hub is open, hence no language",
    "hubs/personal.py": "whom an erased person becomes in the rows, and the letters of names",
    "hubs/presets.py": "what a new French hub starts with",
    "members/demo.py": "the demo's people speak French",
    "members/demo_applications.py": "the demo's people speak French",
    "members/demo_showcase.py": "the demo's people speak French",
    "members/imports/columns.py": "the heads that French spreadsheets have",
    "members/presets.py": "what a new French hub starts with",
    "parties/demo.py": "the demo's people speak French",
    "parties/imports/values.py": "apostrophes that are read as one",
    "spaces/demo.py": "the demo's people speak French",
    "spaces/presets.py": "what a new French hub starts with",
}


def left_in_code(path: Path) -> list[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    said: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            said.add(id(node.value))
        if isinstance(node, ast.Call):
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            if name in catalogues.KEYWORDS:
                said |= {id(part) for argument in node.args for part in ast.walk(argument)}
    return [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and id(node) not in said
        and FRENCH.search(node.value)
    ]


CODE = [
    path
    for app in HOUSE
    for path in sorted((Path(settings.BASE_DIR) / app).rglob("*.py"))
    if not {"migrations", "commands"} & set(path.parts)
]


@pytest.mark.parametrize("path", CODE, ids=lambda path: str(path.relative_to(settings.BASE_DIR)))
def test_the_words_of_the_code_are_marked(path):
    is_french = str(path.relative_to(settings.BASE_DIR)) in CODE_IN_FRENCH

    assert bool(left_in_code(path)) == is_french, left_in_code(path)
