"""What members puts on à faire beside the year to open (test_pages): the file left halfway."""

import datetime as dt

import pytest
from django.utils import timezone

from hubs.actions import cancel_run, start_run
from hubs.scope import open_hub
from members.actions import import_later
from members.todos import files_left
from parties.models import ImportDraft


@pytest.fixture
def draft(nord, hub):
    return ImportDraft.objects.create(
        owner=nord.coordinator, purpose="members", name="membres.csv", content=b"x", created_at=timezone.now()
    )


def test_a_file_left_halfway_is_to_be_taken_up_by_its_owner(nord, draft):
    (todo,) = files_left(nord.actor("coordinator"), timezone.now())

    assert (todo.key, todo.label, todo.url) == (
        f"members.file:{draft.pk}", "membres.csv", f"/gestion/membres/import/{draft.public_id}/",
    )  # fmt: skip
    assert files_left(nord.actor("accountant"), timezone.now()) == []


@pytest.mark.parametrize(
    "values",
    [
        {"created_at": timezone.now() - dt.timedelta(hours=25)},
        {"imported_at": timezone.now(), "result": {}},
        {"purpose": "other"},
    ],
)
def test_what_is_imported_or_gone_is_not_to_do(nord, draft, values):
    ImportDraft.objects.update(**values)

    assert files_left(nord.actor("coordinator"), timezone.now()) == []


def test_one_that_a_worker_holds_is_not_to_do_until_its_run_is_cancelled(nord, draft):
    by = nord.actor("coordinator")
    run = import_later(draft=draft, by=by)
    held = files_left(by, timezone.now())
    cancel_run(run=run, by=by, now=timezone.now())

    assert (held, len(files_left(by, timezone.now()))) == ([], 1)
    assert import_later(draft=draft, by=by).pk != run.pk


def test_the_run_of_another_file_changes_nothing(nord, draft):
    start_run(title="Autre", by=nord.actor("coordinator"), about=nord.organisation)

    assert len(files_left(nord.actor("coordinator"), timezone.now())) == 1


@pytest.mark.feature("HU10")
def test_the_owner_finds_it_on_a_faire(nord, sign_in):
    with open_hub(nord.hub):
        ImportDraft.objects.create(
            owner=nord.coordinator, purpose="members", name="membres.csv", content=b"x", created_at=timezone.now()
        )

    assert "Reprendre l’import" in sign_in(nord, "coordinator").get("/gestion/").text
