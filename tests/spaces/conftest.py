import datetime as dt

import pytest
import time_machine

from hubs.scope import open_hub
from spaces.models import Pool
from tests.billing.factories import VatRuleFactory
from tests.spaces.factories import PARIS, PoolFactory, SiteFactory

# Half past eight on a Monday of October, in the hub's time.
NOW = dt.datetime(2026, 10, 5, 8, 30, tzinfo=PARIS)


@pytest.fixture
def monday():
    """It is 8 h 30 on Monday 5 October 2026, and stays so."""
    with time_machine.travel(NOW, tick=False):
        yield NOW


@pytest.fixture
def room(nord) -> Pool:
    """«\u00a0Salle Boutaric\u00a0» of the hub «\u00a0nord\u00a0», twelve seats, 10 € an hour, open from 8 h to 20 h on weekdays."""
    with open_hub(nord.hub):
        VatRuleFactory()
        return PoolFactory(site=SiteFactory(name="Place Galilée"), name="Salle Boutaric", external=10)
