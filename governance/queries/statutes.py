"""What the statutes ask of an assembly to come."""

import datetime as dt

from governance.models import Statutes


def statutes_on(day: dt.date) -> Statutes:
    """The rules in force that day; those of a hub that noted none, unsaved."""
    return Statutes.objects.live(day).first() or Statutes(starts_on=day)
