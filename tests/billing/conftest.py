import datetime as dt

import pytest

from hubs import tasks
from hubs.enums import ItemState
from hubs.models import Hub, RunItem
from hubs.scope import open_hub
from tests.billing.factories import IssuerFactory, VatRuleFactory

OCTOBER = dt.date(2026, 10, 1)
CLOSING_DAY = dt.date(2026, 11, 2)


@pytest.fixture(autouse=True)
def private_files(settings, tmp_path):
    """Each test keeps its private files to itself."""
    storages = {name: dict(value) for name, value in settings.STORAGES.items()}
    storages["private"]["OPTIONS"] = {**storages["private"]["OPTIONS"], "location": tmp_path}
    settings.STORAGES = storages
    return tmp_path


@pytest.fixture
def selling(hub):
    """The open hub « nord » with its issuer and its rules."""
    IssuerFactory()
    VatRuleFactory()
    VatRuleFactory(out_of_scope=True)
    VatRuleFactory(training=True)
    return hub


@pytest.fixture
def debiting(hub):
    """The open hub « nord », whose issuer has its identifier of creditor."""
    IssuerFactory(debiting=True)
    VatRuleFactory()
    return hub


@pytest.fixture
def work():
    """Do what the worker would, until nothing is left; says how many items were done."""

    def worked(hub: Hub) -> int:
        done = 0
        while True:
            with open_hub(hub):
                items = list(RunItem.objects.filter(state=ItemState.TODO).order_by("pk").values_list("pk", flat=True))
            if not items:
                return done
            for item_id in items:
                tasks.do_item(hub_id=hub.pk, item_id=item_id)
                done += 1

    return worked
