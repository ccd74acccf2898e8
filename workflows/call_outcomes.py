"""What came of a personal contact: said, promised and confirmed in writing, tried again, or told another way."""

from dataclasses import dataclass
from datetime import datetime

from django.db import models, transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from incidents import audit, commitments, feedback
from incidents.enums import ContactKind, FeedbackKind, FeedbackSource, Mood
from incidents.errors import Refusal
from incidents.models import Commitment, Company, Impact, RemedyOption, User
from notifications import channels, freezing
from notifications.enums import REACHED, ChannelName
from notifications.models import Delivery
from workflows import call_desk
from workflows.enums import AttemptResult, OutreachOrigin, OutreachState, PlanState
from workflows.models import ContactAttempt, OutreachTask, PlanAudience

STRONG = frozenset({Mood.DISTRESS, Mood.ANGRY})


class OutcomeMissing(Refusal):
    """The contact cannot end like this: words, a reason, or half of a promise are missing."""


class NextStep(models.TextChoices):
    """What follows a try in vain."""

    AGAIN = "again", gettext_lazy("Try again")
    IN_WRITING = "in_writing", gettext_lazy("Tell them in writing instead")
    UNREACHABLE = "unreachable", gettext_lazy("Record as unreachable")


@dataclass(frozen=True)
class CallPromise:
    """What was promised in the conversation: words per language, by when, kept by whom, why it can be kept."""

    text: dict[str, str]
    due_at: datetime | None
    owner: User | None
    feasibility_evidence: str = ""


@dataclass(frozen=True)
class CallOutcome:
    """How a conversation went, in the caller's words, with what worries the customer and what was agreed."""

    reached: str
    concern: str = ""
    agreed_points: str = ""
    promise: CallPromise | None = None
    mood: Mood | None = None
    option: RemedyOption | None = None
    minutes: int | None = None
    report: str = ""


@dataclass(frozen=True)
class Attempt:
    """A try in vain: why, what was noted, and what follows."""

    result: AttemptResult
    next_step: NextStep
    note: str = ""
    again_at: datetime | None = None


def record(task: OutreachTask, *, came: "CallOutcome | Attempt", by: User, now: datetime) -> OutreachTask:
    """Keep whatever came of a contact: a conversation, or a try in vain."""
    if isinstance(came, CallOutcome):
        return finish(task, outcome=came, by=by, now=now)
    return not_reached(task, attempt=came, by=by, now=now)


def finish(task: OutreachTask, *, outcome: CallOutcome, by: User, now: datetime) -> OutreachTask:
    """End a contact that reached the customer: a promise becomes a commitment, the text follows in writing.

    The written confirmation is the contact's own message by personal e-mail, where the plan asks for one. A chosen
    option becomes the customer's choice; what an angry or distressed customer said goes to the feedback log.
    """
    if not outcome.reached.strip():
        raise OutcomeMissing(_("Say in a few words how the conversation went."))
    with transaction.atomic():
        locked = call_desk.lock(task)
        call_desk.refuse_if_taken(locked, by=by, now=now)
        if outcome.promise is not None:
            _promise(locked, outcome.promise, now=now)
        if outcome.option is not None:
            feedback.choose_remedy(outcome.option, customer=locked.customer, by=by, now=now)
        _keep(locked, outcome)
        _note_attempt(locked, AttemptResult.REACHED, note="", minutes=outcome.minutes, by=by, now=now)
        _end(locked, OutreachState.DONE, outcome.reached, by=by, now=now)
        _hear(locked, outcome, by=by, now=now)
        _confirm_in_writing(locked, now=now)
        call_desk.tell(locked, _("Customer reached (contact #%s)") % locked.pk, by=by, now=now)
    return locked


