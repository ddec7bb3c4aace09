"""Which features of docs/features.md a passing test shows: `make features`.

A test claims a row with `@pytest.mark.feature("SP3")`. This runs the tests that claim one, and says for each row
which of them pass. With `--collect-only` nothing runs: the claims are listed as they are.
"""

import argparse
import re
import sys
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

import pytest

LIST = Path(__file__).parent.parent / "docs" / "features.md"
ROW = re.compile(r"^\| ([A-Z]{2}\d+) \| (.+?) \| ", re.MULTILINE)


def rows() -> list[tuple[str, str]]:
    """(id, the user's words) of every feature, in the order of the page."""
    return ROW.findall(LIST.read_text(encoding="utf-8"))


def claims(item: pytest.Item) -> list[str]:
    return [feature for marker in item.iter_markers("feature") for feature in marker.args]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep the tests that claim a feature; their reports carry the claim, from other processes too."""
    others = [item for item in items if not claims(item)]
    items[:] = [item for item in items if claims(item)]
    config.hook.pytest_deselected(items=others)
    for item in items:
        item.user_properties += [("feature", feature) for feature in claims(item)]


class Tally:
    """What the tests said, by test function: cases of one test stand or fall together."""

    def __init__(self) -> None:
        self.claimed: dict[str, set[str]] = defaultdict(set)
        self.passed: set[str] = set()
        self.failed: set[str] = set()

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        for item in session.items:
            self.claimed[_function(item.nodeid)].update(claims(item))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        test = _function(report.nodeid)
        self.claimed[test].update(value for name, value in report.user_properties if name == "feature")
        if report.when == "call" and report.passed:
            self.passed.add(test)
        elif not report.passed:
            self.failed.add(test)

    def shown_by(self, *, without_running: bool) -> dict[str, list[str]]:
        """The tests that show each id: those that passed in every case, or all that claim it."""
        shown = defaultdict(list)
        for test in sorted(self.claimed if without_running else self.passed - self.failed):
            for feature in self.claimed[test]:
                shown[feature].append(test)
        return shown


def _function(nodeid: str) -> str:
    return nodeid.split("[")[0]


def table(shown: dict[str, list[str]], ids: Iterable[str]) -> str:
    lines = []
    for feature in ids:
        first, *others = shown.get(feature) or ["missing"]
        lines += [f"{feature:<6}{first}", *(f"{'':<6}{test}" for test in others)]
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.features", description="Which features have a passing test.")
    parser.add_argument("--collect-only", action="store_true", help="list the claims, run nothing")
    without_running = parser.parse_args().collect_only
    tally = Tally()
    how = ["--collect-only", "-n0", "-p", "no:terminal"] if without_running else ["-q", "--no-header", "--tb=short"]
    code = pytest.main(["-p", "tests.features", *how], plugins=[tally])
    ids = [feature for feature, _words in rows()]
    shown = tally.shown_by(without_running=without_running)
    unknown = sorted(set().union(*tally.claimed.values()) - set(ids))
    say = sys.stdout.write
    say(f"\n{table(shown, ids)}\n\n{sum(feature in shown for feature in ids)} of {len(ids)} features shown.\n")
    for feature in unknown:
        say(f"{feature} is not in docs/features.md: {', '.join(t for t, f in tally.claimed.items() if feature in f)}\n")
    for test in sorted(tally.failed):
        say(f"not passing: {test}\n")
    if code not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED, pytest.ExitCode.NO_TESTS_COLLECTED):
        say("pytest could not read all tests: see above.\n")
        return 1
    return int(bool(unknown or tally.failed))


if __name__ == "__main__":
    sys.exit(main())
