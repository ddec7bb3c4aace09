"""Dues of a named year, of twelve months from the arrival, and of who arrives late: dates never come from today."""

import datetime as dt
from decimal import Decimal

import pytest

from hubs.scope import open_hub
from members.models import DuesCall, DuesTerms, FiscalYear, Membership
from parties.models import YearFigures
from tests.billing.factories import IssuerFactory, VatRuleFactory
from tests.members.dues import said
from tests.members.factories import CollegeFactory, DuesScaleFactory, FiscalYearFactory
from tests.members.test_pages_calls import MINE, PAGE, call_all

YEARS = "/gestion/reglages/exercices/nouveau/"


@pytest.fixture
def open_to_call(nord):
    """An issuer, and a college of structures."""
    with open_hub(nord.hub):
        IssuerFactory()
        VatRuleFactory(out_of_scope=True)
        return CollegeFactory(name="Structures")


def admit(browser, cast, college, year, **typed):
    page = f"/gestion/membres/structures/{cast.organisation.public_id}/adherer/"
    return browser.post(page, {"kind": "resident", "college": college.pk, "fiscal_year": year.pk, **typed})


@pytest.mark.feature("ME2")
def test_a_named_year_from_september_is_opened_and_its_dues_follow_it(nord, sign_in, open_to_call, work):
    browser = sign_in(nord, "coordinator")
    browser.post(YEARS, {"label": "saison 2025-2026", "starts_on": "2025-09-01", "last_day": "2026-08-31"})
    with open_hub(nord.hub):
        season = FiscalYear.objects.get()
        DuesScaleFactory(fiscal_year=season, label="barème de saison", adopted=dt.date(2025, 6, 20))
        YearFigures.objects.create(organisation=nord.organisation, year=2024, fte=Decimal(10))

    wrong = admit(browser, nord, open_to_call, season, joined_on="2026-09-01")
    admit(browser, nord, open_to_call, season, joined_on="2026-03-15")
    listed = said(browser.get(f"{PAGE}?exercice={season.pk}"))
    call_all(browser, season.pk)
    work(nord.hub)

    assert (wrong.status_code, "L’arrivée tombe pendant l’exercice." in said(wrong)) == (422, True)
    assert "arrivée le 15 mars 2026 : 6 mois sur 12" in listed
    with open_hub(nord.hub):
        assert DuesCall.objects.values_list("amount", "starts_on", "ends_on").get() == (
            Decimal("400.00"), dt.date(2026, 3, 15), dt.date(2026, 9, 1),
        )  # fmt: skip
    assert "du 15 mars au 31 août 2026 inclus" in said(sign_in(nord, "administrator").get(MINE))


@pytest.mark.feature("ME2")
def test_twelve_months_run_from_the_arrival_and_the_next_twelve_from_their_end(nord, sign_in, open_to_call, work):
    browser = sign_in(nord, "coordinator")
    with open_hub(nord.hub):
        first, second = FiscalYearFactory(year=2025), FiscalYearFactory(year=2026)
        DuesScaleFactory(
            fiscal_year=first, label="douze mois", late_rule="rolling", basis="flat", brackets=((0, None, 100),),
            adopted=dt.date(2025, 1, 1),
        )  # fmt: skip

    admit(browser, nord, open_to_call, first, joined_on="2025-04-16")
    call_all(browser, first.pk)
    work(nord.hub)
    admit(browser, nord, open_to_call, second)
    call_all(browser, second.pk)
    work(nord.hub)

    with open_hub(nord.hub):
        assert list(DuesCall.objects.order_by("pk").values_list("amount", "starts_on", "ends_on")) == [
            (100, dt.date(2025, 4, 16), dt.date(2026, 4, 16)), (100, dt.date(2026, 4, 16), dt.date(2027, 4, 16)),
        ]  # fmt: skip


@pytest.mark.feature("ME3")
@pytest.mark.parametrize(
    ("rule", "joined_on", "amount"),
    [("full", "2026-10-05", "800.00"), ("months", "2026-10-05", "200.00"), ("offered", "2026-11-05", "0.00")],
)
def test_who_is_admitted_late_owes_what_the_scale_says(nord, sign_in, open_to_call, work, rule, joined_on, amount):
    browser = sign_in(nord, "coordinator")
    with open_hub(nord.hub):
        year = FiscalYearFactory(year=2026)
        offered = 2 if rule == "offered" else 0
        DuesScaleFactory(fiscal_year=year, late_rule=rule, offered_months=offered, adopted=dt.date(2026, 1, 1))
        YearFigures.objects.create(organisation=nord.organisation, year=2025, fte=Decimal(10))

    admit(browser, nord, open_to_call, year, joined_on=joined_on)
    call_all(browser, year.pk)
    work(nord.hub)

    with open_hub(nord.hub):
        assert (DuesCall.objects.get().amount, DuesTerms.objects.get().membership) == (
            Decimal(amount), Membership.objects.get(),
        )  # fmt: skip
