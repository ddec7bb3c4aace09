"""/metrics: what this machine's web processes have answered, and what waits in each hub."""

import hmac
import os
import shutil
from collections.abc import Iterator

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest
from django.utils import timezone
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from hubs import health
from hubs.models import Hub
from hubs.queries import waiting
from hubs.scope import open_hub

_registry = CollectorRegistry()
_answers = Counter("coursive_requests", "Requests answered, by class of status", ["status"], registry=_registry)
_seconds = Histogram(
    "coursive_request_seconds",
    "How long the answers took",
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
    registry=_registry,
)
_by_class = {status: _answers.labels(f"{status}xx") for status in range(1, 6)}


def count(status: int, seconds: float) -> None:
    _by_class[status // 100].inc()
    _seconds.observe(seconds)


def may_read(request: HttpRequest) -> bool:
    """Who holds the token; without one set, this machine alone, so long as no proxy stands before us."""
    if settings.METRICS_TOKEN:
        given = request.headers.get("Authorization", "")
        return hmac.compare_digest(given.encode(), f"Bearer {settings.METRICS_TOKEN}".encode())
    return (
        not settings.HTTPS
        and request.META.get("REMOTE_ADDR") in ("127.0.0.1", "::1")
        and "X-Forwarded-For" not in request.headers
    )


def exposition() -> bytes:
    """Everything, in Prometheus's text format."""
    requests = _registry
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:  # set by gunicorn.conf.py: the sum of all its processes
        requests = CollectorRegistry()
        MultiProcessCollector(requests)
    instance = CollectorRegistry()
    instance.register(Instance())
    return generate_latest(requests) + generate_latest(instance)


class Instance(Collector):
    """Read when asked: what waits, who is alive, what room is left."""

    def describe(self) -> list[GaugeMetricFamily]:
        return []

    def collect(self) -> Iterator[GaugeMetricFamily]:
        yield GaugeMetricFamily("coursive_valkey_up", "Valkey answers", float(health.valkey_answers()))
        free = shutil.disk_usage(settings.DATA_DIR).free if settings.DATA_DIR.exists() else 0
        yield GaugeMetricFamily("coursive_data_free_bytes", "Room left for files", float(free))
        alive = GaugeMetricFamily("coursive_silence_seconds", "Since the last sign of life of", labels=["process"])
        for name in health.PROCESSES:
            if (seconds := health.silence(name)) is not None:
                alive.add_metric([name], seconds)
        yield alive
        try:
            gauges = self._hubs()
        except DatabaseError:
            gauges = []
        yield GaugeMetricFamily("coursive_database_up", "The database answers", float(bool(gauges)))
        yield from gauges

    def _hubs(self) -> list[GaugeMetricFamily]:
        mails = GaugeMetricFamily("coursive_mails", "Mail that has not left", labels=["hub", "state"])
        items = GaugeMetricFamily("coursive_run_items", "Work that is not done", labels=["hub", "state"])
        oldest = GaugeMetricFamily("coursive_oldest_seconds", "Age of the oldest that waits", labels=["hub", "what"])
        now = timezone.now()
        for hub in Hub.objects.order_by("pk"):
            with open_hub(hub):
                found = waiting(now)
            mails.add_metric([hub.slug, "queued"], found.mails_queued)
            mails.add_metric([hub.slug, "failed"], found.mails_failed)
            items.add_metric([hub.slug, "todo"], found.items_todo)
            items.add_metric([hub.slug, "failed"], found.items_failed)
            oldest.add_metric([hub.slug, "mail"], found.oldest_mail.total_seconds())
            oldest.add_metric([hub.slug, "item"], found.oldest_item.total_seconds())
        return [mails, items, oldest]
