"""A charter, and a structure that moves in: its list is half done."""

import datetime as dt

from django.utils import timezone

from hubs.actors import system
from hubs.scope import current_hub_id
from members.actions import begin_list, do_step, write_charter, write_first_list
from members.enums import CheckKind, Way
from members.models import Checklist
from parties.enums import LinkRole
from parties.models import Link
from parties.queries import team_people

CHARTER = """Chaque structure du pôle partage ses lieux, ses outils et un peu de son temps.

Elle annonce ses absences et ses besoins, rend les salles comme elle les a trouvées et range la cuisine.

Elle contribue aux chantiers communs au moins une journée par an, et prend part aux assemblées.

Elle assure son matériel et ses activités, et donne son attestation chaque année."""


def fill(today: dt.date) -> None:
    """Twice changes nothing."""
    administrators = Link.objects.live(today).filter(role=LinkRole.ADMINISTRATOR, person__user__isnull=False)
    link = administrators.select_related("organisation").order_by("pk").first()
    if link is None or Checklist.objects.exists():
        return
    by = system(current_hub_id())
    now = timezone.make_aware(dt.datetime.combine(today - dt.timedelta(days=4), dt.time(10)))
    write_charter(text=CHARTER, by=by, now=now)
    write_first_list(by=by, now=now)
    checklist = begin_list(
        organisation=link.organisation, way=Way.ARRIVAL, day=today + dt.timedelta(days=5), by=by, now=now,
        owner=team_people(today).first(),
    )  # fmt: skip
    for item in checklist.items.filter(kind=CheckKind.PLAIN).order_by("step__rank")[:2]:
        do_step(item=item, by=by, today=today)
