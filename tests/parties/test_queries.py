"""Whom a person acts for, day by day."""

import datetime as dt

from django.utils import timezone

from parties.queries import actor_of


def test_nobody_acts_for_a_structure_from_the_day_it_closes(hub, nord):
    today = timezone.localdate()
    nord.organisation.closed_on = today
    nord.organisation.save()

    the_day_before, that_day = (actor_of(nord.employee.user, on) for on in (today - dt.timedelta(days=1), today))

    assert (set(the_day_before.organisations), set(that_day.organisations)) == ({nord.organisation.pk}, set())
