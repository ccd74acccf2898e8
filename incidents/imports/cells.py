"""Turns the cells of one line into the values of one customer, or into errors that say what to do."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from incidents import customers
from incidents.imports import quantities, words
from incidents.imports.columns import Columns
from incidents.imports.reading import LONGEST_CELL
from incidents.imports.report import LineError, shorten

LONGEST = {"crm_id": 80, "name": 200, "salutation": 200, "region": 80, "account_key": 80, "email": 320, "phone": 320}
LONGEST_TEXT = 2000

Value = str | int | date | Decimal | None


class BadCell(Exception):
    """A cell that cannot be used; `str()` is what to do about it."""


@dataclass(frozen=True)
class Household:
    """What the company knows before the file is read: where its telephone is, and who works there."""

    region: str | None
    managers: dict[str, int]


@lru_cache(maxsize=20_000)
def score(cell: str) -> int:
    """Return 1 to 3 for a degree in any of the usual words."""
    found = words.SCORES.get(words.plain(cell))
    if found is None:
        raise BadCell(_("write 1, 2 or 3 (low, medium, high; 低 中 高; низкая средняя высокая; C, B, A)."))
    return found


@lru_cache(maxsize=1000)
def language(cell: str) -> str:
    """Return `en`, `zh` or `ru`."""
    found = words.LANGUAGES.get(words.plain(cell))
    if found is None:
        raise BadCell(_("write en, zh or ru; left empty, the company's first language is used."))
    return str(found)


@lru_cache(maxsize=1000)
def time_zone(cell: str) -> str:
    """Return the name of a time zone."""
    found = words.time_zones().get(cell.casefold())
    if found is None:
        raise BadCell(_("write the zone as in Europe/Berlin, Asia/Shanghai or Europe/Moscow."))
    return found


@lru_cache(maxsize=1000)
def consent_basis(cell: str) -> str:
    """Return why the company may write to the customer."""
    found = words.CONSENTS.get(words.plain(cell))
    if found is None:
        raise BadCell(_("write contract, consent or legal_duty."))
    return str(found)


@lru_cache(maxsize=1000)
def harm(cell: str) -> str:
    """Return what the incident does to the customer."""
    found = words.HARMS.get(words.plain(cell))
    if found is None:
        raise BadCell(_("write none, inconvenience, financial, operational, legal_right or safety."))
    return str(found)


@lru_cache(maxsize=1000)
def preferred_channel(cell: str) -> str:
    """Return the id of a channel; ids we do not know are kept, because channels can be added."""
    found = words.CHANNELS.get(words.plain(cell), cell.lower())
    if len(found) > 20 or not found.replace("_", "").isalnum() or not found.isascii():
        raise BadCell(_("write email, phone, video, in_person or sms."))
    return found


PARSERS: dict[str, Callable[[str], Value]] = {
    "language": language,
    "time_zone": time_zone,
    "importance": score,
    "closeness": score,
    "preferred_channel": preferred_channel,
    "consent_basis": consent_basis,
    "degree": score,
    "harm": harm,
    "observed_on": quantities.day,
    "is_customer": quantities.answer,
    "orders": quantities.count,
    "revenue": quantities.amount,
    "currency": quantities.currency,
}
MISSING = {
    "crm_id": gettext_lazy("the customer's id is missing."),
    "observed_on": gettext_lazy("the day is missing."),
    "is_customer": gettext_lazy("write yes or no."),
}


class Reader:
    """Reads lines of one file; `wanted` names the fields that matter, all other known columns are passed over."""

    def __init__(self, columns: Columns, *, wanted: tuple[str, ...], household: Household) -> None:
        self.columns = columns
        self.places = [(name, columns.fields[name]) for name in wanted if name in columns.fields]
        self.household = household

    def read(self, line: int, cells: list[str]) -> dict[str, Value] | list[LineError]:
        """Return the values by field (None where the cell is empty), or every error of the line."""
        values: dict[str, Value] = {}
        errors = []
        for name, place in self.places:
            try:
                values[name] = self._value(name, cells, place)
            except (BadCell, quantities.Unreadable, customers.InvalidAddress) as error:
                errors.append(LineError(line, self.columns.headings[place], shorten(cells[place]), str(error)))
        return errors or values

    def _value(self, name: str, cells: list[str], place: int) -> Value:
        text = usable(cells[place], longest=LONGEST.get(name, LONGEST_TEXT))
        if not text:
            if name in MISSING:
                raise BadCell(str(MISSING[name]))
            return None
        if name in PARSERS:
            return PARSERS[name](text)
        if name == "account_manager":
            return self._manager(text)
        return self._address(name, text, cells)

    def _address(self, name: str, text: str, cells: list[str]) -> str:
        """Return the address or number as it is matched; every other text as it is."""
        if name == "email":
            return customers.normalise_email(text)
        if name == "phone":
            return customers.normalise_phone(text, region=self._region(cells) or self.household.region)
        return text

    def _region(self, cells: list[str]) -> str | None:
        place = self.columns.fields.get("region")
        return customers.region_of(cells[place]) if place is not None else None

    def _manager(self, text: str) -> int:
        found = self.household.managers.get(text.casefold())
        if found is None:
            raise BadCell(_("nobody has this user name; create the log-in first or leave the cell empty."))
        return found

    def attributes(self, cells: list[str]) -> dict[str, str]:
        """Return the cells of all other columns under their headings, empty ones left out."""
        named = ((name, usable(cells[place], longest=LONGEST_CELL)) for name, place in self.columns.attributes.items())
        return {name: text for name, text in named if text}

    def attributes_json(self, line: int, cells: list[str]) -> str | list[LineError]:
        """Return the attributes as JSON, or the error of the line."""
        try:
            return json.dumps(self.attributes(cells), ensure_ascii=False) if self.columns.attributes else "{}"
        except BadCell as error:
            return [LineError(line, "", shorten(cells[0]), str(error))]


def usable(cell: str, *, longest: int) -> str:
    """Return the tidy text of a cell; raise BadCell for what no database and no spreadsheet can hold."""
    if "\0" in cell:
        raise BadCell(_("the value holds a NUL character; remove it or check --encoding."))
    text = words.tidy(cell)
    if len(text) > longest:
        raise BadCell(
            _("the value has %(count)s characters; at most %(most)s fit.") % {"count": len(text), "most": longest}
        )
    return text


def raw(columns: Columns, name: str, cells: list[str]) -> Any:
    """Return the tidy text of a field as it was written, None where the file has no such cell."""
    place = columns.fields.get(name)
    return (words.tidy(cells[place]) or None) if place is not None else None
