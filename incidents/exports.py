"""Lists that leave the house as CSV: readable by every spreadsheet, harmless in each."""

import csv
import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from django.db import connection

from incidents import audit
from incidents.models import Customer, Impact, Incident, User

BYTE_ORDER_MARK = "\ufeff"
CONTENT_TYPE = "text/csv; charset=utf-8"
# A spreadsheet computes a cell that begins so, the full-width forms included.
COMPUTED = tuple("=+-@\t\r\n＝＋－＠")
TELEPHONE = re.compile(r"\+[0-9][0-9 ()]{4,30}")
CHUNK = 2000

CUSTOMER_COLUMNS = [
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
]
IMPACT_COLUMNS = [
    "crm_id",
    "name",
    "tier",
    "arithmetic",
    "override_reason",
    "harm",
    "degree",
    "affected_items",
    "language",
    "region",
]


def neutralise(value: object) -> str:
    """Return the cell as text that no spreadsheet computes; a telephone such as `+49 30 …` stays as it is."""
    text = "" if value is None else str(value).replace("\0", "")
    if TELEPHONE.fullmatch(text):
        return text
    # Some programs skip leading blanks before they look for a formula.
    return f"'{text}" if text.lstrip(" ").startswith(COMPUTED) else text


class _Line:
    """A file of one line: what the CSV writer writes is what it returns."""

    def write(self, text: str) -> str:
        return text


def lines(header: list[str], rows: Iterable[Iterable[object]]) -> Iterator[str]:
    """Yield a CSV file line by line, with a byte order mark, so that Excel reads Chinese and Russian as they are."""
    writer: Any = csv.writer(_Line())
    yield BYTE_ORDER_MARK
    yield writer.writerow(neutralise(name) for name in header)
    for row in rows:
        yield writer.writerow(neutralise(cell) for cell in row)


def customers() -> Iterator[str]:
    """Yield all customers as a CSV file that `import_customers` reads back unchanged."""
    names = attribute_names()
    return lines([*CUSTOMER_COLUMNS, *names], _customer_rows(names))


def attribute_names() -> list[str]:
    """Return the names of all attributes in use; those that are named like a column stay out."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT jsonb_object_keys(attributes) FROM incidents_customer")
        return sorted({name for (name,) in cursor.fetchall()} - {*CUSTOMER_COLUMNS})


def _customer_rows(attributes: list[str]) -> Iterator[list[object]]:
    queryset = Customer.objects.select_related("account_manager").prefetch_related("contact_points").order_by("crm_id")
    for customer in queryset.iterator(CHUNK):
        primary = {point.kind: point for point in customer.contact_points.all() if point.is_primary}
        manager = customer.account_manager.get_username() if customer.account_manager else ""
        cells = {
            "email": primary["email"].value if "email" in primary else "",
            "phone": primary["phone"].normalised if "phone" in primary else "",
            "account_manager": manager,
        }
        fixed = [cells[name] if name in cells else getattr(customer, name) for name in CUSTOMER_COLUMNS]
        yield [*fixed, *(customer.attributes.get(name, "") for name in attributes)]


def impacts(incident: Incident) -> Iterator[str]:
    """Yield the affected customers of an incident as a CSV file, highest tier first."""
    rows = (
        Impact.objects.filter(incident=incident)
        .order_by("tier", "customer__crm_id")
        .values_list(
            "customer__crm_id",
            "customer__name",
            *IMPACT_COLUMNS[2:8],
            "customer__language",
            "customer__region",
        )
    )
    return lines(IMPACT_COLUMNS, rows.iterator(CHUNK))


def take_customers(*, by: User, now: datetime) -> Iterator[str]:
    """Yield all customers as `customers` does, after noting who took them out of the house."""
    audit.record(None, action="customers.exported", actor=by, now=now, data={"customers": Customer.objects.count()})
    return customers()


def bad_lines(report: dict[str, Any]) -> Iterator[str]:
    """Yield the lines an import left out as a CSV file: the place, what stood there, what to do."""
    columns = ["line", "column", "value", "message"]
    return lines(columns, ([error[name] for name in columns] for error in report.get("errors", [])))
