"""A rent below market, from the decision of the funder to the certificate in the member's hands."""

import datetime as dt
from decimal import Decimal

import pytest
import time_machine
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from billing.actions import (
    begin_recurring,
    certify_minimis,
    credit_invoice,
    declare_aid,
    end_minimis,
    end_recurring,
    gather_charges,
    set_market_price,
    set_minimis,
    withdraw_aid,
)
from billing.actions.minimis import YearNotOver
from billing.models import Charge, DeclaredAid, MinimisCertificate, MinimisRegime
from billing.periods import Span
from billing.queries import minimis_of, minimis_year
from billing.queries.minimis import Aid
from billing.tasks import gather_charges as gather_every_night
from hubs.actors import system
from hubs.models import Mail
from hubs.scope import open_hub
from tests.billing.factories import (
    AccountFactory,
    IssuerFactory,
    RecurringChargeFactory,
    VatRuleFactory,
    issued_for,
)
from tests.billing.test_views import said

BY = system("test")
JANUARY = dt.date(2027, 1, 5)
NOW = dt.datetime(2027, 1, 5, 9, tzinfo=dt.UTC)


@pytest.fixture
def rents(hub):
    """Says how rents began on 1 October 2026 at 300 € a month, worth 450 €, are below market."""
    IssuerFactory()
    VatRuleFactory()
    set_minimis(funder="Ville de Niort", decision="Délibération 12", starts_on=dt.date(2020, 1, 1), ends_on=None, by=BY)

    def make(amount: str = "300", account=None):
        rent = begin_recurring(
            account=account or AccountFactory(), kind="rent", label="Loyer", starts_on=dt.date(2026, 10, 1),
            amount_excl=Decimal(amount), vat_code="service-20", by=BY, today=dt.date(2026, 10, 1),
        )  # fmt: skip
        set_market_price(
            recurring=rent, amount_excl=Decimal(450), origin="Notaires", starts_on=dt.date(2026, 10, 1), by=BY
        )
        return rent

    return make


def of_2026(account):
    (minimis,) = minimis_of([account], JANUARY)
    return minimis.of_year(2026)


@pytest.mark.feature("BI23")
def test_a_rent_below_market_is_certified_once_the_year_is_over(nord, sign_in, work):
    with time_machine.travel(dt.datetime(2026, 11, 2, 9, tzinfo=dt.UTC), tick=True):
        with open_hub(nord.hub):
            IssuerFactory()
            VatRuleFactory()
            rent = RecurringChargeFactory(account=AccountFactory(organisation=nord.organisation))
        gather_every_night()
        with open_hub(nord.hub):
            issued_for(list(Charge.objects.filter(on__lt=dt.date(2026, 11, 1))))
        staff = sign_in(nord, "accountant")
        price = {"per_square_metre": "120", "area": "45", "origin": "Notaires", "starts_on": "2026-10-01"}
        staff.post(reverse("billing:market_price", args=[rent.pk]), price)
    with time_machine.travel(NOW, tick=True):
        staff = sign_in(nord, "accountant")
        year = reverse("billing:minimis_year", args=[2026])
        assert "Aucune aide cette année-là" in said(staff.get(year))
        decision = {"funder": "Ville de Niort", "decision": "Délibération 12", "starts_on": "2026-01-01"}
        assert "Ville de Niort" in said(staff.post(reverse("billing:minimis"), decision, follow=True))
        assert "450,00" in said(staff.get(year))
        staff.post(year)
        staff.post(year)
        work(nord.hub)
        with open_hub(nord.hub):
            certificate = MinimisCertificate.objects.get()
            assert (certificate.amount, certificate.rolling) == (Decimal("450.00"), Decimal("450.00"))
            mail = Mail.objects.get(subject="Attestation d’aide de minimis 2026")
            assert [each["name"] for each in mail.attachments] == [f"{certificate.number}.pdf"]
            with pytest.raises(DatabaseError), transaction.atomic():
                MinimisCertificate.objects.update(amount=1)
        member = sign_in(nord, "administrator")
        assert certificate.number in said(member.get(reverse("billing:my_account")))
        paper = member.get(reverse("billing:minimis_pdf", args=[certificate.pk]))
        assert (paper.status_code, paper["Content-Type"]) == (200, "application/pdf")
        with open_hub(nord.hub):
            aids = reverse("billing:aids", args=[rent.account_id])
        elsewhere = {"grantor": "Région", "granted_on": "2026-05-02", "amount": "299999,99"}
        assert "plafond dépassé" in said(member.post(aids, elsewhere, follow=True))
        assert "à corriger" in said(staff.get(year))
        staff.post(year)
        work(nord.hub)
        with open_hub(nord.hub):
            corrected = MinimisCertificate.objects.get(version=2)
        assert corrected.facts["replaces"].startswith(certificate.number)
        assert corrected.rolling == Decimal("300449.99")


