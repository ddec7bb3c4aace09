"""What comes back, and sums added by hand: the pages, driven as their users drive them."""

import datetime as dt
import re
from decimal import Decimal

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from billing import actions
from billing.models import Charge, HeldBack, Invoice, RecurringCharge, RecurringSkip
from billing.tasks import gather_charges
from hubs.scope import open_hub
from tests.billing.factories import (
    AccountFactory,
    ChargeFactory,
    IssuerFactory,
    RecurringChargeFactory,
    VatRuleFactory,
    issued,
)
from tests.billing.test_views import rows_of, said

OCTOBER = "/gestion/facturation/mois/2026-10/"
LIST = "/gestion/facturation/regulieres/"


@pytest.fixture(autouse=True)
def second_of_november():
    with time_machine.travel(dt.datetime(2026, 11, 2, 9, tzinfo=dt.UTC), tick=True):
        yield


@pytest.fixture
def shop(nord):
    """The hub « nord » sells: its issuer, its rules, and the account of its member structure."""
    with open_hub(nord.hub):
        IssuerFactory()
        VatRuleFactory()
        return AccountFactory(organisation=nord.organisation)


def rent(**changes: str) -> dict[str, str]:
    return {
        "kind": "rent", "label": "Loyer du bureau 12", "reference": "Bail 12", "rhythm": "1", "amount_excl": "300,00",
        "vat_code": "service-20", "when": "advance", "starts_on": "2026-10-16", "last_day": "", "anchor": "",
    } | changes  # fmt: skip


def seen_on(response) -> dict[str, str]:
    return {"seen": re.search(r'name="seen" value="(\w+)"', response.content.decode()).group(1)}


def confirm(browser, url: str, data: dict[str, str]):
    """Read the consequence, then click."""
    return browser.post(url, data | seen_on(browser.post(url, data)), follow=True)


@pytest.mark.feature("BI2")
def test_a_rent_begins_on_the_16th_and_its_consequence_is_read_first(nord, shop, sign_in):
    browser = sign_in(nord, "accountant")
    account = reverse("billing:account", args=[shop.pk])
    url = reverse("billing:begin_recurring", args=[shop.pk])
    assert "Rien ne revient sur ce compte" in said(browser.get(account))

    wrong = browser.post(url, rent(amount_excl="-3", vat_code="x"))
    assert wrong.status_code == 422
    assert "Loyer du bureau 12" in wrong.content.decode()
    look = browser.post(url, rent())
    assert (
        "16 jours sur 31, du 16 au 31 octobre 2026 inclus, à 300,00 € par mois à facturer avec octobre 2026 154,84 €"
        in (said(look))
    )
    assert "du 1er au 30 novembre 2026 inclus à facturer avec novembre 2026 300,00 €" in said(look)
    with open_hub(nord.hub):
        assert not RecurringCharge.objects.exists()
    # Another price than the one that was read: the consequence is told again.
    again = browser.post(url, rent(amount_excl="310") | seen_on(look))
    assert (again.status_code, "160,00 €" in said(again)) == (200, True)

    after = browser.post(url, rent() | seen_on(look), follow=True)
    assert "elle ira sur les factures toute seule" in said(after)
    twice = browser.post(url, rent())
    assert (twice.status_code, "Cette somme est déjà notée" in said(twice)) == (422, True)
    assert "Loyer du bureau 12 depuis le 16 octobre 2026 360,00 € TTC (300,00 € HT) par mois" in said(
        browser.get(account)
    )
    preview = said(browser.post(OCTOBER, follow=True))
    assert "16 jours sur 31, du 16 au 31 octobre 2026 inclus" in preview
    assert "154,84 € + 30,97 € = 185,81 €" in preview


@pytest.mark.feature("BI1")
def test_rent_plan_and_extras_are_read_on_one_draft(nord, shop, sign_in, work):
    browser = sign_in(nord, "accountant")
    url = reverse("billing:begin_recurring", args=[shop.pk])
    confirm(browser, url, rent(starts_on="2026-10-01"))
    confirm(browser, url, rent(starts_on="2026-10-01", kind="plan", label="Forfait poste", amount_excl="80"))
    browser.post(
        reverse("billing:add_charge", args=[shop.pk]),
        {
            "on": "2026-10-09", "description": "Clé perdue", "detail": "", "quantity": "1", "unit_price_excl": "15",
            "vat_code": "service-20", "token": "6a1bb8b0-0000-4000-8000-000000000001",
        },
    )  # fmt: skip

    preview = said(browser.post(OCTOBER, follow=True))
    browser.post(f"{OCTOBER}emission/")
    work(nord.hub)

    assert "1 facture, 474,00 € TTC." in preview
    with open_hub(nord.hub):
        assert sorted(Invoice.objects.get().lines.values_list("description", flat=True)) == [
            "Clé perdue",
            "Forfait poste",
            "Loyer du bureau 12",
        ]


