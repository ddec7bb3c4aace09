from governance.models.assembly import Assembly
from governance.models.contest import RollContest, RollContestQuerySet
from governance.models.notice import AgendaItem, Notice, Paper
from governance.models.roll import Attendance, Proxy, ProxyQuerySet, RollEntry, RollEntryQuerySet
from governance.models.statutes import AssemblyRules, Statutes

__all__ = [
    "AgendaItem",
    "Assembly",
    "AssemblyRules",
    "Attendance",
    "Notice",
    "Paper",
    "Proxy",
    "ProxyQuerySet",
    "RollContest",
    "RollContestQuerySet",
    "RollEntry",
    "RollEntryQuerySet",
    "Statutes",
]
