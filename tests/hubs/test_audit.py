"""The log: who did what to which thing. It keeps names and not links, so that what is gone stays told."""

from django.db import transaction

from hubs.actions import record
from hubs.models import AuditEntry
from hubs.scope import open_hub
from tests.parties.factories import TradeFactory


def test_a_line_tells_who_what_and_why(nord, hub):
    trade = TradeFactory(name="graphisme")

    entry = record(
        by=nord.actor("coordinator"), verb="tests.renamed", thing=trade, before={"name": "dessin"},
        after={"name": "graphisme"}, reason="demande de la structure",
    )  # fmt: skip

    assert AuditEntry.objects.values_list(
        "user_id", "who", "verb", "thing", "label", "before", "after", "reason"
    ).get() == (
        nord.coordinator.user_id,
        str(nord.coordinator),
        "tests.renamed",
        f"parties.trade:{trade.pk}",
        "graphisme",
        {"name": "dessin"},
        {"name": "graphisme"},
        "demande de la structure",
    )
    assert str(entry) == f"tests.renamed parties.trade:{trade.pk}"


def test_what_is_gone_stays_told(nord, hub):
    trade = TradeFactory(name="graphisme")
    record(by=nord.actor("coordinator"), verb="tests.removed", thing=trade)

    trade.delete()

    assert AuditEntry.objects.get().label == "graphisme"


def test_the_line_goes_with_the_change_it_tells(nord, hub):
    with transaction.atomic():
        record(by=nord.actor("coordinator"), verb="tests.renamed", thing=nord.organisation)
        transaction.set_rollback(True)

    assert AuditEntry.objects.count() == 0


def test_the_log_of_a_hub_is_its_own(nord, sud, hub):
    record(by=nord.actor("coordinator"), verb="tests.renamed", thing=nord.organisation)

    with open_hub(sud.hub):
        assert AuditEntry.objects.count() == 0
