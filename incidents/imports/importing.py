"""The two steps of an import: a look at the file, to be confirmed by a person, and the run."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

from django.db import transaction

from incidents import audit, customers
from incidents.imports import reading, staging
from incidents.imports.cells import Household, Reader, raw
from incidents.imports.columns import IMPACT_FIELDS, Columns
from incidents.imports.report import Candidate, ImportRefused, LineError, Report, Source
from incidents.models import Company, User

PREVIEW_LINES = 8
CUSTOMER_FIELDS = (
    "crm_id",
    "name",
    "email",
    "phone",
    "language",
    "time_zone",
    "region",
    "importance",
    "closeness",
    "account_key",
    "account_manager",
    "salutation",
    "preferred_channel",
    "consent_basis",
)


@dataclass(frozen=True)
class FileView:
    """The first lines of a file as they would be read; `source` is None while the encoding must still be chosen."""

    source: Source | None
    columns: Columns | None = None
    rows: list[list[str]] = field(default_factory=list)
    question: str = ""
    candidates: list[Candidate] = field(default_factory=list)


def preview(path: Path, *, encoding: str | None = None) -> FileView:
    """Show the head of a file, or the encodings to choose from; raise ImportRefused if it is no list of customers."""
    try:
        with reading.opened(path, encoding=encoding) as table:
            rows = [row.cells for row in islice(table.rows, PREVIEW_LINES) if isinstance(row, reading.Row)]
            return FileView(table.source, table.columns, rows)
    except ImportRefused as refusal:
        if not refusal.candidates:
            raise
        return FileView(None, question=str(refusal), candidates=refusal.candidates)


def run(
    path: Path, *, now: datetime, encoding: str | None = None, is_dry_run: bool = False, by: User | None = None
) -> Report:
    """Import the good lines and report the bad ones; a second run of the same file changes nothing.

    A trial run (`is_dry_run`) reports the same and writes nothing.
    """
    company = Company.objects.first() or Company()
    with reading.opened(path, encoding=encoding) as table, transaction.atomic():
        report = _empty_report(table, is_dry_run=is_dry_run)
        reader = Reader(table.columns, wanted=CUSTOMER_FIELDS, household=_household(company))
        with staging.filling() as copy:
            for values in _good_lines(table, reader=reader, report=report):
                copy.write_row(values)
        staging.compare(report)
        if not is_dry_run:
            staging.merge(company=company, now=now)
            audit.record(None, action="customers.imported", actor=by, now=now, data=_for_audit(report))
    report.errors.sort(key=lambda error: error.line)
    return report


def _household(company: Company) -> Household:
    people = User.objects.filter(is_active=True).values_list("username", "pk")
    managers = {username.casefold(): key for username, key in people}
    return Household(region=customers.region_of_company(company), managers=managers)


def _empty_report(table: reading.Table, *, is_dry_run: bool) -> Report:
    columns = table.columns
    return Report(
        source=table.source,
        is_dry_run=is_dry_run,
        columns={columns.headings[place]: name for name, place in columns.fields.items()},
        attributes=list(columns.attributes),
        ignored=columns.headings_of(IMPACT_FIELDS),
    )


def _good_lines(table: reading.Table, *, reader: Reader, report: Report) -> Iterator[list[Any]]:
    """Yield what is staged of each good line; note the bad ones."""
    for row in table.rows:
        report.lines += 1
        staged = [row] if isinstance(row, LineError) else _staged(row, reader=reader)
        if isinstance(staged, tuple):
            yield list(staged)
        else:
            report.add(staged)


def _staged(row: reading.Row, *, reader: Reader) -> tuple[Any, ...] | list[LineError]:
    values = reader.read(row.line, row.cells)
    attributes = reader.attributes_json(row.line, row.cells)
    if isinstance(values, list) or isinstance(attributes, list):
        return [*(values if isinstance(values, list) else []), *(attributes if isinstance(attributes, list) else [])]
    values["account_manager_id"] = values.pop("account_manager", None)
    return (
        row.line,
        values["crm_id"],
        *(values.get(name) for name in staging.KEPT_FIELDS),
        attributes,
        raw(reader.columns, "email", row.cells),
        values.get("email"),
        raw(reader.columns, "phone", row.cells),
        values.get("phone"),
    )


def _for_audit(report: Report) -> dict[str, Any]:
    return {
        "file": report.source.name,
        "encoding": report.source.encoding,
        "created": report.created,
        "changed": report.changed,
        "unchanged": report.unchanged,
        "bad_lines": report.bad_lines,
    }
