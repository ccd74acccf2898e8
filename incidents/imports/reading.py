"""Opens a customer file and yields its lines, bad ones included, however odd the file is."""

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from django.utils.translation import gettext as _

from incidents.imports import columns, encodings, workbook
from incidents.imports.report import ImportRefused, LineError, Source, shorten

TEXT_SUFFIXES = (".csv", ".txt", ".tsv")
WORKBOOK_SUFFIXES = (".xlsx", ".xlsm")
DELIMITERS = ",;\t|"
LARGEST_FILE = 1 << 30
LONGEST_LINE = 1 << 20
LONGEST_CELL = 131_072
MOST_LINES = 2_000_000
WORKBOOK_MAGIC = b"PK\x03\x04"
FOREIGN_MAGIC = {
    b"\xd0\xcf\x11\xe0": "Excel 97",
    b"%PDF": "PDF",
    b"\x1f\x8b": "gzip",
    b"\x89PNG": "PNG",
    b"\xff\xd8\xff": "JPEG",
    b"GIF8": "GIF",
    b"Rar!": "RAR",
    b"7z\xbc\xaf": "7-Zip",
    b"SQLite format 3": "SQLite",
    b"\x7fELF": "ELF",
    b"{\\rtf": "RTF",
}


@dataclass(frozen=True)
class Row:
    """One line of the file that could be taken apart; `line` is where it begins."""

    line: int
    cells: list[str]


@dataclass(frozen=True)
class Table:
    """An open file: how it is read, its columns, and its lines, to be walked through once."""

    source: Source
    columns: columns.Columns
    rows: Iterator[Row | LineError]


@contextmanager
def opened(path: Path, *, encoding: str | None, meaning: dict[str, str] = columns.FIELD_OF) -> Iterator[Table]:
    """Open a CSV file or an Excel workbook; raise ImportRefused with a sentence when it is not a list of customers.

    `meaning` is the field each heading stands for.
    """
    if _is_workbook(path):
        with workbook.opened(path) as (sheet, numbered):
            yield _table(Source(path.name, encoding="xlsx", sheet=sheet), _rows_of(numbered), meaning=meaning)
        return
    decision = encodings.decide(path, stated=encoding)
    newline = _line_end(path, codec=decision.codec)
    with path.open(encoding=decision.codec, newline=newline) as stream:
        delimiter = _delimiter(stream, meaning=meaning)
        source = Source(path.name, decision.encoding, delimiter=delimiter)
        yield _table(source, _lines(stream, delimiter=delimiter), meaning=meaning)


def _table(source: Source, lines: Iterator[Row | LineError], *, meaning: dict[str, str]) -> Table:
    for first in lines:
        if isinstance(first, LineError):
            raise ImportRefused(str(first))
        if any(cell.strip() for cell in first.cells):
            found = columns.match(first.cells, meaning=meaning)
            return Table(source, found, _counted(lines, width=found.width))
    raise ImportRefused(_("The file is empty; its first line must name the columns, one of them crm_id."))


def _counted(lines: Iterator[Row | LineError], *, width: int) -> Iterator[Row | LineError]:
    """Leave out blank lines, report those that do not fit the columns, stop at the limit."""
    for count, row in enumerate(lines):
        if count >= MOST_LINES:
            sentence = _("The file has more than %(most)s lines; split it and import the parts one after another.")
            raise ImportRefused(sentence % {"most": MOST_LINES})
        if isinstance(row, LineError):
            yield row
        elif any(row.cells):
            yield _fitted(row, width=width)


def _fitted(row: Row, *, width: int) -> Row | LineError:
    cells = row.cells
    while len(cells) > width and not cells[-1].strip():
        cells.pop()
    if len(cells) == width:
        return row
    advice = _(
        "this line has %(count)s values, the first line names %(width)s columns; look for a missing quotation mark."
    )
    return LineError(row.line, "", shorten(cells[0]), advice % {"count": len(cells), "width": width})


def _rows_of(numbered: Iterator[tuple[int, list[str]]]) -> Iterator[Row | LineError]:
    """Excel leaves out empty cells at the end of a line; they are given back."""
    width = 0
    for line, cells in numbered:
        width = width or len(cells)
        yield Row(line, cells + [""] * (width - len(cells)))


# --- is it what its name says? ---------------------------------------------------------------------


