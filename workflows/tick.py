"""The clock: an ordered list of small steps, each asking what should exist now and does not."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

import structlog

from incidents.errors import Refusal
from incidents.models import Heartbeat
from notifications import engine, inbound
from workflows import (
    aftercare,
    approvals,
    briefings,
    cadence,
    call_desk,
    call_outcomes,
    clocks,
    escalations,
    hold_list,
    outreach,
    releases,
    reminders,
    updates,
)

log = structlog.get_logger()

BEAT = "tick"
LEASE = "tick.lease"
LEASE_INTERVAL = timedelta(seconds=30)


class Find(Protocol):
    """What is out of date now."""

    def __call__(self, *, now: datetime) -> Sequence[Any]: ...


class Act(Protocol):
    """Bring one of them up to date, in a transaction of its own, harmless when done twice."""

    def __call__(self, item: Any, /, *, now: datetime) -> object: ...


class Sweep(Protocol):
    """A step that finds and acts by itself."""

    def __call__(self, *, now: datetime) -> object: ...


@dataclass(frozen=True)
class Each:
    """Act on every thing found; trouble with one never stops the others."""

    name: str
    find: Find
    act: Act

    def __call__(self, *, now: datetime) -> None:
        for item in self.find(now=now):
            try:
                self.act(item, now=now)
            except Refusal as refusal:
                log.warning("tick.refused", step=self.name, item=item, reason=type(refusal).__name__)
            except Exception:  # noqa: BLE001 - the edge of a batch: one bad row never stops its neighbours
                log.exception("tick.item_failed", step=self.name, item=item)


STEPS: list[tuple[str, Sweep]] = [
    ("ask_again", Each("ask_again", approvals.outgrown, approvals.ask_outgrown)),
    ("release_scheduled", Each("release_scheduled", releases.due, releases.release_scheduled)),
    ("end_of_incident", Each("end_of_incident", updates.without_incident, updates.end)),
    ("open", Each("open", updates.due, updates.open_slot)),
    ("overtake", Each("overtake", updates.overtaken, updates.overtake)),
    ("no_change", Each("no_change", updates.silent, updates.fall_back)),
    ("release_updates", Each("release_updates", updates.approved, updates.release)),
    ("judge", Each("judge", cadence.to_judge, cadence.judge)),
    ("sweep", engine.sweep),
    ("inbound", inbound.work_off),
    ("outreach", outreach.from_failures),
    ("claims", call_desk.free_expired),
    ("confirmations", call_outcomes.settle_confirmations),
    ("briefs", Each("briefs", briefings.outdated, briefings.renew)),
    ("legal_clocks", Each("legal_clocks", clocks.waiting_for_solution, clocks.begin)),
    ("hold_list", Each("hold_list", hold_list.to_announce, hold_list.announce)),
    ("aftercare", Each("aftercare", aftercare.due, aftercare.make)),
    ("reminders", Each("reminders", reminders.due, reminders.remind)),
    ("alerts", Each("alerts", escalations.kinds, escalations.refresh)),
    ("wake", Each("wake", escalations.unheard, escalations.wake)),
]


def run(*, now: datetime) -> None:
    """Do every step once, in order; a step that fails is logged and the rest goes on."""
    beat(now=now)
    for name, step in STEPS:
        try:
            step(now=now)
        except Exception:  # noqa: BLE001 - the edge of a clock step: the other steps keep their promises
            log.exception("tick.step_failed", step=name)


def beat(*, now: datetime) -> None:
    """Leave the sign of life that health looks at."""
    Heartbeat.objects.update_or_create(name=BEAT, defaults={"beat_at": now})


def claim(*, now: datetime) -> bool:
    """Take the lease that keeps ticks from piling up; nothing but thrift depends on it, and it runs out by itself."""
    Heartbeat.objects.get_or_create(name=LEASE, defaults={"beat_at": now})
    return bool(Heartbeat.objects.filter(name=LEASE, beat_at__lte=now).update(beat_at=now + LEASE_INTERVAL))


def give_back(*, now: datetime) -> None:
    """Return the lease, so that the next tick need not wait for it to run out."""
    Heartbeat.objects.filter(name=LEASE, beat_at__gt=now).update(beat_at=now)
