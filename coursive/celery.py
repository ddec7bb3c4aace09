import os
from typing import Any

from celery import Celery, Task
from celery.signals import (
    after_task_publish,
    beat_init,
    before_task_publish,
    heartbeat_sent,
    setup_logging,
    task_postrun,
    task_prerun,
    worker_process_shutdown,
)

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "coursive.settings")

app = Celery("coursive")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_process_shutdown.connect
def release_fonts(**kwargs: Any) -> None:
    """A worker's children are replaced often and skip atexit: each would leave its fonts behind."""
    from documents.rendering import release

    release()


@setup_logging.connect
def keep_our_log(**kwargs: Any) -> None:
    """That something is connected is enough: the settings say how lines are written."""


@before_task_publish.connect
def send_request_id(headers: dict[str, Any], **kwargs: Any) -> None:
    """What a worker does for a request is found in the log by the request's name."""
    from hubs import logs

    headers["request_id"] = logs.request_id()


@task_prerun.connect
def take_request_id(task_id: str, task: "Task[..., Any]", **kwargs: Any) -> None:
    from hubs import logs

    logs.begin_task(task.request.get("request_id") or task_id)


@task_postrun.connect
def leave_request_id(sender: "Task[..., Any]", state: str | None = None, **kwargs: Any) -> None:
    from hubs import health, logs

    if sender.name == "hubs.tasks.sweep" and state == "SUCCESS":
        health.sign("sweep")
    logs.begin_task("")


@heartbeat_sent.connect
def worker_is_alive(**kwargs: Any) -> None:
    from hubs import health

    health.sign("worker")


@beat_init.connect
def watch_beat(**kwargs: Any) -> None:
    """Only the scheduler's own sends are its signs of life."""
    from hubs import health

    def sent(**kwargs: Any) -> None:
        health.sign("beat")

    after_task_publish.connect(sent, weak=False)
