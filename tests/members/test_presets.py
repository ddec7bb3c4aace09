import datetime as dt

import pytest

from hubs.actions import create_hub
from hubs.scope import open_hub
from members.models import College, FiscalYear


@pytest.mark.parametrize(
    ("preset", "colleges"),
    [
        ("la-coursive", ["Structures membres", "Partenaires", "Personnes qualifiées"]),
        ("petit-pole", ["Structures membres"]),
    ],
)
def test_a_new_hub_has_its_colleges_and_two_years(db, preset, colleges):
    new = create_hub(slug=preset, preset=preset, host=f"{preset}.localhost", today=dt.date(2026, 11, 23))

    with open_hub(new):
        assert list(College.objects.by_rank().values_list("name", flat=True)) == colleges
        assert list(FiscalYear.objects.by_date().values_list("label", "ends_on")) == [
            ("2026", dt.date(2027, 1, 1)),
            ("2025", dt.date(2026, 1, 1)),
        ]
        of_people = College.objects.filter(takes_people=True, takes_structures=False)
        assert [each.name for each in of_people] == colleges[2:]
