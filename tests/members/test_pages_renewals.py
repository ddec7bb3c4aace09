"""Reminders before and after the end of a membership: sent once each, never to who paid or left, and logged."""

import datetime as dt

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction

from billing.actions.payments import settle
from billing.models import Invoice
from hubs.models import Mail, Run
from hubs.scope import open_hub
from members.actions import end_membership
from members.models import Membership, RenewalPolicy, RenewalReminder
from members.tasks import remind_renewals
from tests.billing.factories import PaymentFactory
from tests.members.dues import calling, dues_called, said
from tests.members.factories import CollegeFactory, FiscalYearFactory, MembershipFactory

PAGE = "/gestion/membres/renouvellements/"
SETTINGS = "/gestion/reglages/renouvellements/"
# A Tuesday, thirty days before the last of 2026; a Thursday, fourteen days after it.
BEFORE = dt.datetime(2026, 12, 1, 9, tzinfo=dt.UTC)
AFTER = dt.datetime(2027, 1, 14, 9, tzinfo=dt.UTC)


@pytest.fixture
def held(nord) -> Membership:
    with open_hub(nord.hub):
        return MembershipFactory(
            organisation=nord.organisation, fiscal_year=FiscalYearFactory(year=2026), college=CollegeFactory()
        )


@pytest.mark.feature("ME7")
def test_a_member_is_told_before_and_after_the_end_once_each_and_the_log_says_so(nord, sign_in, held, work):
    browser = sign_in(nord, "coordinator")
    wrong = browser.post(SETTINGS, {"is_on": "on", "days_before": "trente", "days_after": "10"})
    browser.post(SETTINGS, {"is_on": "on", "days_before": "30, 7", "days_after": "10"})

    with time_machine.travel(BEFORE, tick=False):
        browser = sign_in(nord, "coordinator")
        planned = said(browser.get(PAGE))
        remind_renewals()
        remind_renewals()
        work(nord.hub)
        remind_renewals()
        log = said(browser.get(PAGE))
    with time_machine.travel(AFTER, tick=False):
        remind_renewals()
        work(nord.hub)
        work(nord.hub)

    assert (wrong.status_code, "séparés par des virgules" in said(wrong)) == (422, True)
    assert "30 jours avant la fin" in planned and "Envoyer 1 rappel maintenant" in planned
    assert "envoyé le 1er décembre 2026" in log and "Personne n’est à prévenir" in log
    with open_hub(nord.hub):
        assert list(RenewalReminder.objects.order_by("sent_on").values_list("days", "sent_on", "ended_on")) == [
            (-30, BEFORE.date(), dt.date(2027, 1, 1)), (10, AFTER.date(), dt.date(2027, 1, 1)),
        ]  # fmt: skip
        first, second = Mail.objects.order_by("pk")
        assert first.to == [nord.organisation.email]
        assert "se termine le 31 décembre 2026" in first.text.replace("\xa0", " ")
        assert "s’est terminée le 31 décembre 2026" in second.text.replace("\xa0", " ")
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("DELETE FROM members_renewalreminder")


def test_whoever_pays_or_leaves_before_the_item_is_done_hears_nothing(nord, sign_in, held, work):
    with open_hub(nord.hub):
        RenewalPolicy.objects.create(is_on=True)
        other = MembershipFactory(fiscal_year=held.fiscal_year, college=held.college)
    with time_machine.travel(BEFORE, tick=False):
        remind_renewals()
        with open_hub(nord.hub):
            assert Run.objects.get().items.count() == 2
            end_membership(membership=other, on=dt.date(2026, 12, 1), by=nord.actor("coordinator"))
            following = MembershipFactory(
                organisation=nord.organisation, fiscal_year=FiscalYearFactory(year=2027), college=held.college
            )
            dues_called(following, BEFORE.date())
        work(nord.hub)

    with open_hub(nord.hub):
        assert not RenewalReminder.objects.exists() and not Mail.objects.exists()


def test_next_year_called_and_not_paid_is_told_with_what_is_due_until_it_is_paid(nord, sign_in, work):
    (following,) = calling(nord)
    year = following.fiscal_year
    with open_hub(nord.hub):
        RenewalPolicy.objects.create(is_on=True)
        before = FiscalYearFactory(year=year.starts_on.year - 1)
        MembershipFactory(organisation=nord.organisation, fiscal_year=before, college=following.college)
    with time_machine.travel(dt.datetime(year.starts_on.year - 1, 12, 29, 9, tzinfo=dt.UTC), tick=False):
        browser = sign_in(nord, "coordinator")
        page = browser.get(f"/gestion/membres/cotisations/{year.pk}/appel/")
        seen = page.context["form"]["seen"].value()
        browser.post(f"/gestion/membres/cotisations/{year.pk}/appel/", {"parts": 1, "seen": seen})
        work(nord.hub)
        remind_renewals()
        work(nord.hub)
    with open_hub(nord.hub):
        invoice = Invoice.objects.get()
        told = Mail.objects.get(about=f"parties.organisation:{nord.organisation.pk}").text
        assert f"il reste 800,00 € à régler sur l’appel {invoice.number}" in told.replace("\xa0", " ")
        PaymentFactory(account=invoice.account, amount=800, received_on=invoice.issue_date)
        settle(invoice.account_id)
    with time_machine.travel(dt.datetime(year.starts_on.year, 1, 20, 9, tzinfo=dt.UTC), tick=False):
        remind_renewals()
        work(nord.hub)

    with open_hub(nord.hub):
        assert RenewalReminder.objects.count() == 1


def test_nobody_else_sets_or_reads_them(nord, sign_in):
    for role in ("accountant", "receptionist", "administrator"):
        browser = sign_in(nord, role)
        assert {browser.get(PAGE).status_code, browser.get(SETTINGS).status_code} == {403}
        assert browser.post(f"{PAGE}envoi/").status_code == 403
