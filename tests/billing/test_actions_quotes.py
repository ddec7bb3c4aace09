"""Quotes from the draft to the account."""

import datetime as dt
import io
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from pypdf import PdfReader

from billing import actions
from billing.enums import QuoteDecision, QuoteState
from billing.models import Charge, Invoice, Issuer, Quote, QuoteLine, VatRule
from documents.queries import document_of
from documents.rendering import Pdf
from documents.storage import read
from hubs.models import AuditEntry, Mail
from hubs.refusals import NotAllowed
from tests.billing.factories import QUOTE_LINE, AccountFactory, quoted
from tests.documents.checks import assert_conforms

TODAY = dt.date(2026, 11, 2)
LATER = dt.date(2026, 12, 2)


@pytest.fixture
def accountant(nord, selling):
    return nord.actor("accountant")


def write(by, account=None, lines=(QUOTE_LINE,), **changes) -> Quote:
    values = {"title": "Atelier", "valid_until": LATER, "lines": lines, "by": by, "today": TODAY} | changes
    return actions.write_quote(account=account or AccountFactory(), **values)


def run(sql: str, *values: object) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, values)


def test_a_draft_keeps_the_rate_of_the_day_and_is_written_anew(accountant):
    quote = write(accountant)
    discount = QUOTE_LINE | {"description": "Remise", "quantity": Decimal(-1), "unit_price_excl": Decimal("100.00")}

    again = write(accountant, quote.account, [QUOTE_LINE, discount], quote=quote)

    assert (again.pk, again.number, again.state(TODAY)) == (quote.pk, None, QuoteState.DRAFT)
    assert (again.total_excl, again.total_vat, again.total_incl) == (900, 180, 1080)
    assert list(again.lines.order_by("position").values_list("description", "vat_rate", "amount_excl")) == [
        ("Animation d’atelier", 20, 1000),
        ("Remise", 20, -100),
    ]


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"lines": []}, actions.QuoteEmpty),
        ({"lines": [QUOTE_LINE | {"quantity": Decimal(-1)}]}, actions.QuoteEmpty),
        ({"lines": [QUOTE_LINE | {"vat_code": "hors-champ"}]}, actions.UnknownVatRule),
        ({"valid_until": dt.date(2026, 11, 1)}, actions.QuoteEndsTooSoon),
    ],
)
def test_a_draft_that_could_not_be_invoiced_is_refused(accountant, changes, refusal):
    with pytest.raises(refusal):
        write(accountant, **changes)
    assert (Quote.objects.count(), QuoteLine.objects.count()) == (0, 0)


def test_sent_it_has_its_number_its_paper_and_its_mail(accountant, selling, work):
    quote = write(accountant, AccountFactory(organisation__name="Zutique"), note="Repas compris.")

    sent = actions.send_quote(quote=quote, by=accountant, today=TODAY)
    work(selling)

    assert (sent.number, sent.sent_on, sent.state(TODAY)) == ("DE-2026-00001", TODAY, QuoteState.SENT)
    content = read(document_of(sent, "quote").file.key)
    assert_conforms(Pdf(content=content, sha256="", pages=1))
    text = " ".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)
    text = " ".join(text.replace("\u202f", " ").replace("\u00a0", " ").split())
    for words in (
        "Devis DE-2026-00001",
        "Zutique",
        "Repas compris.",
        "1 200,00 €",
        "2 décembre 2026",
        "Bon pour accord",
    ):
        assert words in text, words
    (mail,) = Mail.objects.all()
    assert (mail.attachments[0]["name"], f"/mon-espace/compte/devis/{sent.pk}/" in mail.text) == (
        "DE-2026-00001.pdf",
        True,
    )
    assert AuditEntry.objects.get(verb="billing.quote_sent").thing == f"billing.quote:{sent.pk}"
    with pytest.raises(actions.QuoteSent):
        actions.send_quote(quote=quote, by=accountant, today=TODAY)
    with pytest.raises(actions.QuoteSent):
        write(accountant, quote=quote)
    with pytest.raises(actions.QuoteSent):
        actions.drop_quote(quote=quote, by=accountant)


