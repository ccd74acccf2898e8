"""Quiet hours: when nothing that can wait is sent, on the reader's own clock.

They hold back what nobody was promised: a survey waits for their end, and the rhythm of calm updates is planned around
them. What was promised comes at its time; safety, first words, corrections and legal notices know no quiet hours.
"""

from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from incidents.models import Company


def end_of(company: Company, *, at: datetime, time_zone: str) -> datetime:
    """Return the end of the quiet hours a moment falls into, on the clock of that zone, or the moment itself."""
    begin, end = company.quiet_from, company.quiet_until
    if begin is None or end is None or begin == end:
        return at
    local = at.astimezone(_zone(time_zone))
    is_over_midnight = begin > end
    after_begin, before_end = local.time() >= begin, local.time() < end
    if not (after_begin or before_end if is_over_midnight else after_begin and before_end):
        return at
    day = local.date() + timedelta(days=1 if is_over_midnight and after_begin else 0)
    return datetime.combine(day, end, tzinfo=local.tzinfo).astimezone(UTC)


def _zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return UTC
