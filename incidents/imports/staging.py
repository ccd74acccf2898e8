"""Takes customers through a temporary table into their tables: a few statements, however many there are."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Protocol

from django.db import connection
from django.utils.translation import gettext as _

from incidents.enums import ContactKind
from incidents.imports.report import ERRORS_KEPT, LineError, Report, shorten
from incidents.models import Company

# One import at a time: two of them would compare with customers the other is about to write.
LOCK = 20_262
KEPT_FIELDS = (
    "name",
    "language",
    "time_zone",
    "region",
    "importance",
    "closeness",
    "account_key",
    "account_manager_id",
    "salutation",
    "preferred_channel",
    "consent_basis",
)
STAGED = ("line", "crm_id", *KEPT_FIELDS, "attributes", "email", "email_normalised", "phone", "phone_normalised")
# Fields a customer cannot be without: what the file does not say is filled in and marked.
DEFAULTABLE = ("name", "language", "time_zone", "importance", "closeness", "consent_basis")


class Copy(Protocol):
    """The part of psycopg's COPY that is used."""

    def write_row(self, row: list[Any]) -> None: ...


@contextmanager
def whole_tables() -> Iterator[None]:
    """Let the planner join whole tables, not row by row.

    Rows written a moment ago are not in its statistics yet; taking them for few, it would need hours for a million.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_nestloop = off")
        yield
        cursor.execute("SET LOCAL enable_nestloop = on")


@contextmanager
def filling() -> Iterator[Copy]:
    """Create the temporary table, gone at the end of the transaction, and yield what rows are written to."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        cursor.execute("DROP TABLE IF EXISTS pg_temp.customer_import, pg_temp.customer_merge")
        cursor.execute(_CREATE)
        with cursor.copy(f"COPY customer_import ({', '.join(STAGED)}) FROM STDIN") as copy:
            yield copy
        cursor.execute("ANALYZE customer_import")


def compare(report: Report) -> None:
    """Leave out repeated ids, then count what would be created, changed and left as it is."""
    with whole_tables(), connection.cursor() as cursor:
        cursor.execute(_MARK_REPEATED)
        if cursor.rowcount:
            _report_repeated(report, repeated=cursor.rowcount)
        cursor.execute(_COMPARE)
        cursor.execute("SELECT outcome, count(*) FROM customer_merge GROUP BY outcome")
        counts = dict(cursor.fetchall())
    report.created, report.changed = counts.get("created", 0), counts.get("changed", 0)
    report.unchanged = counts.get("unchanged", 0)
    report.defaulted = _defaulted()


def _report_repeated(report: Report, *, repeated: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT line, crm_id, first_line FROM customer_import WHERE first_line <> line ORDER BY line LIMIT %s",
            [ERRORS_KEPT],
        )
        for line, crm_id, first_line in cursor.fetchall():
            advice = _("this id stands already on line %(line)s, which was used; keep one of the two.")
            report.add([LineError(line, "crm_id", shorten(crm_id), advice % {"line": first_line})])
    beyond = max(0, repeated - ERRORS_KEPT)
    report.bad_lines += beyond
    report.error_count += beyond


def _defaulted() -> dict[str, int]:
    counted = ", ".join(f"count(*) FILTER (WHERE s.{name} IS NULL)" for name in DEFAULTABLE)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {counted} FROM customer_import s JOIN customer_merge m USING (line) WHERE m.outcome = 'created'"
        )
        found = dict(zip(DEFAULTABLE, cursor.fetchone(), strict=True))
    return {name: count for name, count in found.items() if count}


def merge(*, company: Company, now: datetime) -> None:
    """Write what `compare` found: new customers, changed ones, their addresses."""
    values: dict[str, Any] = {"language": company.fallback_language, "time_zone": company.time_zone, "now": now}
    with whole_tables(), connection.cursor() as cursor:
        cursor.execute(_UPDATE, values)
        cursor.execute(_INSERT, values)
        for kind in (ContactKind.EMAIL, ContactKind.PHONE):
            cursor.execute(_DEMOTE.format(column=str(kind)), {"kind": kind})
            cursor.execute(_ADDRESS.format(column=str(kind)), {"kind": kind})


_CREATE = """
CREATE TEMPORARY TABLE customer_import (
    line bigint NOT NULL, crm_id text NOT NULL, name text, language text, time_zone text, region text,
    importance smallint, closeness smallint, account_key text, account_manager_id bigint, salutation text,
    preferred_channel text, consent_basis text, attributes jsonb NOT NULL, email text, email_normalised text,
    phone text, phone_normalised text, first_line bigint
) ON COMMIT DROP
"""

