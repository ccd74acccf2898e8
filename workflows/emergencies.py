"""The emergency path: one stamp of another person instead of all, loudly, with a reason, and looked at afterwards."""

from datetime import datetime

from django.db import transaction

from incidents import audit
from incidents.enums import Role, TimelineKind
from incidents.errors import Refusal
from incidents.models import Incident, User
from incidents.sentences import gettext as _
from notifications import compose, outbox
from notifications.enums import MessageState
from notifications.models import EmergencyApproval, Message
from workflows import approval_rules, approvals, roster


class NoEmergency(Refusal):
    """The emergency path is closed to this person, this text or without these words."""


@transaction.atomic
def open_for(message: Message, *, reason: str, by: User, now: datetime) -> EmergencyApproval:
    """Let one stamp of another person than the author clear this very text; deputies need not wait.

    An edit ends it. The sponsor is woken until somebody takes it, and the review has to judge it.
    """
    message = approvals.lock(message)
    revision = compose.current(message)
    if message.state != MessageState.IN_REVIEW:
        raise NoEmergency(_("The emergency path is for a text that waits for approval: submit it first."))
    if not reason.strip():
        raise NoEmergency(_("Say why there is no time for every approval: the sponsor and the review read it."))
    wanted = approval_rules.emergency_roles(message.incident)
    if not set(wanted) & set(roster.roles_of(message.incident, by)) or not by.is_active:
        names = ", ".join(str(Role(role).label) for role in wanted)
        raise NoEmergency(_("The emergency path can be opened by: %s.") % names)
    if approvals.in_emergency(revision):
        raise NoEmergency(_("The emergency path is open for this text already."))
    emergency = EmergencyApproval.objects.create(revision=revision, opened_by=by, reason=reason.strip(), opened_at=now)
    text = _("EMERGENCY: %(by)s lets one approval stand for all of %(message)s: %(reason)s") % {
        "by": by,
        "message": message,
        "reason": emergency.reason,
    }
    _log(emergency, message, text, action="message.emergency_opened", by=by, now=now)
    _wake(message, text, now=now)
    approvals.complete(message, by=by, now=now)
    return emergency


@transaction.atomic
def judge(emergency: EmergencyApproval, *, judgement: str, by: User, now: datetime) -> EmergencyApproval:
    """Write down what the review found: was it needed, and was the text right? Another person than who opened it."""
    if not judgement.strip():
        raise NoEmergency(_("Say what the review found: was it needed, and was the text right?"))
    if by.pk == emergency.opened_by_id:
        raise NoEmergency(_("You opened it: another person judges it."))
    locked = EmergencyApproval.objects.select_for_update(no_key=True).get(pk=emergency.pk)
    if locked.judged_at is not None:
        raise NoEmergency(_("It was judged already by %s.") % locked.judged_by)
    locked.judged_by, locked.judged_at, locked.judgement = by, now, judgement.strip()
    locked.save(update_fields=["judged_by", "judged_at", "judgement"])
    message = locked.revision.message
    text = _("Emergency approval of %(message)s judged: %(words)s") % {"message": message, "words": locked.judgement}
    _log(locked, message, text, action="message.emergency_judged", by=by, now=now)
    return locked


def unjudged(incident: Incident) -> list[EmergencyApproval]:
    """Return the emergencies of an incident that nobody has looked at afterwards."""
    rows = EmergencyApproval.objects.unjudged().filter(revision__message__incident=incident)
    return list(rows.select_related("revision__message__incident", "opened_by").order_by("opened_at"))


def _wake(message: Message, text: str, *, now: datetime) -> None:
    roles = [Role.EXECUTIVE_SPONSOR, Role.INCIDENT_LEAD]
    people = set(message.incident.team.filter(role__in=roles).values_list("user_id", flat=True))
    wake_up = outbox.WakeUp(
        key=f"emergency:{compose.current(message).pk}",
        incident=message.incident,
        title=_("EMERGENCY approval"),
        text=text,
        path=f"/admin/notifications/message/{message.pk}/change/",
        data={"kind": "emergency", "message": message.reference},
    )
    outbox.write(wake_up, people=people, now=now)


def _log(emergency: EmergencyApproval, message: Message, text: str, *, action: str, by: User, now: datetime) -> None:
    data = {"message": message.reference, "sha256": emergency.revision.sha256}
    audit.tell(message.incident, kind=TimelineKind.ESCALATION, text=text, by=by, now=now)
    audit.record(message.incident, action=action, actor=by, now=now, data=data)
