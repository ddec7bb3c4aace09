"""What a migration may do while the old code still runs beside it, and people write."""

from collections.abc import Iterator

import pytest
from django.apps import apps
from django.contrib.postgres.operations import AddConstraintNotValid, AddIndexConcurrently
from django.db import connection, migrations, models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ModelState, ProjectState

# Up to these numbers no instance kept data: tables were made, not changed.
BEFORE_ANY_INSTANCE = 13
OURS = ("hubs", "documents", "parties", "billing", "members", "governance", "spaces")

OLD_CODE = (
    migrations.RemoveField,
    migrations.DeleteModel,
    migrations.RenameField,
    migrations.RenameModel,
    migrations.AlterModelTable,
)


def risks(migration: migrations.Migration, state: ProjectState) -> list[str]:
    """What old code or people writing would suffer; nothing where the migration says why it may (`risk`)."""
    if getattr(migration, "risk", ""):
        return []
    made: set[str] = set()
    found = []
    for operation in migration.operations:
        if isinstance(operation, migrations.CreateModel):
            made.add(operation.name_lower)
        elif _model(operation) not in made:
            found += [f"{type(operation).__name__}: {words}" for words in _risks(operation, state, migration.app_label)]
        operation.state_forwards(migration.app_label, state)
    return found


def _model(operation: Operation) -> str:
    return str(getattr(operation, "model_name", getattr(operation, "name", ""))).lower()


def _column(state: ProjectState, app: str, operation: migrations.AlterField) -> str | None:
    """The type of the column: a key has that of what it points at, which only rendered models know."""
    return state.apps.get_model(app, operation.model_name)._meta.get_field(operation.name).db_type(connection)


def _risks(operation: Operation, state: ProjectState, app: str) -> Iterator[str]:
    if isinstance(operation, OLD_CODE):
        yield "the old code still reads it"
    if isinstance(operation, migrations.AlterField):
        old = state.models[app, operation.model_name_lower].fields[operation.name]
        if old.null and not operation.field.null:
            yield "the old code still writes NULL"
        after = state.clone()
        operation.state_forwards(app, after)
        if _column(state, app, operation) != _column(after, app, operation):
            yield "the table is written anew, and nobody reads it meanwhile"
    elif isinstance(operation, migrations.AddField):
        field = operation.field
        if not (field.null or field.many_to_many or field.db_default is not models.NOT_PROVIDED):
            yield "the old code inserts without it"
    elif isinstance(operation, migrations.AddIndex) and not isinstance(operation, AddIndexConcurrently):
        yield "writes wait while it is built"
    elif isinstance(operation, migrations.AddConstraint) and not isinstance(operation, AddConstraintNotValid):
        yield "writes wait while every row is read"


def migrations_of_instances() -> list[tuple[str, str]]:
    names = MigrationLoader(None).disk_migrations
    return sorted((app, name) for app, name in names if app in OURS and int(name[:4]) > BEFORE_ANY_INSTANCE)


def test_no_migration_hurts_those_who_work_while_it_runs():
    loader = MigrationLoader(None)

    found = {
        f"{app}.{name}": risks(loader.graph.nodes[app, name], loader.project_state((app, name), at_end=False))
        for app, name in migrations_of_instances()
    }

    assert {name: words for name, words in found.items() if words} == {}


def test_names_say_what_migrations_bring():
    assert [name for _app, name in MigrationLoader(None).disk_migrations if "_auto" in name] == []
    assert {app.label for app in apps.get_app_configs() if (app.label in OURS)} == set(OURS)


def room(**fields: models.Field) -> ProjectState:
    state = ProjectState()
    base = {"id": models.BigAutoField(primary_key=True), "name": models.CharField(max_length=20, null=True)}
    state.add_model(ModelState("spaces", "Room", list((base | fields).items())))
    return state


INDEX = models.Index(fields=["name"], name="room_name")
POSITIVE = models.CheckConstraint(condition=models.Q(id__gt=0), name="room_positive")


@pytest.mark.parametrize(
    ("operation", "words"),
    [
        (migrations.RemoveField("room", "name"), ["RemoveField: the old code still reads it"]),
        (migrations.RenameField("room", "name", "title"), ["RenameField: the old code still reads it"]),
        (migrations.DeleteModel("Room"), ["DeleteModel: the old code still reads it"]),
        (
            migrations.AlterField("room", "name", models.CharField(max_length=20)),
            ["AlterField: the old code still writes NULL"],
        ),
        (
            migrations.AlterField("room", "name", models.IntegerField(null=True)),
            ["AlterField: the table is written anew, and nobody reads it meanwhile"],
        ),
        (
            migrations.AddField("room", "size", models.IntegerField(default=0)),
            ["AddField: the old code inserts without it"],
        ),
        (migrations.AddIndex("room", INDEX), ["AddIndex: writes wait while it is built"]),
        (migrations.AddConstraint("room", POSITIVE), ["AddConstraint: writes wait while every row is read"]),
        (migrations.AddField("room", "size", models.IntegerField(db_default=0)), []),
        (migrations.AddField("room", "size", models.IntegerField(null=True)), []),
        (AddIndexConcurrently("room", INDEX), []),
        (AddConstraintNotValid("room", POSITIVE), []),
    ],
)
def test_what_is_a_risk(operation, words):
    migration = migrations.Migration("0010_x", "spaces")
    migration.operations = [operation]

    assert risks(migration, room()) == words
    migration.risk = "ten rows, and nobody reads it"
    assert risks(migration, room()) == []


def test_a_table_made_by_the_same_migration_is_nobodys_yet():
    migration = migrations.Migration("0010_x", "spaces")
    migration.operations = [
        migrations.CreateModel("Room", [("id", models.BigAutoField(primary_key=True))]),
        migrations.AddField("room", "name", models.CharField(max_length=20, default="")),
        migrations.AddIndex("room", INDEX),
    ]

    assert risks(migration, ProjectState()) == []
