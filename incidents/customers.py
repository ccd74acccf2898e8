"""Customers: their addresses in one normal form, and saved filters that find them."""

import re
import unicodedata
from collections.abc import Callable
from functools import cache
from typing import Any

import phonenumbers
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from email_validator import SPECIAL_USE_DOMAIN_NAMES, EmailNotValidError, validate_email

from incidents import segment_queries
from incidents.errors import Refusal
from incidents.models import Company, Customer

# The great majority; email-validator agrees with every address of this shape and takes twenty times as long.
PLAIN_EMAIL = re.compile(
    r"[a-z0-9_]+(?:[.+-][a-z0-9_]+)*@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+([a-z]{2,24})", re.IGNORECASE | re.ASCII
)
LONGEST_LOCAL_PART = 64
LONGEST_EMAIL = 254


class InvalidAddress(Refusal):
    """An e-mail address or telephone number that nobody can be reached at; `value` is what was given."""

    def __init__(self, value: str, *, reason: str) -> None:
        super().__init__(reason)
        self.value = value


class UnknownFilter(Refusal):
    """A saved filter asks for something customers do not have; `problems` holds one sentence each."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__(" ".join(problems))
        self.problems = problems


def normalise_email(value: str) -> str:
    """Return the address with full-width forms narrowed and the domain in lower-case ASCII; raise InvalidAddress."""
    address = unicodedata.normalize("NFKC", value).strip()
    if is_plain_email(address):
        local, _at, domain = address.rpartition("@")
        return f"{local}@{domain.lower()}"
    try:
        valid = validate_email(address, check_deliverability=False, strict=True)
    except EmailNotValidError as error:
        raise InvalidAddress(value, reason=_("This is no e-mail address: %(why)s") % {"why": error}) from error
    return f"{valid.local_part}@{valid.ascii_domain.lower()}"


def is_plain_email(address: str) -> bool:
    """Whether the address needs no closer look: plain ASCII, an ordinary domain, no punycode, not too long."""
    shape = PLAIN_EMAIL.fullmatch(address)
    return (
        shape is not None
        and shape[1].lower() not in SPECIAL_USE_DOMAIN_NAMES
        and len(address) <= LONGEST_EMAIL
        and address.index("@") <= LONGEST_LOCAL_PART
        and "--" not in address.rpartition("@")[2]
    )


def normalise_phone(value: str, *, region: str | None) -> str:
    """Return the number as `+` and digits; `region` (two letters) is used for numbers without a country code."""
    digits = unicodedata.normalize("NFKC", value).strip()
    try:
        number = phonenumbers.parse(digits, region)
    except phonenumbers.NumberParseException as error:
        raise InvalidAddress(value, reason=_why_unreadable(error)) from error
    kind = phonenumbers.number_type(number)
    if kind == phonenumbers.PhoneNumberType.UNKNOWN:
        raise InvalidAddress(value, reason=_("No telephone has this number; check the digits."))
    if kind == phonenumbers.PhoneNumberType.PREMIUM_RATE:
        raise InvalidAddress(value, reason=_("This is a premium-rate number; give one that is free to call back."))
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def _why_unreadable(error: phonenumbers.NumberParseException) -> str:
    if error.error_type == phonenumbers.NumberParseException.INVALID_COUNTRY_CODE:
        return _("The country of this number is not known; write it as +49 30 23125000, with the country code.")
    return _("This is no telephone number; write it as +49 30 23125000.")


@cache
def phone_regions() -> frozenset[str]:
    """Return the two-letter codes of the regions whose numbers are known."""
    return frozenset(phonenumbers.SUPPORTED_REGIONS)


def region_of(value: str) -> str | None:
    """Return the two-letter code a region begins with (`DE`, `de-BY`), None where it is named in words."""
    code = value.strip().partition("-")[0].upper()
    return code if code in phone_regions() else None


def region_of_company(company: Company | None) -> str | None:
    """Return the region of the company's own telephone, for customers whose region is not known."""
    if company is None or not company.hotline:
        return None
    try:
        return phonenumbers.region_code_for_number(phonenumbers.parse(company.hotline))
    except phonenumbers.NumberParseException:
        return None


