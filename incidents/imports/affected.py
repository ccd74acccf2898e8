"""Reads a file of affected customers (id, degree, harm, items) into the impacts of one incident."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from incidents.enums import Harm, Tier
from incidents.imports import reading, staging
from incidents.imports.cells import Household, Reader
from incidents.imports.columns import AFFECTED_ITEMS, CRM_ID, DEGREE, HARM
from incidents.imports.report import ERRORS_KEPT, LineError, Report, shorten

FIELDS = (CRM_ID, DEGREE, HARM, AFFECTED_ITEMS)
# From the least to the gravest: of several lines of one customer the gravest counts.
HARMS = [str(harm) for harm in Harm]
PROTECTED = [str(Harm.SAFETY), str(Harm.LEGAL_RIGHT)]


def run(path: Path, *, incident_id: int, encoding: str | None) -> Report:
    """Add or correct the impacts a file names and report per line; to be called inside a transaction."""
    with reading.opened(path, encoding=encoding) as table, connection.cursor() as cursor:
        columns = table.columns
        used = {columns.headings[columns.fields[name]]: name for name in FIELDS if name in columns.fields}
        report = Report(table.source, is_dry_run=False, columns=used)
        reader = Reader(columns, wanted=FIELDS, household=Household(region=None, managers={}))
        cursor.execute("DROP TABLE IF EXISTS pg_temp.impact_import")
        cursor.execute(_CREATE)
        with cursor.copy(f"COPY impact_import (line, {', '.join(FIELDS)}) FROM STDIN") as copy:
            for values in _good_lines(table, reader=reader, report=report):
                copy.write_row(values)
    _report_unknown(report)
    _write(report, incident_id=incident_id)
    report.errors.sort(key=lambda error: error.line)
    return report


def _good_lines(table: reading.Table, *, reader: Reader, report: Report) -> Iterator[list[Any]]:
    for row in table.rows:
        report.lines += 1
        values = [row] if isinstance(row, LineError) else reader.read(row.line, row.cells)
        if isinstance(row, LineError) or isinstance(values, list):
            report.add([error for error in values if isinstance(error, LineError)])
        else:
            yield [row.line, *(values.get(name) for name in FIELDS)]


def _report_unknown(report: Report) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_UNKNOWN, {"limit": ERRORS_KEPT})
        rows = cursor.fetchall()
    for line, crm_id, _count in rows:
        advice = _("no customer has this id; import the customer first.")
        report.add([LineError(line, CRM_ID, shorten(crm_id), advice)])
    beyond = rows[0][2] - len(rows) if rows else 0
    report.bad_lines += beyond
    report.error_count += beyond


def _write(report: Report, *, incident_id: int) -> None:
    values: dict[str, Any] = {"incident": incident_id, "harms": HARMS, "default": Harm.INCONVENIENCE}
    with staging.whole_tables(), connection.cursor() as cursor:
        cursor.execute(_COUNT, values)
        total = cursor.fetchone()[0]
        guarded = {**values, "protected": PROTECTED, "first": Tier.ONE}
        cursor.execute(_VOID, guarded)
        report.overrides_ended = [crm_id for (crm_id,) in cursor.fetchall()]
        cursor.execute(_CORRECT, guarded)
        report.changed = cursor.rowcount
        cursor.execute(_ADD, values)
        report.created = cursor.rowcount
    report.unchanged = total - report.changed - report.created


_CREATE = """
CREATE TEMPORARY TABLE impact_import (line bigint, crm_id text, degree smallint, harm text, affected_items text)
ON COMMIT DROP
"""

_UNKNOWN = """
SELECT line, crm_id, count(*) OVER () FROM impact_import s
WHERE NOT EXISTS (SELECT FROM incidents_customer c WHERE c.crm_id = s.crm_id) ORDER BY line LIMIT %(limit)s
"""

_GATHERED = """
WITH gathered AS (
    SELECT c.id AS customer_id, max(s.degree) AS degree, string_agg(s.affected_items, E'\\n' ORDER BY s.line) AS items,
        (%(harms)s::text[])[max(array_position(%(harms)s::text[], s.harm))] AS harm
    FROM impact_import s JOIN incidents_customer c ON c.crm_id = s.crm_id GROUP BY c.id
)
"""

_COUNT = f"{_GATHERED} SELECT count(*) FROM gathered"

# What protects a customer outranks the decision of a person who did not know of it.
_CORRECTED = f"""
{_GATHERED}, corrected AS (
    SELECT i.id, i.customer_id, coalesce(g.degree, i.degree) AS degree, coalesce(g.harm, i.harm) AS harm,
        coalesce(g.items, i.affected_items) AS items,
        i.is_defaulted AND (g.degree IS NULL OR g.harm IS NULL) AS is_defaulted,
        coalesce(g.harm, i.harm) = ANY(%(protected)s) AND coalesce(i.override_tier <> %(first)s, false) AS is_void
    FROM incidents_impact i JOIN gathered g ON g.customer_id = i.customer_id WHERE i.incident_id = %(incident)s
)
"""

_VOID = f"""
{_CORRECTED}
SELECT c.crm_id FROM corrected n JOIN incidents_customer c ON c.id = n.customer_id WHERE n.is_void ORDER BY c.crm_id
"""

_CORRECT = f"""
{_CORRECTED}
UPDATE incidents_impact i SET degree = n.degree, harm = n.harm, affected_items = n.items, is_defaulted = n.is_defaulted,
    override_tier = CASE WHEN n.is_void THEN NULL ELSE i.override_tier END,
    override_reason = CASE WHEN n.is_void THEN '' ELSE i.override_reason END,
    override_by_id = CASE WHEN n.is_void THEN NULL ELSE i.override_by_id END
FROM corrected n
WHERE i.id = n.id AND (i.degree, i.harm, i.affected_items, i.is_defaulted)
    IS DISTINCT FROM (n.degree, n.harm, n.items, n.is_defaulted)
"""

_ADD = f"""
{_GATHERED}
INSERT INTO incidents_impact (
    incident_id, customer_id, affected_items, harm, degree, is_defaulted, score, arithmetic, override_reason
)
SELECT %(incident)s, customer_id, coalesce(items, ''), coalesce(harm, %(default)s), coalesce(degree, 2),
    degree IS NULL OR harm IS NULL, 0, '', ''
FROM gathered ON CONFLICT (incident_id, customer_id) DO NOTHING
"""
