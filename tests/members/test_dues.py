"""Scales of dues: what the database refuses, what a year owes, and the words that say it."""

import datetime as dt
import itertools
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from hubs.scope import open_hub
from members.actions import (
    Bracket,
    BracketsWithHole,
    JoinedOutOfYear,
    ScaleAdopted,
    ScaleKnown,
    adopt_scale,
    set_dues_terms,
    write_scale,
)
from members.dues import dues_of, part_of_year
from members.enums import DuesBasis, DuesState, LateRule
from members.models import DuesBracket, DuesCall, DuesScale, FiscalYear
from members.queries import dues_states
from tests.members.factories import DuesScaleFactory, FiscalYearFactory, MembershipFactory

SCALES = "/gestion/reglages/baremes/"
ADOPTED = dt.date(2026, 3, 12)
YEAR = FiscalYear(hub_id=1, label="2026", starts_on=dt.date(2026, 1, 1), ends_on=dt.date(2027, 1, 1))
JOBS = [
    DuesBracket(hub_id=1, from_value=Decimal(0), to_value=Decimal(6), amount=Decimal(300)),
    DuesBracket(hub_id=1, from_value=Decimal(6), to_value=None, amount=Decimal(800)),
]


def scale_of(**values) -> DuesScale:
    given = {
        "hub_id": 1,
        "label": "barème 2026",
        "basis": DuesBasis.FTE,
        "late_rule": LateRule.MONTHS,
        "adopted_on": ADOPTED,
    }
    return DuesScale(**given | values)


@pytest.fixture
def coordinator(hub, nord):
    return nord.actor("coordinator")


@pytest.mark.parametrize(
    "brackets",
    [
        [Bracket(Decimal(0), Decimal(6), Decimal(300)), Bracket(Decimal(7), None, Decimal(800))],
        [Bracket(Decimal(0), Decimal(6), Decimal(300)), Bracket(Decimal(5), None, Decimal(800))],
        [Bracket(Decimal(1), None, Decimal(300))],
        [Bracket(Decimal(0), Decimal(6), Decimal(300))],
    ],
    ids=["hole", "overlap", "not from zero", "not open"],
)
def test_the_database_refuses_brackets_that_do_not_follow_each_other(coordinator, brackets):
    year = FiscalYearFactory()

    with pytest.raises(BracketsWithHole):
        write_scale(brackets=brackets, by=coordinator, label="barème", fiscal_year=year, basis="fte", late_rule="full")
    assert not DuesScale.objects.exists()


def test_an_adopted_scale_is_frozen_with_its_brackets_and_alone_for_its_year(coordinator):
    scale = DuesScaleFactory()
    other = DuesScaleFactory(fiscal_year=scale.fiscal_year)

    adopt_scale(scale=scale, on=ADOPTED, adopted_by="assemblée générale", by=coordinator)

    with pytest.raises(ScaleAdopted):
        adopt_scale(scale=scale, on=ADOPTED, adopted_by="bureau", by=coordinator)
    with pytest.raises(ScaleKnown):
        adopt_scale(scale=other, on=ADOPTED, adopted_by="bureau", by=coordinator)
    for write in (
        lambda: scale.brackets.update(amount=1),
        lambda: DuesScale.objects.filter(pk=scale.pk).update(label="autre"),
    ):
        with pytest.raises(IntegrityError, match="ne se modifie pas"), transaction.atomic():
            write()


def test_a_scale_without_brackets_is_not_adopted(coordinator):
    scale = DuesScale.objects.create(
        label="vide", fiscal_year=FiscalYearFactory(), basis=DuesBasis.FLAT, late_rule=LateRule.FULL
    )

    with pytest.raises(BracketsWithHole):
        adopt_scale(scale=scale, on=ADOPTED, adopted_by="bureau", by=coordinator)


@pytest.mark.parametrize(
    ("late_rule", "offered", "joined_on", "amount", "ends_on"),
    [
        (LateRule.FULL, 0, dt.date(2026, 4, 16), "800.00", dt.date(2027, 1, 1)),
        (LateRule.MONTHS, 0, None, "800.00", dt.date(2027, 1, 1)),
        (LateRule.MONTHS, 0, dt.date(2026, 4, 16), "600.00", dt.date(2027, 1, 1)),
        (LateRule.DAYS, 0, dt.date(2026, 12, 31), "2.19", dt.date(2027, 1, 1)),
        (LateRule.OFFERED, 2, dt.date(2026, 11, 1), "0.00", dt.date(2027, 1, 1)),
        (LateRule.OFFERED, 2, dt.date(2026, 10, 31), "800.00", dt.date(2027, 1, 1)),
        (LateRule.ROLLING, 0, dt.date(2026, 4, 16), "800.00", dt.date(2027, 4, 16)),
    ],
)
def test_who_joins_late_owes_what_the_scale_says(late_rule, offered, joined_on, amount, ends_on):
    scale = scale_of(late_rule=late_rule, offered_months=offered)

    dues = dues_of(scale=scale, brackets=JOBS, year=YEAR, figure=Decimal(8), joined_on=joined_on)

    assert (dues.amount, dues.starts_on, dues.ends_on) == (Decimal(amount), joined_on or YEAR.starts_on, ends_on)


