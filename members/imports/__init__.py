from members.imports.columns import COLUMNS
from members.imports.plan import CREATED, REFUSED, UNCHANGED, UPDATED, Known, Plan, plan_import, rejected, writings_of

__all__ = [
    "COLUMNS",
    "CREATED",
    "REFUSED",
    "UNCHANGED",
    "UPDATED",
    "Known",
    "Plan",
    "plan_import",
    "rejected",
    "writings_of",
]
