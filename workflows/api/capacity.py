"""The number of calls for other systems: what is promised, what can be held."""

from django.http import HttpRequest
from ninja import Router, Schema

from incidents import clock
from incidents.api.protocol import ERRORS, Bearer, Reference, incident_of
from incidents.enums import ApiScope
from workflows import capacity

router = Router(tags=["audience"])
READ = Bearer(ApiScope.AUDIENCE_READ)


class CapacityOut(Schema):
    """One-to-one contacts in the tightest window against those the people can hold."""

    needed: int
    available: int
    people: int
    tier: int | None
    is_enough: bool
    is_open: bool
    sentence: str

    @staticmethod
    def resolve_sentence(found: capacity.Capacity) -> str:
        return str(found)


@router.get("/{reference}/capacity", response={200: CapacityOut, **ERRORS}, auth=READ, operation_id="read_capacity")
def read_capacity(request: HttpRequest, reference: Reference) -> capacity.Capacity:
    """Tell whether the team can hold the one-to-one contacts the plan begins with."""
    return capacity.of(incident_of(reference), now=clock.now())
