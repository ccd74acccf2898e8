"""Imports: every value in its place, bad lines by name, running twice, and the command."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from incidents import imports
from incidents.imports.report import Source
from incidents.models import AuditEvent, Company, ContactPoint, Customer
from tests.factories_customers import NOW, customer, person, written

pytestmark = pytest.mark.django_db

CHINESE = ["客户编号,姓名,邮箱,地区", "K1,王芳,wang@example.com,CN", "K2,李雷有限公司,li@example.com,CN"]


def run(path: Path, **options: Any) -> imports.Report:
    return imports.run(path, now=NOW, **options)


def names() -> dict[str, str]:
    return dict(Customer.objects.order_by("crm_id").values_list("crm_id", "name"))


# --- values ----------------------------------------------------------------------------------------


def test_every_column_reaches_its_place(tmp_path: Path) -> None:
    manager = person("anna")
    header = "CRM_ID,Name,E-Mail,Phone,Language,Time zone,Region,Importance,Closeness,Account key,Account manager"
    values = "K1,Lee,Lee@EXAMPLE.com,(030) 23125 001,中文,asia/shanghai,DE-BY,高,A,G7,Anna"
    path = written(
        tmp_path / "list.csv",
        [
            f"{header},Salutation,Preferred channel,Consent basis,Product,degree",
            f"{values},尊敬的王女士,电话,согласие,NB-12,3",
        ],
    )

    report = run(path)

    found: dict[str, Any] = dict(Customer.objects.values().get())
    assert {name: found[name] for name in found if name not in {"id", "created_at", "updated_at"}} == {
        "crm_id": "K1",
        "name": "Lee",
        "call_from": None,
        "call_until": None,
        "salutation": "尊敬的王女士",
        "language": "zh",
        "time_zone": "Asia/Shanghai",
        "region": "DE-BY",
        "importance": 3,
        "closeness": 3,
        "account_key": "G7",
        "account_manager_id": manager.pk,
        "preferred_channel": "phone",
        "consent_basis": "consent",
        "attributes": {"Product": "NB-12"},
        "defaulted": [],
        "is_active": True,
    }
    assert list(ContactPoint.objects.order_by("kind").values_list("kind", "value", "normalised", "is_primary")) == [
        ("email", "Lee@EXAMPLE.com", "Lee@example.com", True),
        ("phone", "(030) 23125 001", "+493023125001", True),
    ]
    assert (report.ignored, report.attributes) == (["degree"], ["Product"])


def test_missing_values_are_filled_in_visibly_and_the_mark_goes_when_they_come(tmp_path: Path) -> None:
    Company.objects.create(pk=1, languages=["ru"], time_zone="Europe/Moscow", name={"ru": "Н"})
    report = run(written(tmp_path / "list.csv", ["crm_id", "K1"]))
    filled = Customer.objects.get()

    run(written(tmp_path / "more.csv", ["crm_id,language,importance", "K1,en,3"]))

    defaulted = ["name", "language", "time_zone", "importance", "closeness", "consent_basis"]
    assert report.defaulted == dict.fromkeys(defaulted, 1)
    assert (filled.language, filled.time_zone, filled.name) == ("ru", "Europe/Moscow", "K1")
    assert filled.defaulted == defaulted
    again = Customer.objects.get()
    assert (again.language, again.importance, again.time_zone) == ("en", 3, "Europe/Moscow")
    assert again.defaulted == ["name", "time_zone", "closeness", "consent_basis"]


def test_empty_cells_take_nothing_away(tmp_path: Path) -> None:
    run(written(tmp_path / "list.csv", ["crm_id,name,email,product", "K1,Lee,lee@example.com,NB"]))

    report = run(written(tmp_path / "list.csv", ["crm_id,name,email,product", "K1,,,"]))

    assert (report.unchanged, names(), ContactPoint.objects.count()) == (1, {"K1": "Lee"}, 1)


def test_new_address_takes_the_first_place(tmp_path: Path) -> None:
    run(written(tmp_path / "list.csv", ["crm_id,email", "K1,old@example.com"]))

    report = run(written(tmp_path / "list.csv", ["crm_id,email", "K1,new@example.com"]))

    assert report.changed == 1
    points = ContactPoint.objects.order_by("value").values_list("value", "is_primary")
    assert list(points) == [("new@example.com", True), ("old@example.com", False)]


@pytest.mark.parametrize("sign", [",", ";", "\t", "|"])
def test_delimiter_is_found_and_told(tmp_path: Path, sign: str) -> None:
    path = written(
        tmp_path / "list.csv", [sign.join(["crm_id", "name"]), sign.join(["K1", "Lee, Ko; 1|2".replace(sign, "")])]
    )

    assert run(path).source.delimiter == sign


def test_formula_cells_are_stored_as_they_are(tmp_path: Path) -> None:
    run(written(tmp_path / "list.csv", ["crm_id,name,note", "K1,=1+1,@SUM(A1)"]))

    assert Customer.objects.values_list("name", "attributes").get() == ("=1+1", {"note": "@SUM(A1)"})


# --- running twice, running dry --------------------------------------------------------------------


def test_second_run_changes_nothing(tmp_path: Path) -> None:
    path = written(tmp_path / "list.csv", CHINESE)
    run(path)
    before = list(Customer.objects.order_by("pk").values()), list(ContactPoint.objects.order_by("pk").values())

    report = run(path)

    assert (report.created, report.changed, report.unchanged) == (0, 0, 2)
    assert (
        list(Customer.objects.order_by("pk").values()),
        list(ContactPoint.objects.order_by("pk").values()),
    ) == before


def test_trial_run_reports_the_same_and_writes_nothing(tmp_path: Path) -> None:
    customer("K1", name="before")
    path = written(tmp_path / "list.csv", [*CHINESE, "K3,Bad,nowhere,CN"])

    trial = run(path, is_dry_run=True)

    assert (names(), AuditEvent.objects.count()) == ({"K1": "before"}, 0)
    real = run(path)
    assert trial.as_json() == {**real.as_json(), "dry_run": True}
    assert (real.created, real.changed, real.bad_lines) == (1, 1, 1)


def test_run_is_written_into_the_audit_trail(tmp_path: Path) -> None:
    by = person()

    run(written(tmp_path / "list.csv", CHINESE), by=by)

    data = {"file": "list.csv", "encoding": "utf-8", "created": 2, "changed": 0, "unchanged": 0, "bad_lines": 0}
    assert AuditEvent.objects.values_list("action", "actor", "data").get() == ("customers.imported", by.pk, data)


# --- bad lines -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "line", "column", "value", "advice"),
    [
        ("crm_id,name", ",Lee", "crm_id", "", "the customer's id is missing."),
        ("crm_id,email", "K1,lee@", "email", "lee@", "This is no e-mail address"),
        ("crm_id,邮箱", "K1,a@host.test", "邮箱", "a@host.test", "special-use"),
        ("crm_id,phone", "K1,030 23125001", "phone", "030 23125001", "with the country code"),
        ("crm_id,phone", "K1,+49 30 1", "phone", "+49 30 1", "No telephone"),
        ("crm_id,phone,region", "K1,0900 5 000000,DE", "phone", "0900 5 000000", "premium-rate"),
        ("crm_id,language", "K1,xx", "language", "xx", "write en, zh or ru"),
        ("crm_id,time_zone", "K1,Mars/Base", "time_zone", "Mars/Base", "write the zone as in Europe/Berlin"),
        ("crm_id,importance", "K1,7", "importance", "7", "write 1, 2 or 3"),
        ("crm_id,manager", "K1,nobody", "manager", "nobody", "nobody has this user name"),
        ("crm_id,consent", "K1,maybe", "consent", "maybe", "write contract, consent or legal_duty."),
        ("crm_id,channel", "K1,пешком", "channel", "пешком", "write email, phone, video, in_person or sms."),
        ("crm_id,name", f"K1,{'x' * 201}", "name", "x" * 40 + "…", "the value has 201 characters; at most 200 fit."),
        ("crm_id,name", "K1,a\0b", "name", "a�b", "NUL"),
        ("crm_id,note", "K1,a\0b", "", "K1", "NUL"),
        ("crm_id,name", "K1,a\rb", "", "K1,a�b", "a carriage return stands inside the line"),
        ("crm_id,name", 'K1,"a', "", 'K1,"a', "a quotation mark is opened and not closed"),
        ("crm_id,name", f"K1,{'x' * 140_000}", "", f"K1,{'x' * 37}…", "a value is longer than 131072 characters"),
        ("crm_id,name", "K1,a,b", "", "K1", "this line has 3 values, the first line names 2 columns"),
        ("crm_id,name", "K1", "", "K1", "this line has 1 values, the first line names 2 columns"),
    ],
)
def test_bad_line_is_named_and_left_out(
    tmp_path: Path, header: str, line: str, column: str, value: str, advice: str
) -> None:
    good = ",".join(["K9"] + [""] * header.count(","))
    path = written(tmp_path / "list.csv", [header, line, good])

    report = run(path)

    assert [(error.line, error.column, error.value) for error in report.errors] == [(2, column, value)]
    assert advice in report.errors[0].advice
    assert (report.created, report.bad_lines, names()) == (1, 1, {"K9": "K9"})


def test_repeated_id_is_named_with_both_lines(tmp_path: Path) -> None:
    report = run(written(tmp_path / "list.csv", ["crm_id,name", "K1,first", "K2,other", "K1,second"]))

    assert [str(error) for error in report.errors] == [
        "Line 4, crm_id “K1”: this id stands already on line 2, which was used; keep one of the two."
    ]
    assert (report.created, report.bad_lines, names()) == (2, 1, {"K1": "first", "K2": "other"})


def test_open_quotation_mark_costs_one_line_alone(tmp_path: Path) -> None:
    lines = ["crm_id,name", "K1,a", 'K2,"open', "K3,b", 'K4,"c, d"', "K5,e"]

    report = run(written(tmp_path / "list.csv", lines))

    assert ([error.line for error in report.errors], sorted(names())) == ([3], ["K1", "K3", "K4", "K5"])


def test_million_bad_lines_need_no_memory() -> None:
    report = imports.Report(source=Source("list.csv", "utf-8", delimiter=","), is_dry_run=True)
    for line in range(3000):
        report.add([imports.LineError(line, "", "", "bad")])

    assert (len(report.errors), report.error_count, report.as_json()["errors_left_off"]) == (1000, 3000, 2000)


# --- the command -----------------------------------------------------------------------------------


def command(*arguments: str) -> tuple[str, int]:
    out = io.StringIO()
    try:
        call_command("import_customers", *arguments, stdout=out)
    except SystemExit as end:
        return out.getvalue(), int(str(end.code))
    return out.getvalue(), 0


def test_command_tells_per_line_and_ends_with_one_for_bad_lines(tmp_path: Path) -> None:
    path = written(tmp_path / "list.csv", ["crm_id,email", "K1,lee@example.com", "K2,nowhere"])

    told, code = command(str(path))

    assert code == 1
    assert "Line 3, email “nowhere”: This is no e-mail address" in told
    assert "1 created, 0 changed, 0 unchanged. 1 line is bad and was left out" in told


def test_command_prints_one_json_object(tmp_path: Path) -> None:
    path = written(tmp_path / "list.csv", CHINESE)

    told, code = command(str(path), "--json", "--dry-run")

    assert code == 0
    assert {name: json.loads(told)[name] for name in ("dry_run", "created", "encoding")} == {
        "dry_run": True,
        "created": 2,
        "encoding": "utf-8",
    }
    assert Customer.objects.count() == 0


def test_command_offers_encodings(tmp_path: Path) -> None:
    path = written(tmp_path / "list.csv", CHINESE, encoding="gb18030")

    told, code = command(str(path), "--json")

    assert code == 2
    assert {"encoding": "gb18030", "sample": CHINESE[0]} in json.loads(told)["candidates"]
    with pytest.raises(CommandError, match="--encoding gb18030") as refused:
        call_command("import_customers", str(path))
    assert refused.value.returncode == 2
