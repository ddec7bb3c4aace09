"""The log as staff read it: in words, with their dates, and without the money of those who see none."""

import ast
import csv
import datetime as dt
import io
from pathlib import Path

import pytest
from django.apps import apps
from django.utils import timezone

from hubs.actions import change_hub, give_role, record
from hubs.enums import Role
from hubs.models import AuditEntry
from hubs.parts import HubAppConfig, trail_words
from hubs.scope import open_hub
from hubs.trail import field_named
from parties.actions import change_organisation, change_person, link_person, record_figures
from parties.enums import LinkRole
from tests.hubs.factories import UserFactory

ROOT = Path(__file__).parents[2]
OURS = sorted(config.label for config in apps.get_app_configs() if isinstance(config, HubAppConfig))
JOURNAL = "/gestion/suivi/journal/"


def calls() -> list[ast.Call]:
    """Every call of the house that writes the log: `record(…)`, or an AuditEntry made for many at once."""
    files = [path for app in OURS for path in (ROOT / app).rglob("*.py")]
    nodes = [node for path in files for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))]
    return [
        node
        for node in nodes
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("record", "AuditEntry")
    ]


def values_of(call: ast.Call, keyword: str, kind: type[ast.AST]) -> list[ast.AST]:
    """What stands under one argument of the call."""
    given = [each.value for each in call.keywords if each.arg == keyword]
    return [node for value in given for node in ast.walk(value) if isinstance(node, kind)]


def written() -> set[str]:
    return {node.value for call in calls() for node in values_of(call, "verb", ast.Constant)}


def test_every_verb_that_is_written_is_told_in_words():
    verbs = written()

    assert {"hubs.changed", "members.admitted", "members.kind_changed", "billing.issued"} <= verbs
    assert verbs - set(trail_words()) == set()


def test_every_value_that_is_written_by_name_has_a_label():
    unnamed = set()
    for call in calls():
        verbs = [node.value for node in values_of(call, "verb", ast.Constant)]
        for side in ("before", "after"):
            keys = [key.value for node in values_of(call, side, ast.Dict) for key in node.keys if key is not None]
            unnamed |= {(verb, key) for verb in verbs for key in keys if field_named(verb, "", key).label == key}

    assert unnamed == set()


def said(answer) -> str:
    return answer.text.replace("\u00a0", " ").replace("\u202f", " ")


@pytest.fixture
def history(nord):
    """Three acts of two people: on a structure, on the hub, on a role."""
    with open_hub(nord.hub):
        coordinator, accountant = nord.actor("coordinator"), nord.actor("accountant")
        change_organisation(organisation=nord.organisation, by=coordinator, phone="03 80 00 00 00")
        change_organisation(organisation=nord.organisation, by=accountant, phone="06 12 00 00 00")
        record_figures(organisation=nord.organisation, year=2025, by=coordinator, budget=620_000)
    return nord


@pytest.mark.feature("HU9")
def test_the_log_says_who_did_what_to_which_thing_from_what_to_what(history, sign_in):
    page = said(sign_in(history, "accountant").get(JOURNAL))

    assert f"· {history.accountant}" in page
    assert "Fiche modifiée : Compagnie nord" in page
    assert "téléphone : 03 80 00 00 00 → 06 12 00 00 00" in page
    assert "budget (€) : 620 000" in page
    assert f'href="/gestion/structures/{history.organisation.public_id}/"' in page
    order = [page.index(words) for words in ("Chiffres enregistrés", "→ 06 12", "téléphone : 03 80 00 00 00</p>")]
    assert order == sorted(order)