def _is_workbook(path: Path) -> bool:
    """Whether the file is an Excel workbook; refuses what is neither that nor text, whatever its name."""
    if not path.is_file():
        raise ImportRefused(_("There is no file %(path)s.") % {"path": path})
    if path.stat().st_size > LARGEST_FILE:
        raise ImportRefused(_("The file is larger than 1 GiB; split it and import the parts one after another."))
    suffix = path.suffix.lower()
    if suffix not in (*TEXT_SUFFIXES, *WORKBOOK_SUFFIXES):
        raise ImportRefused(_("“%(name)s” is not imported: save the list as .csv or .xlsx.") % {"name": path.name})
    with path.open("rb") as file:
        head = file.read(16)
    is_workbook = head.startswith(WORKBOOK_MAGIC)
    _refuse_foreign(head)
    if is_workbook != (suffix in WORKBOOK_SUFFIXES) and head:
        sentence = (
            _("“%(name)s” is an Excel workbook by its content; rename it to .xlsx.")
            if is_workbook
            else _("“%(name)s” is no Excel workbook by its content; if it is text, rename it to .csv.")
        )
        raise ImportRefused(sentence % {"name": path.name})
    return is_workbook


def _refuse_foreign(head: bytes) -> None:
    for magic, kind in FOREIGN_MAGIC.items():
        if head.startswith(magic):
            sentence = _("The file is a %(kind)s file (or protected by a password); save the list as .csv or .xlsx.")
            raise ImportRefused(sentence % {"kind": kind})


def _line_end(path: Path, *, codec: str) -> str:
    """Old Macintosh files end lines with a bare carriage return; everywhere else that is damage."""
    with path.open(encoding=codec, newline="") as stream:
        head = stream.read(LONGEST_LINE)
    return "\r" if "\r" in head and "\n" not in head else "\n"


def _delimiter(stream: TextIO, *, meaning: dict[str, str]) -> str:
    """Return the sign that parts the first line into the most columns we know; the stream is at its beginning again."""
    first = ""
    while not first.strip() and (line := stream.readline(LONGEST_LINE)):
        first = line.lstrip("\ufeff")
    stream.seek(0)

    def fit(sign: str) -> tuple[int, int]:
        headings = _parted(first, sign)
        return columns.known(headings, meaning=meaning), len(headings)

    return max(DELIMITERS, key=fit)


def _parted(line: str, sign: str) -> list[str]:
    try:
        return next(csv.reader([line.strip("\r\n")], delimiter=sign), [])
    except csv.Error:
        return []  # the line is read again with the sign that fits it best, and told of then


# --- lines of text ---------------------------------------------------------------------------------


class _Lines:
    """The lines of a file, of bounded length, that can be taken back to where the present record began."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream
        self.number = 0
        self.record: list[str] = []
        self.returned: list[str] = []

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = self.returned.pop() if self.returned else self.stream.readline(LONGEST_LINE)
        if not line:
            raise StopIteration
        self.number += 1
        if len(line) >= LONGEST_LINE:
            sentence = _("Line %(line)s is longer than a million characters; this is no list of customers.")
            raise ImportRefused(sentence % {"line": self.number})
        self.record.append(line)
        return line

    def take_back(self) -> None:
        """Read the lines after the first of this record once more: they were swallowed by an open quotation mark."""
        swallowed = self.record[1:]
        self.returned += reversed(swallowed)
        self.number -= len(swallowed)


def _lines(stream: TextIO, *, delimiter: str) -> Iterator[Row | LineError]:
    source = _Lines(stream)
    reader = csv.reader(source, delimiter=delimiter, strict=True)
    while True:
        source.record = []
        begin = source.number + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield LineError(begin, "", shorten(source.record[0].rstrip()), _advice(error, lines=len(source.record)))
            source.take_back()
            continue
        yield Row(begin, cells)


def _advice(error: csv.Error, *, lines: int) -> str:
    words = str(error)
    if "field limit" in words and lines == 1:
        return _("a value is longer than %(limit)s characters; shorten it.") % {"limit": LONGEST_CELL}
    if "new-line character" in words:
        return _("a carriage return stands inside the line; remove it or put the value in quotation marks.")
    return _("a quotation mark is opened and not closed, or stands inside a value; write it twice inside a value.")
