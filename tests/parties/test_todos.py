"""What parties puts on à faire: the structures that nobody will administer."""

import datetime as dt

import pytest
from django.utils import timezone

from hubs.parts import HANDFUL
from parties.enums import LinkRole
from parties.models import Link
from parties.todos import orphans
from tests.parties.factories import LinkFactory, OrganisationFactory

TODAY = timezone.localdate()


def leaving(days: int, **values) -> Link:
    return LinkFactory(role=LinkRole.ADMINISTRATOR, ends_on=TODAY + dt.timedelta(days=days), **values)


@pytest.mark.parametrize(("days", "told"), [(15, False), (14, True), (1, True), (-60, True), (-61, False)])
def test_the_last_administrator_who_leaves_is_to_be_replaced(hub, days, told):
    link = leaving(days, organisation__name="Atelier Zinc")
    LinkFactory(organisation=link.organisation, role=LinkRole.EMPLOYEE)

    assert [(todo.label, todo.url) for todo in orphans(TODAY)] == [
        ("Atelier Zinc", f"/gestion/structures/{link.organisation.public_id}/personnes/ajouter/")
    ] * told


def test_a_structure_that_keeps_one_or_is_closed_is_not_to_do(hub):
    kept = leaving(3)
    LinkFactory(organisation=kept.organisation, role=LinkRole.ADMINISTRATOR)
    leaving(3, organisation=OrganisationFactory(closed_on=dt.date(2020, 1, 1)))
    OrganisationFactory()

    assert orphans(TODAY) == []


def test_beyond_a_handful_one_line_names_them(hub):
    names = [leaving(n).organisation.name for n in range(HANDFUL + 1)]

    (todo,) = orphans(TODAY)

    assert (todo.key, todo.label, todo.reason) == (
        "parties.orphans", "6 structures n’ont bientôt plus personne pour les administrer", ", ".join(names),
    )  # fmt: skip


@pytest.mark.feature("HU10")
@pytest.mark.parametrize(("who", "seen"), [("coordinator", True), ("receptionist", False)])
def test_it_is_for_those_who_keep_structures(nord, hub, sign_in, who, seen):
    leaving(3, organisation__name="Atelier Zinc")

    assert ("Atelier Zinc" in sign_in(nord, who).get("/gestion/").text) == seen
