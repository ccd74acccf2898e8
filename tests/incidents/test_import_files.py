"""Files of customers: every encoding they come in, and every way a file as a whole can be odd."""

import codecs
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from incidents import imports
from incidents.models import Customer
from tests.factories_customers import NOW, written

pytestmark = pytest.mark.django_db

CHINESE = ["客户编号,姓名,邮箱,地区", "K1,王芳,wang@example.com,CN", "K2,李雷有限公司,li@example.com,CN"]
RUSSIAN = ["код клиента;имя;почта", "K1;Анна Сергеевна;anna@example.com", "K2;Завод «Прибой»;zavod@example.com"]


def run(path: Path, **options: Any) -> imports.Report:
    return imports.run(path, now=NOW, **options)


def refusal(path: Path, **options: Any) -> str:
    with pytest.raises(imports.ImportRefused) as refused:
        run(path, **options)
    return str(refused.value)


def names() -> dict[str, str]:
    return dict(Customer.objects.order_by("crm_id").values_list("crm_id", "name"))


# --- encodings -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lines", "encoding", "mark", "stated"),
    [
        (CHINESE, "utf-8", b"", None),
        (CHINESE, "utf-8", codecs.BOM_UTF8, None),
        (CHINESE, "utf-16-le", codecs.BOM_UTF16_LE, None),
        (CHINESE, "utf-16-be", codecs.BOM_UTF16_BE, None),
        (CHINESE, "utf-16-le", b"", "utf-16-le"),
        (CHINESE, "gb18030", b"", "gb18030"),
        (CHINESE, "gb18030", b"", "GBK"),
        (RUSSIAN, "utf-8", b"", None),
        (RUSSIAN, "cp1251", b"", "cp1251"),
        (RUSSIAN, "cp1251", b"", "windows-1251"),
    ],
)
def test_file_is_read_in_its_encoding(
    tmp_path: Path, lines: list[str], encoding: str, mark: bytes, stated: str | None
) -> None:
    path = written(tmp_path / "list.csv", lines, encoding=encoding, mark=mark)

    report = run(path, encoding=stated)

    assert (report.created, report.errors, report.source.encoding) == (2, [], encoding)
    sign = ";" if lines is RUSSIAN else ","
    assert names() == {line.split(sign)[0]: line.split(sign)[1] for line in lines[1:]}


@pytest.mark.parametrize(
    "text", ["K1,Müller & José,a@example.com", "K1,Łódź Ćma,a@example.com", "K1,Прибой,a@example.com"]
)
def test_plain_utf_8_is_accepted_in_every_script(tmp_path: Path, text: str) -> None:
    report = run(written(tmp_path / "list.csv", ["crm_id,name,email", text]))

    assert (report.source.encoding, names()) == ("utf-8", {"K1": text.split(",")[1]})


@pytest.mark.parametrize(
    ("lines", "encoding", "offered"),
    [
        (CHINESE, "gb18030", "gb18030"),
        (RUSSIAN, "cp1251", "cp1251"),
        (CHINESE, "utf-16-le", "utf-16-le"),
        (CHINESE, "utf-16-be", "utf-16-be"),
    ],
)
def test_file_that_does_not_say_its_encoding_is_refused_with_samples(
    tmp_path: Path, lines: list[str], encoding: str, offered: str
) -> None:
    path = written(tmp_path / "list.csv", lines, encoding=encoding)

    with pytest.raises(imports.ImportRefused) as refused:
        run(path)

    found = {candidate.encoding: candidate.sample for candidate in refused.value.candidates}
    assert lines[0] in found[offered]
    assert f"manage.py import_customers {path} --encoding {offered}" in str(refused.value)
    assert Customer.objects.count() == 0


def test_valid_utf_8_that_also_reads_as_chinese_is_asked_about(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes(
        b"crm_id,name\n1," + "模拟模拟".encode("gb18030").replace("拟".encode("gb18030"), b"\xc4\xa3") + b"\n"
    )

    with pytest.raises(imports.ImportRefused) as refused:
        run(path)

    assert {candidate.encoding for candidate in refused.value.candidates} >= {"utf-8", "gb18030"}


@pytest.mark.parametrize(
    ("encoding", "sentence"),
    [
        (
            "latin-1",
            "The encoding “latin-1” is not supported; choose one of utf-8, gb18030, cp1251, utf-16-le, utf-16-be.",
        ),
        ("utf-8", "The file cannot be read as utf-8: line 1 holds bytes that do not exist in it."),
    ],
)
def test_wrong_encoding_is_refused(tmp_path: Path, encoding: str, sentence: str) -> None:
    path = written(tmp_path / "list.csv", CHINESE, encoding="gb18030")

    assert refusal(path, encoding=encoding) == sentence


def test_encoding_against_the_mark_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path / "list.csv", CHINESE, mark=codecs.BOM_UTF8)

    assert "begins with the mark of utf-8" in refusal(path, encoding="gb18030")


