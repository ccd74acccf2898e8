"""Imports of any size: memory does not grow with the file, and no bytes whatever bring one down."""

import resource
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidents import imports
from incidents.imports import reading
from incidents.models import ContactPoint, Customer
from tests.factories_customers import NOW

HEADER = "crm_id,name,email,phone,language,region,importance,product"


def large(path: Path, *, lines: int) -> Path:
    """Write a list of which every hundredth line is bad."""
    with path.open("w", encoding="utf-8") as file:
        file.write(f"{HEADER}\n")
        for number in range(lines):
            email = "nowhere" if number % 100 == 0 else f"lee{number}@example.com"
            file.write(
                f"K{number},客户 {number},{email},+1202555{100 + number % 100:04},zh,CN,{number % 3 + 1},NB-12\n"
            )
    return path


def traced_peak(path: Path) -> int:
    """The most memory Python held during an import, in bytes."""
    tracemalloc.start()
    imports.run(path, now=NOW)
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak


@pytest.mark.django_db
def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    traced_peak(large(tmp_path / "warm.csv", lines=100))

    small = traced_peak(large(tmp_path / "small.csv", lines=1000))
    big = traced_peak(large(tmp_path / "big.csv", lines=8000))

    assert Customer.objects.count() == 7920
    assert big - small < 2_000_000


@pytest.mark.long
@pytest.mark.django_db
def test_two_hundred_thousand_customers_fit_into_bounded_memory(tmp_path: Path) -> None:
    imports.run(large(tmp_path / "small.csv", lines=2000), now=NOW)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    report = imports.run(large(tmp_path / "large.csv", lines=200_000), now=NOW)

    grown_mb = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    assert (report.created, report.unchanged, report.bad_lines) == (196_020, 1980, 2000)
    assert (len(report.errors), report.as_json()["errors_left_off"]) == (1000, 1000)
    assert ContactPoint.objects.count() == 396_000
    assert grown_mb < 40


def walked(path: Path, *, encoding: str | None) -> list[str]:
    """Read a file to its end as an import would; a refusal is an answer, anything else an error of ours."""
    try:
        with reading.opened(path, encoding=encoding) as table:
            return [str(row) for row in table.rows]
    except imports.ImportRefused as refusal:
        return [str(refusal)]


@given(
    content=st.one_of(
        st.binary(max_size=300),
        st.text(alphabet='aЯ客é,;\t|"\r\n\0=\ufeff', max_size=200).map(lambda text: f"crm_id,name\n{text}".encode()),
        st.text(alphabet="客户王芳编号,\n", max_size=100).map(lambda text: text.encode("gb18030")),
        st.text(alphabet="АБвгдё;\r\n", max_size=100).map(lambda text: text.encode("cp1251")),
        st.text(max_size=100).map(lambda text: text.encode("utf-16", "surrogatepass")),
        st.binary(max_size=200).map(lambda rest: b"PK\x03\x04" + rest),
    ),
    suffix=st.sampled_from([".csv", ".xlsx"]),
    encoding=st.sampled_from([None, "utf-8", "gb18030", "cp1251", "utf-16-le", "utf-16-be"]),
)
def test_no_bytes_bring_the_reader_down(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, suffix: str, encoding: str | None
) -> None:
    path = tmp_path_factory.getbasetemp() / f"any{suffix}"
    path.write_bytes(content)

    assert all(walked(path, encoding=encoding)) or b"crm_id" in content
