"""What is to be done after the commit: mail to send, work to do."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from django.db import models, transaction
from django.utils import timezone

from hubs.actions.audit import name_of
from hubs.actors import Actor
from hubs.models import HubModel, Mail, Run, RunItem
from hubs.scope import current_hub_id


def send_mail(
    *,
    to: Sequence[str],
    subject: str,
    text: str,
    html: str = "",
    attachments: Iterable[Mapping[str, str]] = (),
    about: models.Model | None = None,
) -> Mail:
    """Queue a message. It leaves after the commit, or with the next sweep."""
    from hubs import tasks

    mail = Mail.objects.create(
        to=list(to),
        subject=" ".join(subject.split())[:240],
        text=text,
        html=html,
        attachments=list(attachments),
        about=name_of(about) if about else "",
        next_try_at=timezone.now(),
    )
    _after_commit(tasks.nudge_mail, mail)
    return mail


def _after_commit(nudge: Callable[[int, int], None], row: HubModel) -> None:
    """Nudge a worker about this row once it is there. A broker that is away fails nothing."""
    hub_id = current_hub_id()

    # Not a partial: to log that one failed, Django asks for a name that partials do not have, and fails.
    def nudge_of_row() -> None:
        nudge(hub_id, row.pk)

    transaction.on_commit(nudge_of_row, robust=True)


def start_run(*, title: str, by: Actor, about: models.Model | None = None) -> Run:
    """Open a run; `add_item` gives it its work."""
    return Run.objects.create(title=title, started_by=by.name, about=name_of(about) if about else "")


def add_item(*, run: Run, job: str, label: str, **kwargs: Any) -> RunItem:
    """Give a run one unit of work, named by the `jobs` of an AppConfig; handed over after the commit."""
    from hubs import tasks

    item = RunItem.objects.create(run=run, job=job, label=label[:200], kwargs=kwargs, handed_at=timezone.now())
    _after_commit(tasks.nudge_item, item)
    return item