def not_reached(task: OutreachTask, *, attempt: Attempt, by: User, now: datetime) -> OutreachTask:
    """Record a try in vain and what follows: again at a time, told in writing, or unreachable with the reason."""
    with transaction.atomic():
        locked = call_desk.lock(task)
        call_desk.refuse_if_taken(locked, by=by, now=now)
        _note_attempt(locked, attempt.result, note=attempt.note, minutes=None, by=by, now=now)
        follow = {NextStep.AGAIN: _again, NextStep.IN_WRITING: _in_writing, NextStep.UNREACHABLE: _give_up}
        follow[attempt.next_step](locked, attempt, by, now)
    return locked


def unreachable(task: OutreachTask, *, reason: str, by: User, now: datetime) -> OutreachTask:
    """Record that the customer cannot be reached, and why; only then does the customer count as handled."""
    if not reason.strip():
        raise OutcomeMissing(_("Say why the customer cannot be reached and what was tried."))
    with transaction.atomic():
        locked = call_desk.lock(task)
        _end(locked, OutreachState.UNREACHABLE, reason, by=by, now=now)
        call_desk.tell(locked, _("Customer unreachable (contact #%s)") % locked.pk, by=by, now=now)
    return locked


def confirm_written(task: OutreachTask, *, how: str, by: User, now: datetime) -> OutreachTask:
    """Record that the written confirmation went another way, such as a letter."""
    if not how.strip():
        raise OutcomeMissing(_("Say how the confirmation went out."))
    waiting = OutreachTask.objects.filter(pk=task.pk, state=OutreachState.DONE, confirmed_at=None)
    if not waiting.exclude(confirmation_due_at=None).update(confirmed_at=now):
        raise OutcomeMissing(_("This contact waits for no written confirmation."))
    task.refresh_from_db()
    text = _("Contact #%(id)s confirmed in writing: %(how)s") % {"id": task.pk, "how": how.strip()}
    call_desk.tell(task, text, by=by, now=now)
    return task


def settle_confirmations(*, now: datetime) -> int:
    """Mark the contacts whose written confirmation has arrived; return how many."""
    arrived = Delivery.objects.filter(message=OuterRef("message"), customer=OuterRef("customer"), status__in=REACHED)
    waiting = OutreachTask.objects.filter(state=OutreachState.DONE, confirmed_at=None)
    return waiting.exclude(confirmation_due_at=None).filter(Exists(arrived)).update(confirmed_at=now)


def is_worn_out(task: OutreachTask) -> bool:
    """Whether one more try in vain is the last before another way."""
    company = Company.objects.first()
    return task.attempts.count() + 1 >= (company.call_attempts if company else 3)


def written_way(task: OutreachTask) -> str | None:
    """Return the channel by which this customer can be told in writing, the plan's fallback first."""
    kinds = set(task.customer.contact_points.values_list("kind", flat=True))
    audience = _audience(task)
    planned = [*audience.fallback_channels, *audience.update_channels] if audience else []
    for name in [*planned, ChannelName.EMAIL_PERSONAL]:
        carrier = channels.carrier(name)
        if carrier is not None and not carrier.is_published and carrier.address_kind in kinds:
            return str(name)
    return None


def _again(task: OutreachTask, attempt: Attempt, by: User, now: datetime) -> None:
    if attempt.again_at is None or attempt.again_at <= now:
        raise OutcomeMissing(_("Give a time that is still to come for the next try."))
    task.meets_at = task.due_at = attempt.again_at
    call_desk.give_back(task)
    task.save(update_fields=["meets_at", "due_at", "state", "claimed_by", "claim_until"])
    told = {"id": task.pk, "result": AttemptResult(attempt.result).label}
    call_desk.tell(task, _("Contact #%(id)s: %(result)s; tried again later") % told, by=by, now=now)


def _in_writing(task: OutreachTask, attempt: Attempt, by: User, now: datetime) -> None:
    way = written_way(task)
    if task.message is None or not task.message.is_released or way is None:
        raise OutcomeMissing(
            _("There is no released text or no address to write to: try again, or record as unreachable.")
        )
    freezing.freeze_one(task.message, customer=task.customer, channel=way, now=now)
    words = {"result": AttemptResult(attempt.result).label, "way": ChannelName(way).label, "note": attempt.note}
    _end(task, OutreachState.UNREACHABLE, _("%(result)s; told by %(way)s. %(note)s") % words, by=by, now=now)
    call_desk.tell(task, _("Customer told in writing instead (contact #%s)") % task.pk, by=by, now=now)


