"""What a kind of alert is: a function that finds what is late now, registered by its kind, and whom it may wake."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from incidents.enums import Role
from incidents.models import Incident, TeamAssignment
from workflows.enums import AlertKind


@dataclass(frozen=True)
class Late:
    """Something that is late now: its unique key, what to say, whom to wake, and where to do it (else the room)."""

    key: str
    kind: AlertKind
    incident: Incident
    text: str
    people: set[int] = field(default_factory=set)
    path: str = ""


Finder = Callable[[datetime], Iterator[Late]]
FINDERS: dict[AlertKind, Finder] = {}


def finder(kind: AlertKind) -> Callable[[Finder], Finder]:
    """Let the clock look for this kind of alert with the function below."""

    def register(find: Finder) -> Finder:
        if kind in FINDERS:
            raise ValueError(f"two finders for {kind}")
        FINDERS[kind] = find
        return find

    return register


def holders(incident: Incident, roles: Iterable[str], *, with_deputies: bool) -> set[int]:
    """Return who holds these roles in the incident, and with them who stands in."""
    team = list(TeamAssignment.objects.filter(incident=incident, role__in=list(roles)))
    people = {member.user_id for member in team}
    if with_deputies:
        people |= {member.deputy_id for member in team if member.deputy_id}
    return people


def leads(incident: Incident) -> set[int]:
    """Return who leads the incident."""
    return holders(incident, [Role.INCIDENT_LEAD], with_deputies=False) | (
        {incident.lead_id} if incident.lead_id else set()
    )
