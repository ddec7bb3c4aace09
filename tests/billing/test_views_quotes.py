"""The pages of quotes, driven as their users drive them."""

import datetime as dt
from decimal import Decimal

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from billing.models import Charge, Invoice, Quote
from hubs.models import Mail
from hubs.scope import open_hub
from tests.billing.factories import AccountFactory, ChargeFactory, IssuerFactory, VatRuleFactory, quoted
from tests.billing.test_views import rows_of, said

QUOTES = "/gestion/facturation/devis/"
MINE = "/mon-espace/compte/devis/"


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
        VatRuleFactory(out_of_scope=True)
        return AccountFactory(organisation=nord.organisation)


def typed(account, *lines: dict[str, str], **changes: str) -> dict[str, str]:
    form = {
        "who": f"structure-{account.organisation_id}", "title": "Atelier d’écriture", "valid_until": "2026-12-02",
        "note": "", "lignes-TOTAL_FORMS": str(len(lines)), "lignes-INITIAL_FORMS": "0",
    }  # fmt: skip
    for rank, line in enumerate(lines):
        whole = {"description": "", "quantity": "1", "unit_label": "", "unit_price_excl": "", "vat_code": "service-20"}
        form |= {f"lignes-{rank}-{name}": value for name, value in (whole | line).items()}
    return form | changes


ONE = {"description": "Animation", "quantity": "2", "unit_label": "jour", "unit_price_excl": "500,00"}


def test_a_quote_goes_from_the_form_to_the_final_invoice(nord, shop, sign_in, work):
    browser = sign_in(nord, "accountant")
    assert QUOTES in browser.get("/gestion/facturation/").text
    page = browser.get(f"{QUOTES}nouveau/?compte={shop.pk}")
    assert ("Cotisations" in said(page), "Services, 20 %" in said(page)) == (False, True)
    assert f'value="structure-{nord.organisation.pk}" selected' in page.text

    draft = browser.post(f"{QUOTES}nouveau/", typed(shop, ONE, {}), follow=True)
    with open_hub(nord.hub):
        quote = Quote.objects.get()
    url = reverse("billing:quote", args=[quote.pk])
    assert (draft.redirect_chain, "Total TTC 1 200,00 €" in said(draft)) == ([(url, 302)], True)
    assert "Le devis DE-2026-00001 part par courriel." in said(browser.post(f"{url}envoi/", follow=True))
    work(nord.hub)
    assert browser.get(f"{url}pdf/").content.startswith(b"%PDF")

    # The member answers from mon espace.
    member = sign_in(nord, "administrator")
    mine = reverse("billing:my_quote", args=[quote.pk])
    assert "Devis à accepter Atelier d’écriture" in said(member.get("/mon-espace/compte/"))
    assert "Accepter engage Compagnie nord pour 1 200,00 € TTC." in said(member.get(mine))
    answer = {"name": "Ana Roy, gérante", "order_number": "BC-12", "note": "", "decision": "accepted"}
    wrong = member.post(mine, answer)
    assert (wrong.status_code, "Cochez « Bon pour accord » pour accepter." in said(wrong)) == (422, True)
    assert "BC-12" in wrong.text
    assert "Bon pour accord Ana Roy, gérante, le 2 novembre 2026" in said(
        member.post(mine, answer | {"agreed": "on"}, follow=True)
    )

    # A deposit, then the account.
    assert "demandez un acompte, ou portez-le au compte" in said(browser.get("/gestion/"))
    counted = browser.post(f"{url}acompte/", {"percent": "30", "amount": "", "preview": "1"})
    for words in ("Total HT 300,00 €", "Total TTC 360,00 €", "Restera à facturer, TTC 840,00 €"):
        assert words in said(counted), words
    both = browser.post(f"{url}acompte/", {"percent": "30", "amount": "10"})
    assert (both.status_code, "l’un des deux" in said(both)) == (422, True)
    issued = browser.post(f"{url}acompte/", {"percent": "30", "amount": ""}, follow=True)
    assert "Facture d’acompte FA-2026-00001" in said(issued)
    beyond = browser.post(f"{url}acompte/", {"percent": "80", "amount": ""})
    assert (beyond.status_code, "Il reste 840,00 € TTC à demander" in said(beyond)) == (422, True)
    assert "FA-2026-00001" in said(browser.get(f"{url}au-compte/"))
    browser.post(f"{url}au-compte/", {"on": "2026-11-02"})
    again = browser.post(f"{url}au-compte/", {"on": "2026-11-02"})
    assert (again.status_code, "déjà porté au compte" in said(again)) == (422, True)
    preview = said(browser.get("/gestion/facturation/mois/2026-11/apercu/"))
    assert "700,00 € + 140,00 € = 840,00 €" in preview
    assert "Acompte FA-2026-00001 du 2 novembre 2026" in preview


