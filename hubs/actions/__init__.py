"""Every write of the ground, as the other apps call it."""

from hubs.actions.audit import name_of, record
from hubs.actions.hubs import (
    FrenchNeeded,
    ModuleNeeded,
    SettingsInThePast,
    SlugTaken,
    change_hub,
    change_settings,
    create_hub,
)
from hubs.actions.outbox import add_item, send_mail, start_run
from hubs.actions.people import choose_language, forget_sessions, give_role

__all__ = [
    "FrenchNeeded",
    "ModuleNeeded",
    "SettingsInThePast",
    "SlugTaken",
    "add_item",
    "change_hub",
    "change_settings",
    "choose_language",
    "create_hub",
    "forget_sessions",
    "give_role",
    "name_of",
    "record",
    "send_mail",
    "start_run",
]