@pytest.mark.feature("BI3")
def test_the_month_shows_what_it_would_gather_and_looking_writes_nothing(nord, shop, sign_in):
    with open_hub(nord.hub):
        RecurringChargeFactory(account=shop)
    browser = sign_in(nord, "accountant")

    page = said(browser.get(OCTOBER))
    assert "1 facture à préparer, 360,00 € TTC." in page
    assert "1 somme régulière tombe, et ira sur son compte avec l’aperçu Compagnie nord Loyer du bureau 12" in page
    assert "Loyer du bureau 12" in said(browser.get(f"{OCTOBER}apercu/"))
    with open_hub(nord.hub):
        assert not Charge.objects.exists()
    browser.post(OCTOBER)
    browser.post(OCTOBER)
    with open_hub(nord.hub):
        assert (Charge.objects.count(), Invoice.objects.count()) == (1, 1)


def test_an_end_says_what_it_changes_before_the_click(nord, shop, sign_in):
    with open_hub(nord.hub):
        made = RecurringChargeFactory(account=shop, starts_on=dt.date(2026, 9, 1))
    browser = sign_in(nord, "accountant")
    browser.post(OCTOBER)
    url = reverse("billing:end_recurring", args=[made.pk])

    look = said(browser.post(url, {"last_day": "2026-10-15"}))
    assert "annulée Loyer du bureau 12 du 1er au 31 octobre 2026 inclus 300,00 € HT" in look
    assert "15 jours sur 31, du 1er au 15 octobre 2026 inclus, à 300,00 € par mois à facturer avec octobre 2026" in look
    after = confirm(browser, url, {"last_day": "2026-10-15"})

    assert "La fin est notée." in said(after)
    assert "du 1er septembre au 15 octobre 2026 inclus" in said(after)
    with open_hub(nord.hub):
        assert [str(charge.amount_excl) for charge in Charge.objects.live().in_order()] == ["300.00", "145.16"]
    early = browser.post(url, {"last_day": "2026-08-15"})
    assert (early.status_code, "La fin vient après le premier jour." in said(early)) == (422, True)


def test_a_price_changed_after_the_invoice_is_made_up_for_on_the_next(nord, shop, sign_in, work):
    with open_hub(nord.hub):
        made = RecurringChargeFactory(account=shop)
    browser = sign_in(nord, "accountant")
    browser.post(f"{OCTOBER}emission/")
    work(nord.hub)
    url = reverse("billing:change_price", args=[made.pk])
    data = {"starts_on": "2026-10-01", "amount_excl": "280"}

    look = said(browser.post(url, data))
    confirm(browser, url, data)

    words = "Régularisation du 1er au 31 octobre 2026 inclus : 280,00 € dus, 300,00 € facturés"
    assert f"{words} à facturer avec novembre 2026 −20,00 € HT" in look
    page = said(browser.get(reverse("billing:account", args=[shop.pk])))
    assert words in page
    assert "-1 × 20,00 € = −20,00 €" in page.replace("−1", "-1")


def test_a_period_is_left_out_from_the_account_and_taken_back(nord, shop, sign_in):
    with open_hub(nord.hub):
        made = RecurringChargeFactory(account=shop)
    browser = sign_in(nord, "accountant")
    browser.post(OCTOBER)
    with open_hub(nord.hub):
        charge = Charge.objects.get()
    url = reverse("billing:cancel_charge", args=[charge.pk])
    account = said(browser.get(reverse("billing:account", args=[shop.pk])))
    assert "360,00 € TTC (300,00 € HT) 1 × 300,00 € = 300,00 € HT, avec la TVA à 20 % : 360,00 €" in account

    assert "Cette période seulement" in said(browser.get(url))
    assert browser.post(url, {"reason": ""}).status_code == 422
    browser.post(url, {"reason": "Dégât des eaux"})
    page = said(browser.get(reverse("billing:recurring", args=[made.pk])))
    assert "du 1er au 31 octobre 2026 inclus Dégât des eaux" in page
    assert "0 facture à préparer" in said(browser.get(OCTOBER))

    with open_hub(nord.hub):
        skip = RecurringSkip.objects.get()
    browser.post(reverse("billing:charge_skipped", args=[skip.pk]))
    assert "1 facture à préparer, 360,00 € TTC." in said(browser.get(OCTOBER))


