"""Long work, item by item: each once, safe to kill, handed again, and given up after five tries."""

import datetime as dt
import re

import pytest
import time_machine
from django.apps import apps
from django.urls import reverse

from coursive.celery import app as celery
from hubs.actions import add_item, start_run
from hubs.enums import ItemState
from hubs.models import Run, RunItem
from hubs.scope import open_hub
from hubs.tasks import AGAIN_AFTER, ITEM_TRIES, do_item, sweep
from parties.models import Trade
from tests.hubs.jobs import JOBS

NOON = dt.datetime(2026, 10, 5, 10, tzinfo=dt.UTC)


@pytest.fixture
def clock():
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture(autouse=True)
def jobs(monkeypatch):
    monkeypatch.setattr(apps.get_app_config("spaces"), "jobs", JOBS)


@pytest.fixture
def run(clock, nord) -> Run:
    with open_hub(nord.hub):
        return start_run(title="Factures d’octobre", by=nord.actor("coordinator"))


@pytest.fixture
def give(run, nord):
    """`give("fail")` adds an item to the run."""

    def given(job: str, name: str = "spectacle vivant") -> RunItem:
        with open_hub(nord.hub):
            return add_item(run=run, job=f"tests.{job}", label=f"Compagnie de {name}", name=name)

    return given


def work(item: RunItem) -> tuple:
    """Have a worker do it; its state, its tries, its error, and what the job left behind."""
    do_item(hub_id=item.hub_id, item_id=item.pk)
    return outcome(item)


def outcome(item: RunItem) -> tuple:
    with open_hub(item.hub):
        item.refresh_from_db()
        return item.state, item.tries, item.error, Trade.objects.count()


def test_an_item_is_done_once(give):
    item = give("note")

    assert (work(item), work(item), item.done_at) == ((ItemState.DONE, 0, "", 1), (ItemState.DONE, 0, "", 1), NOON)


def test_a_worker_killed_halfway_leaves_it_to_do(give):
    item = give("die")

    with pytest.raises(SystemExit):
        work(item)

    assert outcome(item) == (ItemState.TODO, 0, "", 0)


@pytest.mark.parametrize("job", ["fail", "break_a_rule"])
def test_an_item_that_fails_leaves_nothing_and_is_given_up_after_five_tries(give, job):
    item = give(job)

    states = [work(item)[0] for _try in range(ITEM_TRIES)]
    state, tries, error, left = outcome(item)

    assert states == [ItemState.TODO] * 4 + [ItemState.FAILED]
    assert (state, tries, left) == (ItemState.FAILED, 5, 0)
    assert error.startswith({"fail": "Le modèle ne se lit pas.", "break_a_rule": "duplicate key"}[job])


@pytest.fixture
def by_hand():
    """Tasks run where they are asked for, as a worker at hand would."""
    celery.conf.task_always_eager = True
    yield
    celery.conf.task_always_eager = False


def test_the_sweep_hands_again_what_nobody_finished_in_two_minutes(give, clock, by_hand):
    item = give("note")

    clock.shift(AGAIN_AFTER)
    sweep()
    in_time = outcome(item)
    clock.shift(dt.timedelta(seconds=1))
    sweep()

    assert (in_time, outcome(item)) == ((ItemState.TODO, 0, "", 0), (ItemState.DONE, 0, "", 1))


def test_the_sweep_leaves_to_a_worker_the_time_to_work(give, clock):
    item = give("note")
    clock.shift(AGAIN_AFTER + dt.timedelta(seconds=1))

    sweep()

    with open_hub(item.hub):
        item.refresh_from_db()
    assert (item.state, item.handed_at) == (ItemState.TODO, NOON + AGAIN_AFTER + dt.timedelta(seconds=1))


# --- The page ------------------------------------------------------------------------------------


@pytest.fixture
def page(run):
    return reverse("hubs:run", args=[run.pk])


def test_the_page_shows_how_far_it_is_and_what_failed(give, page, nord, sign_in):
    work(give("note"))
    bad = give("fail", "graphisme")
    for _try in range(ITEM_TRIES):
        work(bad)
    give("note", "cinéma")

    answer = sign_in(nord, "accountant").get(page)

    assert answer.status_code == 200
    assert "<h1>Factures d’octobre</h1>" in answer.text
    assert 'value="1" max="3"' in answer.text
    assert "1 élément n’a pas abouti." in answer.text
    told = [(item.label, item.state, item.error) for item in answer.context["page"]]
    assert told == [
        ("Compagnie de graphisme", ItemState.FAILED, "Le modèle ne se lit pas."),
        ("Compagnie de cinéma", ItemState.TODO, ""),
        ("Compagnie de spectacle vivant", ItemState.DONE, ""),
    ]
    assert "Erreur imprévue" in answer.text
    assert 'hx-trigger="every 2s"' in answer.text


def test_the_page_shows_what_failed_and_will_be_tried_again(give, page, nord, sign_in):
    work(give("fail", "graphisme"))

    answer = sign_in(nord, "accountant").get(page)

    assert "sera essayé de nouveau dans deux minutes" in answer.text
    told = re.sub("<.+?>", " ", answer.text)
    assert re.search(r"Compagnie de graphisme\s+N’a pas abouti .+\u00a0: +Le modèle ne se lit pas\.", told)
    assert "n’a pas abouti." not in answer.text


def test_a_finished_run_stops_asking(give, page, nord, sign_in):
    work(give("note"))

    part = sign_in(nord, "coordinator").get(page, headers={"HX-Request": "true"})

    assert part.text.strip().startswith('<div id="travail" class="stack mt">')
    assert ("Tout est fait." in part.text, "hx-trigger" in part.text) == (True, False)


def test_who_opens_the_page(page, nord, sud, sign_in):
    for who in ("administrator", "receptionist", "adviser"):
        assert sign_in(nord, who).get(page).status_code == 403
    assert sign_in(sud, "coordinator").get(page).status_code == 404
    assert sign_in(nord, "coordinator").get("/gestion/suivi/travaux/987654/").status_code == 404


@pytest.mark.parametrize("rows", [1, 3])
def test_queries_do_not_grow_with_items(give, page, nord, sign_in, django_assert_num_queries, rows):
    for n in range(rows):
        bad = give("fail", f"métier {n}")
        for _try in range(ITEM_TRIES):
            work(bad)
    browser = sign_in(nord, "coordinator")
    browser.get(page)

    with django_assert_num_queries(14):
        browser.get(page)
