"""Runs the statements every message needs: planned once a connection, for planning costs more than running."""

from collections.abc import Mapping
from typing import Any

from django.db import connection
from psycopg import Cursor


def execute(statement: str, values: Mapping[str, Any]) -> "Cursor[tuple[Any, ...]]":
    """Run `statement` as a prepared one on Django's connection and return the cursor with its rows."""
    connection.ensure_connection()
    own = connection.connection
    # Django turns preparing off; its own cursors never prepare, whatever this says.
    if own.prepare_threshold is None:
        own.prepare_threshold = 1
    with connection.wrap_database_errors:
        cursor: Cursor[tuple[Any, ...]] = Cursor(own)
        return cursor.execute(statement, values, prepare=True)
