"""What is to be done after the commit: mail to send, work to do; and what staff do when it did not go well."""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from hubs.actions.audit import name_of, record
from hubs.actors import Actor
from hubs.enums import ItemState, MailState
from hubs.models import HubModel, Mail, Run, RunItem
from hubs.parts import may_cancel, things_named
from hubs.refusals import NotAllowed, Refusal
from hubs.rules import follows_up
from hubs.scope import current_hub, current_hub_id


class OnItsWay(Refusal):
    message = _("Ce courriel est déjà en route.")


class SecretMail(Refusal):
    message = _("Ce courriel porte un code ou un lien de connexion\u00a0: il se redemande, et ne se renvoie pas.")


class EmptiedMail(Refusal):
    message = _("Le texte de ce courriel a été effacé\u00a0: il ne se renvoie pas.")


class NotFailed(Refusal):
    message = _("Ce courriel n’est pas en échec.")


class NothingLeft(Refusal):
    message = _("Ce travail est fini\u00a0: il n’y a plus rien à annuler.")


class NothingFailed(Refusal):
    message = _("Rien n’est en échec dans ce travail\u00a0: il n’y a rien à relancer.")


class CannotStop(Refusal):
    message = _("Ce travail ne s’annule pas\u00a0: une partie en est déjà scellée. Relancez ce qui n’a pas abouti.")


def send_mail(
    *,
    to: Sequence[str],
    subject: str,
    text: str,
    html: str = "",
    attachments: Iterable[Mapping[str, str]] = (),
    about: models.Model | None = None,
    is_secret: bool = False,
) -> Mail:
    """Queue a message. It leaves after the commit, or with the next sweep.

    `is_secret`: it holds a code or a link that opens the portal, so that staff never read its text.
    """
    mail = Mail.objects.create(
        to=list(to),
        subject=" ".join(subject.split())[:240],
        text=text,
        html=html,
        attachments=list(attachments),
        about=name_of(about) if about else "",
        is_secret=is_secret,
        next_try_at=timezone.now(),
    )
    _nudge_mail(mail)
    return mail


def _nudge_mail(mail: Mail) -> None:
    from hubs import tasks

    _after_commit(tasks.nudge_mail, mail)


def _after_commit(nudge: Callable[[int, int], None], row: HubModel) -> None:
    """Nudge a worker about this row once it is there. A broker that is away fails nothing."""
    hub_id = current_hub_id()

    # Not a partial: to log that one failed, Django asks for a name that partials do not have, and fails.
    def nudge_of_row() -> None:
        nudge(hub_id, row.pk)

    transaction.on_commit(nudge_of_row, robust=True)


def _check(by: Actor) -> None:
    if not follows_up(by):
        raise NotAllowed(_("La coordination et la comptabilité suivent les courriels et les travaux."))


@transaction.atomic
def resend_mail(*, mail: Mail, by: Actor, now: dt.datetime) -> Mail:
    """Send a message again: one that failed to the addresses of today, one that left as a new row, as it was.

    Raises SecretMail, EmptiedMail, OnItsWay.
    """
    _check(by)
    kept = Mail.objects.select_for_update(of=("self",)).get(pk=mail.pk)
    if kept.is_secret:
        raise SecretMail
    if kept.emptied_at is not None:
        raise EmptiedMail
    if kept.is_on_its_way:
        raise OnItsWay
    before = {"to": kept.to}
    if kept.state == MailState.SENT:
        again = Mail.objects.create(
            to=kept.to,
            subject=kept.subject,
            text=kept.text,
            html=kept.html,
            attachments=kept.attachments,
            about=kept.about,
            next_try_at=now,
        )
    else:
        again = kept
        thing = things_named([kept.about], current_hub(), by).get(kept.about)
        kept.to = list(thing.addresses) if thing and thing.addresses else kept.to
        kept.state, kept.tries, kept.failure, kept.error, kept.next_try_at = MailState.QUEUED, 0, "", "", now
        kept.save(update_fields=["to", "state", "tries", "failure", "error", "next_try_at"])
    record(by=by, verb="hubs.mail_sent_again", thing=again, before=before, after={"to": again.to})
    _nudge_mail(again)
    return again


