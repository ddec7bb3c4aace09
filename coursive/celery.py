import os
from typing import Any

from celery import Celery
from celery.signals import worker_process_shutdown

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "coursive.settings")

app = Celery("coursive")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_process_shutdown.connect
def release_fonts(**kwargs: Any) -> None:
    """A worker's children are replaced often and skip atexit: each would leave its fonts behind."""
    from documents.rendering import release

    release()
