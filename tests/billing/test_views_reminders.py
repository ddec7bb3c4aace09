"""The pages of reminders, disputes, schedules, statements and ageing, as their users meet them."""

import datetime as dt
import io
import zipfile
from decimal import Decimal

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from billing.models import Account, Reminder, ReminderLevel, Schedule
from billing.presets import furnish_reminders
from documents.rendering import Pdf as Paper
from hubs.models import Mail, RunItem
from hubs.scope import open_hub
from tests.billing.factories import AccountFactory, ChargeFactory, IssuerFactory, PaymentFactory, VatRuleFactory, issued
from tests.billing.test_views import rows_of, said
from tests.documents.checks import assert_conforms

REMINDERS = "/gestion/facturation/relances/"
SETTINGS = "/gestion/reglages/relances/"
SOLD = dt.date(2026, 9, 7)


@pytest.fixture(autouse=True)
def twentieth_of_november():
    """A Friday; the next sending is on Saturday."""
    with time_machine.travel(dt.datetime(2026, 11, 20, 9, tzinfo=dt.UTC), tick=True):
        yield


@pytest.fixture
def shop(nord) -> Account:
    """The hub « nord » sells, reminds, and its member structure has an account."""
    with open_hub(nord.hub):
        IssuerFactory()
        VatRuleFactory()
        furnish_reminders(dt.date(2020, 1, 1))
        return AccountFactory(organisation=nord.organisation)


@pytest.mark.feature("BI10")
def test_the_accountant_sees_who_is_reminded_sends_and_reads_what_was_said(nord, shop, sign_in, work):
    with open_hub(nord.hub):
        issued(shop, on=SOLD)
        spared = issued(AccountFactory(organisation__name="Zutique"), on=SOLD).account
        issued(AccountFactory(organisation__name="Sans adresse", organisation__email=""), on=SOLD)
    work(nord.hub)
    browser = sign_in(nord, "accountant")
    assert REMINDERS in browser.get("/gestion/facturation/").content.decode()

    page = said(browser.get(REMINDERS))
    assert "Au prochain envoi, samedi 21 novembre au matin" in page
    assert "2 comptes sont relancés, pour 240,00 €." in page
    assert "Sans adresse Aucune adresse électronique" in page

    skip = reverse("billing:skip_once", args=[spared.pk])
    assert browser.post(skip, {"reason": ""}).status_code == 422
    after = browser.post(skip, {"reason": "On se voit demain"}, follow=True)
    assert "Zutique ne sera pas relancé cette fois." in said(after)
    assert "Zutique Sans relance jusqu’au 21 novembre inclus : On se voit demain" in said(after)

    browser.post(f"{REMINDERS}envoi/")
    work(nord.hub)

    with open_hub(nord.hub):
        mail = Mail.objects.get(about=f"billing.account:{shop.pk}")
        assert "120,00\u00a0€ restent à régler pour Compagnie nord" in mail.text
        assert Reminder.objects.count() == 1
    history = said(browser.get(reverse("billing:account_reminders", args=[shop.pk])))
    assert "FA-2026-00001 20 novembre 2026 1, Une facture vous a peut-être échappé courriel à" in history
    again = browser.post(f"{REMINDERS}envoi/", follow=True)
    assert "Personne n’est à relancer aujourd’hui." in said(again)


