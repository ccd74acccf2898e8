"""Whether the company accepts responsibility: the executive sponsor and legal counsel say so, two people.

Concern and apology for what customers suffer need no decision; only the admission waits for it.
"""

from datetime import datetime

from django.db import transaction
from django.db.models import Q

from incidents import audit
from incidents.enums import DecisionKind, Role, TimelineKind
from incidents.errors import Refusal
from incidents.models import Decision, Incident, User
from incidents.sentences import gettext as _

KEY = "responsibility"
ACCEPTED, DECLINED = "accepted", "declined"
ROLES = (Role.EXECUTIVE_SPONSOR, Role.LEGAL_COUNSEL)


class NotYours(Refusal):
    """The person holds neither role, or gave the other stamp already."""


class ReasonMissing(Refusal):
    """The review reads why responsibility was accepted or not."""


def decide(  # noqa: PLR0913 - one stamp, said in one place
    incident: Incident, *, role: Role, is_accepted: bool, reason: str, by: User, now: datetime
) -> Incident:
    """Give one of the two stamps; with both on "accepted" the texts admit it, and without either they stop."""
    if not reason.strip():
        raise ReasonMissing(_("Say why: the other person and the review read it."))
    with transaction.atomic():
        locked = Incident.objects.select_for_update(no_key=True).get(pk=incident.pk)
        if role not in roles_of(locked, by):
            raise NotYours(_("Only the executive sponsor and legal counsel, or their deputies, decide about this."))
        other = _newest(locked, next(one for one in ROLES if one != role))
        if is_accepted and other is not None and other.outcome == ACCEPTED and other.by_id == by.pk:
            raise NotYours(_("You accepted already in the other role: this stamp is another person's."))
        outcome = ACCEPTED if is_accepted else DECLINED
        Decision.objects.create(
            incident=locked,
            kind=DecisionKind.ADMISSION,
            key=KEY,
            outcome=outcome,
            reason=reason.strip(),
            data={"role": role.value},
            by=by,
            at=now,
        )
        locked.responsibility_accepted = is_accepted and other is not None and other.outcome == ACCEPTED
        locked.save(update_fields=["responsibility_accepted"])
        _log(locked, role=role, outcome=outcome, by=by, now=now)
    incident.refresh_from_db(fields=["responsibility_accepted"])
    return locked


def stamps(incident: Incident) -> dict[Role, Decision | None]:
    """Return the newest word of each of the two roles."""
    return {role: _newest(incident, role) for role in ROLES}


def roles_of(incident: Incident, person: User) -> list[Role]:
    """Return in which of the two roles this person may decide, the one still silent first."""
    held = incident.team.filter(Q(user=person) | Q(deputy=person), role__in=ROLES).values_list("role", flat=True)
    return sorted((Role(role) for role in held), key=lambda role: (_newest(incident, role) is not None, role))


def _newest(incident: Incident, role: Role) -> Decision | None:
    given = Decision.objects.filter(incident=incident, kind=DecisionKind.ADMISSION, data__role=role.value)
    return given.select_related("by").order_by("-at", "-pk").first()


def _log(incident: Incident, *, role: Role, outcome: str, by: User, now: datetime) -> None:
    words = _("Responsibility accepted as %s") if outcome == ACCEPTED else _("Responsibility declined as %s")
    audit.tell(incident, kind=TimelineKind.DECISION, text=words % role.label, by=by, now=now)
    data = {"role": role.value, "outcome": outcome, "is_in_force": incident.responsibility_accepted}
    audit.record(incident, action="decision.admission", actor=by, now=now, data=data)