def test_the_amount_says_why():
    dues = dues_of(scale=scale_of(), brackets=JOBS, year=YEAR, figure=Decimal(8), joined_on=dt.date(2026, 4, 16))

    words = dues.why.replace("\xa0", " ").replace("\u202f", " ")
    assert words.startswith("8 équivalents temps plein (ETP), barème 2026 adopté le ")
    assert words.endswith("9 mois sur 12")


@pytest.mark.parametrize(
    ("basis", "figure", "said"),
    [
        ("heads", "1", "1 salarié permanent, "),
        ("fte", "1.5", "1,5 équivalent temps plein (ETP), "),
        ("budget", "120000", "un budget de 120 000 €, "),
        ("turnover", "80000", "un chiffre d’affaires de 80 000 €, "),
    ],
)
def test_the_figure_is_said_with_what_it_counts(basis, figure, said):
    brackets = [DuesBracket(hub_id=1, from_value=Decimal(0), to_value=None, amount=Decimal(100))]

    dues = dues_of(scale=scale_of(basis=basis), brackets=brackets, year=YEAR, figure=Decimal(figure), joined_on=None)

    assert dues.why.replace("\xa0", " ").replace("\u202f", " ").startswith(said)


@given(
    amount=st.decimals(0, 10_000, places=2),
    whole=st.sampled_from((12, 8, 365, 366)),
    cuts=st.lists(st.integers(0, 366), max_size=6),
)
def test_the_parts_of_a_year_sum_to_the_year(amount, whole, cuts):
    edges = [0, *sorted(cut for cut in cuts if cut < whole), whole]

    parts = [part_of_year(amount, start=start, end=end, whole=whole) for start, end in itertools.pairwise(edges)]

    assert sum(parts) == amount
    assert all(part >= 0 for part in parts)


def test_who_arrives_does_so_within_the_year(coordinator):
    with pytest.raises(JoinedOutOfYear):
        set_dues_terms(membership=MembershipFactory(), joined_on=dt.date(2027, 1, 1), by=coordinator)


def test_where_dues_are_is_read_in_one_query(hub, django_assert_num_queries):
    exempt = MembershipFactory()
    untold = MembershipFactory(fiscal_year=exempt.fiscal_year, college=exempt.college)
    DuesCall.objects.create(
        membership=exempt, amount=0, why="dispensée", starts_on=YEAR.starts_on, ends_on=YEAR.ends_on,
        called_on=dt.date(2026, 4, 1),
    )  # fmt: skip

    with django_assert_num_queries(1):
        states = dues_states(exempt.fiscal_year, dt.date(2026, 5, 1))

    assert states == {exempt.pk: DuesState.EXEMPT, untold.pk: DuesState.NONE}
    assert dues_states(exempt.fiscal_year, dt.date(2026, 3, 1))[exempt.pk] == DuesState.NONE
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM members_duescall")


@pytest.mark.feature("ME5")
def test_a_scale_is_written_then_adopted_on_its_page(nord, sign_in):
    with open_hub(nord.hub):
        year = FiscalYearFactory(year=2026)
    browser = sign_in(nord, "coordinator")
    typed = {
        "label": "barème 2026", "fiscal_year": year.pk, "college": "", "basis": "fte", "late_rule": "months",
        "brackets": "0 = 300\n6 = 800\n50 = 4 000",
    }  # fmt: skip

    wrong = browser.post(f"{SCALES}nouveau/", typed | {"brackets": "0 = 300\nsix = 800"})
    browser.post(f"{SCALES}nouveau/", typed)
    with open_hub(nord.hub):
        scale = DuesScale.objects.get()
    adoption = {"on": "2026-03-12", "adopted_by": "assemblée générale"}
    done = browser.post(f"{SCALES}{scale.pk}/adoption/", adoption, follow=True)

    assert (wrong.status_code, "six = 800" in wrong.text) == (422, True)
    words = " ".join(done.text.replace("\xa0", " ").replace("\u202f", " ").split())
    assert "4 000,00 €" in words
    assert "Adopté le 12 mars 2026 par : assemblée générale." in words
    assert browser.post(f"{SCALES}{scale.pk}/adoption/", adoption).status_code == 422


@pytest.mark.parametrize(
    ("brackets", "words"),
    [
        ("2 = 300\n6 = 800", "Rien n’est dit de 0 à 2"),
        ("0 = 300\n6 = 800\n6 = 900", "Deux tranches partent de 6"),
        ("0 = 0,5 %", "Un taux porte sur un budget"),
    ],
)
def test_a_scale_says_which_of_its_brackets_is_wrong(nord, sign_in, brackets, words):
    with open_hub(nord.hub):
        year = FiscalYearFactory(year=2026)
    typed = {"label": "barème", "fiscal_year": year.pk, "college": "", "basis": "fte", "late_rule": "full"}

    shown = sign_in(nord, "coordinator").post(f"{SCALES}nouveau/", typed | {"brackets": brackets})

    assert (shown.status_code, words in shown.text, brackets.splitlines()[-1] in shown.text) == (422, True, True)


def test_only_the_coordinator_writes_scales(nord, sign_in):
    assert sign_in(nord, "accountant").get(SCALES).status_code == 403
