"""Accessible SVG charts, drawn as text: the same bytes stand in the web page and in the PDF."""

from dataclasses import dataclass
from html import escape

WIDTH = 640
ROW = 26
LABEL_WIDTH = 200
VALUE_WIDTH = 150
INK, MUTED, BAR, ALARM = "#1f2937", "#6b7280", "#2563eb", "#b91c1c"
FONT = "Noto Sans, Noto Sans CJK SC, Arial, sans-serif"


@dataclass(frozen=True)
class Bar:
    """One row of a bar chart: its label, its length, and the words at its end."""

    label: str
    value: float
    text: str


@dataclass(frozen=True)
class Mark:
    """One event in a lane; `at` lies between 0 (left) and 1 (right). A late one is drawn in the colour of alarm."""

    at: float
    text: str
    is_late: bool = False


def bars(title: str, rows: list[Bar], *, maximum: float | None = None) -> str:
    """Draw horizontal bars; without `maximum` the longest one fills the width."""
    longest = maximum or max((row.value for row in rows), default=0) or 1
    room = WIDTH - LABEL_WIDTH - VALUE_WIDTH
    parts: list[str] = []
    for index, row in enumerate(rows):
        y = index * ROW + 4
        length = max(room * min(row.value / longest, 1), 1)
        parts += [
            _text(LABEL_WIDTH - 8, y + 15, row.label, anchor="end"),
            f'<rect x="{LABEL_WIDTH}" y="{y + 3}" width="{length:.1f}" height="{ROW - 10}" rx="3" fill="{BAR}"/>',
            _text(LABEL_WIDTH + length + 6, y + 15, row.text, colour=MUTED),
        ]
    described = "; ".join(f"{row.label}: {row.text}" for row in rows)
    return _frame(title, described, height=len(rows) * ROW + 8, parts=parts)


def lanes(title: str, rows: dict[str, list[Mark]], *, start: str, end: str) -> str:
    """Draw one lane per label with its events in time; start and end are the words under the axis."""
    room = WIDTH - LABEL_WIDTH - 20
    parts: list[str] = []
    for index, (label, marks) in enumerate(rows.items()):
        y = index * ROW + 16
        parts += [
            _text(LABEL_WIDTH - 8, y + 5, label, anchor="end"),
            f'<line x1="{LABEL_WIDTH}" y1="{y}" x2="{LABEL_WIDTH + room}" y2="{y}" stroke="#d1d5db"/>',
        ]
        parts += [
            f'<circle cx="{LABEL_WIDTH + room * mark.at:.1f}" cy="{y}" r="5" fill="{ALARM if mark.is_late else BAR}">'
            f"<title>{escape(mark.text)}</title></circle>"
            for mark in marks
        ]
    bottom = len(rows) * ROW + 22
    parts += [
        _text(LABEL_WIDTH, bottom, start, colour=MUTED),
        _text(LABEL_WIDTH + room, bottom, end, anchor="end", colour=MUTED),
    ]
    described = "; ".join(f"{label}: " + ", ".join(mark.text for mark in marks) for label, marks in rows.items())
    return _frame(title, described, height=bottom + 8, parts=parts)


def _frame(title: str, described: str, *, height: int, parts: list[str]) -> str:
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 {WIDTH} {height}" '
        f'width="{WIDTH}" height="{height}" font-family="{FONT}" font-size="13">'
    )
    return f"{head}<title>{escape(title)}</title><desc>{escape(described)}</desc>{''.join(parts)}</svg>"


def _text(x: float, y: float, words: str, *, anchor: str = "start", colour: str = INK) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}">{escape(words)}</text>'
