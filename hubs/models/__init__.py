from hubs.models.audit import AuditEntry
from hubs.models.base import DatedQuerySet, HubModel, dates_in_force, hub_objects, public_id
from hubs.models.desk import Announcement, TodoClaim
from hubs.models.hub import Hub, HubAddress, HubSettings
from hubs.models.leaves import HubClosure, Leave
from hubs.models.limits import Tally
from hubs.models.outbox import Mail, Run, RunItem
from hubs.models.people import Session, StaffRole, User
from hubs.models.personal import Reading, Retention, RetentionNight

__all__ = [
    "Announcement",
    "AuditEntry",
    "DatedQuerySet",
    "Hub",
    "HubAddress",
    "HubClosure",
    "HubModel",
    "HubSettings",
    "Leave",
    "Mail",
    "Reading",
    "Retention",
    "RetentionNight",
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
