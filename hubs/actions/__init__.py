"""Every write of the ground, as the other apps call it."""

from hubs.actions.audit import name_of, record
from hubs.actions.desk import (
    EndedAlready,
    EndsBeforeItStarts,
    SeenTo,
    announce,
    end_announcement,
    forget_claims,
    hand_back,
    take_on,
)
from hubs.actions.hubs import ModuleNeeded, SettingsInThePast, SlugTaken, change_hub, change_settings, create_hub
from hubs.actions.outbox import (
    CannotStop,
    NotFailed,
    NothingFailed,
    NothingLeft,
    OnItsWay,
    SecretMail,
    add_item,
    cancel_run,
    drop_mail,
    resend_mail,
    retry_failed,
    send_mail,
    start_run,
)
from hubs.actions.people import forget_sessions, give_role

__all__ = [
    "CannotStop",
    "EndedAlready",
    "EndsBeforeItStarts",
    "ModuleNeeded",
    "NotFailed",
    "NothingFailed",
    "NothingLeft",
    "OnItsWay",
    "SecretMail",
    "SeenTo",
    "SettingsInThePast",
    "SlugTaken",
    "add_item",
    "announce",
    "cancel_run",
    "change_hub",
    "change_settings",
    "create_hub",
    "drop_mail",
    "end_announcement",
    "forget_claims",
    "forget_sessions",
    "give_role",
    "hand_back",
    "name_of",
    "record",
    "resend_mail",
    "retry_failed",
    "send_mail",
    "start_run",
    "take_on",
]