def test_lines_are_added_and_taken_away_without_a_script_and_nothing_is_written(nord, shop, sign_in):
    browser = sign_in(nord, "accountant")
    form = typed(shop, ONE, {"description": "Repas", "unit_price_excl": "abc"}, title="")

    more = browser.post(f"{QUOTES}nouveau/", form | {"add": "1"})
    fewer = browser.post(f"{QUOTES}nouveau/", form | {"remove": "0"})

    assert (more.status_code, said(more).count("Désignation"), "abc" in more.text) == (200, 3, True)
    assert (said(fewer).count("Désignation"), "Repas" in fewer.text, "Animation" in fewer.text) == (1, True, False)
    with open_hub(nord.hub):
        assert Quote.objects.count() == 0


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"title": ""}, "Ce champ est obligatoire"),
        ({"who": "structure-987654"}, "Sélectionnez un choix valide"),
        ({"valid_until": "2026-11-01"}, "Choisissez un jour à venir"),
        ({"lignes-0-unit_price_excl": "beaucoup"}, "Saisissez un nombre"),
        ({"lignes-0-unit_price_excl": "-1"}, "supérieure ou égale à 0"),
        ({"lignes-0-quantity": "-1"}, "un total positif pour chaque taux"),
        ({"lignes-0-vat_code": "hors-champ"}, "Sélectionnez un choix valide"),
        ({"lignes-TOTAL_FORMS": "0"}, "au moins une ligne"),
    ],
)
def test_a_bad_form_is_shown_again_with_what_was_typed(nord, shop, sign_in, changes, words):
    response = sign_in(nord, "accountant").post(f"{QUOTES}nouveau/", typed(shop, ONE, note="Repas compris") | changes)

    assert (response.status_code, words in said(response), "Repas compris" in response.text) == (422, True, True), said(
        response
    )


def test_a_draft_is_changed_and_dropped_and_what_is_sent_is_not(nord, shop, sign_in):
    with open_hub(nord.hub):
        draft, sent = quoted(shop, state="draft"), quoted(shop, state="sent")
    browser = sign_in(nord, "accountant")
    url = reverse("billing:edit_quote", args=[draft.pk])
    assert 'value="500"' in browser.get(url).text

    browser.post(url, typed(shop, ONE | {"quantity": "3"}))

    with open_hub(nord.hub):
        assert Quote.objects.get(pk=draft.pk).total_incl == 1800
    late = browser.get(reverse("billing:edit_quote", args=[sent.pk]), follow=True)
    assert "Ce devis est envoyé : il ne se modifie plus." in said(late)
    browser.post(reverse("billing:drop_quote", args=[draft.pk]))
    browser.post(reverse("billing:drop_quote", args=[sent.pk]))
    with open_hub(nord.hub):
        assert list(Quote.objects.all()) == [sent]


def test_an_answer_on_paper_is_noted_by_the_staff(nord, shop, sign_in):
    with open_hub(nord.hub):
        quote = quoted(shop, state="sent")
    browser = sign_in(nord, "coordinator")
    url = reverse("billing:answer_quote", args=[quote.pk])
    form = {"decision": "refused", "on": "2026-11-02", "name": "Ana Roy", "order_number": "", "note": "Trop cher"}

    wrong = browser.post(url, form | {"on": "2026-11-03"})
    after = browser.post(url, form, follow=True)

    assert (wrong.status_code, "pas dans l’avenir" in said(wrong)) == (422, True)
    assert "Refusé par Ana Roy, le 2 novembre 2026" in said(after)
    with open_hub(nord.hub):
        assert Mail.objects.count() == 0


def test_a_pro_forma_leaves_nothing_behind(nord, shop, sign_in):
    with open_hub(nord.hub):
        quote = quoted(shop, state="draft")
        charge = ChargeFactory(account=shop, on=dt.date(2026, 11, 1))
        issuer = IssuerFactory._meta.model.objects.get()
    browser = sign_in(nord, "accountant")
    preview = browser.get("/gestion/facturation/mois/2026-11/apercu/").text
    month = reverse("billing:month_pro_forma", args=["2026-11", shop.pk, issuer.pk])

    assert month in preview
    for url in (reverse("billing:quote_pro_forma", args=[quote.pk]), month):
        assert browser.get(url).content.startswith(b"%PDF")
    assert browser.get(reverse("billing:month_pro_forma", args=["2026-11", shop.pk, 987654])).status_code == 404
    with open_hub(nord.hub):
        assert (Quote.objects.get().number, Invoice.objects.count(), charge.lines.count()) == (None, 0, 0)


