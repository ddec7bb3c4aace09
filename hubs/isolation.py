"""The second and third guards between hubs, as constraints that `makemigrations` writes.

`RowIsolation` turns on row-level security; `SameHub` is a composite foreign key, so that a row
never points at another hub's row. `hub_guards` lists all that a hub-owned model needs.
"""

from typing import Any

from django.db import models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models.constraints import BaseConstraint

OPEN_HUB = "nullif(current_setting('coursive.hub_id', true), '')::bigint"


class _DatabaseOnly(BaseConstraint):
    """A constraint that forms cannot check: their querysets are scoped to the hub already."""

    def validate(self, *args: Any, **kwargs: Any) -> None:
        return None

    def __eq__(self, other: object) -> bool:
        if isinstance(other, type(self)):
            return self.deconstruct() == other.deconstruct()
        return NotImplemented

    __hash__ = BaseConstraint.__hash__


class RowIsolation(_DatabaseOnly):
    """Rows are read and written by `coursive_app` only while their hub is the open one."""

    def _enable(self, table: str) -> str:
        return (
            f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY; '
            f'CREATE POLICY "{self.name}" ON "{table}" USING (hub_id = {OPEN_HUB}) WITH CHECK (hub_id = {OPEN_HUB})'
        )

    def constraint_sql(self, model: type[models.Model], schema_editor: BaseDatabaseSchemaEditor) -> None:
        schema_editor.deferred_sql.append(self._enable(model._meta.db_table))

    def create_sql(self, model: type[models.Model], schema_editor: BaseDatabaseSchemaEditor) -> str:
        return self._enable(model._meta.db_table)

    def remove_sql(self, model: type[models.Model], schema_editor: BaseDatabaseSchemaEditor) -> str:
        table = model._meta.db_table
        return f'DROP POLICY "{self.name}" ON "{table}"; ALTER TABLE "{table}" DISABLE ROW LEVEL SECURITY'


class SameHub(_DatabaseOnly):
    """`(hub, field)` refers to `(hub, id)` of the target: both rows are in one hub, for ever."""

    def __init__(self, *, field: str, name: str) -> None:
        super().__init__(name=name)
        self.field = field

    def deconstruct(self) -> tuple[str, Any, dict[str, Any]]:
        path, args, kwargs = super().deconstruct()
        return path, args, kwargs | {"field": self.field}

    def _refer(self, model: type[models.Model]) -> str:
        field = model._meta.get_field(self.field)
        target = field.related_model._meta.db_table
        return (
            f'ALTER TABLE "{model._meta.db_table}" ADD CONSTRAINT "{self.name}" '
            f'FOREIGN KEY (hub_id, "{field.column}") REFERENCES "{target}" (hub_id, id)'
        )

    # Deferred to the end of the migration: the target's (hub, id) key may be created after us.
    def constraint_sql(self, model: type[models.Model], schema_editor: BaseDatabaseSchemaEditor) -> None:
        schema_editor.deferred_sql.append(self._refer(model))

    def create_sql(self, model: type[models.Model], schema_editor: BaseDatabaseSchemaEditor) -> None:
        schema_editor.deferred_sql.append(self._refer(model))

    def remove_sql(self, model: type[models.Model], schema_editor: BaseDatabaseSchemaEditor) -> str:
        return f'ALTER TABLE "{model._meta.db_table}" DROP CONSTRAINT "{self.name}"'


def hub_guards(table: str, *references: str) -> list[BaseConstraint]:
    """The guards of the hub-owned table `table`, whose foreign keys to hub-owned rows are `references`."""
    return [
        RowIsolation(name=f"{table}_of_hub"),
        models.UniqueConstraint(fields=["hub", "id"], name=f"{table}_hub_id_key"),
        *(SameHub(field=field, name=f"{table}_{field}_same_hub") for field in references),
    ]