def test_free_premises_are_aid_though_nothing_is_charged(rents):
    rent = rents("0")
    assert of_2026(rent.account).amount == Decimal("1350.00")


def test_what_a_credit_note_gives_back_was_not_paid(rents):
    rent = rents()
    gather_charges(month=dt.date(2026, 10, 1), by=BY)
    october = issued_for(list(Charge.objects.all()))
    credit_invoice(invoice=october, by=BY, reason="sinistre", today=dt.date(2026, 11, 5))
    assert [amount for _label, _span, amount in of_2026(rent.account).lines] == [450, 150, 150]


def test_days_after_the_rent_or_after_the_decision_are_no_aid(rents):
    rent, other = rents(), rents()
    end_recurring(recurring=rent, ends_on=dt.date(2026, 10, 16), by=BY)
    assert of_2026(rent.account).amount == Decimal("72.58")
    end_minimis(regime=MinimisRegime.objects.get(), ends_on=dt.date(2026, 10, 11), by=BY)
    assert [of_2026(each.account).amount for each in (rent, other)] == [Decimal("48.39"), Decimal("48.39")]


def test_the_rolling_total_leaves_out_what_is_more_than_three_years_old(rents):
    account = rents().account
    for day, amount in ((dt.date(2023, 12, 31), 10), (dt.date(2024, 1, 1), 20)):
        declare_aid(
            account=account, grantor="Région", granted_on=day, amount=Decimal(amount), by=BY, now=NOW, today=JANUARY
        )
    rolling = of_2026(account).rolling
    assert (rolling.ours, rolling.elsewhere) == (Decimal("450.00"), Decimal("20.00"))


def test_an_aid_declared_by_mistake_is_taken_back_and_kept(rents):
    account = rents().account
    aid = declare_aid(
        account=account, grantor="Région", granted_on=JANUARY, amount=Decimal(10), by=BY, now=NOW, today=JANUARY
    )
    withdraw_aid(aid=aid, by=BY, now=NOW)
    assert (DeclaredAid.objects.count(), DeclaredAid.objects.live().count()) == (1, 0)


def test_the_year_is_counted_in_as_many_queries_for_one_as_for_three(rents):
    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            minimis_year(2026, JANUARY)
        return len(seen)

    rents()
    one = queries()
    rents(), rents()
    assert (one, queries()) == (9, 9)


def test_a_certificate_is_refused_before_the_year_is_over(rents):
    with pytest.raises(YearNotOver):
        certify_minimis(account=rents().account, year=2027, by=BY, today=JANUARY, now=NOW)


@given(
    cents=st.integers(1, 10**7),
    start=st.dates(dt.date(2024, 1, 1), dt.date(2026, 12, 31)),
    days=st.integers(1, 1100),
)
def test_the_parts_of_years_sum_to_the_whole(cents, start, days):
    aid = Aid("Loyer", Span(start, start + dt.timedelta(days)), Decimal(cents) / 100, Decimal("0.00"))
    years = [Span(dt.date(year, 1, 1), dt.date(year + 1, 1, 1)) for year in range(2024, 2031)]
    assert sum(aid.during(year) for year in years) == aid.amount


def test_a_decision_cannot_last_until_the_end_of_time(nord, sign_in):
    given = {"funder": "Ville", "decision": "1", "starts_on": "2026-01-01", "last_day": "9999-12-31"}

    answer = sign_in(nord, "accountant").post(reverse("billing:minimis"), given)

    assert (answer.status_code, "Choisissez une date plus proche." in said(answer)) == (422, True)
