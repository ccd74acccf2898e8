"""The company's telephone line: how long callers wait now, told only while the figure is fresh."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from incidents.errors import Refusal
from incidents.models import Company, HotlineWait, User
from incidents.models.hotline import LONGEST_WAIT

# Two machines' clocks never agree to the second.
CLOCKS_DIFFER = timedelta(minutes=2)


class BadFigure(Refusal):
    """The figure cannot be, was measured tomorrow, or nobody says where it comes from."""


@dataclass(frozen=True)
class Figure:
    """A waiting time, when it was measured, and by what or whom."""

    wait: timedelta
    measured_at: datetime
    source: str


def report(figure: Figure, *, by: User, now: datetime) -> HotlineWait:
    """Keep a measured waiting time; the newest one is told to customers while it is fresh."""
    source = figure.source.strip()
    if not source:
        raise BadFigure(_("Say where the figure comes from: who looked, or which system."))
    if not timedelta() <= figure.wait <= LONGEST_WAIT:
        raise BadFigure(_("A waiting time lies between 0 and %d minutes.") % (LONGEST_WAIT // timedelta(minutes=1)))
    if figure.measured_at > now + CLOCKS_DIFFER:
        raise BadFigure(_("The figure was measured in the future: check the time."))
    return HotlineWait.objects.create(
        wait=figure.wait,
        measured_at=min(figure.measured_at, now),
        source=source,
        recorded_by=by,
        recorded_at=now,
    )


def current(company: Company, *, now: datetime) -> HotlineWait | None:
    """Return the newest figure, or None when it is older than the company lets it be told."""
    fresh = HotlineWait.objects.filter(measured_at__lte=now, measured_at__gt=now - company.hotline_wait_is_fresh_for)
    return fresh.order_by("-measured_at", "-pk").first()