def test_a_sum_by_hand_is_added_explained_and_cancelled(nord, shop, sign_in):
    browser = sign_in(nord, "coordinator")
    url = reverse("billing:add_charge", args=[shop.pk])
    form = {
        "on": "2026-10-09", "description": "Formation sécurité", "detail": "deux personnes", "quantity": "2",
        "unit_price_excl": "45,50", "vat_code": "service-20", "token": "6a1bb8b0-0000-4000-8000-000000000001",
    }  # fmt: skip

    wrong = browser.post(url, form | {"quantity": "0"})
    assert (wrong.status_code, "Cette somme fait zéro" in said(wrong)) == (422, True)
    assert "Formation sécurité" in wrong.content.decode()
    browser.post(url, form)
    after = browser.post(url, form, follow=True)

    page = said(after)
    assert "La somme est sur le compte." in page
    assert "2 × 45,50 € = 91,00 € HT, avec la TVA à 20 % : 109,20 €" in page
    assert "Pour le 9 octobre 2026, à facturer avec octobre 2026." in page
    with open_hub(nord.hub):
        charge = Charge.objects.get()
    cancelled = browser.post(
        reverse("billing:cancel_charge", args=[charge.pk]), {"reason": "Saisie deux fois"}, follow=True
    )
    assert "La somme est annulée." in said(cancelled)
    assert "Formation sécurité" not in said(browser.get(reverse("billing:account", args=[shop.pk])))


def test_one_member_is_held_back_and_put_back_by_a_click(nord, shop, sign_in):
    with open_hub(nord.hub):
        RecurringChargeFactory(account=shop)
        ChargeFactory()
    browser = sign_in(nord, "accountant")
    assert "Mettre en attente…" in said(browser.post(OCTOBER, follow=True))
    url = reverse("billing:hold_back", args=[dt.date(2026, 10, 1), shop.pk])

    assert "partira de lui-même avec novembre 2026" in said(browser.get(url))
    assert browser.post(url, {"reason": ""}).status_code == 422
    held = said(browser.post(url, {"reason": "Surface du bureau discutée"}, follow=True))
    assert "1 facture, 12,00 € TTC." in held
    assert "Compagnie nord Surface du bureau discutée" in held
    assert browser.post(url, {"reason": "encore"}).status_code == 422

    back = browser.post(reverse("billing:let_go", args=[dt.date(2026, 10, 1), shop.pk]), follow=True)
    assert "2 factures, 372,00 € TTC." in said(back)
    with open_hub(nord.hub):
        assert HeldBack.objects.live().count() == 0


def test_the_list_filters_sums_and_leaves_as_csv(nord, shop, sign_in):
    with open_hub(nord.hub):
        RecurringChargeFactory(account=shop)
        RecurringChargeFactory(
            account__organisation__name="Élan", yearly=True, kind="domiciliation", label="Domiciliation", price="240"
        )
        RecurringChargeFactory(account=shop, label="Ancien loyer", ends_on=dt.date(2026, 11, 1))
        RecurringChargeFactory(account=shop, label="Loyer à venir", starts_on=dt.date(2027, 1, 1))
        RecurringChargeFactory(account=shop, label="Par erreur", ends_on=dt.date(2026, 10, 1))
    browser = sign_in(nord, "accountant")

    def labels(**filters: str) -> list[str]:
        return [row[2] for row in rows_of(browser.get(LIST, filters | {"export": "csv"}))[1:]]

    assert labels() == ["Ancien loyer", "Loyer du bureau 12", "Loyer à venir", "Domiciliation"]
    assert labels(who="elan") == ["Domiciliation"]
    assert labels(kind="rent", state="running") == ["Loyer du bureau 12"]
    assert (labels(state="coming"), labels(state="over")) == (["Loyer à venir"], ["Ancien loyer"])
    page = said(browser.get(LIST))
    assert "300,00 €" in page
    assert "20,00 €" in page
    assert "240,00 € par an" in page
    assert browser.get(LIST, {"export": "xlsx"}).content.startswith(b"PK")


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_costs_the_same_for_one_row_and_for_three(nord, sign_in, rows):
    with open_hub(nord.hub):
        for _ in range(rows):
            RecurringChargeFactory()
    browser = sign_in(nord, "accountant")

    with CaptureQueriesContext(connection) as captured:
        page = browser.get(LIST)

    assert page.content.count(b"<tr>") == rows + 1
    assert len(captured) == 12


