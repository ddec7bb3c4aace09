"""Work that tests give to runs, by the names that `jobs` of the test's fixture declares."""

from parties.models import Trade
from tests.parties.factories import TradeFactory

JOBS = {f"tests.{name}": f"tests.hubs.jobs.{name}" for name in ("note", "fail", "break_a_rule", "die")}


def note(*, run_id: int, name: str) -> None:
    TradeFactory(name=name)


def fail(*, run_id: int, name: str) -> None:
    TradeFactory(name=name)
    raise ValueError("Le modèle ne se lit pas.")


def break_a_rule(*, run_id: int, name: str) -> None:
    """The same name twice: a constraint refuses."""
    TradeFactory(name=name)
    Trade.objects.create(name=name.upper())


def die(*, run_id: int, name: str) -> None:
    """As when the machine stops: no handler is asked."""
    TradeFactory(name=name)
    raise SystemExit
