"""What the web and the sender role may do to the tables: everything but rewrite the record of what happened."""

from typing import Any

from django.db import connections
from django.db.backends.utils import CursorWrapper
from psycopg import sql

from crisiscomm.embedded import SENDER_ROLE, WEB_ROLE

# Rows are added and read; nobody who serves pages or sends mail can change or remove one.
APPEND_ONLY_TABLES = (
    "incidents_auditevent",
    "incidents_timelineentry",
    "notifications_approval",
    "notifications_messagerevision",
)


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
    cursor.execute(
        "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename = ANY(%s)",
        [list(APPEND_ONLY_TABLES)],
    )
    for (table,) in cursor.fetchall():
        cursor.execute(sql.SQL("REVOKE UPDATE, DELETE, TRUNCATE ON {} FROM {}").format(sql.Identifier(table), name))
