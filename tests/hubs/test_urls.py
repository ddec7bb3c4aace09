"""Every address of the house: who may open it is declared, and asked."""

from collections.abc import Iterator

import pytest
from django.apps import apps
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from hubs.parts import HubAppConfig
from hubs.rules import anyone
from hubs.scope import open_hub
from tests.cast import Cast

PEOPLE = [name for name in Cast.__dataclass_fields__ if name not in ("hub", "organisation")]
SIGN_IN = reverse("account_login")
# One value for each argument that an address takes: rows that do not exist.
NOBODY = {
    "public_id": "aaaaaaaaaaaa",
    "pk": 987654,
    "run_id": 987654,
    "accent": "b3261e",
    "uidb36": "zz",
    "key": "x-y",
}


def walk(patterns: list[URLPattern | URLResolver], namespace: str = "") -> Iterator[tuple[str, URLPattern]]:
    """(name with its namespace, pattern) of every address."""
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from walk(pattern.url_patterns, f"{pattern.namespace}:" if pattern.namespace else namespace)
        else:
            yield f"{namespace}{pattern.name}", pattern


PATTERNS = dict(walk(get_resolver().url_patterns))
PLAIN = sorted(
    name for name, pattern in PATTERNS.items() if not pattern.pattern.converters and "(" not in str(pattern.pattern)
)


def address(name: str) -> str:
    pattern = PATTERNS[name].pattern
    wanted = pattern.converters or pattern.regex.groupindex
    return reverse(name, kwargs={argument: NOBODY[argument] for argument in wanted})


def test_every_address_declares_its_rule():
    assert [name for name, pattern in PATTERNS.items() if not callable(getattr(pattern.callback, "rule", None))] == []


def test_names_are_told_apart():
    assert len(PATTERNS) == len(list(walk(get_resolver().url_patterns)))


@pytest.mark.parametrize("name", [name for name in PATTERNS if PATTERNS[name].callback.rule is not anyone])
def test_a_visitor_is_sent_to_sign_in(nord, sign_in, name):
    answer = sign_in(nord).get(address(name))

    assert (answer.status_code, answer.url) == (302, f"{SIGN_IN}?next={address(name)}")


@pytest.mark.parametrize("name", [name for name in PLAIN if PATTERNS[name].callback.rule is anyone])
def test_a_visitor_opens_public_pages(nord, sign_in, name):
    assert sign_in(nord).get(address(name)).status_code in (200, 302, 405)


@pytest.mark.parametrize("person", PEOPLE)
def test_each_person_opens_what_the_rules_say_and_nothing_fails(nord, sign_in, person):
    browser = sign_in(nord, person)
    with open_hub(nord.hub):
        actor = nord.actor(person)

    answers = {name: browser.get(address(name)).status_code for name in PATTERNS}

    for name, status in answers.items():
        # The arguments name rows that are not there.
        opened = (200, 302, 405) if name in PLAIN else (200, 302, 404, 405)
        assert status in (opened if PATTERNS[name].callback.rule(actor) else (403,)), name


MODULES = sorted(
    config.label for config in apps.get_app_configs() if isinstance(config, HubAppConfig) and config.switch
)


@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("person", [None, "coordinator", "administrator"])
def test_a_module_that_is_off_has_no_address(nord, sign_in, module, person):
    nord.hub.modules = [name for name in nord.hub.modules if name != module]
    nord.hub.save()
    browser = sign_in(nord, person)

    answers = {browser.get(address(name)).status_code for name in PATTERNS if name.startswith(f"{module}:")}

    assert answers <= {404}


def test_pages_stand_without_the_modules_they_speak_of(nord, sign_in):
    nord.hub.modules = []
    nord.hub.save()
    browser = sign_in(nord, "coordinator")

    assert [browser.get(page).status_code for page in ("/", "/mon-espace/", "/gestion/", "/composants/")] == [200] * 4
