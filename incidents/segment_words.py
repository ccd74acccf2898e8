"""The words of a segment's query: which fields customers have, what each may be compared with, and how."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db.models import Case, DecimalField, Exists, F, Func, OuterRef, Q, TextField, Value, When
from django.db.models.functions import Cast
from django.utils.translation import gettext as _

from incidents.enums import ConsentBasis, ContactKind, Language
from incidents.models import ContactPoint

EQUAL, UNEQUAL, ORDER = "=", "!=", ("<", "<=", ">", ">=")
CONTAINS, BEGINS, IN = "contains", "begins", "in"
SCORES = {"1": 1, "2": 2, "3": 3, "low": 1, "medium": 2, "high": 3}
ATTRIBUTE = "attributes."
_SUFFIX = {"<": "lt", "<=": "lte", ">": "gt", ">=": "gte"}


class WrongValue(Exception):
    """A value that the field cannot have; `expected` says in words what it can."""

    def __init__(self, value: str, *, expected: str) -> None:
        super().__init__(expected)
        self.value, self.expected = value, expected


@dataclass(frozen=True)
class Field:
    """One thing a query can ask of a customer."""

    column: str
    operators: tuple[str, ...]
    read: Callable[[str], Any]
    is_text: bool = True

    def asks(self, operator: str, values: list[str]) -> Q:
        """Return the condition; raises WrongValue."""
        read = [self.read(value) for value in values]
        if operator == UNEQUAL:
            return ~self._equals(read)
        if operator in (EQUAL, IN):
            return self._equals(read)
        if operator in _SUFFIX:
            return Q(**{f"{self.column}__{_SUFFIX[operator]}": read[0]})
        ending = "icontains" if operator == CONTAINS else "istartswith"
        return Q(**{f"{self.column}__{ending}": read[0]})

    def is_empty(self) -> Q:
        """Return the condition that nothing is known."""
        absent = Q(**{f"{self.column}__isnull": True})
        return absent | Q(**{self.column: ""}) if self.is_text else absent

    def _equals(self, values: list[Any]) -> Q:
        if not self.is_text or self.column == "crm_id":
            return Q(**{f"{self.column}__in": values})
        one_of = Q()
        for value in values:
            one_of |= Q(**{f"{self.column}__iexact": value})
        return one_of


@dataclass(frozen=True)
class Attribute:
    """What the CRM says beyond our own fields; one value fits, or one of a list of them."""

    name: str

    operators = (EQUAL, UNEQUAL, *ORDER, IN, CONTAINS, BEGINS)

    def asks(self, operator: str, values: list[str]) -> Q:
        """Return the condition; raises WrongValue where an order is asked of words."""
        if operator in (EQUAL, IN):
            return self._equals(values)
        if operator == UNEQUAL:
            return ~self._equals(values)
        if operator in _SUFFIX:
            return _holds(self._number(), _SUFFIX[operator], _number(values[0]))
        return _holds(self._text(), "icontains" if operator == CONTAINS else "istartswith", values[0])

    def is_empty(self) -> Q:
        """Return the condition that the attribute is absent or blank."""
        return _holds(self._text(), "exact", "")

    def _equals(self, values: list[str]) -> Q:
        one_of = Q()
        for value in values:
            one_of |= _holds(self._text(), "iexact", value) | Q(attributes__contains={self.name: [value]})
        return one_of

    def _text(self) -> Any:
        read = Func(F("attributes"), Value(self.name), function="jsonb_extract_path_text", output_field=TextField())
        return Func(read, Value(""), function="coalesce", output_field=TextField())

    def _number(self) -> Any:
        decimal = DecimalField(max_digits=30, decimal_places=6)
        looks_right = _holds(self._text(), "regex", r"^-?[0-9]{1,20}(\.[0-9]{1,6})?$")
        return Case(When(looks_right, then=Cast(self._text(), decimal)), default=None, output_field=decimal)


@dataclass(frozen=True)
class Flag:
    """A question that is answered by yes or no and stands alone: `has_email`, `not has_phone`."""

    condition: Callable[[], Q]


def _holds(expression: Any, lookup: str, value: Any) -> Q:
    field = expression.output_field
    return Q(field.get_lookup(lookup)(expression, value))


def _number(value: str) -> Decimal:
    try:
        return Decimal(value)
    except InvalidOperation:
        raise WrongValue(value, expected=_("a number such as 12 or 0.5")) from None


def _text(value: str) -> str:
    return value


def _score(value: str) -> int:
    if value.lower() not in SCORES:
        raise WrongValue(value, expected="1, 2, 3, low, medium, high")
    return SCORES[value.lower()]


def _day(value: str) -> datetime:
    try:
        return datetime.fromisoformat(value).replace(tzinfo=UTC)
    except ValueError:
        raise WrongValue(value, expected=_("a day such as 2026-11-22")) from None


def _word_of(words: list[str]) -> Callable[[str], str]:
    def read(value: str) -> str:
        if value.lower() not in words:
            raise WrongValue(value, expected=", ".join(words))
        return value.lower()

    return read


def _reached_at(kind: ContactKind) -> Callable[[], Q]:
    return lambda: Q(Exists(ContactPoint.objects.filter(customer=OuterRef("pk"), kind=kind, is_primary=True)))


_WORDS = (EQUAL, UNEQUAL, IN, CONTAINS, BEGINS)
_CHOICE = (EQUAL, UNEQUAL, IN)
_RANK = (EQUAL, UNEQUAL, IN, *ORDER)

# The allow-list: nothing else of a customer, and nothing of any other table, can be asked for.
FIELDS: Mapping[str, Field | Flag] = {
    "crm_id": Field("crm_id", _WORDS, _text),
    "name": Field("name", _WORDS, _text),
    "language": Field("language", _CHOICE, _word_of(Language.values)),
    "region": Field("region", _WORDS, _text),
    "time_zone": Field("time_zone", _WORDS, _text),
    "importance": Field("importance", _RANK, _score, is_text=False),
    "closeness": Field("closeness", _RANK, _score, is_text=False),
    "account": Field("account_key", _WORDS, _text),
    "account_manager": Field("account_manager__username", _CHOICE, _text),
    "preferred_channel": Field("preferred_channel", _CHOICE, _text),
    "consent": Field("consent_basis", _CHOICE, _word_of(ConsentBasis.values)),
    "added": Field("created_at", ORDER, _day, is_text=False),
    "changed": Field("updated_at", ORDER, _day, is_text=False),
    "has_email": Flag(_reached_at(ContactKind.EMAIL)),
    "has_phone": Flag(_reached_at(ContactKind.PHONE)),
    "has_messenger": Flag(_reached_at(ContactKind.MESSENGER)),
}


def names() -> list[str]:
    """Return every field a query can name, attributes last."""
    return [*FIELDS, f"{ATTRIBUTE}…"]


def find(name: str) -> Field | Flag | Attribute | None:
    """Return what a name stands for, None where nothing has it."""
    if name.startswith(ATTRIBUTE) and len(name) > len(ATTRIBUTE):
        return Attribute(name.removeprefix(ATTRIBUTE))
    return FIELDS.get(name.lower())
