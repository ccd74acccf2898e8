"""Legal clocks: near their deadline, and past it."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from incidents.sentences import gettext as _
from workflows import clock_data, clocks
from workflows.enums import AlertKind
from workflows.escalations import registry
from workflows.escalations.registry import Late, finder
from workflows.models import ClockRun

# From half of its time a clock wakes its owner, from three quarters on the deputy as well, at its end everybody.
OWNER_FROM, DEPUTY_FROM = 0.5, 0.75
# A clock whose beginning nobody knows wakes people this long before its deadline.
_SHORTEST_NOTICE = timedelta(hours=24)


@finder(AlertKind.CLOCK_AT_RISK)
def near(now: datetime) -> Iterator[Late]:
    """A running clock has used up half of its time."""
    for run in ClockRun.objects.running().filter(due_at__gt=now).select_related("incident").order_by("pk"):
        used = _used(run, now)
        if used >= OWNER_FROM:
            yield _about(run, AlertKind.CLOCK_AT_RISK, _people(run, with_deputies=used >= DEPUTY_FROM))


@finder(AlertKind.CLOCK_MISSED)
def past(now: datetime) -> Iterator[Late]:
    """A clock's deadline has come and nobody has met it."""
    for run in ClockRun.objects.running().filter(due_at__lte=now).select_related("incident").order_by("pk"):
        yield _about(run, AlertKind.CLOCK_MISSED, _people(run, with_deputies=True) | registry.leads(run.incident))


def _used(run: ClockRun, now: datetime) -> float:
    assert run.due_at is not None
    began = run.starts_at or run.due_at - 2 * _SHORTEST_NOTICE
    length = run.due_at - began
    return (now - began) / length if length > timedelta() else 1.0


def _people(run: ClockRun, *, with_deputies: bool) -> set[int]:
    known = clock_data.find(run.clock)
    roles = [known.owner] if known else []
    found = registry.holders(run.incident, roles, with_deputies=with_deputies)
    return found | ({run.owner_id} if run.owner_id else set()) or registry.leads(run.incident)


def _about(run: ClockRun, kind: AlertKind, people: set[int]) -> Late:
    text = _("%(clock)s is due on %(time)s UTC.") % {
        "clock": clocks.name_of(run),
        "time": f"{run.due_at:%Y-%m-%d %H:%M}",
    }
    return Late(key=f"{kind}:{run.pk}", kind=kind, incident=run.incident, text=text, people=people)
