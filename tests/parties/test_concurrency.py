"""Two at once, each on a connection of its own."""

import threading
from collections import Counter

import pytest
from django.db.models.query import QuerySet
from django.utils import timezone

from hubs.actions import LastCoordinator, end_role
from hubs.actors import system
from hubs.enums import Role
from hubs.models import StaffRole
from hubs.scope import open_hub
from parties.actions import NoLongerOpen, accept_invitation
from parties.models import Invitation, Link
from tests.cast import cast_of
from tests.hubs.factories import StaffRoleFactory
from tests.parties.factories import InvitationFactory
from tests.spaces.races import race


@pytest.fixture
def cast(committed):
    return cast_of("course")


def _end_both(cast) -> tuple[Counter[str], int]:
    """Two coordinators end each other's role at once: what came of it, and how many are left."""
    with open_hub(cast.hub):
        StaffRoleFactory(user=cast.adviser.user, role=Role.COORDINATOR)
        waiting = list(StaffRole.objects.filter(role=Role.COORDINATOR).order_by("pk"))
    today = timezone.localdate()

    def attempt() -> str:
        with open_hub(cast.hub) as hub:
            end_role(held=waiting.pop(), on=today, by=system(hub.pk))
        return "ended"

    outcomes = race(2, attempt)
    with open_hub(cast.hub):
        return outcomes, StaffRole.objects.live(today).filter(role=Role.COORDINATOR).count()


def test_without_its_lock_the_hub_would_lose_both_coordinators(cast, monkeypatch):
    both_have_read, save = threading.Barrier(2, timeout=10), StaffRole.save

    def saved_after_both_have_read(role: StaffRole, **kwargs) -> None:
        if role.ends_on is not None:
            both_have_read.wait()
        save(role, **kwargs)

    monkeypatch.setattr(QuerySet, "select_for_update", lambda queryset, *args, **kwargs: queryset)
    monkeypatch.setattr(StaffRole, "save", saved_after_both_have_read)

    assert _end_both(cast) == (Counter({"ended": 2}), 0)


def test_two_coordinators_who_end_each_other_leave_one(cast):
    assert _end_both(cast) == (Counter({"ended": 1, str(LastCoordinator.message): 1}), 1)


def test_a_button_pressed_twice_at_once_gives_one_role(cast):
    with open_hub(cast.hub):
        invitation = InvitationFactory(organisation=cast.organisation, email="ada@exemple.example")

    def attempt() -> str:
        with open_hub(cast.hub):
            accept_invitation(invitation=Invitation.objects.get(pk=invitation.pk), now=timezone.now())
        return "in"

    outcomes = race(6, attempt)

    assert outcomes == Counter({"in": 1, str(NoLongerOpen.message): 5})
    with open_hub(cast.hub):
        assert Link.objects.filter(person__email="ada@exemple.example").count() == 1
