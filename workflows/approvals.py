"""Who must approve a text, who may, and what their stamps set in motion; nobody approves their own words."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from incidents import audit, facts
from incidents.enums import Role, TimelineKind
from incidents.errors import Refusal
from incidents.models import FactSheet, Incident, TeamAssignment, User
from incidents.phases import Enforcement
from notifications import compose, translations
from notifications.enums import MessageKind, MessageState
from notifications.models import Approval, ApprovalRequirement, Message
from workflows import dates, plans, standing

# Before a plan exists the holding statement needs one other authorised person, soon.
BEFORE_THE_PLAN = plans.ApprovalRule(
    roles=(Role.COMMUNICATIONS_LEAD, Role.INCIDENT_LEAD),
    rule="any_one",
    sla=timedelta(minutes=30),
    deputy_after=timedelta(minutes=15),
)
ANY_ONE = "any_one"
PAST_REVIEW = frozenset({MessageState.APPROVED, MessageState.SCHEDULED, MessageState.SENDING, MessageState.SENT})


class NotReady(Refusal):
    """The text cannot be submitted or approved as it stands; `problems` says why."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        super().__init__("\n".join(problems))


class NotInReview(Refusal):
    """The message does not wait for an approval."""


class AlreadyApproved(Refusal):
    """The stamp is there: a second click changes nothing."""


class TextChanged(Refusal):
    """The text shown to the approver is not the present one."""


class OwnText(Refusal):
    """The approver wrote this text."""


class NotApprover(Refusal):
    """The person holds none of the roles that are missing."""


class NotYetDeputy(Refusal):
    """The deputy's time has not come; `since` says when it does."""

    def __init__(self, since: datetime) -> None:
        self.since = since
        super().__init__(_("You stand in from %s on, if the holder of the role stays silent.") % since.isoformat(" "))


class ReasonMissing(Refusal):
    """An objection says what is wrong."""


@dataclass(frozen=True)
class Stamp:
    """A role in which a person may approve now."""

    requirement: ApprovalRequirement
    role: str
    is_deputy: bool


@transaction.atomic
def submit(message: Message, *, by: User | None, now: datetime) -> Message:
    """Ask for approval: the roles that must stamp this very text are written down, with their times."""
    message = _lock(message)
    if message.state != MessageState.DRAFT:
        raise NotInReview(_("%s is %s, not a draft.") % (message.reference, message.get_state_display()))
    rule = _rule(message)
    loose = dates.untracked(message, now=now) if dates.enforcement() == Enforcement.HARD else []
    _refuse_unready([*compose.problems(message), *loose, *_unfilled(message, rule)])
    revision = compose.current(message)
    wanted: Iterable[list[str]] = [list(rule.roles)] if rule.rule == ANY_ONE else [[role] for role in rule.roles]
    ApprovalRequirement.objects.bulk_create(
        ApprovalRequirement(
            revision=revision, any_of=any_of, deputy_from=now + rule.deputy_after, due_at=now + rule.sla
        )
        for any_of in wanted
    )
    message.submit()
    message.submitted_at = now
    message.save(update_fields=["state", "submitted_at"])
    text = _("%(message)s submitted; needed: %(roles)s.") % {"message": message, "roles": _named(missing(message))}
    _log(message, action="message.submitted", text=text, by=by, now=now)
    return message


@transaction.atomic
def approve(message: Message, *, by: User, sha256: str, now: datetime) -> Message:
    """Stamp the text in every missing role this person holds; the last stamp makes the message approved."""
    message = _lock(message)
    refusal = _refusal(message, by=by, now=now)
    if refusal is not None:
        raise refusal
    if sha256 != compose.current(message).sha256:
        raise TextChanged(_("The text of %s changed since you read it: read it again.") % message.reference)
    _confirm_facts(message, by=by, now=now)
    _refuse_unready(compose.problems(message))
    stamps = _stamps(message, by=by, now=now)
    _write(message, stamps, by=by, basis="", now=now)
    translations.approve_read(message, by=by, now=now)
    names = _named([stamp.role for stamp in stamps])
    text = _("%(by)s approved %(message)s as %(roles)s.") % {"by": by, "message": message, "roles": names}
    _log(message, action="message.stamped", text=text, by=by, now=now)
    _complete(message, by=by, now=now)
    return message


