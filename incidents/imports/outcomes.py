"""Takes what became of customers (from a file, or row by row) through a temporary table, by CRM id and day."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from incidents.imports import reading, staging
from incidents.imports.cells import Household, Reader
from incidents.imports.columns import CRM_ID, SYNONYMS, Columns, vocabulary
from incidents.imports.report import ERRORS_KEPT, ImportRefused, LineError, Report, shorten

OBSERVED_ON, IS_CUSTOMER = "observed_on", "is_customer"
FIELDS = (CRM_ID, OBSERVED_ON, IS_CUSTOMER, "orders", "revenue", "currency")
NEEDED = (CRM_ID, OBSERVED_ON, IS_CUSTOMER)
# A vocabulary of its own: in a list of customers these columns are the company's own attributes.
MEANING = vocabulary(
    {
        CRM_ID: SYNONYMS[CRM_ID],
        OBSERVED_ON: "date|observation date|as of|day|日期|观察日期|截至日期|дата|дата наблюдения|на дату",
        IS_CUSTOMER: "still a customer|still customer|active|is active|status|是否客户|仍是客户|状态|"
        "ещё клиент|клиент активен|активен|статус",
        "orders": "orders since|number of orders|订单|订单数|此后订单数|заказы|число заказов|заказов с тех пор",
        "revenue": "revenue since|sales|turnover|收入|销售额|此后销售额|выручка|оборот|выручка с тех пор",
        "currency": "货币|币种|валюта",
    }
)


@dataclass(frozen=True)
class Frame:
    """Which incident is told of, the days an observation can be of, and who notes it when."""

    incident_id: int
    first: date
    last: date
    by_id: int | None
    now: datetime


def read(path: Path, *, frame: Frame, encoding: str | None, is_dry_run: bool = False) -> Report:
    """Take the good lines of a file and report the bad ones; to be called inside a transaction."""
    with reading.opened(path, encoding=encoding, meaning=MEANING) as table:
        columns = table.columns
        _refuse_without(columns)
        used = {columns.headings[place]: name for name, place in columns.fields.items()}
        report = Report(table.source, is_dry_run, columns=used, ignored=list(columns.attributes))
        reader = Reader(columns, wanted=FIELDS, household=Household(region=None, managers={}))
        take(_good_lines(table, reader=reader, frame=frame, report=report), frame=frame, report=report)
    return report


def take(lines: Iterable[list[Any]], *, frame: Frame, report: Report) -> None:
    """Write lines (their number, then `FIELDS`) set-based; several runs of the same lines change nothing more."""
    with staging.whole_tables(), connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS pg_temp.outcome_import")
        cursor.execute(_CREATE)
        with cursor.copy(f"COPY outcome_import (line, {', '.join(FIELDS)}) FROM STDIN") as copy:
            for line in lines:
                copy.write_row(line)
        cursor.execute("ANALYZE outcome_import")
        _leave_out(report, _REPEATED, _("this customer and day stand already on line %(line)s; keep one of the two."))
        _leave_out(report, _UNKNOWN, _("no customer has this id; import the customer first."))
        values = {"incident": frame.incident_id, "by": frame.by_id, "now": frame.now}
        cursor.execute(_WRITE, values)
        report.created, report.changed, total = cursor.fetchone()
    report.unchanged = total - report.created - report.changed
    report.errors.sort(key=lambda error: error.line)


def outside(observed_on: date, *, frame: Frame) -> str:
    """Say why nobody can have observed on this day what became of the customers; empty where they can."""
    if observed_on < frame.first:
        return _("the day lies before the incident was declared (%s).") % frame.first.isoformat()
    return _("the day lies in the future.") if observed_on > frame.last else ""


def _refuse_without(columns: Columns) -> None:
    missing = [name for name in NEEDED if name not in columns.fields]
    if missing:
        sentence = _("The file needs a column %(names)s; crm_id, observed_on and is_customer stand in every line.")
        raise ImportRefused(sentence % {"names": ", ".join(missing)})


def _good_lines(table: reading.Table, *, reader: Reader, frame: Frame, report: Report) -> Iterator[list[Any]]:
    for row in table.rows:
        report.lines += 1
        values = [row] if isinstance(row, LineError) else _read_line(row, reader=reader, frame=frame)
        if isinstance(values, dict):
            yield [row.line, *(values.get(name) for name in FIELDS)]
        else:
            report.add(values)


def _read_line(row: reading.Row, *, reader: Reader, frame: Frame) -> dict[str, Any] | list[LineError]:
    values = reader.read(row.line, row.cells)
    if isinstance(values, list):
        return values
    observed_on = values[OBSERVED_ON]
    assert isinstance(observed_on, date)
    advice = outside(observed_on, frame=frame)
    if advice:
        place = reader.columns.fields[OBSERVED_ON]
        return [LineError(row.line, reader.columns.headings[place], shorten(row.cells[place]), advice)]
    return values


def _leave_out(report: Report, sql: str, advice: str) -> None:
    """Take lines out of the temporary table and report them, the first ones in words."""
    with connection.cursor() as cursor:
        cursor.execute(sql, {"limit": ERRORS_KEPT})
        rows = cursor.fetchall()
    for line, crm_id, first_line, _count in rows:
        report.add([LineError(line, CRM_ID, shorten(crm_id), advice % {"line": first_line})])
    beyond = rows[0][3] - len(rows) if rows else 0
    report.bad_lines += beyond
    report.error_count += beyond


_CREATE = """
CREATE TEMPORARY TABLE outcome_import (
    line bigint, crm_id text, observed_on date, is_customer boolean, orders integer, revenue numeric(14, 2),
    currency text
) ON COMMIT DROP
"""

_REPEATED = """
WITH first AS (
    SELECT crm_id, observed_on, min(line) AS line FROM outcome_import GROUP BY crm_id, observed_on HAVING count(*) > 1
), gone AS (
    DELETE FROM outcome_import s USING first f
    WHERE s.crm_id = f.crm_id AND s.observed_on = f.observed_on AND s.line <> f.line
    RETURNING s.line, s.crm_id, f.line AS first_line
)
SELECT line, crm_id, first_line, count(*) OVER () FROM gone ORDER BY line LIMIT %(limit)s
"""

_UNKNOWN = """
WITH gone AS (
    DELETE FROM outcome_import s WHERE NOT EXISTS (SELECT FROM incidents_customer c WHERE c.crm_id = s.crm_id)
    RETURNING s.line, s.crm_id
)
SELECT line, crm_id, 0, count(*) OVER () FROM gone ORDER BY line LIMIT %(limit)s
"""

# An empty cell says nothing: what an earlier list told of the same day stays.
_WRITE = """
WITH written AS (
    INSERT INTO incidents_customeroutcome AS o (
        incident_id, customer_id, observed_on, is_customer, orders, revenue, currency, noted_by_id, noted_at
    )
    SELECT %(incident)s, c.id, s.observed_on, s.is_customer, s.orders, s.revenue, coalesce(s.currency, ''),
        %(by)s, %(now)s
    FROM outcome_import s JOIN incidents_customer c ON c.crm_id = s.crm_id
    ORDER BY s.line
    ON CONFLICT (incident_id, customer_id, observed_on) DO UPDATE SET
        is_customer = EXCLUDED.is_customer, orders = coalesce(EXCLUDED.orders, o.orders),
        revenue = coalesce(EXCLUDED.revenue, o.revenue),
        currency = coalesce(nullif(EXCLUDED.currency, ''), o.currency),
        noted_by_id = EXCLUDED.noted_by_id, noted_at = EXCLUDED.noted_at
    WHERE (o.is_customer, o.orders, o.revenue, o.currency) IS DISTINCT FROM (
        EXCLUDED.is_customer, coalesce(EXCLUDED.orders, o.orders), coalesce(EXCLUDED.revenue, o.revenue),
        coalesce(nullif(EXCLUDED.currency, ''), o.currency))
    RETURNING xmax = 0 AS is_new
)
SELECT count(*) FILTER (WHERE is_new), count(*) FILTER (WHERE NOT is_new), (SELECT count(*) FROM outcome_import)
FROM written
"""
