"""What an import found and did, told per line, and why one is refused as a whole."""

from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from incidents.errors import Refusal

ERRORS_KEPT = 1000
SHORTENED_TO = 40


def shorten(value: str, *, length: int = SHORTENED_TO) -> str:
    """Return a value fit for one line of a report: printable, and no longer than `length` characters."""
    flat = "".join(character if character.isprintable() else "�" for character in value[: length + 1])
    return flat if len(flat) <= length else f"{flat[:length]}…"


@dataclass(frozen=True)
class Candidate:
    """One encoding a file can be read in, with a line of the file as it would be read."""

    encoding: str
    sample: str
    is_plausible: bool


class ImportRefused(Refusal):
    """The file as a whole cannot be imported as asked; `candidates` are the encodings to choose from."""

    def __init__(self, sentence: str, *, candidates: list[Candidate] | None = None) -> None:
        super().__init__(sentence)
        self.candidates = candidates or []


@dataclass(frozen=True)
class LineError:
    """Why one line was left out: the place, what stood there (shortened) and what to do."""

    line: int
    column: str
    value: str
    advice: str

    def __str__(self) -> str:
        place = _("Line %(line)s") % {"line": self.line}
        column = f", {self.column}" if self.column else ""
        value = f" “{self.value}”" if self.value else ""
        return f"{place}{column}{value}: {self.advice}"

    def as_json(self) -> dict[str, Any]:
        """Return the error for a machine."""
        return {"line": self.line, "column": self.column, "value": self.value, "message": self.advice}


@dataclass(frozen=True)
class Source:
    """How the file was read."""

    name: str
    encoding: str
    delimiter: str = ""
    sheet: str = ""

    def __str__(self) -> str:
        if self.sheet:
            return _("%(name)s: Excel workbook, sheet “%(sheet)s”") % {"name": self.name, "sheet": self.sheet}
        delimiter = {"\t": "tab", ",": "comma", ";": "semicolon", "|": "bar"}[self.delimiter]
        return _("%(name)s: text in %(encoding)s, separated by %(delimiter)s") % {
            "name": self.name,
            "encoding": self.encoding,
            "delimiter": delimiter,
        }


@dataclass
class Report:
    """The result of one import; `bad_lines` were left out, the others are `created`, `changed` or `unchanged`."""

    source: Source
    is_dry_run: bool
    columns: dict[str, str] = field(default_factory=dict)
    attributes: list[str] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)
    lines: int = 0
    bad_lines: int = 0
    created: int = 0
    changed: int = 0
    unchanged: int = 0
    defaulted: dict[str, int] = field(default_factory=dict)
    overrides_ended: list[str] = field(default_factory=list)
    errors: list[LineError] = field(default_factory=list)
    error_count: int = 0

    def add(self, errors: list[LineError]) -> None:
        """Note one bad line; only the first errors are kept, so that a million bad lines need no memory."""
        self.bad_lines += 1
        self.error_count += len(errors)
        self.errors += errors[: max(0, ERRORS_KEPT - len(self.errors))]

    @property
    def summary(self) -> str:
        """The result in one sentence."""
        counts = _("%(created)s created, %(changed)s changed, %(unchanged)s unchanged.") % {
            "created": self.created,
            "changed": self.changed,
            "unchanged": self.unchanged,
        }
        trial = _("Trial run, nothing was written:") + " " if self.is_dry_run else ""
        return f"{trial}{counts}{self._left_out()}"

    def _left_out(self) -> str:
        if not self.bad_lines:
            return ""
        return " " + ngettext(
            "%(count)s line is bad and was left out; correct it and import the file again.",
            "%(count)s lines are bad and were left out; correct them and import the file again.",
            self.bad_lines,
        ) % {"count": self.bad_lines}

    def as_json(self) -> dict[str, Any]:
        """Return the report for a machine."""
        return {
            "file": self.source.name,
            "dry_run": self.is_dry_run,
            "encoding": self.source.encoding,
            "delimiter": self.source.delimiter,
            "sheet": self.source.sheet,
            "columns": self.columns,
            "attributes": self.attributes,
            "ignored": self.ignored,
            "lines": self.lines,
            "created": self.created,
            "changed": self.changed,
            "unchanged": self.unchanged,
            "bad_lines": self.bad_lines,
            "defaulted": self.defaulted,
            "errors": [error.as_json() for error in self.errors],
            "errors_left_off": self.error_count - len(self.errors),
        }