@transaction.atomic
def object(message: Message, *, reason: str, by: User, now: datetime) -> Message:  # noqa: A001 - what approvers do
    """Send the text back to its writer with a reason; stamps it already has count no more."""
    message = _lock(message)
    if message.state not in (MessageState.IN_REVIEW, MessageState.APPROVED):
        raise NotInReview(_("%s is %s: there is nothing to object to.") % _facts(message))
    if not reason.strip():
        raise ReasonMissing(_("Say what must change: the writer reads it."))
    if not _is_concerned(message, by):
        raise NotApprover(_("Only the approvers of %s can object to it.") % message.reference)
    compose.renew(message, now=now)
    message.refresh_from_db()
    text = _("%(by)s objected to %(message)s: %(reason)s") % {"by": by, "message": message, "reason": reason.strip()}
    _log(message, action="message.objected", text=text, by=by, now=now)
    return message


def open_requirements(message: Message) -> list[ApprovalRequirement]:
    """Return the stamps the present text still lacks, oldest first."""
    revision = compose.current(message)
    given = set(revision.approvals.values_list("role", flat=True))
    return [
        one for one in revision.requirements.select_related("revision").order_by("pk") if not given & set(one.any_of)
    ]


def missing(message: Message) -> list[str]:
    """Return the roles whose stamp is missing; of a stamp that any one of several may give, all of them."""
    return list(dict.fromkeys(role for one in open_requirements(message) for role in one.any_of))


def may_approve(message: Message, *, by: User, now: datetime) -> Refusal | None:
    """Return why this person cannot approve the message now, or None if they can."""
    return _refusal(message, by=by, now=now)


def is_last(message: Message, *, by: User, now: datetime) -> bool:
    """Whether the text is approved once this person stamps it now."""
    mine = {stamp.requirement.pk for stamp in _stamps(message, by=by, now=now)}
    return {one.pk for one in open_requirements(message)} <= mine


@transaction.atomic
def apply_standing(message: Message, *, now: datetime) -> bool:
    """Approve an automatic update on the strength of its plan, and say whether that was possible.

    It is when the clock drew the text up from the approved template and the newest confirmed fact sheet, nothing is
    missing in it, and the plan's approver holds the roles it needs.
    """
    message = _lock(message)
    basis = standing.basis(message)
    if basis is None or message.state != MessageState.IN_REVIEW or compose.problems(message):
        return False
    granted_by, reason = basis
    held = _held(message.incident, granted_by)
    roles = [next((role for role in one.any_of if role in held), None) for one in open_requirements(message)]
    if not granted_by.is_active or not roles or None in roles:
        return False
    stamps = [
        Stamp(one, str(role), is_deputy=held[str(role)])
        for one, role in zip(open_requirements(message), roles, strict=True)
    ]
    _write(message, stamps, by=granted_by, basis=reason, now=now)
    message.is_standing_approved = True
    _log(message, action="message.stamped", text=f"{message}: {reason}.", by=None, now=now)
    _complete(message, by=None, now=now)
    return True


def _rule(message: Message) -> plans.ApprovalRule:
    plan = plans.current(message.incident)
    kind = message.corrects.kind if message.kind == MessageKind.CORRECTION and message.corrects else message.kind
    if plan is not None:
        rule = plans.approval_rule(plan, kind)
        if kind != MessageKind.HOLDING_STATEMENT:
            return rule
        return plans.ApprovalRule(rule.roles, ANY_ONE, rule.sla, rule.deputy_after)
    if kind == MessageKind.HOLDING_STATEMENT:
        return BEFORE_THE_PLAN
    raise NotReady([_("Before the plan exists only a holding statement can go out.")])


def _unfilled(message: Message, rule: plans.ApprovalRule) -> list[str]:
    """Return the roles that nobody but the author could stamp: such a text would wait for ever."""
    author = compose.current(message).author_id
    team = TeamAssignment.objects.filter(incident=message.incident, role__in=rule.roles).select_related(
        "user", "deputy"
    )
    able = {
        one.role
        for one in team
        if any(person and person.is_active and person.pk != author for person in (one.user, one.deputy))
    }
    lacking = [role for role in rule.roles if role not in able]
    if not lacking or (rule.rule == ANY_ONE and able):
        return []
    sentence = _("Nobody but the author can approve as %s: name a holder or a deputy in the team.")
    return [sentence % Role(role).label for role in lacking]