@pytest.mark.feature("BI10")
def test_a_member_contests_is_answered_and_is_not_chased_meanwhile(nord, shop, sign_in):
    with open_hub(nord.hub):
        invoice = issued(shop, on=SOLD)
    member, staff = sign_in(nord, "employee"), sign_in(nord, "accountant")
    contest = reverse("billing:dispute", args=[invoice.pk])
    assert contest in member.get("/mon-espace/compte/").content.decode()

    wrong = member.post(contest, {"reason": ""})
    assert wrong.status_code == 422
    noted = member.post(contest, {"reason": "La salle était fermée"}, follow=True)

    assert "L’équipe vous répond, et ne relance pas cette facture d’ici là." in said(noted)
    assert "à répondre 20 novembre 2026 La salle était fermée" in said(noted)
    assert "contestée" in said(member.get("/mon-espace/compte/"))
    page = said(staff.get(REMINDERS))
    assert "Compagnie nord FA-2026-00001 : contestée." in page
    assert "Contestations à répondre Compagnie nord" in page
    assert "Compagnie nord" in said(staff.get("/gestion/"))
    answer = reverse("billing:close_dispute", args=[invoice.pk])
    assert "La salle était fermée" in said(staff.get(answer))
    assert staff.post(answer, {"answer": ""}).status_code == 422
    staff.post(answer, {"answer": "Elle était ouverte à 14 h."})

    assert "Réponse du 20 novembre 2026 Elle était ouverte à 14 h." in said(
        member.get(reverse("billing:my_invoice", args=[invoice.pk]))
    )
    assert "1 compte est relancé, pour 120,00 €." in said(staff.get(REMINDERS))


def test_a_member_contests_no_invoice_of_others(nord, shop, sign_in):
    with open_hub(nord.hub):
        other = issued(AccountFactory(), on=SOLD)

    assert (
        sign_in(nord, "employee").post(reverse("billing:dispute", args=[other.pk]), {"reason": "x"}).status_code == 404
    )


def test_an_account_is_left_in_peace_and_chased_again_from_its_page(nord, shop, sign_in):
    with open_hub(nord.hub):
        issued(shop, on=SOLD)
    browser = sign_in(nord, "accountant")
    url = reverse("billing:account_reminders", args=[shop.pk])

    past = browser.post(url, {"until": "2026-11-19", "reason": "Accord"})
    assert (past.status_code, "Ce jour est passé." in said(past)) == (422, True)
    assert "Sans relance : Accord" in said(browser.post(url, {"until": "", "reason": "Accord"}, follow=True))
    again = browser.post(reverse("billing:end_exception", args=[shop.pk]), follow=True)

    assert "Ce compte est relancé de nouveau." in said(again)


def test_after_the_last_letter_the_team_calls_and_notes_it(nord, shop, sign_in):
    with open_hub(nord.hub):
        issued(shop, on=SOLD)
        ReminderLevel.objects.filter(rank__lt=4).update(ends_on=dt.date(2021, 1, 1))
        ReminderLevel.objects.update(days=30)
    browser = sign_in(nord, "coordinator")
    call = reverse("billing:note_call", args=[shop.pk])
    assert "Appeler Compagnie nord" in said(browser.get("/gestion/"))
    assert call in browser.get(reverse("billing:account_reminders", args=[shop.pk])).content.decode()

    assert browser.post(call, {"note": ""}).status_code == 422
    after = said(browser.post(call, {"note": "Virement vendredi"}, follow=True))

    assert "Virement vendredi" in after
    assert "Appeler Compagnie nord" not in said(browser.get("/gestion/"))


def test_levels_rates_and_sendings_are_settings(nord, shop, sign_in):
    browser = sign_in(nord, "accountant")
    page = said(browser.get(SETTINGS))
    assert "1. Une facture vous a peut-être échappé 7 jours après l’échéance un courriel" in page
    assert "60 jours après l’échéance un appel de l’équipe" in page
    assert "12,15 %" in page

    level = {"days": "10", "title": "Un rappel", "text": "Bonjour {nom}"}
    wrong = browser.post(f"{SETTINGS}niveau-1/", level)
    assert (wrong.status_code, "ne veulent rien dire ici : {nom}." in said(wrong)) == (422, True)
    assert "Bonjour {nom}" in wrong.content.decode()
    late = browser.post(f"{SETTINGS}niveau-1/", level | {"days": "30", "text": "{total}"})
    assert "Un niveau vient après ceux qui le précèdent" in said(late)
    assert browser.post(f"{SETTINGS}niveau-1/", level | {"text": "{total}"}).status_code == 302
    assert "1. Un rappel 10 jours après l’échéance" in said(browser.get(SETTINGS))
    browser.post(f"{SETTINGS}niveau-4/retrait/")
    assert "un appel de l’équipe" not in said(browser.get(SETTINGS))

    assert browser.post(f"{SETTINGS}taux/", {"rate": "0", "starts_on": "2027-01-01"}).status_code == 422
    browser.post(f"{SETTINGS}taux/", {"rate": "12,40", "starts_on": "2027-01-01"})
    assert "à partir du 1er janvier 2027 12,40 %" in said(browser.get(SETTINGS))
    browser.post(SETTINGS, {"digest": "on"})
    assert "Les relances ne partent pas d’elles-mêmes" in said(browser.get(REMINDERS))


