"""What a recurring charge tells of a person: on their page, in the way of an erasure, and kept."""

import datetime as dt

import pytest

from billing import actions, personal
from parties.personal.queries import subject_of
from tests.billing.factories import AccountFactory, IssuerFactory, RecurringChargeFactory, VatRuleFactory

TODAY = dt.date(2026, 11, 2)


@pytest.fixture
def tenant(hub, nord):
    """The stranger, who rents a desk in their own name."""
    IssuerFactory()
    VatRuleFactory()
    return RecurringChargeFactory(account=AccountFactory(of_person=True, person=nord.stranger), reference="Bail 3")


def test_a_person_reads_what_recurs_and_why_a_period_was_left_out(nord, tenant):
    by = nord.actor("accountant")
    actions.skip_period(recurring=tenant, on=dt.date(2026, 10, 1), reason="Absence", by=by)
    actions.hold_back(account=tenant.account, month=dt.date(2026, 11, 1), reason="Adresse à vérifier", by=by)

    sections = {section.key: section for section in personal.personal_data(subject_of(nord.stranger))}

    assert sections["sommes_regulieres"].rows == [
        [dt.date(2026, 10, 1), "Loyer du bureau 12", "Bail 3", None],
        [dt.date(2026, 10, 1), "Période non facturée", "", "Absence"],
        [dt.date(2026, 11, 1), "Facture mise en attente", "", "Adresse à vérifier"],
    ]


def test_what_recurs_is_ended_before_an_erasure_and_its_account_stays(nord, tenant):
    subject = subject_of(nord.stranger)
    (hindrance,) = personal.hindrances(subject, TODAY)
    assert "mettez-y fin" in hindrance.text

    actions.end_recurring(recurring=tenant, ends_on=tenant.starts_on, by=nord.actor("accountant"))

    assert personal.hindrances(subject, TODAY) == []
    personal.erase(subject)
    tenant.account.refresh_from_db()
