"""Reads days, amounts, counts, yes and no as people and programs write them in three languages."""

import re
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import lru_cache

from django.utils.translation import gettext as _

from incidents.imports.words import plain

_ANSWERS = {
    True: "yes y true 1 active 是 在 活跃 да активен активна",
    False: "no n false 0 left gone churned 否 不是 流失 нет ушёл ушел ушла",
}
ANSWERS = {plain(word): answer for answer, words in _ANSWERS.items() for word in words.split()}
# Year first, or day first with full stops; 03/04/2026 means two days and is refused.
_DAYS = (
    re.compile(r"(?P<year>\d{4})[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})(?:[T ][\d:.]+(?:Z|[+-][\d:]+)?)?"),
    re.compile(r"(?P<year>\d{4})年(?P<month>\d{1,2})月(?P<day>\d{1,2})日"),
    re.compile(r"(?P<day>\d{1,2})\.(?P<month>\d{1,2})\.(?P<year>\d{4})"),
)
_GROUPED = re.compile(r"-?\d{1,3}(?P<group>[ ,.'])\d{3}((?P=group)\d{3})*(?P<rest>[.,]\d{1,2})?")
_PLAIN = re.compile(r"-?\d+([.,]\d{1,2}|\.\d+)?")
LARGEST = Decimal(10) ** 12
MOST_ORDERS = 2**31 - 1


class Unreadable(ValueError):
    """What stands there cannot be read one way only; `str()` is what to do about it."""


@lru_cache(maxsize=1000)
def day(cell: str) -> date:
    """Return a day."""
    for form in _DAYS:
        found = form.fullmatch(cell)
        if found is not None:
            try:
                return date(*(int(found[part]) for part in ("year", "month", "day")))
            except ValueError:
                break
    raise Unreadable(_("write the day as 2026-11-22 or 22.11.2026."))


@lru_cache(maxsize=1000)
def answer(cell: str) -> bool:
    """Return yes or no."""
    found = ANSWERS.get(plain(cell))
    if found is None:
        raise Unreadable(_("write yes or no (是 否; да нет)."))
    return found


def count(cell: str) -> int:
    """Return a number of things."""
    if not cell.isascii() or not cell.isdigit() or int(cell[:12]) > MOST_ORDERS:
        raise Unreadable(_("write a whole number, such as 3."))
    return int(cell)


def amount(cell: str) -> Decimal:
    """Return an amount of money with at most two decimals; 1,234 may mean two amounts and is refused."""
    text = " ".join(cell.replace("\u00a0", " ").replace("\u202f", " ").replace("−", "-").split())  # noqa: RUF001
    grouped = _GROUPED.fullmatch(text)
    is_ambiguous = grouped is not None and grouped["rest"] is None and text.count(grouped["group"]) == 1
    if grouped is not None and not (is_ambiguous and grouped["group"] in ",."):
        whole = text.removesuffix(grouped["rest"] or "").replace(grouped["group"], "")
        text = whole + (grouped["rest"] or "").replace(",", ".")
    elif grouped is not None or not _PLAIN.fullmatch(text):
        raise Unreadable(_("write the amount without signs between thousands, such as 1234.50."))
    return _rounded(text.replace(",", "."))


def currency(cell: str) -> str:
    """Return a currency by its three letters."""
    if not re.fullmatch("[A-Za-z]{3}", cell):
        raise Unreadable(_("write the currency by its three letters, such as EUR or CNY."))
    return cell.upper()


def _rounded(text: str) -> Decimal:
    try:
        found = Decimal(text).quantize(Decimal("0.01"))
    except InvalidOperation:
        found = LARGEST
    if abs(found) >= LARGEST:
        raise Unreadable(_("the amount is larger than we can keep."))
    return found
