"""Reads the first sheet of an Excel workbook line by line, after checking that it is safe to unpack."""

import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time
from pathlib import Path

import openpyxl
from django.utils.translation import gettext as _
from openpyxl.utils.exceptions import InvalidFileException

from incidents.imports.report import ImportRefused

MOST_PARTS = 1000
LARGEST_UNPACKED = 768 << 20
LARGEST_PART_IN_MEMORY = 96 << 20
SHEETS = "xl/worksheets/"
# What openpyxl lets through when a workbook is damaged or made to do harm; XML entities come as ValueError.
DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    InvalidFileException,
    KeyError,
    IndexError,
    ValueError,
    TypeError,
    AttributeError,
    SyntaxError,
    EOFError,
    OSError,
    NotImplementedError,
)


@contextmanager
def opened(path: Path) -> Iterator[tuple[str, Iterator[tuple[int, list[str]]]]]:
    """Yield the sheet's name and its lines, numbered from 1; raise ImportRefused if it must not be read."""
    _refuse_unsafe(path)
    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True, keep_links=False)
    except DAMAGE as error:
        raise _damaged(path) from error
    try:
        if not book.worksheets:
            raise ImportRefused(_("The workbook has no sheet with cells; put the list on the first sheet."))
        sheet = book.worksheets[0]
        sheet.reset_dimensions()
        yield sheet.title, _lines(sheet.iter_rows(values_only=True), path=path)
    finally:
        book.close()


def _lines(rows: Iterator[tuple[object, ...]], *, path: Path) -> Iterator[tuple[int, list[str]]]:
    line = 0
    while True:
        line += 1
        try:
            cells = next(rows)
        except StopIteration:
            return
        except DAMAGE as error:
            raise _damaged(path) from error
        yield line, [as_text(cell) for cell in cells]


def as_text(cell: object) -> str:
    """Return a cell as a person reads it: 4711 and not 4711.0, dates as 2026-11-22."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime) and cell.time() == time():
        return cell.date().isoformat()
    return cell.isoformat() if isinstance(cell, date | time) else str(cell)


def _refuse_unsafe(path: Path) -> None:
    """A few kilobytes can hold gigabytes; zipfile never unpacks more of a part than its entry says."""
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
    except DAMAGE as error:
        raise _damaged(path) from error
    whole = sum(part.file_size for part in parts)
    in_memory = max((part.file_size for part in parts if not part.filename.startswith(SHEETS)), default=0)
    if len(parts) > MOST_PARTS or whole > LARGEST_UNPACKED or in_memory > LARGEST_PART_IN_MEMORY:
        sentence = _("Unpacked, the workbook would take %(size)s MB; save the list as CSV in UTF-8 and import that.")
        raise ImportRefused(sentence % {"size": whole >> 20})


def _damaged(path: Path) -> ImportRefused:
    sentence = _(
        "The workbook %(name)s is damaged or holds parts that are not allowed; save it again as .xlsx or as CSV."
    )
    return ImportRefused(sentence % {"name": path.name})
