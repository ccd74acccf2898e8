"""Who may see an embargoed incident: its team, its lead and the people let in; one rule for every list and address."""

from collections import deque
from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import cache
from typing import Any, TypeVar

from django.db import transaction
from django.db.models import Exists, Model, OuterRef, Q, QuerySet

from incidents import audit
from incidents.enums import TimelineKind
from incidents.errors import Refusal
from incidents.models import AuditEvent, Incident, TeamAssignment, User
from incidents.sentences import gettext as _

Rows = TypeVar("Rows", bound=QuerySet[Any])
SEEN = "embargo.seen"
SIGHT_IS_NOTED_EVERY = timedelta(hours=1)


class NoChange(Refusal):
    """The embargo stands, or is lifted, already."""


class ReasonMissing(Refusal):
    """An embargo begins and ends for a reason."""


def visible(rows: Rows, *, to: Any) -> Rows:
    """Return the rows this person may see: everything but what belongs to an embargoed incident of others.

    Works for every model that leads to an incident by foreign keys, and leaves all others as they are. A superuser
    sees everything; opening a row is then audited (`note_sight`).
    """
    model: type[Model] = rows.model
    path = path_to_incident(model)
    if path is None or to.is_superuser:
        return rows
    hidden = hidden_from(to)
    for name in (path, *_other_incidents(model)):
        rows = rows.exclude(**{f"{name}__in": hidden})
    return rows


def hidden_from(user: Any) -> QuerySet[Incident]:
    """Return the embargoed incidents this person has no part in."""
    rows = Incident.objects.filter(is_embargoed=True).order_by()
    if user.is_superuser:
        return rows.none()
    seats = TeamAssignment.objects.filter(Q(user=user.pk) | Q(deputy=user.pk), incident=OuterRef("pk"))
    let_in = Incident.insiders.through.objects.filter(incident=OuterRef("pk"), user=user.pk)
    return rows.exclude(lead=user.pk).exclude(Exists(seats)).exclude(Exists(let_in))


def is_visible(incident: Incident, *, to: Any) -> bool:
    """Whether this person may see the incident."""
    if not incident.is_embargoed or to.is_superuser:
        return True
    return not hidden_from(to).filter(pk=incident.pk).exists()


def note_sight(row: Model, *, by: User, now: datetime) -> None:
    """Write down that a superuser who is not of the team opened something embargoed, once an hour."""
    incident = incident_of(row) if by.is_superuser else None
    if incident is None or not incident.is_embargoed or _is_inside(incident, by):
        return
    recent = AuditEvent.objects.filter(incident=incident, action=SEEN, actor=by, at__gt=now - SIGHT_IS_NOTED_EVERY)
    if not recent.exists():
        audit.record(incident, action=SEEN, actor=by, now=now, data={"by": by.get_username()})


def impose(incident: Incident, *, reason: str, by: User, now: datetime) -> Incident:
    """Keep an incident to its team from now on; what the public page said of it disappears."""
    return _set(incident, is_embargoed=True, reason=reason, by=by, now=now)


def lift(incident: Incident, *, reason: str, by: User, now: datetime) -> Incident:
    """Let everybody on staff see the incident again."""
    return _set(incident, is_embargoed=False, reason=reason, by=by, now=now)


def let_in(incident: Incident, *, people: Iterable[User], by: User, now: datetime) -> Incident:
    """Set who may see the incident besides its team; an empty list means nobody else."""
    chosen = list(people)
    with transaction.atomic():
        incident.insiders.set(chosen)
        names = ", ".join(str(person) for person in chosen) or "–"
        audit.tell(incident, kind=TimelineKind.NOTE, text=_("Let in besides the team: %s") % names, by=by, now=now)
        data = {"people": [person.pk for person in chosen]}
        audit.record(incident, action="embargo.let_in", actor=by, now=now, data=data)
    return incident


@cache
def path_to_incident(model: type[Model]) -> str | None:
    """Return the shortest way of foreign keys from a model to its incident as a lookup, or None where there is none."""
    if model is Incident:
        return "pk"
    seen, waiting = {model}, deque([(model, "")])
    while waiting:
        here, path = waiting.popleft()
        for field in _foreign_keys(here):
            target: Any = field.related_model
            if target is Incident:
                return f"{path}{field.name}"
            if target not in seen:
                seen.add(target)
                waiting.append((target, f"{path}{field.name}__"))
    return None


@cache
def _other_incidents(model: type[Model]) -> tuple[str, ...]:
    """Return a model's further foreign keys to incidents: a link between two shows both, to who may see both."""
    named = [field.name for field in _foreign_keys(model) if field.related_model is Incident]
    return () if model is Incident else tuple(name for name in named if name != path_to_incident(model))


def incident_of(row: Model) -> Incident | None:
    """Return the incident a row belongs to, or None."""
    path = path_to_incident(type(row))
    if path is None:
        return None
    found: Any = row
    for step in [] if path == "pk" else path.split("__"):
        found = getattr(found, step) if found is not None else None
    return found if isinstance(found, Incident) else None


def _foreign_keys(model: type[Model]) -> list[Any]:
    """Return a model's foreign keys, those that are always filled first."""
    found = [field for field in model._meta.concrete_fields if field.many_to_one or field.one_to_one]
    return sorted(found, key=lambda field: field.null)


def _is_inside(incident: Incident, person: User) -> bool:
    if incident.lead_id == person.pk or incident.insiders.filter(pk=person.pk).exists():
        return True
    return incident.team.filter(Q(user=person) | Q(deputy=person)).exists()


def _set(incident: Incident, *, is_embargoed: bool, reason: str, by: User, now: datetime) -> Incident:
    if not reason.strip():
        raise ReasonMissing(_("Say why: the audit trail keeps it."))
    with transaction.atomic():
        if not Incident.objects.filter(pk=incident.pk, is_embargoed=not is_embargoed).update(is_embargoed=is_embargoed):
            state = _("The incident is under embargo already.") if is_embargoed else _("There is no embargo to lift.")
            raise NoChange(state)
        incident.refresh_from_db()
        words = _("Under embargo: %s") if is_embargoed else _("Embargo lifted: %s")
        audit.tell(incident, kind=TimelineKind.DECISION, text=words % reason.strip(), by=by, now=now)
        action = "embargo.imposed" if is_embargoed else "embargo.lifted"
        audit.record(incident, action=action, actor=by, now=now, data={"reason": reason.strip()})
    return incident
