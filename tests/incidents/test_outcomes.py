"""What became of customers is taken from lists of all kinds, by CRM id and day, as often as one likes."""

from datetime import date, timedelta
from decimal import Decimal
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from openpyxl import Workbook

from incidents import outcomes
from incidents.imports import ImportRefused, quantities
from incidents.imports.report import Report
from incidents.models import CustomerOutcome, Incident
from tests.factories_incidents import NOW, customer, person, reported

pytestmark = pytest.mark.django_db
DAY = NOW + timedelta(days=90)


@pytest.fixture
def incident() -> Incident:
    made = reported()
    Incident.objects.filter(pk=made.pk).update(declared_at=NOW)
    for crm_id in ("K1", "K2", "K3"):
        customer(crm_id)
    return made


def taken(incident: Incident, path: Path, text: str, *, encoding: str = "utf-8", is_dry_run: bool = False) -> Report:
    path.write_text(text, encoding=encoding)
    stated = None if encoding == "utf-8" else encoding
    return outcomes.import_file(incident, path=path, by=person("lena"), now=DAY, encoding=stated, is_dry_run=is_dry_run)


def kept() -> list[tuple[object, ...]]:
    rows = CustomerOutcome.objects.order_by("customer__crm_id", "observed_on")
    return list(rows.values_list("customer__crm_id", "observed_on", "is_customer", "orders", "revenue", "currency"))


def test_a_list_is_taken_once_however_often_it_comes(incident: Incident, tmp_path: Path) -> None:
    day = DAY.date()
    lines = f"crm_id;observed_on;is_customer;orders;revenue;currency\nK1;{day};yes;3;1 234,50;eur\nK2;{day};no;;;\n"

    first = taken(incident, tmp_path / "a.csv", lines)
    again = taken(incident, tmp_path / "a.csv", lines)
    changed = taken(incident, tmp_path / "b.csv", f"crm_id,observed_on,is_customer\nK1,{day},no\n")

    assert (first.created, first.changed, first.unchanged, first.bad_lines) == (2, 0, 0, 0)
    assert (again.created, again.changed, again.unchanged) == (0, 0, 2)
    assert (changed.created, changed.changed, changed.unchanged) == (0, 1, 0)
    assert kept() == [("K1", day, False, 3, Decimal("1234.50"), "EUR"), ("K2", day, False, None, None, "")]
    assert incident.timeline.filter(kind="review").count() == 2


def test_bad_lines_are_named_and_the_others_taken(incident: Incident, tmp_path: Path) -> None:
    text = (
        "客户编号,观察日期,是否客户,订单数\n"
        "K1,2026年12月1日,是,2\n"
        "K1,2026-12-01,否,\n"
        "K9,2026-12-01,是,\n"
        "K2,2026-01-01,是,\n"
        "K2,2028-01-01,是,\n"
        "K2,01/12/2026,是,1.5\n"
        "K3,,vielleicht,\n"
    )
    report = taken(incident, tmp_path / "zh.csv", text, encoding="gb18030")

    assert (report.created, report.bad_lines, report.lines) == (1, 6, 7)
    assert [str(error) for error in report.errors] == [
        "Line 3, crm_id “K1”: this customer and day stand already on line 2; keep one of the two.",
        "Line 4, crm_id “K9”: no customer has this id; import the customer first.",
        "Line 5, 观察日期 “2026-01-01”: the day lies before the incident was declared (2026-11-22).",
        "Line 6, 观察日期 “2028-01-01”: the day lies in the future.",
        "Line 7, 观察日期 “01/12/2026”: write the day as 2026-11-22 or 22.11.2026.",
        "Line 7, 订单数 “1.5”: write a whole number, such as 3.",
        "Line 8, 观察日期: the day is missing.",
        "Line 8, 是否客户 “vielleicht”: write yes or no (是 否; да нет).",
    ]


def test_a_workbook_is_read_and_a_trial_writes_nothing(incident: Incident, tmp_path: Path) -> None:
    book = Workbook()
    assert book.active is not None
    book.active.append(["Код клиента", "Дата", "Активен", "Выручка"])
    book.active.append(["K1", DAY.replace(tzinfo=None), True, 12.5])
    book.save(tmp_path / "ru.xlsx")

    def imported(*, is_dry_run: bool) -> Report:
        return outcomes.import_file(
            incident, path=tmp_path / "ru.xlsx", by=None, now=DAY, encoding=None, is_dry_run=is_dry_run
        )

    assert (imported(is_dry_run=True).created, kept()) == (1, [])
    assert (imported(is_dry_run=False).created, kept()) == (1, [("K1", DAY.date(), True, None, Decimal("12.50"), "")])


def test_a_file_without_the_needed_columns_or_before_the_declaration_is_refused(
    incident: Incident, tmp_path: Path
) -> None:
    with pytest.raises(ImportRefused, match="needs a column is_customer"):
        taken(incident, tmp_path / "a.csv", "crm_id,date\nK1,2026-12-01\n")
    with pytest.raises(outcomes.NotYet, match="not declared"):
        taken(reported(), tmp_path / "a.csv", "crm_id,date,active\nK1,2026-12-01,1\n")


def test_many_lines_cost_as_many_statements_as_one(incident: Incident, tmp_path: Path) -> None:
    head = "crm_id,observed_on,is_customer\n"
    counts = []
    for number in (1, 3):
        lines = head + "".join(f"K{place},2026-12-0{number},yes\n" for place in range(1, number + 1))
        with CaptureQueriesContext(
            connection,
        ) as queries:
            taken(incident, tmp_path / "n.csv", lines)
        counts.append(len(queries))

    assert counts[0] == counts[1]


def test_the_command_reports_like_the_import_of_customers(incident: Incident, tmp_path: Path) -> None:
    path, out = tmp_path / "a.csv", StringIO()
    path.write_text(f"crm_id,observed_on,is_customer\nK1,{NOW.date()},yes\nK9,{NOW.date()},yes\n", encoding="utf-8")

    with pytest.raises(SystemExit) as ended:
        call_command("import_outcomes", incident.reference, str(path), stdout=out)

    assert ended.value.code == 1
    assert "1 created, 0 changed, 0 unchanged. 1 line is bad" in out.getvalue()
    with pytest.raises(CommandError, match="There is no incident X"):
        call_command("import_outcomes", "X", str(path))


@pytest.mark.parametrize(
    ("cell", "amount"),
    [
        ("1234.50", "1234.50"),
        ("1 234,5", "1234.50"),
        ("1,234,567", "1234567.00"),
        ("1.234,50", "1234.50"),
        ("1,234.5", "1234.50"),
        ("1 234", "1234.00"),
        ("-3", "-3.00"),
    ],
)
def test_amounts_are_read_as_people_write_them(cell: str, amount: str) -> None:
    assert quantities.amount(cell) == Decimal(amount)


@pytest.mark.parametrize("cell", ["1,234", "1.234", "12 EUR", "1,23,45", "9" * 13, ""])
def test_an_amount_that_may_mean_two_things_is_refused(cell: str) -> None:
    with pytest.raises(quantities.Unreadable):
        quantities.amount(cell)


def test_days_are_read_as_people_write_them() -> None:
    cells = ["2026-12-01", "2026/12/1", "01.12.2026", "2026年12月1日", "2026-12-01T10:00:00Z"]

    assert {quantities.day(cell) for cell in cells} == {date(2026, 12, 1)}
