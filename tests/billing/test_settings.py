"""Who issues and which tax things bear, from a day on: what was sold before keeps both."""

import datetime as dt
import re
from decimal import Decimal

import pytest
import time_machine
from django.urls import reverse

from billing.actions import account_for, charge, describe_issuer
from billing.models import Charge, Invoice, Issuer, VatRule
from hubs.actors import system
from hubs.scope import open_hub
from tests.billing.factories import AccountFactory, ChargeFactory, IssuerFactory, VatRuleFactory, issued
from tests.parties.factories import OrganisationFactory

ISSUER, RULES = "/gestion/reglages/emetteur/", "/gestion/reglages/tva/"
SCIC = {
    "legal_name": "La Coursive SCIC", "legal_form": "SCIC SA", "siren": "900 315 623", "address": "9 place Galilée",
    "postcode": "21000", "town": "Dijon", "payment_days": "30", "vat_regime": "normal", "starts_on": "2026-11-01",
}  # fmt: skip
RULE = {
    "code": "service-20", "label": "Services, 21 %", "category": "S", "rate": "21", "starts_on": "2027-01-01",
}  # fmt: skip
DECEMBER = dt.datetime(2026, 12, 1, 9, tzinfo=dt.UTC)


def text(response) -> str:
    return " ".join(response.text.replace("\xa0", " ").split())


@pytest.fixture
def shop(nord):
    with open_hub(nord.hub):
        IssuerFactory()
        return AccountFactory(organisation=OrganisationFactory(siren="860656982"))


@pytest.mark.feature("HU4")
def test_another_body_issues_from_its_day_with_its_own_numbers(nord, shop, sign_in, work):
    with open_hub(nord.hub):
        before = issued(shop, on=dt.date(2026, 10, 6))
        ChargeFactory(account=shop, on=dt.date(2026, 10, 30), description="Octobre")
        ChargeFactory(account=shop, on=dt.date(2026, 11, 3), description="Novembre")
    browser = sign_in(nord, "accountant")

    done = browser.post(f"{ISSUER}suivant/", SCIC, follow=True)
    with time_machine.travel(DECEMBER, tick=False):
        late = sign_in(nord, "accountant")
        late.post(reverse("billing:month_issue", args=["2026-11"]))
        work(nord.hub)
        page = late.get(ISSUER)

    assert "La Coursive SCIC prend la suite." in text(done)
    with open_hub(nord.hub):
        told = Invoice.objects.issued().order_by("pk").prefetch_related("lines")
        rows = sorted((each.seller["name"], each.number, each.lines.get().description) for each in told)
        assert rows == [
            ("Association du pôle", before.number, "Salle de réunion"),
            ("Association du pôle", "FA-2026-00002", "Octobre"),
            ("La Coursive SCIC", "FA-2026-00001", "Novembre"),
        ]
        assert list(Issuer.objects.order_by("pk").values_list("siren", "starts_on", "ends_on")) == [
            ("900274184", dt.date(2020, 1, 1), dt.date(2026, 11, 1)),
            ("900315623", dt.date(2026, 11, 1), None),
        ]
    assert 'value="La Coursive SCIC"' in page.text
    assert "Association du pôle</strong>" in text(page)
    assert "jusqu’au 31 octobre 2026 inclus" in text(page)


def test_a_planned_issuer_is_mended_before_it_begins(nord, shop, sign_in):
    browser = sign_in(nord, "accountant")
    browser.post(f"{ISSUER}suivant/", SCIC | {"starts_on": "2099-01-01"})
    with open_hub(nord.hub):
        planned, today = Issuer.objects.get(siren="900315623"), Issuer.objects.get(siren="900274184")

    linked = f'href="{ISSUER}{planned.pk}/"' in browser.get(ISSUER).text
    browser.post(f"{ISSUER}{planned.pk}/", SCIC | {"legal_name": "La Coursive, SCIC"})

    with open_hub(nord.hub):
        planned.refresh_from_db()
        today.refresh_from_db()
    assert (linked, planned.legal_name, planned.starts_on, today.legal_name) == (
        True, "La Coursive, SCIC", dt.date(2099, 1, 1), "Association du pôle",
    )  # fmt: skip
    assert browser.get(f"{ISSUER}{today.pk}/").status_code == 404


