"""What the database lets each role do."""

import pytest
from django.db import connection

from crisiscomm.embedded import SENDER_ROLE, WEB_ROLE

RECORDS = {
    "incidents_auditevent",
    "incidents_timelineentry",
    "notifications_approval",
    "notifications_messagerevision",
}


def roles() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolname FROM pg_roles")
        return {name for (name,) in cursor.fetchall()}


def tables_open_for(right: str, *, role: str) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace "
            "AND has_table_privilege(%s, oid, %s)",
            [role, right],
        )
        return {name for (name,) in cursor.fetchall()}


@pytest.mark.django_db
@pytest.mark.parametrize("role", [WEB_ROLE, SENDER_ROLE])
def test_records_can_be_added_and_read_but_not_changed(role: str) -> None:
    if role not in roles():
        pytest.skip("this PostgreSQL was not made with the roles of the product")

    assert tables_open_for("INSERT", role=role) >= RECORDS
    assert tables_open_for("SELECT", role=role) >= RECORDS
    for right in ("UPDATE", "DELETE", "TRUNCATE"):
        assert tables_open_for(right, role=role) & RECORDS == set()
    assert {"incidents_customer", "notifications_delivery"} <= tables_open_for("UPDATE", role=role)
    assert tables_open_for("TRIGGER", role=role) == set()
