"""Who must approve a text, who may, and what their stamps set in motion; nobody approves their own words."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import F

from incidents import audit, facts, sentences
from incidents.enums import Role, TimelineKind
from incidents.errors import Refusal
from incidents.models import FactSheet, TeamAssignment, User
from incidents.phases import Enforcement
from incidents.sentences import gettext as _
from notifications import compose, outbox, translations
from notifications.enums import MessageKind, MessageState
from notifications.models import Approval, ApprovalRequirement, Message
from workflows import approval_rules, clocks, dates, stamps, standing
from workflows.approval_rules import Need
from workflows.stamps import Stamp, in_emergency, missing, open_requirements

__all__ = ["in_emergency", "missing", "open_requirements"]

CLEARED = (MessageState.APPROVED, MessageState.SCHEDULED)
PAST_REVIEW = frozenset({*CLEARED, MessageState.SENDING, MessageState.SENT})


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


@transaction.atomic
def submit(message: Message, *, by: User | None, now: datetime) -> Message:
    """Ask for approval: the roles that must stamp this very text are written down, with their times; they are woken."""
    message = lock(message)
    if message.state != MessageState.DRAFT:
        raise NotInReview(_("%s is %s, not a draft.") % (message.reference, message.get_state_display()))
    need = _needed(message)
    loose = dates.untracked(message, now=now) if dates.enforcement() == Enforcement.HARD else []
    _refuse_unready([*compose.problems(message), *loose, *clocks.breaches(message), *_unfilled(message, need)])
    message.submit()
    message.submitted_at = now
    _ask(message, need, now=now)
    text = _("%(message)s submitted; needed: %(roles)s.") % {"message": message, "roles": _named(missing(message))}
    _log(message, action="message.submitted", text=text, by=by, now=now)
    return message


@transaction.atomic
def ask_again(message: Message, *, now: datetime) -> list[str]:
    """Ask for what a graver incident or a grown audience adds to a cleared text; return the roles now missing.

    The stamps it has stay: the words are the same. A text that needs none but those is cleared again at once.
    """
    message = lock(message)
    if message.state not in CLEARED:
        return []
    need = _needed(message)
    if not approval_rules.has_grown(message, need):
        return []
    message.review_again()
    _ask(message, need, now=now)
    wanted = missing(message)
    if wanted:
        facts = {"message": message, "roles": _named(wanted), "customers": need.customers, "severity": need.severity}
        text = _("%(message)s now goes to %(customers)s customers at %(severity)s; needed beside: %(roles)s.") % facts
        _log(message, action="message.asked_again", text=text, by=None, now=now)
    complete(message, by=None, now=now)
    return wanted


def outgrown(*, now: datetime) -> list[int]:
    """Return the cleared texts whose incident is graver by now than when their approvals were asked for."""
    graver = Message.objects.filter(state__in=CLEARED, incident__severity__lt=F("cleared_severity"))
    return list(graver.exclude(incident__severity="").order_by("pk").values_list("pk", flat=True))


def ask_outgrown(pk: int, *, now: datetime) -> list[str]:
    """Ask again for one of them."""
    return ask_again(Message.objects.get(pk=pk), now=now)


@transaction.atomic
def approve(message: Message, *, by: User, sha256: str, now: datetime) -> Message:
    """Stamp the text in every missing role this person holds; the last stamp makes the message approved."""
    message = lock(message)
    refusal = _refusal(message, by=by, now=now)
    if refusal is not None:
        raise refusal
    if sha256 != compose.current(message).sha256:
        raise TextChanged(_("The text of %s changed since you read it: read it again.") % message.reference)
    _confirm_facts(message, by=by, now=now)
    _refuse_unready(compose.problems(message))
    given = stamps.possible(message, by=by, now=now)
    _write(message, given, by=by, basis="", now=now)
    translations.approve_read(message, by=by, now=now)
    names = _named([stamp.role for stamp in given])
    text = _("%(by)s approved %(message)s as %(roles)s.") % {"by": by, "message": message, "roles": names}
    _log(message, action="message.stamped", text=text, by=by, now=now)
    complete(message, by=by, now=now)
    return message


@transaction.atomic
def object(message: Message, *, reason: str, by: User, now: datetime) -> Message:  # noqa: A001 - what approvers do
    """Send the text back to its writer with a reason; stamps it already has count no more."""
    message = lock(message)
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


def complete(message: Message, *, by: User | None, now: datetime) -> bool:
    """Make a locked message approved when its set is complete and nobody objects strongly; say whether it is."""
    if message.state != MessageState.IN_REVIEW or open_requirements(message):
        return False
    if message.objections.standing().exists():
        return False
    message.approve()
    message.approved_at = now
    fields = ["state", "approved_at", "is_standing_approved"]
    message.save(update_fields=fields)
    _log(message, action="message.approved", text=_("%s is approved.") % message, by=by, now=now)
    if message.release_at is not None:
        message.schedule()
        message.save(update_fields=["state"])
    return True


def may_approve(message: Message, *, by: User, now: datetime) -> Refusal | None:
    """Return why this person cannot approve the message now, or None if they can."""
    return _refusal(message, by=by, now=now)


def is_last(message: Message, *, by: User, now: datetime) -> bool:
    """Whether the text is approved once this person stamps it now."""
    mine = {stamp.requirement.pk for stamp in stamps.possible(message, by=by, now=now)}
    wanted = {one.pk for one in open_requirements(message)}
    return bool(mine) if in_emergency(compose.current(message)) else wanted <= mine


@transaction.atomic
def apply_standing(message: Message, *, now: datetime) -> bool:
    """Approve an automatic update on the strength of its plan, and say whether that was possible.

    It is when the clock drew the text up from the approved template and the newest confirmed fact sheet, nothing is
    missing in it, and the plan's approver holds the roles it needs.
    """
    message = lock(message)
    basis = standing.basis(message)
    if basis is None or message.state != MessageState.IN_REVIEW or compose.problems(message):
        return False
    if message.objections.standing().exists():
        return False
    granted_by, reason = basis
    held = stamps.held(message.incident, granted_by)
    roles = [next((role for role in one.any_of if role in held), None) for one in open_requirements(message)]
    if not granted_by.is_active or not roles or None in roles:
        return False
    given = [
        Stamp(one, str(role), is_deputy=held[str(role)])
        for one, role in zip(open_requirements(message), roles, strict=True)
    ]
    _write(message, given, by=granted_by, basis=reason, now=now)
    message.is_standing_approved = True
    _log(
        message,
        action="message.stamped",
        text=sentences.pattern("%(message)s: %(reason)s.") % {"message": message, "reason": reason},
        by=None,
        now=now,
    )
    complete(message, by=None, now=now)
    return True


def _needed(message: Message) -> Need:
    try:
        return approval_rules.needed(message)
    except approval_rules.NoRule as refusal:
        raise NotReady([str(refusal)]) from refusal


def _ask(message: Message, need: Need, *, now: datetime) -> None:
    """Write down the stamps that were not asked for yet, for whom the text is meant, and wake who gives them."""
    revision = compose.current(message)
    asked = [set(one.any_of) for one in revision.requirements.all()]
    wanted = [stamp for stamp in need.stamps if set(stamp) not in asked]
    message.cleared_severity, message.cleared_size = need.severity, need.customers
    message.save(update_fields=["state", "submitted_at", "cleared_severity", "cleared_size"])
    rule = need.rule
    ApprovalRequirement.objects.bulk_create(
        ApprovalRequirement(
            revision=revision, any_of=list(stamp), deputy_from=now + rule.deputy_after, due_at=now + rule.sla
        )
        for stamp in wanted
    )
    _wake(message, roles=[role for stamp in wanted for role in stamp], now=now)


def _wake(message: Message, *, roles: list[Role], now: datetime) -> None:
    """Tell the approvers once that a text waits; who stays silent is woken again when the deputy's time comes.

    A holding statement has an alarm of its own from its first minute.
    """
    if message.kind == MessageKind.HOLDING_STATEMENT:
        return
    people = message.incident.team.filter(role__in=roles).values_list("user_id", flat=True)
    text = _("%(message)s waits for approval by: %(roles)s.") % {"message": message, "roles": _named(roles)}
    wake_up = outbox.WakeUp(
        key=f"approval:{compose.current(message).pk}:{'+'.join(sorted(roles))}"[:90],
        incident=message.incident,
        title=_("Your approval is asked for"),
        text=text,
        path=f"/admin/notifications/message/{message.pk}/approve/",
        data={"kind": "approval_wanted", "message": message.reference},
    )
    outbox.write(wake_up, people=set(people), now=now)


def _unfilled(message: Message, need: Need) -> list[str]:
    """Return the stamps that nobody but the author could give: such a text would wait for ever."""
    author = compose.current(message).author_id
    team = TeamAssignment.objects.filter(incident=message.incident, role__in=need.roles).select_related(
        "user", "deputy"
    )
    able = {
        one.role
        for one in team
        if any(person and person.is_active and person.pk != author for person in (one.user, one.deputy))
    }
    sentence = _("Nobody but the author can approve as %s: name a holder or a deputy in the team.")
    return [sentence % _named(stamp) for stamp in need.stamps if not able & set(stamp)]


def _refusal(message: Message, *, by: User, now: datetime) -> Refusal | None:
    if message.state in PAST_REVIEW:
        return AlreadyApproved(_("%s is already approved.") % message.reference)
    if message.state != MessageState.IN_REVIEW:
        return NotInReview(_("%s is %s and does not wait for approval.") % _facts(message))
    if by.pk == compose.current(message).author_id:
        return OwnText(_("You wrote this text; another person approves it."))
    if stamps.possible(message, by=by, now=now):
        return None
    if compose.current(message).approvals.filter(approver=by).exists():
        return AlreadyApproved(_("Your approval is there; still missing: %s.") % _named(missing(message)))
    return _not_now(message, by=by)


def _not_now(message: Message, *, by: User) -> Refusal:
    needed = open_requirements(message)
    held = stamps.held(message.incident, by)
    waiting = [one.deputy_from for one in needed if one.deputy_from and any(role in held for role in one.any_of)]
    if waiting and by.is_active:
        return NotYetDeputy(min(waiting))
    return NotApprover(
        _("This text needs the approval of: %s. You hold none of these roles.") % _named(missing(message))
    )


def _is_concerned(message: Message, person: User) -> bool:
    needed = {role for one in compose.current(message).requirements.all() for role in one.any_of}
    return bool(needed & set(stamps.held(message.incident, person)))


def _write(message: Message, given: list[Stamp], *, by: User, basis: str, now: datetime) -> None:
    revision = compose.current(message)
    for stamp in {stamp.role: stamp for stamp in given}.values():
        Approval.objects.create(
            revision=revision,
            sha256=revision.sha256,
            role=stamp.role,
            approver=by,
            basis=basis[:200],
            is_deputy=stamp.is_deputy,
            approved_at=now,
        )


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


def lock(message: Message) -> Message:
    """Return the message, locked, as it is now."""
    locked = Message.objects.select_for_update(no_key=True, of=("self",)).select_related(
        "incident", "current", "corrects"
    )
    return locked.get(pk=message.pk)


def _named(roles: Iterable[str]) -> sentences.Sentence:
    return sentences.join(Role(role).label for role in roles)


def _facts(message: Message) -> tuple[str, str]:
    return message.reference, message.get_state_display()


def _log(message: Message, *, action: str, text: str, by: User | None, now: datetime) -> None:
    revision = compose.current(message)
    data = {"message": message.reference, "revision": revision.number, "sha256": revision.sha256}
    audit.tell(message.incident, kind=TimelineKind.MESSAGE, text=text, by=by, now=now)
    audit.record(message.incident, action=action, actor=by, now=now, data=data)
