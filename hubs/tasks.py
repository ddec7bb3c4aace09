"""What the worker does for the ground. Each task takes ids, opens the hub, and may be killed anywhere."""

import datetime as dt
import errno
import logging
import time
from contextlib import ExitStack
from email.headerregistry import Address
from smtplib import SMTPAuthenticationError, SMTPConnectError, SMTPException, SMTPRecipientsRefused
from smtplib import SMTPServerDisconnected as ServerLeft
from typing import Any

from celery import Task, shared_task
from django.conf import settings
from django.core.files.storage import storages
from django.core.mail import EmailMultiAlternatives, get_connection
from django.db import InterfaceError, OperationalError, connection
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _
from kombu.exceptions import OperationalError as BrokerAway
from redis.exceptions import RedisError

from hubs.enums import ItemFailure, ItemState, MailFailure, MailState
from hubs.models import Hub, Mail, RunItem
from hubs.parts import hub_apps
from hubs.refusals import Refusal
from hubs.scope import open_hub

log = logging.getLogger(__name__)

AGAIN_AFTER = dt.timedelta(minutes=2)
MAIL_TRIES = 6
ITEM_TRIES = 5
# Seconds during which a worker tries to write down that a message has left; less than AGAIN_AFTER.
PATIENCE = 60.0
# A request that issues sixty invoices finds the broker away once, not sixty times.
SILENCE = 15.0
_silent_until = 0.0

INTERRUPTED = _(
    "L’envoi s’est interrompu à chaque essai. Le courriel est peut-être parti\u00a0: vérifiez, puis renvoyez."
)
NO_ROOM = _("Le disque du serveur est plein. Prévenez qui héberge le portail\u00a0; il suffira ensuite de relancer.")


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
    # A connection that breaks while it is used raises what redis raises.
    except (BrokerAway, RedisError) as error:
        _silent_until = time.monotonic() + SILENCE
        log.warning("the broker is away, the sweep will hand over what was written: %s", error)


@shared_task
def deliver_mail(*, hub_id: int, mail_id: int) -> None:
    """Send one queued message; a failure is noted and tried again later, longer each time.

    It is taken, handed over, and settled; taking and settling are transactions of their own, and nothing is held
    while the mail server thinks. A message whose worker died in between is taken again after two minutes, under the
    same Message-ID: it leaves at least once, and twice only if the worker died after the server said yes.
    """
    hub = Hub.objects.get(pk=hub_id)
    mail = _take(hub, mail_id)
    if mail is None:
        return
    with ExitStack() as stack:
        try:
            server = stack.enter_context(get_connection())
            server.send_messages([_message(hub, mail)])
        # Whatever is wrong with it, a message that cannot leave must not come back with every sweep.
        except Exception as error:
            log.warning("hub %s: mail %s did not leave", hub.slug, mail_id, exc_info=True)
            state = MailState.FAILED if mail.tries >= MAIL_TRIES else MailState.QUEUED
            again_at = timezone.now() + dt.timedelta(minutes=2**mail.tries)
            _settle(hub, mail, state=state, failure=failure_of(error), error=_words(error), next_try_at=again_at)
        else:
            # Before the server is told goodbye: nothing stands between its yes and this commit.
            _settle(hub, mail, state=MailState.SENT, failure="", error="", sent_at=timezone.now())


def _take(hub: Hub, mail_id: int) -> Mail | None:
    """The message, marked as being sent; None if it is not due, or not any more."""
    now = timezone.now()
    with open_hub(hub):
        mail: Mail | None = (
            Mail.objects.select_for_update(of=("self",), skip_locked=True).due(now).filter(pk=mail_id).first()
        )
        if mail is None:
            return None
        if mail.tries >= MAIL_TRIES:
            mail.state, mail.failure, mail.error = MailState.FAILED, MailFailure.OTHER, str(INTERRUPTED)
        else:
            mail.state, mail.tries, mail.next_try_at = MailState.SENDING, mail.tries + 1, now + AGAIN_AFTER
        mail.save(update_fields=["state", "tries", "next_try_at", "failure", "error"])
    return mail if mail.state == MailState.SENDING else None


def _settle(hub: Hub, mail: Mail, **values: Any) -> None:
    """Write down what became of a message. PostgreSQL may be restarting: only a process that dies forgets it."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            with open_hub(hub):
                Mail.objects.filter(pk=mail.pk, state=MailState.SENDING, tries=mail.tries).update(**values)
        except (OperationalError, InterfaceError):
            if time.monotonic() > deadline:
                raise
            connection.close()
            time.sleep(1)
        else:
            return


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
        headers={"Message-ID": _message_id(hub, mail), "Auto-Submitted": "auto-generated"},
    )
    if mail.html:
        message.attach_alternative(mail.html, "text/html")
    for attachment in mail.attachments:
        with storages["private"].open(attachment["key"]) as file:
            message.attach(attachment["name"], file.read(), attachment["type"])
    return message


def _message_id(hub: Hub, mail: Mail) -> str:
    """The same at each try, so that mailboxes drop a second copy; no other message of any instance has it."""
    domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2]
    return f"<{hub.slug}.{mail.pk}.{mail.queued_at:%Y%m%d%H%M%S%f}@{domain}>"


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
    foreseen = isinstance(error, Refusal) or _is_full(error)
    item.failure = ItemFailure.REFUSED if foreseen else ItemFailure.UNEXPECTED
    item.error = _words(error)
    item.handed_at = timezone.now()
    if item.tries >= ITEM_TRIES:
        item.state = ItemState.FAILED
    item.save(update_fields=["tries", "failure", "error", "handed_at", "state"])


def _words(error: Exception) -> str:
    """What staff read of a failure."""
    return str(NO_ROOM) if _is_full(error) else str(error)


def _is_full(error: Exception) -> bool:
    return isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


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
