"""What the worker does for structures and people."""

import logging

from celery import shared_task
from django.utils import timezone

from hubs.models import Hub
from hubs.scope import open_hub
from parties.papers.actions import announce_ends

log = logging.getLogger(__name__)


@shared_task
def announce_papers() -> None:
    """Each morning, hub by hub: which documents end soon. What fails waits for the next morning."""
    for hub in Hub.objects.order_by("pk"):
        try:
            with open_hub(hub):
                announce_ends(today=timezone.localdate(), now=timezone.now())
        except Exception:
            log.exception("hub %s: the documents that end were not announced", hub.slug)