def test_the_list_filters_and_leaves_as_csv(nord, shop, sign_in):
    with open_hub(nord.hub):
        quoted(shop, state="sent", on=dt.date(2026, 10, 1), valid_until=dt.date(2026, 10, 31))
        quoted(AccountFactory(organisation__name="Élan"), state="sent")
        quoted(shop)
        quoted(AccountFactory(organisation__name="=1+1"), state="refused")
        quoted(shop, state="draft")
    browser = sign_in(nord, "accountant")

    def found(**filters: str) -> list[tuple[str, str, str]]:
        rows = rows_of(browser.get(QUOTES, filters | {"export": "csv"}))[1:]
        return [(row[0], row[1], row[8]) for row in rows]

    assert found(who="elan") == [("DE-2026-00002", "Élan", "en attente de réponse")]
    assert found(state="to_charge") == [("DE-2026-00003", "Compagnie nord", "accepté")]
    assert found(state="refused") == [("DE-2026-00004", "'=1+1", "refusé")]
    assert [row[2] for row in found(state="draft")] == ["brouillon"]
    assert found(state="expired") == [("DE-2026-00001", "Compagnie nord", "expiré")]
    assert len(found()) == 5
    page = said(browser.get(QUOTES, {"state": "accepted"}))
    assert ("DE-2026-00003" in page, "DE-2026-00001" in page) == (True, False)


@pytest.mark.parametrize(("who", "url", "queries"), [("accountant", QUOTES, 11), ("administrator", MINE, 11)])
@pytest.mark.parametrize("rows", [1, 3])
def test_a_list_costs_the_same_for_one_row_and_for_three(nord, shop, sign_in, who, url, queries, rows):
    with open_hub(nord.hub):
        for _ in range(rows):
            quoted(shop, state="sent")
    browser = sign_in(nord, who)

    with CaptureQueriesContext(connection) as captured:
        page = browser.get(url)

    assert page.text.count("Atelier d’écriture") == rows
    assert len(captured) == queries


def staff_urls(quote: Quote) -> list[str]:
    names = (
        "quote",
        "edit_quote",
        "answer_quote",
        "ask_deposit_invoice",
        "charge_quote",
        "quote_pdf",
        "quote_pro_forma",
    )
    return [reverse(f"billing:{name}", args=[quote.pk]) for name in names]


@pytest.mark.parametrize("who", ["adviser", "receptionist", "elected", "observer", "administrator", "stranger"])
def test_the_others_open_none(nord, shop, sign_in, who):
    with open_hub(nord.hub):
        quote = quoted(shop)
    browser = sign_in(nord, who)
    urls = [QUOTES, f"{QUOTES}nouveau/", *staff_urls(quote)]

    assert {url: browser.get(url).status_code for url in urls} == dict.fromkeys(urls, 403)
    assert browser.post(reverse("billing:send_quote", args=[quote.pk])).status_code == 403


def test_a_member_finds_only_what_was_sent_to_their_structure(nord, shop, sign_in):
    with open_hub(nord.hub):
        other, draft = quoted(AccountFactory(), state="sent"), quoted(shop, state="draft")
        mine = quoted(shop, state="sent")
    browser = sign_in(nord, "administrator")

    for quote in (other, draft):
        assert browser.get(reverse("billing:my_quote", args=[quote.pk])).status_code == 404
        assert browser.get(reverse("billing:my_quote_pdf", args=[quote.pk])).status_code == 404
    assert said(browser.get(MINE)).count("Atelier d’écriture") == 1
    employee = sign_in(nord, "employee")
    url = reverse("billing:my_quote", args=[mine.pk])
    assert "Une personne qui administre votre structure peut répondre" in said(employee.get(url))
    answer = {"name": "x", "agreed": "on", "decision": "accepted"}
    assert employee.post(url, answer).status_code == 403
    with open_hub(nord.hub):
        assert Quote.objects.get(pk=mine.pk).decision == ""


def test_nothing_is_written_by_looking(nord, shop, sign_in):
    with open_hub(nord.hub):
        quote = quoted(shop)
    browser = sign_in(nord, "accountant")
    for url in [QUOTES, *staff_urls(quote)]:
        browser.get(url)
        browser.head(url)

    with open_hub(nord.hub):
        assert (Charge.objects.count(), Invoice.objects.count(), Mail.objects.count()) == (0, 0, 0)
        assert Quote.objects.get().total_incl == Decimal("1200.00")
