"""Verifying the chain of seals, by stretches that are read one by one."""

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from billing.models import Seal, SealCheck
from billing.queries.seals import broken_seals, unsealed
from billing.rules import require_accounts
from hubs import languages
from hubs.actions import add_item, record, start_run
from hubs.actors import Actor
from hubs.models import Run

STRETCH = 2000
MOST_FAULTS = 100


@transaction.atomic
def check_seals(*, by: Actor) -> Run:
    """Start reading the whole chain, one item for each stretch; what is found is kept with its date."""
    require_accounts(by)
    last = Seal.objects.order_by("-rank").values_list("rank", flat=True).first() or 0
    with languages.of_hub():
        run = start_run(title=_("Vérification des sceaux"), by=by)
        for first in range(1, max(last, 1) + 1, STRETCH):
            end = min(first + STRETCH - 1, last)
            label = _("Sceaux %(first)s à %(last)s") % {"first": first, "last": end}
            add_item(run=run, job="billing.check_seals", label=label, first=first, last=end)
    record(by=by, verb="billing.seals_checked", thing=run, after={"seals": last})
    return run


@transaction.atomic
def check_stretch(*, run: Run, first: int, last: int, now: dt.datetime) -> SealCheck:
    """Read one stretch and keep what does not fit; twice for the same run changes nothing."""
    with languages.of_hub():
        faults = list(broken_seals(first, last))
        if first == 1:
            faults += unsealed()
    check, _is_new = SealCheck.objects.get_or_create(
        run=run, first=first, defaults={"last": last, "faults": faults[:MOST_FAULTS], "checked_at": now}
    )
    return check
