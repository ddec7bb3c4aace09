"""An assembly in three weeks, convened, with two proxies given."""

import datetime as dt

from django.utils import timezone

from governance.actions import give_proxy, move_assembly, prepare_assembly
from governance.enums import AssemblyKind, AssemblyState
from governance.models import Assembly, RollEntry
from hubs.actors import system
from hubs.scope import current_hub_id

NOTICE = dt.timedelta(weeks=3)


def fill(today: dt.date) -> None:
    """Twice changes nothing."""
    if Assembly.objects.exists():
        return
    by = system(current_hub_id())
    assembly = prepare_assembly(
        kind=AssemblyKind.ORDINARY,
        title="Assemblée générale ordinaire",
        starts_at=timezone.make_aware(dt.datetime.combine(today + NOTICE, dt.time(18))),
        place="Atelier, 2 cours de la Friche",
        roll_on=today,
        proxies_per_holder=2,
        quorum_percent=25,
        by=by,
    )
    assembly = move_assembly(assembly=assembly, to=AssemblyState.CONVENED, by=by)
    voters = RollEntry.objects.filter(assembly=assembly, votes=True, college__rank=1).order_by("name")[:3]
    for giver in voters[1:]:
        give_proxy(giver=giver, holder=voters[0], by=by, now=timezone.now())