@pytest.mark.feature("HU9")
def test_the_log_is_filtered_by_who_by_what_and_by_day(history, sign_in):
    browser = sign_in(history, "coordinator")
    today = timezone.localdate()
    with open_hub(history.hub):
        change_hub(
            name="Pôle nord", tagline="Un quai.", accent="#b3261e", contact_email="a@b.example", phone="",
            modules=["billing", "governance", "members", "spaces"], languages=["fr"], by=history.actor("coordinator"),
        )  # fmt: skip

    def shown(**asked) -> list[str]:
        return [moment.title for moment in browser.get(JOURNAL, asked).context["moments"]]

    assert shown(qui="bruno") == ["Fiche modifiée\u00a0: Compagnie nord"]
    assert shown(famille="hubs") == ["Réglages du pôle modifiés\u00a0: Pôle nord"]
    assert shown(du=(today + dt.timedelta(days=1)).isoformat()) == []
    assert len(shown(du=today.isoformat(), au=today.isoformat())) == 4
    assert shown(au=(today - dt.timedelta(days=1)).isoformat()) == []
    assert browser.get(JOURNAL, {"du": "hier"}).status_code == 422


@pytest.mark.feature("HU9")
def test_a_thing_has_its_own_log_one_click_from_its_page(history, sign_in):
    browser = sign_in(history, "coordinator")
    with open_hub(history.hub):
        change_person(person=history.employee, by=history.actor("coordinator"), phone="06 00 00 00 00")
    link = f"{JOURNAL}?sur=parties.organisation:{history.organisation.pk}"

    assert f'href="{link}"' in browser.get(f"/gestion/structures/{history.organisation.public_id}/").text
    page = browser.get(link)
    assert "Journal\u00a0: Compagnie nord" in page.text.replace("Journal : ", "Journal\u00a0: ")
    assert len(page.context["moments"]) == 3


@pytest.mark.feature("HU9")
def test_a_person_has_what_they_did_and_what_was_done_about_them(history, sign_in):
    with open_hub(history.hub):
        coordinator = history.actor("coordinator")
        today = timezone.localdate()
        link_person(
            person=history.accountant, organisation=history.organisation, role=LinkRole.DUES, starts_on=today,
            by=coordinator,
        )  # fmt: skip
        give_role(user=history.accountant.user, role=Role.ADVISER, by=coordinator, on=today)
    browser = sign_in(history, "coordinator")
    name = f"parties.person:{history.accountant.pk}"

    def shown(sens: str) -> list[str]:
        return [moment.title for moment in browser.get(JOURNAL, {"sur": name, "sens": sens}).context["moments"]]

    about = ["Rôle pour le pôle donné\u00a0: conseil", "Rôle donné\u00a0: Compagnie nord"]
    assert shown("par") == ["Fiche modifiée\u00a0: Compagnie nord"]
    assert shown("sur") == about
    assert shown("") == [*about, "Fiche modifiée\u00a0: Compagnie nord"]


@pytest.mark.feature("HU9")
def test_figures_and_amounts_are_for_those_who_see_them(history, sign_in):
    with open_hub(history.hub):
        coordinator = history.actor("coordinator")
        record(by=coordinator, verb="billing.payment_recorded", thing=history.organisation, after={"amount": "123.45"})
        record(by=coordinator, verb="spaces.cancelled", thing=history.organisation, after={"due": "77.00"})

    seen = {who: said(sign_in(history, who).get(JOURNAL)) for who in ("accountant", "adviser", "receptionist")}

    told = ("montant : 123,45 €", "reste dû HT : 77,00 €", "620 000", "Réservation annulée")
    assert {who: [words in page for words in told] for who, page in seen.items()} == {
        "accountant": [True, True, True, True],
        "adviser": [False, False, True, True],
        "receptionist": [False, False, False, True],
    }


@pytest.mark.feature("HU9")
@pytest.mark.parametrize("who", ["receptionist", "adviser"])
def test_nothing_hidden_comes_out_by_the_export_or_the_sheet(history, sign_in, who):
    with open_hub(history.hub):
        by = history.actor("coordinator")
        record(by=by, verb="billing.payment_recorded", thing=history.organisation, after={"amount": "123.45"})
    browser = sign_in(history, who)

    out = browser.get(JOURNAL, {"export": "csv"}).content.decode("utf-8-sig")
    sheet = said(browser.get(f"/gestion/structures/{history.organisation.public_id}/"))

    assert "03 80 00 00 00" in out
    assert "Fiche modifiée" in sheet
    assert ("123,45" in out, "123,45" in sheet) == (False, False)


