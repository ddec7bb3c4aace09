"""The same certificate asked twice in the same second, and the same card."""

import pytest
from django.utils import timezone

from hubs import tasks
from hubs.scope import open_hub
from members.actions import certificates, issue_certificate, make_cards
from members.models import Certificate, MemberCard, Membership
from tests.billing.factories import IssuerFactory
from tests.cast import Cast, cast_of
from tests.members.factories import FiscalYearFactory, MembershipFactory
from tests.spaces.races import race

TODAY = timezone.localdate()
CLIENTS = 8


@pytest.fixture
def nord(committed, monkeypatch) -> Cast:
    """A hub that other connections see, whose one structure is hosted. No worker listens."""
    monkeypatch.setattr(tasks, "nudge_item", lambda *args: None)
    cast = cast_of("nord")
    with open_hub(cast.hub):
        IssuerFactory()
        MembershipFactory(organisation=cast.organisation, fiscal_year=FiscalYearFactory(year=TODAY.year))
    return cast


def ask(cast: Cast) -> str:
    with open_hub(cast.hub):
        made = issue_certificate(
            kind="members.hosted", holder=cast.organisation, period="a-ce-jour", by=cast.actor("employee"),
            today=TODAY, now=timezone.now(),
        )  # fmt: skip
        return made.number


def test_asked_at_the_same_moment_it_is_one_certificate(nord):
    outcomes = race(CLIENTS, lambda: ask(nord))

    assert outcomes == {f"AT-{TODAY.year}-00001": CLIENTS}
    with open_hub(nord.hub):
        assert Certificate.objects.count() == 1


def test_without_the_lock_they_would_be_several(nord, monkeypatch):
    monkeypatch.setattr(certificates, "lock_series", lambda *args: None)

    outcomes = race(CLIENTS, lambda: ask(nord))

    assert len(outcomes) > 1


def test_made_at_the_same_moment_a_card_has_one_code(nord):
    def make() -> str:
        with open_hub(nord.hub):
            held = list(Membership.objects.select_related("organisation", "person", "fiscal_year"))
            (card,) = make_cards(memberships=held, by=nord.actor("employee"), now=timezone.now())
            return card.code

    outcomes = race(CLIENTS, make)

    assert list(outcomes.values()) == [CLIENTS]
    with open_hub(nord.hub):
        assert MemberCard.objects.count() == 1
