"""Legal clocks for other systems: what runs, until when, and what was sent."""

from datetime import datetime

from django.db.models import QuerySet
from django.http import HttpRequest
from ninja import Router, Schema

from incidents.api.protocol import ERRORS, Bearer, Reference, incident_of
from incidents.enums import ApiScope
from workflows import clock_data
from workflows.enums import ClockState
from workflows.models import ClockRun

router = Router(tags=["clocks"])
READ = Bearer(ApiScope.INCIDENTS_READ)


class ClockOut(Schema):
    """One legal or contractual deadline; `due_at` is empty where nothing has a number yet."""

    clock: str
    jurisdiction: str
    state: ClockState
    audience: str
    legal_reference: str
    starts_at: datetime | None
    due_at: datetime | None
    is_house_target: bool
    is_stop_asked: bool
    done_at: datetime | None
    receipt: str

    @staticmethod
    def resolve_audience(run: ClockRun) -> str:
        """Say who has to be told."""
        known = clock_data.find(run.clock)
        return known.audience if known else ""

    @staticmethod
    def resolve_legal_reference(run: ClockRun) -> str:
        """Say where the duty stands."""
        known = clock_data.find(run.clock)
        return known.legal_reference if known else ""

    @staticmethod
    def resolve_is_stop_asked(run: ClockRun) -> bool:
        """Whether somebody asked for the clock to stop."""
        return bool(run.stop_reason)


@router.get("/{reference}/clocks", response={200: list[ClockOut], **ERRORS}, auth=READ, operation_id="list_clocks")
def list_clocks(request: HttpRequest, reference: Reference) -> QuerySet[ClockRun]:
    """List the clocks of an incident, soonest deadline first."""
    return ClockRun.objects.filter(incident=incident_of(reference)).soonest()