def test_preview_shows_lines_or_asks(tmp_path: Path) -> None:
    path = written(tmp_path / "list.csv", CHINESE, encoding="gb18030")

    asked = imports.preview(path)
    shown = imports.preview(path, encoding="gb18030")

    assert (asked.source, [found.encoding for found in asked.candidates][:1]) == (None, ["gb18030"])
    assert shown.rows == [line.split(",") for line in CHINESE[1:]]


# --- odd files -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("list.csv", b"", "The file is empty"),
        ("list.csv", b"\r\n\r\n", "The file is empty"),
        ("list.csv", b"name,email\nLee,lee@example.com\n", "No column holds the customer's id"),
        ("list.csv", b"crm_id,name,Customer name\n", "both mean name"),
        ("list.csv", b"crm_id,,name\n", "Column 2 has no usable heading"),
        ("list.csv", b"crm_id" + b",a" * 300, "The file has 301 columns"),
        ("list.csv", b"crm_id\n" + b"x" * 1_100_000, "Line 2 is longer than a million characters"),
        ("list.csv", b"PK\x03\x04rest", "is an Excel workbook by its content; rename it to .xlsx."),
        ("list.xlsx", b"crm_id\nK1\n", "is no Excel workbook by its content"),
        ("list.xlsx", b"PK\x03\x04rest", "is damaged"),
        ("list.xlsx", b"\xd0\xcf\x11\xe0rest", "a Excel 97 file (or protected by a password)"),
        ("list.csv", b"%PDF-1.7", "PDF"),
        ("list.pdf", b"crm_id\nK1\n", "save the list as .csv or .xlsx."),
        ("list.csv", bytes(range(256)) * 20, "."),
        ("list.csv", codecs.BOM_UTF32_LE + b"c\0\0\0", "UTF-32"),
        ("list.csv", codecs.BOM_UTF16_LE + b"c\0r", "cannot be read as utf-16-le"),
    ],
)
def test_odd_file_is_refused_with_a_sentence(tmp_path: Path, name: str, content: bytes, sentence: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)

    assert sentence in refusal(path)
    assert Customer.objects.count() == 0


def test_missing_file_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path / "gone.csv") == f"There is no file {tmp_path / 'gone.csv'}."


def test_old_macintosh_line_ends_are_read(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes(b"crm_id,name\rK1,Lee\rK2,Ko\r")

    assert (run(path).created, names()) == (2, {"K1": "Lee", "K2": "Ko"})


# --- workbooks -------------------------------------------------------------------------------------


def workbook(path: Path, rows: list[list[object]]) -> Path:
    book = openpyxl.Workbook()
    assert book.active is not None
    for row in rows:
        book.active.append(row)
    book.save(path)
    return path


def test_workbook_is_imported(tmp_path: Path) -> None:
    rows: list[list[object]] = [
        ["客户编号", "姓名", "重要性", "合同"],
        [4711, "王芳", 3, None],
        [None],
        ["K2", "李雷", "低", 2.5],
    ]

    report = run(workbook(tmp_path / "list.xlsx", rows))

    found = Customer.objects.order_by("crm_id").values_list("crm_id", "name", "importance", "attributes")
    assert list(found) == [("4711", "王芳", 3, {}), ("K2", "李雷", 1, {"合同": "2.5"})]
    assert (report.source.sheet, report.errors) == ("Sheet", [])


def test_zip_bomb_is_refused(tmp_path: Path) -> None:
    path = workbook(tmp_path / "list.xlsx", [["crm_id"], ["K1"]])
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive, archive.open("xl/bomb.xml", "w") as part:
        for _ in range(100):
            part.write(bytes(1 << 20))

    assert "Unpacked, the workbook would take 100 MB" in refusal(path)


def test_entities_in_a_workbook_are_refused(tmp_path: Path) -> None:
    plain = workbook(tmp_path / "plain.xlsx", [["crm_id"], ["K1"]])
    spoiled = tmp_path / "list.xlsx"
    with zipfile.ZipFile(plain) as source, zipfile.ZipFile(spoiled, "w") as target:
        for part in source.namelist():
            content = source.read(part)
            if part.startswith("xl/worksheets/"):
                bomb = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>'
                content = bomb + content.split(b"?>", 1)[-1]
            target.writestr(part, content)

    assert "is damaged or holds parts that are not allowed" in refusal(spoiled)
