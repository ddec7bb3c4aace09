"""Every address with an id, asked by people of one structure for a thing of another of the same hub."""

import dataclasses
import re
from functools import partial

import pytest

from hubs.scope import open_hub
from tests.parties.factories import OrganisationFactory
from tests.project.test_other_hub import ID, WITH_ID, _chosen, elsewhere

__all__ = ["elsewhere"]

# An assembly is told to everybody, and so is what may be booked; the invitation of the cast is their own.
SHARED = ("mon-espace/assemblees/", "mon-espace/reserver/", "invitations/")


@pytest.fixture
def sud(nord):
    """The neighbours: the same hub and its staff, with another structure."""
    with open_hub(nord.hub):
        return dataclasses.replace(nord, organisation=OrganisationFactory(name="Atelier du sud"))


@pytest.mark.parametrize("who", ["administrator", "guest"])
def test_a_thing_of_another_structure_is_not_there(nord, sign_in, elsewhere, who):
    client = sign_in(nord, who)

    for path in WITH_ID:
        if path.startswith(SHARED):
            continue
        names = ID.findall(path)
        for turn in range(max(len(elsewhere[name]) for name in names)):
            chosen = {name: str(elsewhere[name][turn % len(elsewhere[name])]) for name in names}
            asked = "/" + re.sub(ID, partial(_chosen, chosen), path)
            for method in (client.get, client.post):
                response = method(asked)
                assert response.status_code in (403, 404, 405), (method.__name__, asked)
                assert "du sud" not in response.text
