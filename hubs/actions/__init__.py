"""Every write of the ground, as the other apps call it."""

from hubs.actions.audit import name_of, record
from hubs.actions.erasure import delete_user
from hubs.actions.hubs import ModuleNeeded, SettingsInThePast, SlugTaken, change_hub, change_settings, create_hub
from hubs.actions.outbox import add_item, send_mail, start_run
from hubs.actions.people import forget_sessions, give_role
from hubs.actions.readings import note_reading
from hubs.actions.retention import NotWithinLaw, change_retention, keep_to_periods

__all__ = [
    "ModuleNeeded",
    "NotWithinLaw",
    "SettingsInThePast",
    "SlugTaken",
    "add_item",
    "change_hub",
    "change_retention",
    "change_settings",
    "create_hub",
    "delete_user",
    "forget_sessions",
    "give_role",
    "keep_to_periods",
    "name_of",
    "note_reading",
    "record",
    "send_mail",
    "start_run",
]
