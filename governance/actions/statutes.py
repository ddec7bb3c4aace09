"""What the statutes say of assemblies, from a day on."""

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from governance.actions.assemblies import check_runs
from governance.models import Statutes
from hubs.actions import record
from hubs.actors import Actor
from hubs.refusals import Refusal, refusing


class StatutesInThePast(Refusal):
    message = _("D’autres règles commencent ce jour-là ou plus tard\u00a0: choisissez un jour après elles.")
    field = "starts_on"


@transaction.atomic
def adopt_statutes(*, starts_on: dt.date, by: Actor, **rules: Any) -> Statutes:
    """The rules of assemblies from `starts_on`; `rules` are those of `AssemblyRules`. What was before stays on record.

    Assemblies already prepared keep theirs. Raises NotAllowed, StatutesInThePast.
    """
    check_runs(by)
    current = Statutes.objects.live(starts_on).select_for_update(of=("self",)).first()
    if current is not None and current.starts_on == starts_on:
        current.delete()
    elif current is not None and current.ends_on is None:
        current.ends_on = starts_on
        current.save(update_fields=["ends_on"])
    with refusing({"governance_statutes_no_overlap": StatutesInThePast}):
        adopted = Statutes.objects.create(starts_on=starts_on, **rules)
    before = current.rules if current else None
    record(by=by, verb="governance.statutes_adopted", thing=adopted, before=before, after=adopted.rules)
    return adopted