@pytest.mark.feature("HU9")
def test_what_is_shown_leaves_as_a_file(history, sign_in):
    answer = sign_in(history, "coordinator").get(JOURNAL, {"export": "csv", "qui": "bruno"})

    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";"))
    at = timezone.localtime()
    assert rows[0] == ["Date", "Heure", "Qui", "Quoi", "Sur", "Détail", "Motif"]
    assert [row[0] for row in rows[1:]] == [f"{at:%d/%m/%Y}"]
    assert rows[1][2:] == [
        str(history.accountant), "Fiche modifiée", "Compagnie nord",
        "téléphone\u00a0: 03 80 00 00 00 → 06 12 00 00 00", "",
    ]  # fmt: skip


def test_a_log_too_long_for_a_file_says_what_to_do(history, sign_in, monkeypatch):
    monkeypatch.setattr("hubs.views.journal.MAX_ROWS", 2)

    answer = sign_in(history, "coordinator").get(JOURNAL, {"export": "csv"}, follow=True)

    assert "choisissez des dates ou une personne" in answer.text


@pytest.mark.parametrize("rows", [1, 3])
def test_the_log_asks_as_much_for_one_line_as_for_three(nord, sign_in, rows, django_assert_num_queries):
    with open_hub(nord.hub):
        for n in range(rows):
            record(
                by=nord.actor("coordinator"), verb="parties.structure_changed", thing=nord.organisation, reason=str(n)
            )
    browser = sign_in(nord, "coordinator")
    browser.get(JOURNAL)

    with django_assert_num_queries(12):
        browser.get(JOURNAL)


def test_the_log_comes_by_pages(nord, sign_in):
    with open_hub(nord.hub):
        for n in range(101):
            record(by=nord.actor("coordinator"), verb="hubs.changed", thing=nord.hub, reason=f"n° {n}")
    browser = sign_in(nord, "coordinator")

    first, second = (browser.get(JOURNAL, {"page": page}).context["moments"] for page in (1, 2))

    assert (len(first), [moment.text for moment in second]) == (100, ["n° 0"])


def test_what_is_gone_and_what_has_no_words_is_told_all_the_same(nord, sign_in):
    with open_hub(nord.hub):
        AuditEntry.objects.create(verb="old.verb", thing="old.thing:1", label="Une vieille chose", who="Quelqu’un")

    page = sign_in(nord, "coordinator").get(JOURNAL, {"sur": "old.thing:1"})

    assert [moment.title for moment in page.context["moments"]] == ["Autre geste\u00a0: Une vieille chose"]
    assert "<h1>Journal" in page.text and "Une vieille chose</h1>" in page.text


@pytest.mark.parametrize(("who", "status"), [("administrator", 403), ("observer", 403), ("elected", 403)])
def test_the_log_is_for_staff(nord, sign_in, who, status):
    assert sign_in(nord, who).get(JOURNAL).status_code == status


def test_the_log_of_another_hub_is_not_read_by_its_name(nord, sud, sign_in):
    with open_hub(sud.hub):
        record(by=sud.actor("coordinator"), verb="hubs.changed", thing=sud.hub, reason="secret du sud")

    page = sign_in(nord, "coordinator").get(JOURNAL, {"sur": f"hubs.hub:{sud.hub.pk}"})

    assert (page.context["moments"], "sud" in page.text) == ([], False)


def test_an_unused_account_has_no_log(nord, sign_in):
    stranger = UserFactory()

    page = sign_in(nord, "coordinator").get(JOURNAL, {"sur": f"hubs.user:{stranger.pk}"})

    assert page.context["moments"] == []
