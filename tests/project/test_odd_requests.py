"""What nobody types but a scanner sends: an answer, never a failure of ours."""

import datetime as dt

import pytest

from hubs.scope import open_hub
from members.models import FiscalYear
from parties.imports import values
from parties.imports.sheets import NotATable, TooManyColumns, read_sheet
from parties.models import Link
from tests.billing.factories import AccountFactory, RecurringChargeFactory, bank_lines, issued
from tests.project.workbooks import workbook_of

HUGE = "9" * 5000
LISTS = ("/gestion/structures/", "/gestion/facturation/", "/gestion/facturation/comptes/")


@pytest.fixture
def coordinator(nord, sign_in):
    return sign_in(nord, "coordinator")


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize("query", ["per_page=-1", "per_page=0", "page=-1", f"page={HUGE}", "page=x", "sort=nope"])
def test_a_list_asked_for_oddly_is_the_list(coordinator, path, query):
    assert coordinator.get(f"{path}?{query}").status_code == 200


@pytest.mark.parametrize("query", [f"exercice={HUGE}", f"chiffres={HUGE}"])
def test_totals_of_an_endless_year_are_those_of_this_one(coordinator, query):
    assert coordinator.get(f"/gestion/membres/?{query}").status_code == 200


def test_figures_of_an_endless_year_are_those_of_this_one(nord, coordinator):
    path = f"/gestion/structures/{nord.organisation.public_id}/chiffres/"

    assert coordinator.get(f"{path}?annee={HUGE}").status_code == 200
    assert coordinator.post(path, {"year": "1949", "fte": "1"}).status_code == 422
    assert coordinator.post(path, {"year": "99999999999", "fte": "1"}).status_code == 422
    assert coordinator.post(path, {"year": "2026", "permanent": "99999999999"}).status_code == 422
    assert coordinator.post(path, {"year": "2026", "permanent": "-1"}).status_code == 422


def test_a_role_does_not_end_with_the_calendar(nord, coordinator):
    with open_hub(nord.hub):
        link = Link.objects.order_by("pk").first()
    path = f"/gestion/structures/{nord.organisation.public_id}/roles/{link.pk}/fin/"

    assert coordinator.post(path, {"last_day": "9999-12-31"}).status_code == 422


def test_a_fiscal_year_does_not_end_with_the_calendar(coordinator):
    form = {"label": "a", "starts_on": "2028-02-29", "last_day": "9999-12-31"}

    assert coordinator.post("/gestion/reglages/exercices/nouveau/", form).status_code == 422


@pytest.mark.parametrize("moment", ["0001-01-01T00:00", "9999-12-31T23:59"])
@pytest.mark.parametrize(
    ("path", "name", "form"),
    [
        ("reunions/nouvelle/", "starts_at", {"kind": "bureau", "title": "Bureau"}),
        ("nouvelle/", "starts_at", {"kind": "ordinary", "title": "Assemblée", "roll_on": "2026-12-01"}),
        ("consultations/nouvelle/", "closes_at", {"title": "Un four ?", "text": "Pour le fournil."}),
    ],
)
def test_an_hour_at_either_end_of_the_calendar_hides_no_list(coordinator, path, name, form, moment):
    """The database would keep it, and no page that lists it could read it."""
    answer = coordinator.post(f"/gestion/assemblees/{path}", form | {name: moment})

    assert answer.status_code == 422
    assert "Choisissez une date plus proche." in answer.text


@pytest.fixture
def billed(nord):
    """An issued invoice of a recurring charge, and a line of the bank."""
    with open_hub(nord.hub):
        invoice = issued(AccountFactory(organisation=nord.organisation))
        recurring = RecurringChargeFactory(account=invoice.account)
        (line,) = bank_lines(("05/10/2026", "Virement", "12,00"))
        return {
            "structure": nord.organisation.pk, "account": invoice.account_id, "invoice": invoice.pk,
            "recurring": recurring.pk, "line": line.pk,
        }  # fmt: skip