# --- Schedules -----------------------------------------------------------------------------------


def test_an_invoice_is_spread_over_three_months_and_the_member_sees_the_dates(nord, shop, sign_in):
    with open_hub(nord.hub):
        invoice = issued(shop, "8.33", on=SOLD)
    browser = sign_in(nord, "accountant")
    url = reverse("billing:schedule", args=[invoice.pk])
    assert url in browser.get(reverse("billing:invoice", args=[invoice.pk])).content.decode()

    proposed = browser.get(url, {"count": "3", "first": "2026-11-30"}).content.decode()
    for value in ('value="2026-11-30"', 'value="2026-12-30"', 'value="2027-01-30"', 'value="3,34"', 'value="3,33"'):
        assert value in proposed, value
    typed = {
        "reason": "Convenu", "day_1": "2026-11-30", "amount_1": "3,34", "day_2": "2026-12-30", "amount_2": "3,33",
        "day_3": "2027-01-30", "amount_3": "3,00",
    }  # fmt: skip
    wrong = browser.post(url, typed)
    assert (wrong.status_code, "Les échéances font 9,67 €, et la facture 10,00 €." in said(wrong)) == (422, True)
    assert 'value="3,00"' in wrong.content.decode()
    half = browser.post(url, typed | {"amount_3": ""})
    assert "Une échéance a une date et un montant." in said(half)
    assert browser.post(url, typed | {"amount_3": "3,33"}).status_code == 302

    page = said(sign_in(nord, "employee").get("/mon-espace/compte/"))
    assert "3,34 € avant le 30 novembre 2026" in page
    assert "Puis : 3,33 € avant le 30 décembre 2026, 3,33 € avant le 30 janvier 2027." in page
    browser.post(reverse("billing:end_schedule", args=[invoice.pk]))
    with open_hub(nord.hub):
        assert not Schedule.objects.current().exists()


# --- Statements ----------------------------------------------------------------------------------


def test_a_statement_is_read_as_a_page_a_pdf_and_a_sheet(nord, shop, sign_in):
    with open_hub(nord.hub):
        issued(shop, on=SOLD)
        PaymentFactory(account=shop, amount=Decimal("20.00"), received_on=dt.date(2026, 10, 20))
        issued(shop, "50.00", on=dt.date(2026, 11, 2))
    period = {"first": "2026-10-01", "last": "2026-10-31"}
    for who, name in (("accountant", "account_statement"), ("employee", "my_statement")):
        browser, url = sign_in(nord, who), reverse(f"billing:{name}", args=[shop.pk])

        page = said(browser.get(url, period))
        assert "Dû au début 120,00 € Facturé 0,00 € Payé ou crédité 20,00 € Dû à la fin 100,00 €" in page
        assert "31 à 60 jours" in page
        rows = rows_of(browser.get(url, period | {"as": "csv"}))
        assert rows[1:] == [
            ["01/10/2026", "Solde au début", "", "", "120"],
            ["20/10/2026", "Paiement par virement", "", "20", "100"],
            ["31/10/2026", "Solde à la fin", "", "", "100"],
        ]
        assert rows_of(browser.get(url, {"as": "csv"}))[1][:4] == ["FA-2026-00001", "07/09/2026", "07/10/2026", "100"]
        pdf = browser.get(url, {"as": "pdf"})
        assert 'filename="releve-2026-11-20.pdf"' in pdf.headers["Content-Disposition"]
        assert_conforms(Paper(pdf.content, sha256="", pages=1))
        assert browser.get(url, period | {"as": "pdf"}).content.startswith(b"%PDF")
        wrong = browser.get(url, {"first": "2026-10-31", "last": "2026-10-01"})
        assert (wrong.status_code, "La fin vient après le début." in said(wrong)) == (422, True)


