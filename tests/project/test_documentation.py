"""The documentation names what exists, and nothing else."""

import re
from pathlib import Path

import pytest

from coursive.supervise import ACCOUNTS, HUBS
from members.demo import PASSWORD
from tests import features

ROOT = Path(__file__).parent.parent.parent
DOCS = ROOT / "docs"
PAGES = [*sorted(ROOT.glob("*.md")), *sorted(DOCS.rglob("*.md"))]
ADRS = sorted((DOCS / "adr").glob("[0-9]*.md"))
HEADINGS = ["## Context", "## Decision", "## Consequences", "## Rejected"]


def text(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


def test_each_feature_has_its_own_id():
    ids = [feature for feature, _words in features.rows()]

    assert len(ids) > 200
    assert sorted(ids) == sorted(set(ids))
    # A row that the reading above would miss.
    assert len(ids) == len(re.findall(r"^\| *[A-Z]{2}\d", text("docs/features.md"), re.MULTILINE))


def test_operations_names_each_variable_that_the_settings_read():
    read = re.findall(r"""(?:environ(?:\.get\(|\[)|required\()["'](\w+)""", text("coursive/settings.py"))
    read += re.findall(r"""["'](\w+)["'] in os\.environ""", text("coursive/settings.py"))

    missing = {name for name in read if f"`{name}`" not in text("docs/operations.md")}

    assert {"SECRET_KEY", "DATABASE_OWNER_URL", "COURSIVE_PINNED_HUB"} <= set(read)
    assert not missing


def test_the_docs_name_each_management_command():
    commands = {path.stem for path in ROOT.glob("*/management/commands/[a-z]*.py")}
    told = "\n".join(page.read_text(encoding="utf-8") for page in PAGES)

    assert {"hub", "demo"} <= commands
    assert {name for name in commands if f"manage.py {name}" not in told} == set()


def test_the_docs_name_only_targets_and_commands_that_exist():
    targets = set(re.findall(r"^([a-z]+):", text("Makefile"), re.MULTILINE))
    commands = {path.stem for path in ROOT.glob("*/management/commands/[a-z]*.py")}
    told = "\n".join(page.read_text(encoding="utf-8") for page in PAGES)

    assert set(re.findall(r"(?:`|^)make ([a-z]+)", told, re.MULTILINE)) <= targets
    assert set(re.findall(r"manage\.py ([a-z_]+)", told)) <= commands


def test_the_readme_names_each_demo_account():
    readme = text("README.md")

    assert {name for name, _role in ACCOUNTS if f"`{name}@`" not in readme} == set()
    assert {hub for hub in HUBS if f"http://{hub}.localhost:8000/" not in readme} == set()
    assert PASSWORD in readme


@pytest.mark.parametrize("page", ADRS, ids=lambda page: page.stem)
def test_a_decision_says_why_and_what_was_rejected(page):
    content = page.read_text(encoding="utf-8")

    assert content.startswith(f"# {page.stem[:4]}. ")
    assert re.findall(r"^## .*", content, re.MULTILINE) == HEADINGS
    assert f"({page.name})" in text("docs/adr/README.md")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_and_pictures_lead_somewhere(page):
    targets = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))

    assert {t for t in targets if not t.startswith(("http", "mailto:")) and not (page.parent / t).exists()} == set()


def test_pictures_are_small_and_used():
    pictures = sorted((DOCS / "guide" / "images").glob("*.png"))
    guides = "\n".join(page.read_text(encoding="utf-8") for page in (DOCS / "guide").glob("*.md"))

    assert {p.name for p in pictures if p.stat().st_size > 150_000} == set()
    assert {p.name for p in pictures if f"images/{p.name}" not in guides} == set()