def _give_up(task: OutreachTask, attempt: Attempt, by: User, now: datetime) -> None:
    unreachable(task, reason=attempt.note, by=by, now=now)


def _keep(task: OutreachTask, outcome: CallOutcome) -> None:
    task.concern = outcome.concern.strip()
    task.agreed_points = outcome.agreed_points.strip()
    task.report = outcome.report.strip()
    task.mood = outcome.mood or ""
    task.chosen_option = outcome.option
    task.save(update_fields=["concern", "agreed_points", "report", "mood", "chosen_option"])


def _note_attempt(  # noqa: PLR0913 - one row, described once
    task: OutreachTask, result: AttemptResult, *, note: str, minutes: int | None, by: User, now: datetime
) -> None:
    ContactAttempt.objects.create(task=task, result=result, note=note.strip(), minutes=minutes, by=by, at=now)


def _end(task: OutreachTask, state: OutreachState, outcome: str, *, by: User, now: datetime) -> None:
    call_desk.give_back(task)
    task.state = state
    task.owner = task.owner or by
    task.outcome = outcome.strip()
    task.finished_by = by
    task.finished_at = now
    fields = ["state", "owner", "claimed_by", "claim_until", "outcome", "finished_by", "finished_at"]
    task.save(update_fields=fields)
    data = {"task": task.pk, "state": state}
    audit.record(task.incident, action="outreach.finished", actor=by, now=now, data=data)


def _promise(task: OutreachTask, promise: CallPromise, *, now: datetime) -> Commitment:
    if promise.owner is None or promise.due_at is None or promise.due_at <= now:
        raise OutcomeMissing(_("A promise needs a person who keeps it and a time that is still to come."))
    made = commitments.Promise(
        text=promise.text,
        customer=task.customer,
        source_reference=f"{task.incident.reference}/C{task.pk}",
        owner=promise.owner,
        due_at=promise.due_at,
        feasibility_evidence=promise.feasibility_evidence,
    )
    return commitments.promise(task.incident, promise=made, now=now)


def _hear(task: OutreachTask, outcome: CallOutcome, *, by: User, now: datetime) -> None:
    """Strong feelings heard in a call take the same way as those written down."""
    if outcome.mood not in STRONG or not outcome.concern.strip():
        return
    entry = feedback.Entry(
        verbatim=outcome.concern,
        kind=FeedbackKind.COMPLAINT,
        source=FeedbackSource.CALL,
        customer=task.customer,
        mood=outcome.mood,
        language=task.customer.language,
        owner=task.owner,
    )
    feedback.log(task.incident, entry=entry, by=by, now=now)


def _confirm_in_writing(task: OutreachTask, *, now: datetime) -> None:
    audience = _audience(task)
    interval = audience.written_confirmation_interval if audience else None
    if interval is None or task.origin != OutreachOrigin.PLAN or task.message is None or task.incident.is_drill:
        return  # an exercise confirms nothing in writing: nothing was agreed
    task.confirmation_due_at = now + interval
    task.save(update_fields=["confirmation_due_at"])
    has_address = task.customer.contact_points.filter(kind=ContactKind.EMAIL).exists()
    if has_address and task.message.is_released:
        freezing.freeze_one(task.message, customer=task.customer, channel=ChannelName.EMAIL_PERSONAL, now=now)


def _audience(task: OutreachTask) -> PlanAudience | None:
    tier = Impact.objects.filter(incident=task.incident, customer=task.customer).values("tier")[:1]
    rows = PlanAudience.objects.filter(plan__incident=task.incident, tier__in=tier)
    return rows.exclude(plan__state=PlanState.SUPERSEDED).first()