def test_a_statement_of_others_does_not_exist(nord, sud, shop, sign_in):
    with open_hub(nord.hub):
        other = issued(AccountFactory(), on=SOLD).account
    browser = sign_in(nord, "employee")
    urls = [reverse("billing:my_statement", args=[other.pk]), reverse("billing:my_year_zip", args=[other.pk, 2026])]

    assert [browser.get(url).status_code for url in urls] == [404, 404]
    assert browser.post(reverse("billing:prepare_my_year", args=[other.pk, 2026])).status_code == 404
    assert sign_in(sud, "accountant").get(reverse("billing:account_statement", args=[shop.pk])).status_code == 404


@pytest.mark.feature("BI19")
def test_a_member_filters_the_account_by_kind_and_year_and_takes_a_year_of_papers_away(nord, shop, sign_in, work):
    with open_hub(nord.hub):
        invoice = issued(shop, on=SOLD)
        ChargeFactory(account=shop, kind="rent", description="Loyer de novembre", on=dt.date(2026, 11, 1))
        ChargeFactory(account=shop, kind="training", description="Formation", on=dt.date(2025, 3, 1))
        ChargeFactory(account=shop, kind="levy", description="Contribution exceptionnelle", on=dt.date(2026, 2, 1))
        PaymentFactory(account=shop, amount=Decimal("20.00"), received_on=dt.date(2026, 10, 20), reference="VIR 12")
    work(nord.hub)
    browser = sign_in(nord, "employee")
    url = "/mon-espace/compte/"

    page = said(browser.get(url))
    assert "Nature 2026 2025" in page
    assert "Loyers 10,00 € 0,00 € Réservations 100,00 € 0,00 € Formations 0,00 € 10,00 €" in page
    assert "Autres sommes 10,00 € 0,00 € Payé, TTC 20,00 € 0,00 €" in page
    for words in ("Loyer de novembre", "1er novembre 2026 Loyers à facturer 10,00 €", "Virement VIR 12", "1 à 5 sur 5"):
        assert words in page, words
    rents = said(browser.get(url, {"kind": "rent", "year": "2026"}))
    rents = rents.partition("Tout ce qui est sur le compte")[2]
    assert ("1 à 1 sur 1" in rents, "Contribution exceptionnelle" in rents) == (True, False)
    assert "1 à 1 sur 1" in said(browser.get(url, {"kind": "payment"}))
    assert "1 à 5 sur 5" in said(browser.get(url, {"kind": "nonsense", "year": "x"}))

    browser.post(reverse("billing:prepare_my_year", args=[shop.pk, 2026]))
    assert "en préparation" in said(browser.get(url))
    work(nord.hub)
    browser.post(reverse("billing:prepare_my_year", args=[shop.pk, 2026]))
    work(nord.hub)

    zip_url = reverse("billing:my_year_zip", args=[shop.pk, 2026])
    assert zip_url in browser.get(url).content.decode()
    taken = browser.get(zip_url)
    with zipfile.ZipFile(io.BytesIO(taken.content)) as archive:
        assert archive.namelist() == [f"{invoice.number}.pdf"]
        assert archive.read(archive.namelist()[0]).startswith(b"%PDF")
    assert browser.get(reverse("billing:my_year_zip", args=[shop.pk, 2025])).status_code == 404


