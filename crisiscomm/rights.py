"""What the web and the sender role may do to the tables: everything but rewrite the record of what happened."""

from typing import Any

from django.db import connections
from django.db.backends.utils import CursorWrapper
from psycopg import sql

from crisiscomm.embedded import SENDER_ROLE, WEB_ROLE

# A table carries a trigger of this name when its rows are never changed or removed (see `*/sql/guards.sql`).
APPEND_ONLY_TRIGGER = "append_only"


def grant_rights(*, using: str, **_: Any) -> None:
    """Run after every migration, by the role that owns the tables; a database without these roles is left alone."""
    connection = connections[using]
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT rolname FROM pg_roles WHERE rolname = ANY(%s) AND rolname <> current_user ORDER BY rolname",
            [[SENDER_ROLE, WEB_ROLE]],
        )
        for (role,) in cursor.fetchall():
            _grant_to(role, cursor=cursor)


def _grant_to(role: str, *, cursor: CursorWrapper) -> None:
    name = sql.Identifier(role)
    statements = [
        "GRANT USAGE ON SCHEMA public TO {}",
        "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {}",
        "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {}",
    ]
    for statement in statements:
        cursor.execute(sql.SQL(statement).format(name))
    cursor.execute("SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname = %s", [APPEND_ONLY_TRIGGER])
    for (table,) in cursor.fetchall():
        cursor.execute(sql.SQL("REVOKE UPDATE, DELETE, TRUNCATE ON {} FROM {}").format(sql.Identifier(table), name))
