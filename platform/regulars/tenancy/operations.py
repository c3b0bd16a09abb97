"""Migration operations for rules that Django cannot express."""

from typing import Any

from django.conf import settings
from django.db.migrations.operations.base import Operation


class AppendOnly(Operation):
    """Make a table append-only: the runtime role may not change rows, and a trigger refuses too.

    `except_columns` may still be updated (a merge moves a purchase to another customer); deleting
    and truncating are refused to everybody who goes through the trigger, the owner included.
    """

    reversible = True
    reduces_to_sql = True

    def __init__(self, model: str, except_columns: tuple[str, ...] = ()) -> None:
        """Name the model as the migration's application knows it."""
        self.model = model
        self.except_columns = except_columns

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        """Return how to write this operation down again."""
        return (type(self).__qualname__, [self.model, self.except_columns], {})

    def state_forwards(self, app_label: str, state: Any) -> None:
        """Change nothing in Django's picture of the models."""

    def database_forwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        """Revoke and guard."""
        model = to_state.apps.get_model(app_label, self.model)
        if not self.allow_migrate_model(schema_editor.connection.alias, model):
            return
        table = schema_editor.quote_name(model._meta.db_table)
        columns = [field.column for field in model._meta.local_concrete_fields]
        frozen = ", ".join(f'"{name}"' for name in columns if name not in self.except_columns)
        role = schema_editor.quote_name(settings.RUNTIME_ROLE)
        schema_editor.execute(f"REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM {role}")
        if self.except_columns:
            free = ", ".join(f'"{name}"' for name in self.except_columns)
            schema_editor.execute(f"GRANT UPDATE ({free}) ON {table} TO {role}")
        schema_editor.execute(
            f"CREATE TRIGGER append_only_update BEFORE UPDATE OF {frozen} ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change()"
        )
        schema_editor.execute(
            f"CREATE TRIGGER append_only_delete BEFORE DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change()"
        )

    def database_backwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        """Allow changes again."""
        model = from_state.apps.get_model(app_label, self.model)
        if not self.allow_migrate_model(schema_editor.connection.alias, model):
            return
        table = schema_editor.quote_name(model._meta.db_table)
        role = schema_editor.quote_name(settings.RUNTIME_ROLE)
        schema_editor.execute(f"DROP TRIGGER append_only_update ON {table}")
        schema_editor.execute(f"DROP TRIGGER append_only_delete ON {table}")
        schema_editor.execute(f"GRANT UPDATE, DELETE ON {table} TO {role}")

    def describe(self) -> str:
        """Say it in a line of output."""
        return f"Make {self.model} append-only"
