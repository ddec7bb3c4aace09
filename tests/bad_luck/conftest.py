import os
from collections.abc import Callable, Iterator

import pytest

from tests.bad_luck.instance import Instance, instance

FULL = os.environ.get("SOAK") == "full"


def pytest_collection_modifyitems(items):
    for item in items:
        if "/bad_luck/" in item.path.as_posix():
            item.add_marker(pytest.mark.soak)


def pytest_terminal_summary(terminalreporter):
    told = [
        f"{report.head_line}: {value}"
        for report in terminalreporter.getreports("passed")
        for name, value in report.user_properties
        if name == "figures"
    ]
    if told:
        terminalreporter.section("figures of the bad luck")
        terminalreporter.write_line("\n".join(told))


@pytest.fixture(scope="session")
def site() -> Iterator[Instance]:
    """An instance with no hub; each test makes its own, and starts the processes."""
    with instance() as made:
        yield made


@pytest.fixture
def full() -> bool:
    """Whether the whole of it is run, as `make soak` does: real waiting, and the numbers of the promise."""
    return FULL


@pytest.fixture
def tell(record_property) -> Callable[[str], None]:
    """Say the figures that the test has seen; they are printed at the end."""
    return lambda words: record_property("figures", words)
