from governance.models.assembly import Assembly
from governance.models.roll import Attendance, Proxy, ProxyQuerySet, RollEntry, RollEntryQuerySet

__all__ = ["Assembly", "Attendance", "Proxy", "ProxyQuerySet", "RollEntry", "RollEntryQuerySet"]
