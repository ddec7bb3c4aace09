"""What operators and their machines read: /readyz, /metrics, signs of life."""

import os
import time

import pytest
from prometheus_client.parser import text_string_to_metric_families

from hubs import health
from hubs.actions import add_item, send_mail, start_run
from hubs.enums import ItemState, MailState
from hubs.models import Mail, RunItem
from hubs.scope import open_hub
from tests.client import CheckingClient
from tests.instances import eventually, instance


@pytest.fixture(autouse=True)
def data(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    return tmp_path


def ask(path: str, **headers: str):
    return CheckingClient(headers={"host": "nord.localhost", **headers}).get(path)


def ready() -> tuple[int, str]:
    answer = ask("/readyz")
    return answer.status_code, answer.text


def test_ready(nord):
    assert ready() == (200, "ready\n")


def test_a_migration_that_was_not_run_is_told(nord, monkeypatch):
    monkeypatch.setattr(health, "_migrations", lambda: health._applied() | {("hubs", "0999_later")})

    assert ready() == (503, "migrations\n")


def test_data_that_cannot_be_written_is_told(nord, settings, data):
    settings.DATA_DIR = data / "nowhere"

    assert ready() == (503, "data\n")


def test_valkey_away_is_told_and_stops_nothing(nord, settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"

    assert ready() == (200, "ready\nvalkey is away\n")
    assert samples(ask("/metrics").text)["coursive_valkey_up"] == 0


def samples(text: str) -> dict[str, float]:
    return {
        " ".join([sample.name, *sample.labels.values()]): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_metrics_tell_what_waits_in_each_hub(nord, sud, data):
    with open_hub(nord.hub):
        for state in (MailState.QUEUED, MailState.FAILED):
            mail = send_mail(to=["a@b.example"], subject="x", text="x")
            Mail.objects.filter(pk=mail.pk).update(state=state)
        run = start_run(title="x", by=nord.actor("coordinator"))
        for state in (ItemState.TODO, ItemState.FAILED, ItemState.FAILED):
            item = add_item(run=run, job="x", label="x")
            RunItem.objects.filter(pk=item.pk).update(state=state)
    health.sign("sweep")
    os.utime(data / "alive" / "sweep", (time.time() - 300,) * 2)

    found = samples(ask("/metrics").text)

    assert {name: value for name, value in found.items() if name.startswith(("coursive_mails", "coursive_run"))} == {
        "coursive_mails nord queued": 1,
        "coursive_mails nord failed": 1,
        "coursive_mails sud queued": 0,
        "coursive_mails sud failed": 0,
        "coursive_run_items nord todo": 1,
        "coursive_run_items nord failed": 2,
        "coursive_run_items sud todo": 0,
        "coursive_run_items sud failed": 0,
    }
    assert found["coursive_database_up"] == found["coursive_valkey_up"] == 1
    assert found["coursive_silence_seconds sweep"] == pytest.approx(300, abs=30)
    assert "coursive_silence_seconds beat" not in found
    assert found["coursive_data_free_bytes"] > 0


def test_requests_are_counted_by_class(nord):
    before = samples(ask("/metrics").text)
    ask("/")
    ask("/nulle-part/")
    after = samples(ask("/metrics").text)

    grown = {name: value - before[name] for name, value in after.items() if name.startswith("coursive_request")}
    assert grown["coursive_requests_total 2xx"] == grown["coursive_requests_total 4xx"] == 1
    assert grown["coursive_requests_total 5xx"] == 0
    assert grown["coursive_request_seconds_count"] == 2


def test_metrics_are_this_machines_or_the_tokens(nord, settings):
    def status(address="127.0.0.1", **headers):
        return (
            CheckingClient(headers={"host": "nord.localhost", **headers}, REMOTE_ADDR=address)
            .get("/metrics")
            .status_code
        )

    assert [status(), status("10.0.0.7"), status(x_forwarded_for="10.0.0.7")] == [200, 404, 404]
    settings.METRICS_TOKEN = "s3same"
    assert [status(), status(authorization="Bearer wrong"), status(authorization="Bearer é")] == [404, 404, 404]
    assert status("10.0.0.7", authorization="Bearer s3same") == 200


def test_behind_a_proxy_everyone_seems_to_be_this_machine(nord, settings):
    settings.HTTPS = True

    assert ask("/metrics").status_code == 404


def test_the_worker_the_scheduler_and_their_work_leave_signs_of_life_and_web_processes_count_together(tmp_path):
    with instance(tmp_path / "live") as live:
        live.python("from tests.cast import cast_of; cast_of('nord')")
        port = live.web("--workers=2")
        for _ in range(20):
            live.get(port, "/")
        live.worker()
        live.start("celery", "--quiet", "-A", "coursive", "beat", f"--schedule={live.data / 'schedule'}", "--pidfile=")
        eventually(lambda: {path.name for path in live.data.glob("alive/*")} == set(health.PROCESSES))

        found = [samples(live.get(port, "/metrics").text) for _ in range(6)]

    assert {each["coursive_requests_total 2xx"] for each in found} == {20}
    assert all(found[-1][f"coursive_silence_seconds {name}"] < 60 for name in health.PROCESSES)
