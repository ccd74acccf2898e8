"""The press: every enquiry logged with its deadline and answer, and conferences with an approved statement."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from incidents import audit
from incidents.enums import Role, TimelineKind
from incidents.errors import Refusal
from incidents.models import Incident, User
from incidents.sentences import gettext as _
from notifications.enums import MessageKind, MessageState
from notifications.models import Message
from workflows import parties, plans, roster
from workflows.enums import ConferenceState
from workflows.models import PressConference, PressEnquiry

MAX_LENGTH = 5000
_READY = (MessageState.APPROVED, MessageState.SENT)


class BadEnquiry(Refusal):
    """The enquiry or its answer is empty, too long, or answered already."""


class CannotHold(Refusal):
    """The conference is not in a state for this step, or lacks what it needs."""


class CannotApproveConference(Refusal):
    """This person may not approve this conference."""


@dataclass(frozen=True)
class Enquiry:
    """Who of which medium asks what, and by when they need the answer."""

    who: str
    question: str
    outlet: str = ""
    contact: str = ""
    due_at: datetime | None = None
    owner: User | None = None
    conference: PressConference | None = None


@dataclass(frozen=True)
class Invitation:
    """When and where a press conference is, who speaks, and which approved text is read out."""

    held_at: datetime
    place: str
    speaker: User
    statement: Message | None = None


def spokesperson(incident: Incident) -> User | None:
    """Return who speaks to the press: the spokesperson, else the communications lead."""
    return roster.holder(incident, Role.SPOKESPERSON) or roster.holder(incident, Role.COMMUNICATIONS_LEAD)


def log(incident: Incident, *, enquiry: Enquiry, by: User, now: datetime) -> PressEnquiry:
    """Log an enquiry; without an owner it goes to the spokesperson."""
    if not enquiry.who.strip() or not enquiry.question.strip():
        raise BadEnquiry(_("Write who asks, and what."))
    _refuse_length(enquiry.question)
    with transaction.atomic():
        row = PressEnquiry.objects.create(
            incident=incident,
            conference=enquiry.conference,
            who=enquiry.who.strip(),
            outlet=enquiry.outlet.strip(),
            contact=enquiry.contact.strip(),
            question=enquiry.question.strip(),
            due_at=enquiry.due_at,
            owner=enquiry.owner or spokesperson(incident) or by,
            logged_by=by,
            received_at=now,
        )
        _log(incident, action="press.asked", text=_("Press enquiry no. %s logged") % row.pk, by=by, now=now)
    return row


def answer(enquiry: PressEnquiry, *, text: str, by: User, now: datetime) -> PressEnquiry:
    """Record the answer that was given; the timeline says so when it was not given by the spokesperson."""
    if not text.strip():
        raise BadEnquiry(_("The answer is empty."))
    _refuse_length(text)
    with transaction.atomic():
        locked = (
            PressEnquiry.objects.select_for_update(no_key=True, of=("self",))
            .select_related("incident")
            .get(pk=enquiry.pk)
        )
        if locked.answered_at is not None:
            raise BadEnquiry(_("Press enquiry no. %s was answered a moment ago: read that answer first.") % locked.pk)
        locked.answer, locked.answered_by, locked.answered_at = text.strip(), by, now
        locked.save(update_fields=["answer", "answered_by", "answered_at"])
        note = _("Press enquiry no. %s answered") % locked.pk
        if not speaks(locked.incident, by):
            note = _("%(note)s by %(by)s, who is not the spokesperson") % {"note": note, "by": by}
        _log(locked.incident, action="press.answered", text=note, by=by, now=now)
    return locked


def speaks(incident: Incident, user: User) -> bool:
    """Whether this person is the spokesperson or stands in."""
    return Role.SPOKESPERSON in roster.roles_of(incident, user)


def plan_conference(incident: Incident, *, invitation: Invitation, by: User, now: datetime) -> PressConference:
    """Plan a press conference; it is held once another person approved it."""
    _refuse_statement(incident, invitation.statement)
    with transaction.atomic():
        row = PressConference.objects.create(
            incident=incident,
            held_at=invitation.held_at,
            place=invitation.place.strip(),
            speaker=invitation.speaker,
            statement=invitation.statement,
            planned_by=by,
            created_at=now,
        )
        _log(
            incident,
            action="press.conference_planned",
            text=_("Press conference planned: %s") % row.place,
            by=by,
            now=now,
        )
    return row


def approve_conference(conference: PressConference, *, by: User, now: datetime) -> PressConference:
    """Approve a conference as another person, who may approve first notices; its statement is approved by then."""
    with transaction.atomic():
        locked = _lock(conference, ConferenceState.PLANNED)
        if by.pk == locked.planned_by_id:
            raise CannotApproveConference(_("You planned it: another person approves it."))
        roles = plans.approval_rule(plans.required(locked.incident), MessageKind.FIRST_NOTICE).roles
        if not set(roles) & roster.roles_of(locked.incident, by):
            names = ", ".join(str(Role(role).label) for role in roles)
            raise CannotApproveConference(_("It is approved by one of: %s.") % names)
        if locked.statement is None or locked.statement.state not in _READY:
            raise CannotHold(_("The statement is not approved yet: nothing else is read out."))
        locked.state, locked.approved_by, locked.approved_at = ConferenceState.APPROVED, by, now
        locked.save(update_fields=["state", "approved_by", "approved_at"])
        text = _("Press conference approved: %s") % locked.place
        _log(locked.incident, action="press.conference_approved", text=text, by=by, now=now)
    return locked


def attach(conference: PressConference, *, statement: Message, by: User, now: datetime) -> PressConference:
    """Name the text that is read out; a conference approved with another one is approved again."""
    with transaction.atomic():
        locked = _lock(conference, ConferenceState.PLANNED, ConferenceState.APPROVED)
        _refuse_statement(locked.incident, statement)
        locked.statement, locked.state = statement, ConferenceState.PLANNED
        locked.approved_by = locked.approved_at = None
        locked.save(update_fields=["statement", "state", "approved_by", "approved_at"])
        text = _("%s is read out at the press conference.") % statement
        _log(locked.incident, action="press.statement_named", text=text, by=by, now=now)
    return locked


def record(conference: PressConference, *, words: str, by: User, now: datetime) -> PressConference:
    """Record that the conference was held; its statement counts as handed over to the press."""
    with transaction.atomic():
        locked = _lock(conference, ConferenceState.APPROVED)
        assert locked.statement is not None
        if locked.statement.state == MessageState.APPROVED:
            parties.hand_over(locked.statement, how=locked.place, by=by, now=now)
        locked.state, locked.record = ConferenceState.HELD, words.strip()
        locked.save(update_fields=["state", "record"])
        _log(locked.incident, action="press.conference_held", text=_("Press conference held"), by=by, now=now)
    return locked


def cancel(conference: PressConference, *, reason: str, by: User, now: datetime) -> PressConference:
    """Call a conference off."""
    if not reason.strip():
        raise CannotHold(_("Say why the conference is called off."))
    with transaction.atomic():
        locked = _lock(conference, ConferenceState.PLANNED, ConferenceState.APPROVED)
        locked.state = ConferenceState.CANCELLED
        locked.save(update_fields=["state"])
        text = _("Press conference called off: %s") % reason.strip()
        _log(locked.incident, action="press.conference_cancelled", text=text, by=by, now=now)
    return locked


def _refuse_length(text: str) -> None:
    if len(text) > MAX_LENGTH:
        raise BadEnquiry(
            _("The text has %(length)d characters; %(limit)d fit.") % {"length": len(text), "limit": MAX_LENGTH}
        )


def _refuse_statement(incident: Incident, statement: Message | None) -> None:
    if statement is None:
        return
    if statement.incident_id != incident.pk or statement.kind != MessageKind.PRESS_RELEASE:
        raise CannotHold(_("The statement of a conference is a press release of this incident."))


def _lock(conference: PressConference, *states: ConferenceState) -> PressConference:
    locked = (
        PressConference.objects.select_for_update(no_key=True, of=("self",))
        .select_related("incident", "statement__incident")
        .get(pk=conference.pk)
    )
    if locked.state not in states:
        raise CannotHold(_("This conference is: %s.") % locked.get_state_display())
    return locked


def _log(incident: Incident, *, action: str, text: str, by: User, now: datetime) -> None:
    audit.tell(incident, kind=TimelineKind.MESSAGE, text=text, by=by, now=now)
    audit.record(incident, action=action, actor=by, now=now, data={"text": text})
