"""Plain builders of people, incidents and facts, with keyword overrides."""

from datetime import UTC, datetime
from typing import Any

from incidents import facts, lifecycle
from incidents.enums import FactStatus, Role
from incidents.models import Customer, Incident, RosterEntry, User

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


def person(username: str = "lena", **fields: Any) -> User:
    """Return a member of staff."""
    user, _created = User.objects.get_or_create(username=username, defaults=fields)
    return user


def roster(**holders: User) -> None:
    """Put people on the duty roster by role."""
    for role, user in holders.items():
        RosterEntry.objects.create(role=Role(role), user=user)


def reported(title: str = "Late bearings", *, by: User | None = None, now: datetime = NOW, **fields: Any) -> Incident:
    """Return an incident that was just reported."""
    return lifecycle.report(lifecycle.Report(title, **fields), by=by or person(), now=now)


def definition(key: str = "incident.summary", *, kind: str = "text", **fields: Any) -> dict[str, Any]:
    """Return one line of a playbook's fact list."""
    line = {"key": key, "type": kind, "label": {"en": key}, "sensitivity": "internal", "publishable": True}
    return {**line, "needed_by": "identify", **fields}


def put(incident: Incident, key: str = "incident.summary", **value: Any) -> None:
    """Set a verified fact."""
    change = facts.FactChange(key, value or {"en": "A line stands still"}, FactStatus.VERIFIED, "plant manager")
    facts.put(incident, change=change, by=person(), now=NOW)


def customer(crm_id: str = "C-1", **fields: Any) -> Customer:
    """Return a customer."""
    defaults = {"name": f"Customer {crm_id}", "created_at": NOW, "updated_at": NOW}
    return Customer.objects.create(crm_id=crm_id, **{**defaults, **fields})