def test_without_an_issuer_nothing_is_sent(accountant):
    quote = write(accountant)
    Issuer.objects.update(ends_on=dt.date(2026, 1, 1))

    with pytest.raises(actions.NoIssuer):
        actions.send_quote(quote=quote, by=accountant, today=TODAY)


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE billing_quote SET total_excl = 1, total_vat = 0, total_incl = 1",
        "UPDATE billing_quote SET title = 'x'",
        "DELETE FROM billing_quote",
        "UPDATE billing_quoteline SET description = 'x'",
        "DELETE FROM billing_quoteline",
    ],
)
def test_what_is_sent_is_frozen_even_for_raw_sql(selling, sql):
    quoted(AccountFactory(), state="sent")

    with pytest.raises(IntegrityError, match="DE-2026-00001 est envoyé"):
        run(sql)


@pytest.mark.parametrize(
    "sql", ["UPDATE billing_quote SET decided_by = 'x'", "UPDATE billing_quote SET decision = 'refused'"]
)
def test_an_answer_is_not_taken_back(selling, sql):
    quoted(AccountFactory())

    with pytest.raises(IntegrityError, match="est envoyé"):
        run(sql)


def answer(quote: Quote, by, decision=QuoteDecision.ACCEPTED, **changes) -> Quote:
    values = {"name": "Ana Roy", "on": TODAY, "today": TODAY} | changes
    return actions.answer_quote(quote=quote, decision=decision, by=by, **values)


def test_who_administers_the_structure_accepts_and_the_hub_is_told(nord, selling):
    quote = quoted(AccountFactory(organisation=nord.organisation), state="sent")
    with pytest.raises(NotAllowed):
        answer(quote, nord.actor("employee"))

    done = answer(quote, nord.actor("administrator"), order_number="BC-12", note="Merci")

    assert (done.state(TODAY), done.decided_by, done.decided_on, done.order_number) == (
        QuoteState.ACCEPTED, "Ana Roy", TODAY, "BC-12",
    )  # fmt: skip
    mail = Mail.objects.get()
    assert (mail.to, "accepte le devis DE-2026-00001" in mail.text) == (["comptabilite@pole.example"], True)
    with pytest.raises(actions.QuoteAnswered):
        answer(quote, nord.actor("administrator"), QuoteDecision.REFUSED)


def test_too_late_it_is_refused_and_not_accepted(accountant):
    quote = quoted(AccountFactory(), state="sent")
    late = dt.date(2026, 12, 3)
    with pytest.raises(actions.QuoteExpired):
        answer(quote, accountant, on=late, today=late)
    with pytest.raises(actions.AnswerOutOfTime):
        answer(quote, accountant, on=late, today=TODAY)

    # Signed in time and noted afterwards, it holds.
    assert answer(quote, accountant, today=late).state(late) == QuoteState.ACCEPTED


def test_its_lines_go_to_the_account_once_as_they_were_agreed(accountant):
    quote = quoted(AccountFactory())
    VatRule.objects.filter(code="service-20").update(ends_on=dt.date(2026, 11, 3))

    actions.charge_quote(quote=quote, by=accountant, on=dt.date(2026, 11, 20))
    with pytest.raises(actions.QuoteCharged):
        actions.charge_quote(quote=quote, by=accountant, on=dt.date(2026, 11, 20))

    (charge,) = Charge.objects.all()
    assert (charge.source, charge.description, charge.amount_excl, charge.vat_rate, charge.period) == (
        f"billing.quote:{quote.pk}", "Animation d’atelier", 1000, 20, dt.date(2026, 11, 1),
    )  # fmt: skip


@pytest.mark.parametrize("state", ["sent", "refused"])
def test_only_what_is_accepted_is_charged(accountant, state):
    quote = quoted(AccountFactory(), state=state)

    with pytest.raises(actions.QuoteNotAccepted):
        actions.charge_quote(quote=quote, by=accountant, on=TODAY)
    with pytest.raises(actions.QuoteNotAccepted):
        actions.plan_deposit(quote=quote, percent=Decimal(30), today=TODAY)
    assert Invoice.objects.count() == 0
