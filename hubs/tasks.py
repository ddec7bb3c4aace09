"""What the worker does for the ground. Each task takes ids, opens the hub, and may be killed anywhere."""

import datetime as dt
import logging
import time
from email.headerregistry import Address
from smtplib import SMTPAuthenticationError, SMTPConnectError, SMTPException, SMTPRecipientsRefused
from smtplib import SMTPServerDisconnected as ServerLeft

from celery import Task, shared_task
from django.conf import settings
from django.core.files.storage import storages
from django.core.mail import EmailMultiAlternatives
from django.db import InterfaceError, OperationalError
from django.utils import timezone
from django.utils.module_loading import import_string
from kombu.exceptions import OperationalError as BrokerAway

from hubs.enums import ItemFailure, ItemState, MailFailure, MailState
from hubs.models import Hub, Mail, RunItem
from hubs.parts import hub_apps
from hubs.refusals import Refusal
from hubs.scope import open_hub

log = logging.getLogger(__name__)

AGAIN_AFTER = dt.timedelta(minutes=2)
MAIL_TRIES = 6
ITEM_TRIES = 5
# A request that issues sixty invoices finds the broker away once, not sixty times.
SILENCE = 15.0
_silent_until = 0.0


def nudge_mail(hub_id: int, mail_id: int) -> None:
    """Tell a worker now; if the broker is away, the next sweep will."""
    _nudge(deliver_mail, hub_id=hub_id, mail_id=mail_id)


def nudge_item(hub_id: int, item_id: int) -> None:
    """Tell a worker now; if the broker is away, the next sweep will."""
    _nudge(do_item, hub_id=hub_id, item_id=item_id)


def _nudge(task: "Task[..., None]", **ids: int) -> None:
    global _silent_until
    if time.monotonic() < _silent_until:
        return
    try:
        task.apply_async(kwargs=ids)
    except BrokerAway as error:
        _silent_until = time.monotonic() + SILENCE
        log.warning("the broker is away, the sweep will hand over what was written: %s", error)


@shared_task
def deliver_mail(*, hub_id: int, mail_id: int) -> None:
    """Send one queued message; a failure is noted and tried again later, longer each time."""
    with open_hub(Hub.objects.get(pk=hub_id)) as hub:
        mail = (
            Mail.objects.select_for_update(of=("self",), skip_locked=True)
            .due(timezone.now())
            .filter(pk=mail_id)
            .first()
        )
        if mail is None:
            return
        mail.tries += 1
        try:
            _message(hub, mail).send()
        # Whatever is wrong with it, a message that cannot leave must not come back with every sweep.
        except Exception as error:
            log.warning("hub %s: mail %s did not leave", hub.slug, mail_id, exc_info=True)
            mail.failure, mail.error = failure_of(error), str(error)
            mail.next_try_at = timezone.now() + dt.timedelta(minutes=2**mail.tries)
            mail.state = MailState.FAILED if mail.tries >= MAIL_TRIES else MailState.QUEUED
        else:
            mail.state, mail.sent_at, mail.failure, mail.error = MailState.SENT, timezone.now(), "", ""
        mail.save(update_fields=["tries", "failure", "error", "next_try_at", "state", "sent_at"])


def failure_of(error: Exception) -> MailFailure:
    """Why a message did not leave. The order counts: what smtplib and files raise is an OSError too."""
    known: list[tuple[type[Exception] | tuple[type[Exception], ...], MailFailure]] = [
        (SMTPRecipientsRefused, MailFailure.REFUSED),
        (SMTPAuthenticationError, MailFailure.DENIED),
        ((ServerLeft, SMTPConnectError), MailFailure.AWAY),
        (SMTPException, MailFailure.OTHER),
        (FileNotFoundError, MailFailure.NO_FILE),
        (OSError, MailFailure.AWAY),
    ]
    return next((failure for kind, failure in known if isinstance(error, kind)), MailFailure.UNREADABLE)


def _message(hub: Hub, mail: Mail) -> EmailMultiAlternatives:
    message = EmailMultiAlternatives(
        subject=mail.subject,
        body=mail.text,
        from_email=str(Address(" ".join(hub.name.split()), addr_spec=settings.DEFAULT_FROM_EMAIL)),
        to=mail.to,
        reply_to=[hub.contact_email],
        headers={"Message-ID": f"<{hub.slug}.{mail.pk}@coursive>", "Auto-Submitted": "auto-generated"},
    )
    if mail.html:
        message.attach_alternative(mail.html, "text/html")
    for attachment in mail.attachments:
        with storages["private"].open(attachment["key"]) as file:
            message.attach(attachment["name"], file.read(), attachment["type"])
    return message


@shared_task
def do_item(*, hub_id: int, item_id: int) -> None:
    """Do one item of a run. The work and its mark are one transaction: killed, neither happened."""
    hub = Hub.objects.get(pk=hub_id)
    try:
        with open_hub(hub):
            item = (
                RunItem.objects.select_for_update(of=("self",), skip_locked=True)
                .select_related("run")
                .filter(pk=item_id, state=ItemState.TODO)
                .first()
            )
            if item is None:
                return
            if item.run.cancelled_at is not None:
                item.state = ItemState.CANCELLED
            else:
                import_string(_jobs()[item.job])(run_id=item.run_id, **item.kwargs)
                item.state, item.done_at, item.failure, item.error = ItemState.DONE, timezone.now(), "", ""
            item.save(update_fields=["state", "done_at", "failure", "error"])
    except (OperationalError, InterfaceError):
        # The server went away, or chose us in a deadlock: the sweep hands the item over again.
        raise
    except Exception as error:
        log.exception("hub %s: item %s failed", hub.slug, item_id)
        with open_hub(hub):
            _note_failure(item_id, error)


def _note_failure(item_id: int, error: Exception) -> None:
    item = RunItem.objects.select_for_update(of=("self",)).get(pk=item_id)
    item.tries += 1
    item.failure = ItemFailure.REFUSED if isinstance(error, Refusal) else ItemFailure.UNEXPECTED
    item.error = str(error)
    item.handed_at = timezone.now()
    if item.tries >= ITEM_TRIES:
        item.state = ItemState.FAILED
    item.save(update_fields=["tries", "failure", "error", "handed_at", "state"])


def _jobs() -> dict[str, str]:
    return {name: path for app in hub_apps() for name, path in app.jobs.items()}


@shared_task
def sweep() -> None:
    """Send again what is due: mail queued, items that no worker has finished for two minutes."""
    now = timezone.now()
    for hub in Hub.objects.order_by("pk"):
        with open_hub(hub):
            mails = list(Mail.objects.due(now).order_by("pk").values_list("pk", flat=True)[:500])
            items = list(RunItem.objects.due(now, AGAIN_AFTER).order_by("pk").values_list("pk", flat=True)[:500])
            RunItem.objects.filter(pk__in=items).update(handed_at=now)
        for mail_id in mails:
            nudge_mail(hub.pk, mail_id)
        for item_id in items:
            nudge_item(hub.pk, item_id)


@shared_task
def tidy() -> None:
    """Each night, hub by hub: let go of what was kept for a time only."""
    now = timezone.now()
    for hub in Hub.objects.order_by("pk"):
        with open_hub(hub):
            for app in hub_apps(hub):
                app.tidy(now)
