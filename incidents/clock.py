"""The one clock: the database's, so that every process agrees on what is due."""

from datetime import datetime

from django.db import connection


def now() -> datetime:
    """Return the database's present time, aware, in UTC; tests replace this function."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        moment: datetime = cursor.fetchone()[0]
    return moment
