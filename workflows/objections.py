"""Strong objections: a reviewer's veto on a text, until it is withdrawn or overruled by whom the playbook names."""

from datetime import datetime

from django.db import transaction

from incidents import audit
from incidents.enums import Role, TimelineKind
from incidents.errors import Refusal
from incidents.models import User
from incidents.sentences import gettext as _
from notifications import compose, outbox
from notifications.enums import MessageState, ObjectionEnd
from notifications.models import Message, Objection
from workflows import approval_rules, approvals, roster

MAY_BE_OBJECTED = frozenset({MessageState.DRAFT, MessageState.IN_REVIEW, *approvals.CLEARED})


class CannotObject(Refusal):
    """The person, the time or the words do not fit a strong objection."""


@transaction.atomic
def raise_strong(message: Message, *, reason: str, by: User, now: datetime) -> Objection:
    """Stop a text, whatever stamps it has; a cleared one waits again. The lead and who may overrule are woken."""
    message = approvals.lock(message)
    if message.state not in MAY_BE_OBJECTED:
        raise CannotObject(_("%s is on its way or withdrawn: there is nothing left to stop here.") % message.reference)
    if not reason.strip():
        raise CannotObject(_("Say what speaks against this text: the writer, the lead and the review read it."))
    roles = roster.roles_of(message.incident, by)
    if not roles or not by.is_active:
        raise CannotObject(_("Only the team of %s can object strongly.") % message.incident.reference)
    if message.state in approvals.CLEARED:
        message.review_again()
        message.save(update_fields=["state"])
    objection = Objection.objects.create(
        message=message,
        revision=compose.current(message),
        raised_by=by,
        role=_first(message, roles),
        reason=reason.strip(),
        raised_at=now,
    )
    text = _("%(by)s objects strongly to %(message)s: %(reason)s") % _named(objection)
    _log(objection, text, action="message.strong_objection", by=by, now=now)
    _wake(objection, text, now=now)
    return objection


@transaction.atomic
def withdraw(objection: Objection, *, reason: str, by: User, now: datetime) -> Objection:
    """End one's own objection; a text with all its stamps is approved with that."""
    if by.pk != objection.raised_by_id:
        raise CannotObject(_("Only %s can withdraw this objection; others may overrule it.") % objection.raised_by)
    return _end(objection, ObjectionEnd.WITHDRAWN, reason=reason, by=by, now=now)


@transaction.atomic
def overrule(objection: Objection, *, reason: str, by: User, now: datetime) -> Objection:
    """End another's objection as one whom the playbook names for it, with the reason the review will read."""
    wanted = approval_rules.overruling_roles(objection.message.incident)
    if not set(wanted) & set(roster.roles_of(objection.message.incident, by)) or not by.is_active:
        names = ", ".join(str(Role(role).label) for role in wanted)
        raise CannotObject(_("This objection can be overruled by: %s.") % names)
    if by.pk in (objection.raised_by_id, compose.current(objection.message).author_id):
        raise CannotObject(_("Neither who objected nor who wrote the text overrules an objection."))
    return _end(objection, ObjectionEnd.OVERRULED, reason=reason, by=by, now=now)


def _end(objection: Objection, end: ObjectionEnd, *, reason: str, by: User, now: datetime) -> Objection:
    if not reason.strip():
        raise CannotObject(_("Say why the objection ends: the review shows it."))
    message = approvals.lock(objection.message)
    locked = Objection.objects.select_for_update(no_key=True).get(pk=objection.pk)
    if locked.ended_at is not None:
        raise CannotObject(_("This objection has ended already: %s.") % locked.get_end_display())
    locked.end, locked.end_reason, locked.ended_by, locked.ended_at = end, reason.strip(), by, now
    locked.save(update_fields=["end", "end_reason", "ended_by", "ended_at"])
    facts = {**_named(locked), "end": ObjectionEnd(end).label, "why": reason.strip(), "person": by}
    text = _("Objection of %(by)s to %(message)s, %(end)s by %(person)s: %(why)s") % facts
    _log(locked, text, action=f"message.objection_{end}", by=by, now=now)
    approvals.complete(message, by=by, now=now)
    return locked


def _first(message: Message, roles: frozenset[Role]) -> Role:
    """The role in which the person was asked, else any that they hold."""
    asked = [role for role in approvals.missing(message) if role in roles]
    return Role(asked[0]) if asked else min(roles)


def _named(objection: Objection) -> dict[str, object]:
    return {"by": objection.raised_by, "message": objection.message, "reason": objection.reason}


def _wake(objection: Objection, text: str, *, now: datetime) -> None:
    incident = objection.message.incident
    roles = [Role.INCIDENT_LEAD, Role.COMMUNICATIONS_LEAD, *approval_rules.overruling_roles(incident)]
    people = set(incident.team.filter(role__in=roles).values_list("user_id", flat=True))
    wake_up = outbox.WakeUp(
        key=f"objection:{objection.pk}",
        incident=incident,
        title=_("A strong objection"),
        text=text,
        path=f"/admin/notifications/message/{objection.message_id}/change/",
        data={"kind": "strong_objection", "message": objection.message.reference},
    )
    author = compose.current(objection.message).author_id
    outbox.write(wake_up, people=people | ({author} if author else set()), now=now)


def _log(objection: Objection, text: str, *, action: str, by: User, now: datetime) -> None:
    incident = objection.message.incident
    data = {"message": objection.message.reference, "objection": objection.pk}
    audit.tell(incident, kind=TimelineKind.DECISION, text=text, by=by, now=now)
    audit.record(incident, action=action, actor=by, now=now, data=data)
