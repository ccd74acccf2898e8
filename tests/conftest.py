"""What every test may ask for."""

import gc
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import TransactionTestCase

APPS = ("incidents_", "notifications_", "workflows_")
# Log-ins, second factors and sessions point at people.
ACCOUNTS = ("account_", "mfa_", "usersessions_", "django_session", "django_admin_log")


# A test session only grows: looking through everything it holds for garbage costs a tenth of its time.
gc.set_threshold(100_000, 50, 50)


def _empty(_case: Any) -> None:
    """Append-only tables refuse to be emptied, so their owner must insist; what migrations put elsewhere stays."""
    tables = connection.introspection.table_names()
    kept = ("workflows_playbook", "workflows_playbookversion", "workflows_case")
    ours = [name for name in tables if name.startswith((*APPS, *ACCOUNTS)) and name not in kept]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(f"SELECT '{name}' WHERE EXISTS (SELECT FROM {name})" for name in ours))
        names = [name for (name,) in cursor.fetchall()]
        for change in ("ALTER TABLE {} DISABLE TRIGGER USER", "DELETE FROM {}"):
            for name in names:
                cursor.execute(change.format(name))
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for name in names:
            cursor.execute(f"ALTER TABLE {name} ENABLE TRIGGER USER")


@pytest.fixture(scope="session")
def _emptied_by_its_owner() -> Iterator[None]:
    # For the session: a live server asks for the database before any fixture of the test itself.
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", _empty)
        yield


@pytest.fixture
def committed(_emptied_by_its_owner: None, transactional_db: None) -> None:
    """Rows that other processes see: no transaction around the test."""
