from hubs.models.audit import AuditEntry
from hubs.models.base import DatedQuerySet, HubModel, dates_in_force, hub_objects, public_id
from hubs.models.desk import Announcement, TodoClaim
from hubs.models.hub import Hub, HubAddress, HubSettings
from hubs.models.limits import Tally
from hubs.models.outbox import Mail, Run, RunItem
from hubs.models.people import Session, StaffRole, User

__all__ = [
    "Announcement",
    "AuditEntry",
    "DatedQuerySet",
    "Hub",
    "HubAddress",
    "HubModel",
    "HubSettings",
    "Mail",
    "Run",
    "RunItem",
    "Session",
    "StaffRole",
    "Tally",
    "TodoClaim",
    "User",
    "dates_in_force",
    "hub_objects",
    "public_id",
]