@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        (
            {"starts_on": "2019-01-01"},
            "starts_on",
            "Choisissez un jour après celui où l’émetteur d’aujourd’hui a commencé.",
        ),
        ({"starts_on": "2026-10-06"}, "starts_on", "Des factures déjà émises couvrent ce jour."),
        ({"siren": "900 315 624"}, "siren", "SIREN"),
        ({"legal_name": ""}, "legal_name", "Ce champ est obligatoire."),
    ],
)
def test_a_wrong_successor_keeps_what_was_typed(nord, shop, sign_in, change, field, words):
    with open_hub(nord.hub):
        issued(shop, on=dt.date(2026, 10, 6))

    answer = sign_in(nord, "accountant").post(f"{ISSUER}suivant/", SCIC | change)

    assert (answer.status_code, list(answer.context["form"].errors)) == (422, [field])
    assert (words in text(answer), 'value="9 place Galilée"' in answer.text) == (True, True)
    with open_hub(nord.hub):
        assert Issuer.objects.get().ends_on is None


def test_a_correction_changes_no_invoice_and_no_other_issuer(nord, shop):
    with open_hub(nord.hub):
        before = issued(shop, on=dt.date(2026, 10, 6))
        values = {"siren": "900274184", "address": "1 rue Neuve"}
        describe_issuer(values=values, by=nord.actor("accountant"), today=dt.date(2026, 11, 2))
        before.refresh_from_db()
        assert (before.seller["name"], Issuer.objects.get().address) == ("Association du pôle", "1 rue Neuve")


@pytest.mark.feature("HU4")
def test_a_vat_rule_changes_on_its_day_and_what_was_sold_keeps_the_old(nord, sign_in):
    with open_hub(nord.hub):
        VatRuleFactory()
    browser = sign_in(nord, "accountant")

    proposed = browser.get(f"{RULES}noter/?code=service-20").context["form"]
    done = browser.post(f"{RULES}noter/", RULE, follow=True)
    with open_hub(nord.hub):
        account = account_for(organisation=nord.organisation)
        for day in (dt.date(2026, 12, 31), dt.date(2027, 1, 1)):
            charge(
                account=account, source=f"essai:{day}", kind="essai", period=day, on=day, description="Salle",
                unit_price_excl=Decimal(10), vat_code="service-20", by=system(nord.hub.pk),
            )  # fmt: skip
        assert list(Charge.objects.order_by("on").values_list("on", "vat_rate")) == [
            (dt.date(2026, 12, 31), Decimal("20.00")),
            (dt.date(2027, 1, 1), Decimal("21.00")),
        ]
        assert list(VatRule.objects.order_by("starts_on").values_list("starts_on", "ends_on")) == [
            (dt.date(2020, 1, 1), dt.date(2027, 1, 1)),
            (dt.date(2027, 1, 1), None),
        ]

    assert (proposed["label"].value(), proposed["rate"].value()) == ("Services, 20 %", Decimal("20.00"))
    assert "« Services, 21 % » est notée." in text(done)
    assert "du 1er janvier 2020 au 31 décembre 2026 inclus" in text(done)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"starts_on": "2020-01-01"}, "starts_on"),
        ({"starts_on": "2019-06-01"}, "starts_on"),
        ({"category": "S", "rate": "0"}, "rate"),
        ({"category": "O", "rate": "20"}, "rate"),
        ({"category": "E", "rate": "0"}, "exemption_text"),
        ({"code": "deux mots"}, "code"),
    ],
)
def test_a_wrong_rule_keeps_what_was_typed(nord, sign_in, change, field):
    with open_hub(nord.hub):
        VatRuleFactory()

    answer = sign_in(nord, "accountant").post(f"{RULES}noter/", RULE | change)

    assert (answer.status_code, list(answer.context["form"].errors)) == (422, [field])
    assert 'value="Services, 21 %"' in answer.text
    with open_hub(nord.hub):
        assert VatRule.objects.get().ends_on is None


@pytest.mark.parametrize("name", ["adviser", "receptionist", "elected", "observer", "administrator", "guest"])
def test_who_keeps_no_accounts_sees_neither(nord, sign_in, name):
    browser = sign_in(nord, name)

    assert {browser.get(page).status_code for page in (ISSUER, f"{ISSUER}suivant/", RULES, f"{RULES}noter/")} == {403}


def test_the_settings_lead_to_each(nord, sign_in):
    browser = sign_in(nord, "coordinator")

    subjects = _tabs(browser.get("/gestion/reglages/").text)
    pages = {address for subject in subjects for address in _tabs(browser.get(subject).text)}

    wanted = ("statut/", "equipe/", "colleges/", "exercices/", "emetteur/", "tva/")
    assert {f"/gestion/reglages/{address}" for address in wanted} <= pages


def _tabs(html: str) -> list[str]:
    return [
        each for row in re.findall(r'<nav class="tabs.*?</nav>', html) for each in re.findall(r'href="([^"]+)"', row)
    ]