def test_a_member_reads_what_comes_back(nord, shop, sign_in):
    with open_hub(nord.hub):
        made = RecurringChargeFactory(account=shop)
        RecurringChargeFactory(label="Loyer d’un autre")
    browser = sign_in(nord, "employee")

    page = said(browser.get("/mon-espace/compte/"))

    assert "Ce qui revient" in page
    assert "Loyer du bureau 12 depuis le 1er octobre 2026 360,00 € TTC (300,00 € HT) par mois" in page
    assert "Loyer d’un autre" not in page
    assert reverse("billing:recurring", args=[made.pk]) not in browser.get("/mon-espace/compte/").content.decode()


def test_the_night_gathers_the_month_in_each_hub(nord, sud, shop):
    with open_hub(nord.hub):
        RecurringChargeFactory(account=shop)
    with open_hub(sud.hub):
        VatRuleFactory()
        RecurringChargeFactory()

    gather_charges()
    gather_charges()

    for cast in (nord, sud):
        with open_hub(cast.hub):
            assert Charge.objects.count() == 2, cast.hub


# --- Who may -------------------------------------------------------------------------------------


@pytest.fixture
def pages(nord, shop):
    with open_hub(nord.hub):
        made = RecurringChargeFactory(account=shop)
        skip = actions.skip_period(
            recurring=made, on=dt.date(2026, 10, 1), reason="travaux", by=nord.actor("accountant")
        )
        charge = issued(shop).lines.get().charge
    get = [
        LIST,
        reverse("billing:recurring", args=[made.pk]),
        reverse("billing:begin_recurring", args=[shop.pk]),
        reverse("billing:change_price", args=[made.pk]),
        reverse("billing:end_recurring", args=[made.pk]),
        reverse("billing:add_charge", args=[shop.pk]),
        reverse("billing:cancel_charge", args=[charge.pk]),
        reverse("billing:hold_back", args=[dt.date(2026, 11, 1), shop.pk]),
    ]
    post = [
        reverse("billing:charge_skipped", args=[skip.pk]),
        reverse("billing:let_go", args=[dt.date(2026, 11, 1), shop.pk]),
    ]
    return get, post


@pytest.mark.parametrize(
    ("who", "status"),
    [("coordinator", 200), ("accountant", 200), ("adviser", 403), ("elected", 403), ("employee", 403)],
)
def test_these_pages_are_for_those_who_keep_the_accounts(nord, pages, sign_in, who, status):
    browser = sign_in(nord, who)
    get, post = pages

    assert {url: browser.get(url).status_code for url in get} == dict.fromkeys(get, status)
    assert {url: browser.post(url, follow=True).status_code for url in post} == dict.fromkeys(post, status)


def test_another_hubs_ids_do_not_exist(sud, pages, sign_in):
    browser = sign_in(sud, "accountant")
    get, post = pages

    assert {url: browser.get(url).status_code for url in get[1:]} == dict.fromkeys(get[1:], 404)
    assert {url: browser.post(url).status_code for url in post} == dict.fromkeys(post, 404)


def test_what_is_invoiced_is_no_longer_cancelled(nord, shop, sign_in):
    with open_hub(nord.hub):
        by_hand = ChargeFactory(account=shop, source="billing.hand:6a1bb8b0", kind="hand", quantity=Decimal(2))
    browser = sign_in(nord, "accountant")
    browser.post(f"{OCTOBER}emission/")

    response = browser.post(reverse("billing:cancel_charge", args=[by_hand.pk]), {"reason": "trop tard"})

    assert (response.status_code, "établissez un avoir" in said(response)) == (422, True)