def test_the_account_costs_the_same_for_one_charge_and_for_three(nord, shop, sign_in):
    with open_hub(nord.hub):
        issued(shop, on=SOLD)
        PaymentFactory(account=shop, amount=Decimal("1.00"))
    browser = sign_in(nord, "employee")

    def counted() -> int:
        with CaptureQueriesContext(connection) as captured:
            browser.get("/mon-espace/compte/")
        return len(captured)

    one = counted()
    with open_hub(nord.hub):
        for _n in range(2):
            issued(shop, on=SOLD)
            PaymentFactory(account=shop, amount=Decimal("1.00"))
    assert (one, counted()) == (32, 32)


# --- Ageing --------------------------------------------------------------------------------------


@pytest.mark.parametrize("rows", [1, 3])
def test_the_aged_balance_costs_the_same_for_one_row_and_for_three(nord, shop, sign_in, rows):
    with open_hub(nord.hub):
        for _n in range(rows):
            issued(AccountFactory(), on=SOLD)
    browser = sign_in(nord, "accountant")

    with CaptureQueriesContext(connection) as captured:
        page = browser.get("/gestion/facturation/balance-agee/")

    assert page.content.count(b"<td><a href") == rows
    assert len(captured) == 12


def test_the_aged_balance_sorts_draws_and_leaves_as_a_sheet(nord, shop, sign_in):
    with open_hub(nord.hub):
        issued(AccountFactory(organisation__name="=1+1"), "50.00", on=dt.date(2026, 6, 1))
        issued(shop, on=SOLD)
    browser = sign_in(nord, "accountant")
    url = "/gestion/facturation/balance-agee/"

    page = browser.get(url, {"sort": "holder"})

    assert "180,00 € à encaisser" in said(page)
    assert said(page).index("=1+1") < said(page).index("Compagnie nord 120,00 €")
    assert b'<svg class="chart-drawing"' in page.content
    assert rows_of(browser.get(url, {"export": "csv"}))[1:] == [
        ["'=1+1", "0", "0", "0", "0", "60", "60"],
        ["Compagnie nord", "0", "0", "120", "0", "0", "120"],
    ]


# --- Who may -------------------------------------------------------------------------------------


def staff_pages(account: Account, invoice_id: int) -> list[str]:
    return [
        REMINDERS,
        SETTINGS,
        f"{SETTINGS}niveau-1/",
        f"{SETTINGS}taux/",
        "/gestion/facturation/balance-agee/",
        *(reverse(f"billing:{name}", args=[account.pk]) for name in (
            "account_reminders", "skip_once", "note_call", "account_statement",
        )),
        reverse("billing:close_dispute", args=[invoice_id]),
        reverse("billing:schedule", args=[invoice_id]),
    ]  # fmt: skip


@pytest.mark.parametrize("who", ["adviser", "receptionist", "elected", "observer", "administrator", "stranger"])
def test_only_those_who_keep_the_accounts_open_these_pages(nord, shop, sign_in, who):
    with open_hub(nord.hub):
        pages = staff_pages(shop, issued(shop, on=SOLD).pk)
    browser = sign_in(nord, who)

    assert {url: browser.get(url).status_code for url in pages} == dict.fromkeys(pages, 403)


def test_nothing_is_written_by_looking(nord, shop, sign_in):
    with open_hub(nord.hub):
        pages = staff_pages(shop, issued(shop, on=SOLD).pk)
    browser = sign_in(nord, "accountant")

    def state() -> tuple[int, ...]:
        with open_hub(nord.hub):
            return (Reminder.objects.count(), Mail.objects.count(), RunItem.objects.count(), Schedule.objects.count())

    before = state()
    assert {url: browser.get(url).status_code for url in pages} == dict.fromkeys(pages, 200)
    assert state() == before
