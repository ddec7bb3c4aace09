"""What an app adds to the pages that several apps share.

Pages such as the hub's home, mon espace and à faire live here and name no app: each app says its
part in its AppConfig, which extends `HubAppConfig`.
"""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.apps import AppConfig, apps
from django.utils.functional import Promise

from hubs.actors import Actor

if TYPE_CHECKING:
    from hubs.models import Hub, Run
    from hubs.personal import Hindrance, Keeping, Section, Subject


@dataclass(frozen=True)
class NavItem:
    """A line of the menu of one of the three places."""

    label: str | Promise
    url_name: str
    icon: str
    rule: Callable[[Actor], bool]
    rank: int = 50


@dataclass(frozen=True)
class Card:
    """A piece of a shared page: a template and what it shows."""

    template: str
    context: Mapping[str, Any]
    rank: int = 50


@dataclass(frozen=True)
class Todo:
    """Something staff must decide today, with its reason and its one click."""

    kind: str | Promise
    label: str
    reason: str
    url: str
    since: dt.date


class HubAppConfig(AppConfig):
    """An app of the house. `switch` is its name among the modules that a hub opens or closes, if it is one."""

    switch: str = ""
    # Else Django finds two configurations in each apps.py, this one and the app's own, and takes neither.
    default = False
    public_nav: Sequence[NavItem] = ()
    member_nav: Sequence[NavItem] = ()
    staff_nav: Sequence[NavItem] = ()
    # Tabs of /gestion/reglages/, of /gestion/suivi/ and of /mon-espace/moi/.
    settings_nav: Sequence[NavItem] = ()
    follow_nav: Sequence[NavItem] = ()
    own_nav: Sequence[NavItem] = ()
    # How the log's verbs are told: "spaces.booked" → « Réservation ».
    trail_words: Mapping[str, str | Promise] = {}
    # Job name → function taking the item's kwargs; called by hubs.tasks.do_item inside the hub.
    jobs: Mapping[str, str] = {}
    # Models and texts ("spaces.Booking.title") that may name a person and that `erase` mends, or the law keeps.
    mended_texts: Sequence[str] = ()

    def __init_subclass__(cls) -> None:
        cls.default = True

    def home_cards(self, actor: Actor) -> Sequence[Card]:
        """Pieces of the hub's public home."""
        return ()

    def member_cards(self, actor: Actor) -> Sequence[Card]:
        """Pieces of mon espace."""
        return ()

    def todos(self, actor: Actor) -> Sequence[Todo]:
        """Lines of à faire."""
        return ()

    def run_link(self, run: "Run") -> str:
        """Where the result of `run` is shown, if this app started it."""
        return ""

    def personal_data(self, subject: "Subject") -> "Sequence[Section]":
        """What this app holds about the person, with its reason, its time and what an erasure does to it."""
        return ()

    def hindrances(self, subject: "Subject", now: dt.datetime) -> "Sequence[Hindrance]":
        """What still runs here and must be settled before the person is erased."""
        return ()

    def erase(self, subject: "Subject", now: dt.datetime) -> Sequence[str | Promise]:
        """Take the person out of this app's rows, in the caller's transaction; what was kept, and why."""
        return ()

    def keepings(self) -> "Sequence[Keeping]":
        """What this app keeps for a time only, as settings of the hub."""
        return ()

    def tidy(self, now: dt.datetime) -> None:
        """Each night: let go of what the open hub kept for a time only."""

    def furnish(self, preset: str, today: dt.date) -> None:
        """Set up the open hub, just created, as its preset says."""

    def welcome_coordinator(self, email: str, today: dt.date) -> None:
        """Give the first coordinator what signing in takes."""

    def demo(self, preset: str, today: dt.date) -> None:
        """Fill the open hub with months of believable data."""

    def settle_demo(self, today: dt.date) -> None:
        """Once every app has its data: do what the hub would have done with it by now."""


def hub_apps(hub: "Hub | None" = None) -> Iterator[HubAppConfig]:
    """The house's apps in the order of imports, without the modules that `hub` has switched off."""
    for config in apps.get_app_configs():
        if isinstance(config, HubAppConfig) and (hub is None or config.switch in ("", *hub.modules)):
            yield config


def is_open(app_label: str, hub: "Hub") -> bool:
    """Whether the pages of this app exist in `hub`."""
    config = apps.app_configs.get(app_label)
    return not isinstance(config, HubAppConfig) or config.switch in ("", *hub.modules)


def trail_words() -> dict[str, str | Promise]:
    """How the log's verbs are told, by the apps that write them, open or not: what is past stays told."""
    return {verb: words for app in hub_apps() for verb, words in app.trail_words.items()}
