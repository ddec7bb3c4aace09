"""What waits for someone after a meeting: decisions to carry out, consultations to decide."""

import datetime as dt

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from governance.models import Decision, Poll
from hubs.parts import Todo

SOON = dt.timedelta(days=7)


def decisions_due(today: dt.date) -> list[Todo]:
    """The decisions that someone sees to, a week before their day and until they are done."""
    due = Decision.objects.filter(done_on=None, due_on__lte=today + SOON).order_by("due_on", "pk")
    return [
        Todo(
            f"governance.decision:{each.pk}",
            _("Décisions"),
            each.title,
            _("Décision confiée à %s.") % each.who,
            reverse("governance:decision", args=[each.number]),
            each.due_on,
            verb=_("Suivre la décision"),
        )
        for each in due
    ]


def polls_over(now: dt.datetime) -> list[Todo]:
    """The consultations whose answers are in, and that nobody has decided."""
    over = Poll.objects.filter(decided_on=None, closes_at__lte=now).order_by("closes_at", "pk")
    return [
        Todo(
            f"governance.poll:{each.pk}",
            _("Consultations"),
            each.title,
            _("Les réponses sont closes\u00a0: dites ce qui est décidé, et pourquoi."),
            reverse("governance:poll", args=[each.public_id]),
            timezone.localdate(each.closes_at),
            verb=_("Décider"),
        )
        for each in over
    ]