# --- saved filters ---------------------------------------------------------------------------------

LOOKUPS = {
    "region": "region",
    "language": "language",
    "time_zone": "time_zone",
    "importance": "importance",
    "closeness": "closeness",
    "account_key": "account_key",
    "account_manager": "account_manager__username",
    "preferred_channel": "preferred_channel",
    "consent_basis": "consent_basis",
    "crm_ids": "crm_id",
}
NUMBERS = frozenset({"importance", "closeness"})
ATTRIBUTES = "attributes"
QUERY = "query"  # in the language of incidents.segment_queries
SEGMENT = "segment"  # the name the query was saved under; for people, it finds nobody by itself


def matching(spec: dict[str, Any]) -> QuerySet[Customer]:
    """Return the active customers that meet every key of the filter; an empty filter means all of them.

    A key names a list, of which one value must fit: `{"region": ["DE"], "attributes": {"product": ["NB-12"]}}`;
    `query` is a segment's text: `{"query": "region = DE and importance >= 2"}`.
    """
    problems = validate(spec)
    if problems:
        raise UnknownFilter(problems)
    conditions = Q(is_active=True)
    for key, wanted in spec.items():
        if key == ATTRIBUTES:
            conditions &= _attributes_hold(wanted)
        elif key == QUERY:
            conditions &= segment_queries.condition(wanted)
        elif key != SEGMENT:
            conditions &= Q(**{f"{LOOKUPS[key]}__in": _listed(wanted)})
    return Customer.objects.filter(conditions).order_by("pk")


def count(spec: dict[str, Any]) -> int:
    """Return how many active customers the filter finds."""
    return matching(spec).count()


def validate(spec: object) -> list[str]:
    """Return one sentence for everything in a saved filter that cannot be asked; an empty list means it is sound."""
    if not isinstance(spec, dict):
        return [_("A filter is an object such as {“region”: [“DE”]}.")]
    problems = []
    for key, wanted in spec.items():
        problem = _problem_of(key, wanted)
        if problem:
            problems.append(problem)
    return problems


def _problem_of(key: str, wanted: object) -> str:
    if key == ATTRIBUTES:
        sound = isinstance(wanted, dict) and all(_is_list_of(_listed(values), _is_word) for values in wanted.values())
        return "" if sound else _("“attributes” wants an object such as {“product”: [“NB-12”]}.")
    if key in (QUERY, SEGMENT):
        return _problem_of_query(key, wanted)
    if key not in LOOKUPS:
        known = ", ".join([*sorted(LOOKUPS), ATTRIBUTES, QUERY])
        return _("“%(key)s” is not known; a filter can ask for %(known)s.") % {"key": key, "known": known}
    if not _is_list_of(_listed(wanted), _is_score if key in NUMBERS else _is_text):
        example = "[1, 2, 3]" if key in NUMBERS else "[“…”]"
        return _("“%(key)s” wants a list such as %(example)s.") % {"key": key, "example": example}
    return ""


def _problem_of_query(key: str, wanted: object) -> str:
    if not isinstance(wanted, str):
        return _("“%s” wants a text.") % key
    if key == SEGMENT:
        return ""
    try:
        segment_queries.condition(wanted)
    except segment_queries.QueryProblem as problem:
        return str(problem)
    return ""


def _listed(wanted: object) -> list[object]:
    return wanted if isinstance(wanted, list) else [wanted]


def _is_list_of(values: list[object], fits: Callable[[object], bool]) -> bool:
    return bool(values) and all(fits(value) for value in values)


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_word(value: object) -> bool:
    return isinstance(value, str | int | float | bool)


def _is_score(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= 3


def _attributes_hold(wanted: dict[str, object]) -> Q:
    conditions = Q()
    for name, values in wanted.items():
        one_of = Q()
        for value in _listed(values):
            one_of |= Q(attributes__contains={name: value})
        conditions &= one_of
    return conditions