@transaction.atomic
def drop_mail(*, mail: Mail, by: Actor) -> Mail:
    """Leave a message that failed: whoever it was for knows otherwise. Raises NotFailed."""
    _check(by)
    kept = Mail.objects.select_for_update(of=("self",)).get(pk=mail.pk)
    if kept.state != MailState.FAILED:
        raise NotFailed
    kept.state = MailState.DROPPED
    kept.save(update_fields=["state"])
    record(by=by, verb="hubs.mail_dropped", thing=kept, after={"to": kept.to})
    return kept


def start_run(*, title: str, by: Actor, about: models.Model | None = None) -> Run:
    """Open a run; `add_item` gives it its work."""
    return Run.objects.create(title=title, started_by=by.name, about=name_of(about) if about else "")


def add_item(*, run: Run, job: str, label: str, **kwargs: Any) -> RunItem:
    """Give a run one unit of work, named by the `jobs` of an AppConfig; handed over after the commit."""
    (item,) = add_items(run=run, job=job, items=[(label, kwargs)])
    return item


def add_items(*, run: Run, job: str, items: Iterable[tuple[str, Mapping[str, Any]]]) -> list[RunItem]:
    """Give a run many units of one job, each with its label and what it is told, in one query."""
    now = timezone.now()
    made = RunItem.objects.bulk_create(
        RunItem(run=run, job=job, label=label[:200], kwargs=dict(kwargs), handed_at=now) for label, kwargs in items
    )
    for item in made:
        _nudge_item(item)
    return made


def _nudge_item(item: RunItem) -> None:
    from hubs import tasks

    _after_commit(tasks.nudge_item, item)


@transaction.atomic
def cancel_run(*, run: Run, by: Actor, now: dt.datetime) -> int:
    """Leave undone what is not begun, and what failed; says how much. What a worker holds is finished.

    Raises CannotStop, NothingLeft.
    """
    _check(by)
    kept = Run.objects.select_for_update(of=("self",), no_key=True).get(pk=run.pk)
    unfinished = RunItem.objects.filter(run=kept, state__in=(ItemState.TODO, ItemState.FAILED))
    jobs = set(unfinished.values_list("job", flat=True))
    if kept.cancelled_at is not None or not jobs:
        raise NothingLeft
    if not may_cancel(jobs):
        raise CannotStop
    # Held by a worker: it goes on, and `do_item` cancels what this run is given or tries again later.
    free = unfinished.select_for_update(of=("self",), skip_locked=True).order_by("pk")
    ids = list(free.values_list("pk", flat=True))
    RunItem.objects.filter(pk__in=ids).update(state=ItemState.CANCELLED)
    kept.cancelled_at, kept.cancelled_by = now, by.name
    kept.save(update_fields=["cancelled_at", "cancelled_by"])
    record(by=by, verb="hubs.run_cancelled", thing=kept, after={"items": len(ids)})
    return len(ids)


@transaction.atomic
def retry_failed(*, run: Run, by: Actor, now: dt.datetime) -> int:
    """Hand over again the items that failed; says how many. Raises NothingFailed."""
    _check(by)
    failed = RunItem.objects.filter(run=run, state=ItemState.FAILED)
    items = list(failed.select_for_update(of=("self",)).order_by("pk"))
    if not items:
        raise NothingFailed
    RunItem.objects.filter(pk__in=[item.pk for item in items]).update(state=ItemState.TODO, tries=0, handed_at=now)
    for item in items:
        _nudge_item(item)
    record(by=by, verb="hubs.run_retried", thing=run, after={"items": len(items)})
    return len(items)