_MARK_REPEATED = """
UPDATE customer_import s SET first_line = repeated.first_line
FROM (SELECT crm_id, min(line) AS first_line FROM customer_import GROUP BY crm_id HAVING count(*) > 1) repeated
WHERE s.crm_id = repeated.crm_id AND s.line <> repeated.first_line
"""

_KEPT_NOW = ", ".join(f"c.{name}" for name in KEPT_FIELDS)
_KEPT_THEN = ", ".join(f"coalesce(s.{name}, c.{name})" for name in KEPT_FIELDS)
_GIVEN = ", ".join(f"CASE WHEN s.{name} IS NOT NULL THEN '{name}' END" for name in DEFAULTABLE)
_SILENT = ", ".join(f"CASE WHEN s.{name} IS NULL THEN '{name}' END" for name in DEFAULTABLE)

# An empty cell says nothing: what is known of the customer stays, a lost address in a hurried export included.
_COMPARE = f"""
CREATE TEMPORARY TABLE customer_merge ON COMMIT DROP AS
SELECT s.line, CASE
    WHEN c.id IS NULL THEN 'created'
    WHEN ({_KEPT_NOW}, c.attributes, c.defaulted) IS DISTINCT FROM
         ({_KEPT_THEN}, c.attributes || s.attributes, c.defaulted - array_remove(ARRAY[{_GIVEN}], NULL))
      OR (s.email IS NOT NULL AND (e.value, e.normalised) IS DISTINCT FROM (s.email, s.email_normalised))
      OR (s.phone IS NOT NULL AND (p.value, p.normalised) IS DISTINCT FROM (s.phone, s.phone_normalised))
    THEN 'changed' ELSE 'unchanged' END AS outcome
FROM customer_import s
LEFT JOIN incidents_customer c ON c.crm_id = s.crm_id
LEFT JOIN incidents_contactpoint e ON e.customer_id = c.id AND e.kind = '{ContactKind.EMAIL}' AND e.is_primary
LEFT JOIN incidents_contactpoint p ON p.customer_id = c.id AND p.kind = '{ContactKind.PHONE}' AND p.is_primary
WHERE s.first_line IS NULL;
ANALYZE customer_merge
"""

_UPDATE = f"""
UPDATE incidents_customer c
SET {", ".join(f"{name} = coalesce(s.{name}, c.{name})" for name in KEPT_FIELDS)},
    attributes = c.attributes || s.attributes,
    defaulted = c.defaulted - array_remove(ARRAY[{_GIVEN}], NULL),
    updated_at = %(now)s
FROM customer_import s JOIN customer_merge m USING (line)
WHERE m.outcome = 'changed' AND c.crm_id = s.crm_id
"""

_INSERT = f"""
INSERT INTO incidents_customer (
    crm_id, name, language, time_zone, region, importance, closeness, account_key, account_manager_id, salutation,
    preferred_channel, consent_basis, attributes, defaulted, is_active, created_at, updated_at
)
SELECT s.crm_id, coalesce(s.name, s.crm_id), coalesce(s.language, %(language)s), coalesce(s.time_zone, %(time_zone)s),
    coalesce(s.region, ''), coalesce(s.importance, 2), coalesce(s.closeness, 2), coalesce(s.account_key, ''),
    s.account_manager_id, coalesce(s.salutation, ''), coalesce(s.preferred_channel, ''),
    coalesce(s.consent_basis, 'contract'), s.attributes, to_jsonb(array_remove(ARRAY[{_SILENT}], NULL)), true,
    %(now)s, %(now)s
FROM customer_import s JOIN customer_merge m USING (line)
WHERE m.outcome = 'created'
ORDER BY s.line
ON CONFLICT (crm_id) DO NOTHING
"""

# A new address takes the first place; the old one is kept as a second.
_DEMOTE = """
UPDATE incidents_contactpoint point SET is_primary = false
FROM customer_import s JOIN customer_merge m USING (line) JOIN incidents_customer c ON c.crm_id = s.crm_id
WHERE m.outcome = 'changed' AND s.{column} IS NOT NULL AND point.customer_id = c.id AND point.kind = %(kind)s
  AND point.is_primary AND point.normalised <> s.{column}_normalised
"""

_ADDRESS = """
INSERT INTO incidents_contactpoint (customer_id, kind, value, normalised, is_primary)
SELECT c.id, %(kind)s, s.{column}, s.{column}_normalised, true
FROM customer_import s JOIN customer_merge m USING (line) JOIN incidents_customer c ON c.crm_id = s.crm_id
WHERE m.outcome <> 'unchanged' AND s.{column} IS NOT NULL
ON CONFLICT (customer_id, kind, normalised) DO UPDATE SET value = EXCLUDED.value, is_primary = true
WHERE (incidents_contactpoint.value, incidents_contactpoint.is_primary) IS DISTINCT FROM (EXCLUDED.value, true)
"""
