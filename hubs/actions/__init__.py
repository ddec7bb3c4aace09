"""Every write of the ground, as the other apps call it."""

from hubs.actions.audit import name_of, record
from hubs.actions.hubs import (
    FrenchNeeded,
    ModuleNeeded,
    SettingsInThePast,
    SlugTaken,
    change_hub,
    change_security,
    change_settings,
    create_hub,
)
from hubs.actions.outbox import add_item, send_mail, start_run
from hubs.actions.people import (
    LastCoordinator,
    RoleEndsTooSoon,
    StaffRoleHeld,
    choose_language,
    end_other_sessions,
    end_role,
    end_session,
    end_sessions,
    forget_sessions,
    give_role,
)

__all__ = [
    "FrenchNeeded",
    "LastCoordinator",
    "ModuleNeeded",
    "RoleEndsTooSoon",
    "SettingsInThePast",
    "SlugTaken",
    "StaffRoleHeld",
    "add_item",
    "change_hub",
    "change_security",
    "change_settings",
    "choose_language",
    "create_hub",
    "end_other_sessions",
    "end_role",
    "end_session",
    "end_sessions",
    "forget_sessions",
    "give_role",
    "name_of",
    "record",
    "send_mail",
    "start_run",
]