@pytest.mark.parametrize(
    ("method", "path", "form"),
    [
        ("post", "facturation/comptes/{account}/relances/", {"until": "9999-12-31", "reason": "x"}),
        ("get", "facturation/comptes/{account}/echeancier/", {"count": "3", "first": "9999-12-31"}),
        ("get", "facturation/factures/{invoice}/echeancier/", {"count": "3", "first": "9999-12-31"}),
        ("post", "facturation/regulieres/{recurring}/prix/", {"starts_on": "9999-12-31", "amount_excl": "1"}),
        ("get", "suivi/journal/", {"au": "9999-12-31"}),
        ("get", "suivi/journal/", {"du": "0001-01-01"}),
        ("post", "comptabilite/exercices/ouvrir/", {"starts_on": "0001-01-01", "last_day": "2026-11-20"}),
    ],
)
def test_a_day_that_cannot_be_counted_from_is_wrong(coordinator, billed, method, path, form):
    answer = getattr(coordinator, method)(f"/gestion/{path.format(**billed)}", form)

    assert answer.status_code == 422
    assert "Choisissez une date plus proche." in answer.text


def test_lines_beyond_counting_are_none(coordinator, billed):
    quote = {"who": "", "title": "Four", "lignes-TOTAL_FORMS": HUGE, "lignes-INITIAL_FORMS": "0", "more": "1"}
    parts = {"part-TOTAL_FORMS": HUGE, "part-INITIAL_FORMS": "0", "more": "1"}

    for path, form in (("devis/nouveau/", quote), (f"banque/lignes/{billed['line']}/", parts)):
        assert coordinator.post(f"/gestion/facturation/{path}", form).status_code in (200, 422)


def test_a_line_to_take_out_beyond_counting_is_none(coordinator):
    form = {"lignes-TOTAL_FORMS": "1", "lignes-INITIAL_FORMS": "0", "remove": HUGE}

    assert coordinator.post("/gestion/facturation/devis/nouveau/", form).status_code == 200


def test_an_amount_that_no_invoice_holds_is_refused(coordinator, billed):
    """Each field holds what was typed; their product would not stand on the line."""
    sum_of = {"quantity": "99999999", "unit_price_excl": "99999999", "vat_code": "service-20", "description": "Four"}
    charge = sum_of | {"on": "2026-11-20", "token": "6a1bb8b0-0000-4000-8000-000000000001"}
    lines = {"lignes-TOTAL_FORMS": "1", "lignes-INITIAL_FORMS": "0"} | {
        f"lignes-0-{name}": value for name, value in sum_of.items()
    }
    quote = {"who": f"structure-{billed['structure']}", "title": "Four", "valid_until": "2100-01-01"} | lines

    for path, form in ((f"comptes/{billed['account']}/somme/", charge), ("devis/nouveau/", quote)):
        answer = coordinator.post(f"/gestion/facturation/{path}", form)
        assert answer.status_code == 422
        assert "Cette somme est trop grande" in answer.text


def test_a_year_may_follow_one_that_ends_on_28_february(nord, coordinator):
    with open_hub(nord.hub):
        FiscalYear.objects.create(label="x", starts_on=dt.date(2027, 3, 1), ends_on=dt.date(2028, 2, 29))

    assert coordinator.get("/gestion/reglages/exercices/nouveau/").status_code == 200


@pytest.mark.parametrize("text", ["9" * 40, f"{'9' * 40},5", f"0,{'1' * 60}", f"-{HUGE}"])
def test_a_number_beyond_counting_is_wrong(text):
    with pytest.raises(values.Wrong):
        values.number(text, digits=14, places=2, signed=True)


def test_a_file_with_nul_characters_is_no_table():
    with pytest.raises(NotATable):
        read_sheet("Nom;Forme\nA\0B;association\n".encode("utf-16"))


def test_a_row_of_a_million_cells_is_refused_before_it_is_read():
    with pytest.raises(TooManyColumns):
        read_sheet(workbook_of(b'<row r="1">' + b"<c><v>1</v></c>" * 1_000_000 + b"</row>"))
