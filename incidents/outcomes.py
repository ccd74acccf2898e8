"""What became of customers after an incident, told by the company's own customer system: by CRM id and day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from django.db import transaction

from incidents import audit
from incidents.enums import TimelineKind
from incidents.errors import Refusal
from incidents.imports import outcomes as taking
from incidents.imports.columns import CRM_ID
from incidents.imports.report import LineError, Report, Source, shorten
from incidents.models import Incident, User
from incidents.sentences import gettext as _

# It is tomorrow already somewhere on earth.
EARLIEST_ZONE = timedelta(hours=14)


class NotYet(Refusal):
    """Nothing can have become of customers before the incident was declared."""


@dataclass(frozen=True)
class Outcome:
    """One customer on one day; orders and revenue count since the incident was declared."""

    crm_id: str
    observed_on: date
    is_customer: bool
    orders: int | None = None
    revenue: Decimal | None = None
    currency: str = ""


def import_file(  # noqa: PLR0913 - what, by whom, when and how
    incident: Incident,
    *,
    path: Path,
    by: User | None,
    now: datetime,
    encoding: str | None = None,
    is_dry_run: bool = False,
) -> Report:
    """Take the good lines of a file and report the bad ones; the same file again changes nothing.

    A trial run reports the same and writes nothing.
    """
    with transaction.atomic():
        frame = _frame(incident, by=by, now=now)
        report = taking.read(path, frame=frame, encoding=encoding, is_dry_run=is_dry_run)
        if is_dry_run:
            transaction.set_rollback(True)
        else:
            _write_down(incident, report, by=by, now=now)
    return report


def note(incident: Incident, *, outcomes: Sequence[Outcome], by: User, now: datetime) -> Report:
    """Take outcomes as another system sends them; their place in the list is the line in the report."""
    with transaction.atomic():
        frame = _frame(incident, by=by, now=now)
        report = Report(Source(_("interface"), encoding="utf-8"), is_dry_run=False, lines=len(outcomes))
        good = []
        for line, one in enumerate(outcomes, start=1):
            advice = taking.outside(one.observed_on, frame=frame)
            if advice:
                report.add([LineError(line, CRM_ID, shorten(one.crm_id), advice)])
            else:
                values = (one.crm_id, one.observed_on, one.is_customer, one.orders, one.revenue, one.currency or None)
                good.append([line, *values])
        taking.take(good, frame=frame, report=report)
        _write_down(incident, report, by=by, now=now)
    return report


def _frame(incident: Incident, *, by: User | None, now: datetime) -> taking.Frame:
    """Lock the incident, so that two lists at once take turns."""
    locked = Incident.objects.select_for_update(no_key=True).get(pk=incident.pk)
    if locked.declared_at is None:
        raise NotYet(_("The incident is not declared: nothing can have become of customers yet."))
    last = (now + EARLIEST_ZONE).date()
    return taking.Frame(locked.pk, locked.declared_at.date(), last, by.pk if by else None, now)


def _write_down(incident: Incident, report: Report, *, by: User | None, now: datetime) -> None:
    counts = {"created": report.created, "changed": report.changed, "bad_lines": report.bad_lines}
    if report.created or report.changed:
        text = _("What became of customers: %(created)d observations added, %(changed)d changed") % counts
        audit.tell(incident, kind=TimelineKind.REVIEW, text=text, by=by, now=now)
    audit.record(incident, action="outcomes.imported", actor=by, now=now, data={"from": report.source.name, **counts})
