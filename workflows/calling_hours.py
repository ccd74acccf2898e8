"""When a customer may be called: the hours they asked for on their own clock, else the usual ones."""

from datetime import UTC, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.db.models import Exists, OuterRef, Q, QuerySet

from incidents.enums import Harm
from incidents.models import Customer, Impact
from workflows.models import OutreachTask

USUAL_FROM, USUAL_UNTIL = time(8), time(20)
# Somebody who agreed on a time is called then, not before.
EARLY = timedelta(minutes=15)


def zone(name: str) -> tzinfo:
    """Return a time zone by name; one nobody knows any more counts as UTC."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return UTC


def local(customer: Customer, *, now: datetime) -> datetime:
    """Return what the customer's own clock shows."""
    return now.astimezone(zone(customer.time_zone))


def hours(customer: Customer) -> tuple[time, time]:
    """Return between which local times the customer is called."""
    return customer.call_from or USUAL_FROM, customer.call_until or USUAL_UNTIL


def is_welcome(customer: Customer, *, now: datetime) -> bool:
    """Whether a call fits the customer's hours now."""
    begin, end = hours(customer)
    return begin <= local(customer, now=now).time() < end


def next_welcome(customer: Customer, *, after: datetime) -> datetime:
    """Return the first moment from `after` on at which a call fits the customer's hours."""
    begin, _end = hours(customer)
    here = local(customer, now=after)
    if is_welcome(customer, now=after):
        return after
    day = here.date() if here.time() < begin else here.date() + timedelta(days=1)
    return datetime.combine(day, begin, tzinfo=here.tzinfo).astimezone(UTC)


def welcome(tasks: QuerySet[OutreachTask], *, now: datetime) -> Q:
    """Return the condition for contacts that fit now: an agreed time that has come, danger to people, or their hours.

    One comparison for each clock time in use, so that the queue itself stays one statement.
    """
    names = tasks.order_by().values_list("customer__time_zone", flat=True).distinct()
    by_time: dict[time, list[str]] = {}
    for name in names:
        by_time.setdefault(now.astimezone(zone(name)).time(), []).append(name)
    fits = Q(pk__in=[])
    for clock, zones in by_time.items():
        asked = Q(customer__call_from__lte=clock, customer__call_until__gt=clock)
        usual = Q(customer__call_from=None) if USUAL_FROM <= clock < USUAL_UNTIL else Q(pk__in=[])
        fits |= Q(customer__time_zone__in=zones) & (asked | usual)
    in_danger = Impact.objects.filter(incident=OuterRef("incident"), customer=OuterRef("customer"), harm=Harm.SAFETY)
    has_come = Q(meets_at__lte=now + EARLY)
    return has_come | (Q(meets_at=None) & (fits | Q(Exists(in_danger))))
