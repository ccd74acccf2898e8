"""Gates for other systems: what keeps an incident in its phase."""

from django.http import HttpRequest
from ninja import Router, Schema

from incidents import clock, lifecycle
from incidents.api.protocol import ERRORS, Bearer, Reference, incident_of
from incidents.enums import ApiScope
from incidents.phases import Blocker, Enforcement

router = Router(tags=["gates"])
READ = Bearer(ApiScope.INCIDENTS_READ)


class BlockerOut(Schema):
    """Why a gate does not hold, and what to do about it."""

    id: str
    text: str
    hint: str
    enforcement: Enforcement
    is_waived: bool
    is_blocking: bool


@router.get(
    "/{reference}/blockers", response={200: list[BlockerOut], **ERRORS}, auth=READ, operation_id="list_blockers"
)
def list_blockers(request: HttpRequest, reference: Reference) -> list[Blocker]:
    """List what does not hold for leaving the present phase."""
    return lifecycle.blockers(incident_of(reference), now=clock.now())