def _refusal(message: Message, *, by: User, now: datetime) -> Refusal | None:
    if message.state in PAST_REVIEW:
        return AlreadyApproved(_("%s is already approved.") % message.reference)
    if message.state != MessageState.IN_REVIEW:
        return NotInReview(_("%s is %s and does not wait for approval.") % _facts(message))
    if by.pk == compose.current(message).author_id:
        return OwnText(_("You wrote this text; another person approves it."))
    if _stamps(message, by=by, now=now):
        return None
    if compose.current(message).approvals.filter(approver=by).exists():
        return AlreadyApproved(_("Your approval is there; still missing: %s.") % _named(missing(message)))
    return _not_now(message, by=by)


def _not_now(message: Message, *, by: User) -> Refusal:
    needed = open_requirements(message)
    held = _held(message.incident, by)
    waiting = [one.deputy_from for one in needed if one.deputy_from and any(role in held for role in one.any_of)]
    if waiting and by.is_active:
        return NotYetDeputy(min(waiting))
    return NotApprover(
        _("This text needs the approval of: %s. You hold none of these roles.") % _named(missing(message))
    )


def _stamps(message: Message, *, by: User, now: datetime) -> list[Stamp]:
    if not by.is_active:
        return []
    team = {one.role: one for one in message.incident.team.select_related("user")}
    found = []
    for requirement in open_requirements(message):
        for role in requirement.any_of:
            assignment = team.get(role)
            if assignment is None or by.pk not in (assignment.user_id, assignment.deputy_id):
                continue
            is_deputy = by.pk != assignment.user_id
            if is_deputy and not _may_stand_in(requirement, assignment, now=now):
                continue
            found.append(Stamp(requirement, role, is_deputy))
            break
    return found


def _may_stand_in(requirement: ApprovalRequirement, assignment: TeamAssignment, *, now: datetime) -> bool:
    # A holder who is away, or who wrote the text, will never stamp it.
    author = requirement.revision.author_id
    if not assignment.user.is_active or assignment.user_id == author:
        return True
    return requirement.deputy_from is not None and requirement.deputy_from <= now


def _held(incident: Incident, person: User) -> dict[str, bool]:
    """Return the roles a person holds, each with whether only as deputy."""
    return {
        one.role: one.user_id != person.pk for one in incident.team.all() if person.pk in (one.user_id, one.deputy_id)
    }


def _is_concerned(message: Message, person: User) -> bool:
    needed = {role for one in compose.current(message).requirements.all() for role in one.any_of}
    return bool(needed & set(_held(message.incident, person)))


def _write(message: Message, stamps: list[Stamp], *, by: User, basis: str, now: datetime) -> None:
    revision = compose.current(message)
    for stamp in {stamp.role: stamp for stamp in stamps}.values():
        Approval.objects.create(
            revision=revision,
            sha256=revision.sha256,
            role=stamp.role,
            approver=by,
            basis=basis[:200],
            is_deputy=stamp.is_deputy,
            approved_at=now,
        )


def _complete(message: Message, *, by: User | None, now: datetime) -> None:
    if open_requirements(message):
        return
    message.approve()
    message.approved_at = now
    message.save(update_fields=["state", "approved_at", "is_standing_approved"])
    _log(message, action="message.approved", text=_("%s is approved.") % message, by=by, now=now)


def _confirm_facts(message: Message, *, by: User, now: datetime) -> None:
    """Confirm the facts a first word was drafted from, where nobody has: its approver is the second pair of eyes."""
    sheet = compose.current(message).fact_sheet
    if sheet is not None and sheet.confirmed_by_id is None and not _is_overtaken(sheet):
        facts.confirm(sheet, by=by, now=now)


def _is_overtaken(sheet: FactSheet) -> bool:
    """Whether a newer sheet was confirmed meanwhile; what it changed is told as a problem of the text."""
    newest = facts.confirmed(sheet.incident)
    return newest is not None and newest.version > sheet.version


def _refuse_unready(problems: list[str]) -> None:
    if problems:
        raise NotReady(problems)


def _lock(message: Message) -> Message:
    locked = Message.objects.select_for_update(no_key=True, of=("self",)).select_related(
        "incident", "current", "corrects"
    )
    return locked.get(pk=message.pk)


def _named(roles: Iterable[str]) -> str:
    return ", ".join(str(Role(role).label) for role in roles)


def _facts(message: Message) -> tuple[str, str]:
    return message.reference, message.get_state_display()


def _log(message: Message, *, action: str, text: str, by: User | None, now: datetime) -> None:
    revision = compose.current(message)
    data = {"message": message.reference, "revision": revision.number, "sha256": revision.sha256}
    audit.tell(message.incident, kind=TimelineKind.MESSAGE, text=text, by=by, now=now)
    audit.record(message.incident, action=action, actor=by, now=now, data=data)
