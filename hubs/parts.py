"""What an app adds to the pages that several apps share.

Pages such as the hub's home, mon espace and à faire live here and name no app: each app says its
part in its AppConfig, which extends `HubAppConfig`.
"""

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.apps import AppConfig, apps
from django.db.models import Choices
from django.utils.functional import Promise

from hubs.actors import Actor
from hubs.french import said

if TYPE_CHECKING:
    from hubs.models import Hub, HubClosure, Run
    from hubs.personal import Hindrance, Keeping, Section, Subject


@dataclass(frozen=True)
class NavItem:
    """A line of the menu of one of the three places. It stands for all addresses under `section`, or under its own.

    Tabs that are many are told by `group`: a page shows those of its own group, and the groups above them.
    """

    label: str | Promise
    url_name: str
    icon: str
    rule: Callable[[Actor], bool]
    rank: int = 50
    section: str = ""
    group: str | Promise = ""


@dataclass(frozen=True)
class Card:
    """A piece of a shared page: a template and what it shows."""

    template: str
    context: Mapping[str, Any]
    rank: int = 50


@dataclass(frozen=True)
class Todo:
    """Something staff must decide today, with its reason and its one click.

    `key` names it for as long as it is to do (« billing.month:2026-10 »). `url` leads to the very form. Where
    the click is one safe act, `post_url` does it from the list, and `verb` is what its button says.
    """

    key: str
    kind: str | Promise
    label: str
    reason: str
    url: str
    since: dt.date
    verb: str = ""
    post_url: str = ""


# Of one kind, so many lines are told one by one; more become a single line that leads to the list.
HANDFUL = 5


@dataclass(frozen=True)
class Thing:
    """What the log, the mails and the runs name « billing.invoice:12 », as its app shows it to someone.

    `addresses` is where its mail goes today, and `mend_url` where they are corrected. `user_id` is the account
    of a person.
    """

    label: str
    url: str
    addresses: Sequence[str] = ()
    mend_url: str = ""
    user_id: int | None = None


@dataclass(frozen=True)
class TrailField:
    """A value of the log: its name, how it is shown, and to whom. Without a label, as the column of that name.

    `is_context`: told even where it did not change, since the rest is of that person, of that year.
    """

    label: str | Promise = ""
    show: Callable[[Any], str] = said
    rule: Callable[[Actor], bool] = field(default=lambda actor: True)
    is_context: bool = False


def label_in(choices: type[Choices]) -> Callable[[Any], str]:
    """Shows the value of a choice by its label."""
    return lambda value: str(choices(value).label) if value in choices.values else said(value)


class HubAppConfig(AppConfig):
    """An app of the house. `switch` is its name among the modules that a hub opens or closes, if it is one."""

    switch: str = ""
    # Else Django finds two configurations in each apps.py, this one and the app's own, and takes neither.
    default = False
    public_nav: Sequence[NavItem] = ()
    member_nav: Sequence[NavItem] = ()
    staff_nav: Sequence[NavItem] = ()
    # Tabs of /gestion/facturation/, of /gestion/membres/, of /gestion/reglages/, of /gestion/suivi/ and of /mon-espace/moi/.
    money_nav: Sequence[NavItem] = ()
    roster_nav: Sequence[NavItem] = ()
    settings_nav: Sequence[NavItem] = ()
    follow_nav: Sequence[NavItem] = ()
    own_nav: Sequence[NavItem] = ()
    # How the log's verbs are told: "spaces.booked" → « Réservation ».
    trail_words: Mapping[str, str | Promise] = {}
    # The values of those verbs, by name, in the order of reading; columns of the app's models need no line here.
    trail_fields: Mapping[str, TrailField] = {}
    # Verbs that not all of the staff read.
    trail_rules: Mapping[str, Callable[[Actor], bool]] = {}
    # Job name → function taking the item's kwargs; called by hubs.tasks.do_item inside the hub.
    jobs: Mapping[str, str] = {}
    # Those that may be left undone: a run of these can be cancelled.
    cancellable_jobs: Collection[str] = ()
    # Classes (dotted paths) by which accounts kept elsewhere are brought in: see billing.openings.
    opening_importers: Sequence[str] = ()
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

    def things(self, names: Collection[str], actor: Actor) -> Mapping[str, Thing]:
        """Those of `names` that are this app's, as `actor` may see them; one query for each kind of thing."""
        return {}

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

    def move_over(self, closure: "HubClosure") -> int:
        """Put the days that this app keeps, and that fall in this new closure, to its end; how many."""
        return 0

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


def things_named(names: Iterable[str], hub: "Hub", actor: Actor) -> dict[str, Thing]:
    """What the open modules know of the things that are named so."""
    wanted = {name for name in names if name}
    found: dict[str, Thing] = {}
    for app in hub_apps(hub) if wanted else ():
        found.update(app.things(wanted, actor))
    return found


def ids_of(label: str, names: Iterable[str]) -> list[int]:
    """The ids in the names of one kind: "billing.invoice", {"billing.invoice:12"} → [12]."""
    pairs = (name.split(":", 1) for name in names if ":" in name)
    return sorted(int(pk) for kind, pk in pairs if kind == label and pk.isdecimal() and len(pk) < 19)


def trail_words() -> dict[str, str | Promise]:
    """How the log's verbs are told, by the apps that write them, open or not: what is past stays told."""
    return {verb: words for app in hub_apps() for verb, words in app.trail_words.items()}


def may_cancel(jobs: Collection[str]) -> bool:
    """Whether the apps that gave these jobs allow that they be left undone."""
    allowed = {job for app in hub_apps() for job in app.cancellable_jobs}
    return bool(jobs) and set(jobs) <= allowed


def todos_of(hub: "Hub", actor: Actor) -> list[Todo]:
    """À faire: by kind, the oldest first."""
    found = [todo for app in hub_apps(hub) for todo in app.todos(actor)]
    return sorted(found, key=lambda todo: (str(todo.kind).casefold(), todo.since, todo.key))
