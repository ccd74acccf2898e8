"""ISO 8601 durations as playbooks write them: PT2H, P14D, PT0.5S."""

import re
from datetime import timedelta
from typing import Any

# A month and a year have no fixed length; a cadence that names them means 30 and 365 days.
_SECONDS = {"Y": 365 * 86400, "M": 30 * 86400, "W": 7 * 86400, "D": 86400, "h": 3600, "m": 60, "s": 1}
_NUMBER = r"(\d+(?:[.,]\d+)?)"
_ISO = re.compile(
    rf"P(?:{_NUMBER}Y)?(?:{_NUMBER}M)?(?:{_NUMBER}W)?(?:{_NUMBER}D)?(?:T(?:{_NUMBER}H)?(?:{_NUMBER}M)?(?:{_NUMBER}S)?)?"
)
# Only these parts of a playbook hold its own times; a text that looks like a duration stays a text.
TIMED = ("cadence", "channel_matrix", "approvals", "gates")


class BadDuration(ValueError):
    """The text is no ISO 8601 duration."""


def parse(text: object) -> timedelta:
    """Return the length of an ISO 8601 duration; raises BadDuration."""
    found = _ISO.fullmatch(text) if isinstance(text, str) else None
    if found is None or not any(found.groups()) or found[0].endswith("T"):
        raise BadDuration(f"expected an ISO 8601 duration such as PT2H or P14D, found {text!r}")
    numbers = zip(_SECONDS.values(), found.groups(), strict=True)
    return timedelta(seconds=sum(seconds * float(number.replace(",", ".")) for seconds, number in numbers if number))


def is_duration(value: object) -> bool:
    """Whether a value reads as a duration."""
    try:
        parse(value)
    except BadDuration:
        return False
    return True


def write(length: timedelta) -> str:
    """Return a length as an ISO 8601 duration in seconds, to the millisecond: PT0.5S."""
    return f"PT{length.total_seconds():.3f}".rstrip("0").rstrip(".") + "S"


def divide(content: dict[str, Any], *, divisor: int) -> dict[str, Any]:
    """Return a playbook whose every own duration is divided by `divisor`; 1 returns it as it is."""
    if divisor == 1:
        return content
    return {key: _divided(value, divisor) if key in TIMED else value for key, value in content.items()}


def _divided(value: Any, divisor: int) -> Any:
    if isinstance(value, dict):
        return {key: _divided(item, divisor) for key, item in value.items()}
    if isinstance(value, list):
        return [_divided(item, divisor) for item in value]
    return write(parse(value) / divisor) if is_duration(value) else value
