"""What is told of the dues of a natural person, and what their erasure leaves."""

import datetime as dt
from decimal import Decimal

from django.utils import timezone

from hubs.actions import start_run
from hubs.actors import system
from members import personal
from members.actions import call_membership
from members.models import DatesRequest, DuesCall, DuesTerms, Membership
from parties.personal.queries import subject_of
from tests.members.factories import CollegeFactory, FiscalYearFactory
from tests.parties.factories import PersonFactory


def test_a_person_reads_their_dues_and_their_reasons_go_with_them(hub):
    person = PersonFactory(given_name="Inès", family_name="Faivre")
    held = Membership.objects.create(
        person=person, college=CollegeFactory(takes_people=True), fiscal_year=FiscalYearFactory(), kind="associate"
    )
    DuesTerms.objects.create(membership=held, treatment="exempt", reason="Inès Faivre est sans emploi")
    run = start_run(title="Cotisations", by=system(hub.pk))
    today = dt.date(2026, 2, 1)
    call = call_membership(membership=held, amount=Decimal(0), parts=1, run=run, today=today, now=timezone.now())
    DatesRequest.objects.create(
        call=call, parts=3, reason="Inès Faivre déménage", asked_at=timezone.now(), asked_by=person
    )

    sections = {section.key: section.rows for section in personal.personal_data(subject_of(person))}
    personal.erase(subject_of(person), timezone.now())

    assert [row[1:] for row in sections["cotisations"]] == [
        ["0,00\u00a0€", "dispensée de cotisation", "Inès Faivre est sans emploi"]
    ]
    assert [row[1:] for row in sections["etalements"]] == [[3, "Inès Faivre déménage", ""]]
    assert (DuesTerms.objects.get().reason, DatesRequest.objects.get().reason) == ("—", "")
    assert DuesCall.objects.get().why == "dispensée de cotisation"
