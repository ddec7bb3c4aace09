"""Every address of the house: who may open it is declared, and asked."""

from collections.abc import Iterator

import pytest
from django.apps import apps
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.urls.converters import IntConverter

from hubs.parts import HubAppConfig
from hubs.rules import anyone
from hubs.scope import open_hub
from tests.cast import Cast

PEOPLE = [name for name in Cast.__dataclass_fields__ if name not in ("hub", "organisation")]
SIGN_IN = reverse("account_login")
# What addresses take that is neither a number nor a public id.
WORDS = {
    "accent": "b3261e", "month": "2026-10", "year": "2026", "rank": "1", "uidb36": "zz", "key": "x-y",
    "card_key": "6a1bb8b0-0000-4000-8000-000000000001",
}  # fmt: skip


# Plain addresses of something that may not be there, and why.
MAY_BE_MISSING = {
    "billing:personal_account": "whoever never bought anything in person has no account",
    "mfa_deactivate_totp": "no application is linked",
    "mfa_view_recovery_codes": "there are none before a second step",
    "mfa_download_recovery_codes": "there are none before a second step",
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
    """The address, its arguments naming rows that are not there."""
    pattern = PATTERNS[name].pattern
    wanted = pattern.converters or dict.fromkeys(pattern.regex.groupindex)
    return reverse(
        name,
        kwargs={
            argument: 987654 if isinstance(converter, IntConverter) else WORDS.get(argument, "aaaaaaaaaaaa")
            for argument, converter in wanted.items()
        },
    )


def test_every_address_declares_its_rule():
    assert [name for name, pattern in PATTERNS.items() if not callable(getattr(pattern.callback, "rule", None))] == []


def test_what_may_be_missing_is_still_an_address():
    assert set(MAY_BE_MISSING) <= set(PLAIN)


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
        opened = (200, 302, 405) if name in PLAIN and name not in MAY_BE_MISSING else (200, 302, 404, 405)
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
