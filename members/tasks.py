"""What the worker does for members."""

import datetime as dt
import logging
from contextlib import suppress
from decimal import Decimal

from celery import shared_task
from django.utils import timezone

from hubs.actors import system
from hubs.models import Hub, Run
from hubs.parts import is_open
from hubs.scope import current_hub_id, open_hub
from members import actions
from members.models import Certificate, Letter, Membership
from members.queries import renewal_policy
from parties.models import ImportDraft
from parties.queries import actor_of

log = logging.getLogger(__name__)


def import_dropped(*, run_id: int, draft_id: int, only_good: bool) -> None:
    """Import a long file as its owner, with the rights they have now."""
    draft = ImportDraft.objects.select_related("owner__user").get(pk=draft_id)
    now = timezone.now()
    by = actor_of(draft.owner.user, timezone.localdate(now))
    actions.import_draft(draft=draft, by=by, now=now, only_good=only_good)


def render_certificate(*, run_id: int, certificate_id: int) -> None:
    actions.render_certificate(certificate=Certificate.objects.get(pk=certificate_id))


def render_letter(*, run_id: int, letter_id: int) -> None:
    actions.render_letter(letter=Letter.objects.get(pk=letter_id))


def call_dues(*, run_id: int, membership_id: int, amount: str, parts: int, today: str) -> None:
    actions.call_membership(
        membership=Membership.objects.get(pk=membership_id),
        amount=Decimal(amount),
        parts=parts,
        run=Run.objects.get(pk=run_id),
        today=dt.date.fromisoformat(today),
        now=timezone.now(),
    )


def remind_renewal(*, run_id: int, membership_id: int) -> None:
    """What is said is decided here: the member may have paid, or left, since the run began."""
    membership = Membership.objects.get(pk=membership_id)
    actions.remind_renewal(membership=membership, by=system(current_hub_id()), today=timezone.localdate())


@shared_task
def remind_renewals() -> None:
    """Each morning, hub by hub: who learns that their year ends. A hub that fails does not stop the others."""
    for hub in Hub.objects.order_by("pk"):
        if not is_open("members", hub):
            continue
        try:
            with open_hub(hub):
                if renewal_policy().is_on:
                    with suppress(actions.NoSendingDay, actions.NobodyToRenew):
                        actions.start_renewals(by=system(hub.pk), today=timezone.localdate())
        except Exception:
            log.exception("hub %s: the reminders of renewal were not sent", hub.slug)
