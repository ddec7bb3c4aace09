"""What the worker does for members."""

import datetime as dt
from decimal import Decimal

from django.utils import timezone

from hubs.models import Run
from members.actions import call_membership, import_draft
from members.models import Membership
from parties.models import ImportDraft
from parties.queries import actor_of


def import_dropped(*, run_id: int, draft_id: int, only_good: bool) -> None:
    """Import a long file as its owner, with the rights they have now."""
    draft = ImportDraft.objects.select_related("owner__user").get(pk=draft_id)
    now = timezone.now()
    by = actor_of(draft.owner.user, timezone.localdate(now))
    import_draft(draft=draft, by=by, now=now, only_good=only_good)


def call_dues(*, run_id: int, membership_id: int, amount: str, parts: int, today: str) -> None:
    call_membership(
        membership=Membership.objects.get(pk=membership_id),
        amount=Decimal(amount),
        parts=parts,
        run=Run.objects.get(pk=run_id),
        today=dt.date.fromisoformat(today),
        now=timezone.now(),
    )
