"""Listening: questions, complaints and urgent needs, answers, remedies chosen, surveys answered."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, connection, transaction

from incidents import audit, customers, sentences
from incidents.enums import Attitude, EscalatedTo, FeedbackKind, FeedbackSource, FeedbackState, Mood, TimelineKind
from incidents.errors import Refusal
from incidents.models import (
    ChatTranscript,
    Company,
    Customer,
    Feedback,
    Incident,
    RemedyChoice,
    RemedyLimit,
    RemedyOption,
    SurveyResponse,
    TeamAssignment,
    User,
)
from incidents.sentences import gettext as _

MAX_LENGTH = 5000
# What wants an answer; praise and the rest are only heard.
ASKING = frozenset({FeedbackKind.QUESTION, FeedbackKind.COMPLAINT, FeedbackKind.URGENT_NEED})
CALL_BACK_WITHIN = timedelta(hours=4)
# A person in distress is not left waiting as long as a question.
DISTRESS_WITHIN = timedelta(hours=1)


class BadFeedback(Refusal):
    """The entry is empty, too long, or answered already."""


class NotOffered(Refusal):
    """The remedy is not approved, not of this incident, or its time is over."""


@dataclass(frozen=True)
class Entry:
    """What a customer said, in their own words, and how it came in."""

    verbatim: str
    kind: FeedbackKind = FeedbackKind.QUESTION
    source: FeedbackSource = FeedbackSource.STAFF
    customer: Customer | None = None
    mood: Mood = Mood.NEUTRAL
    theme: str = ""
    language: str = ""
    owner: User | None = None
    due_at: datetime | None = None
    contact_person: User | None = None
    attitude: Attitude | None = None
    escalated_to: EscalatedTo | None = None
    form_key: str | None = None
    transcript: ChatTranscript | None = None


def log(incident: Incident, *, entry: Entry, now: datetime, by: User | None = None) -> Feedback:
    """Log one entry; without an owner it goes to the customer's account manager, else the communications lead.

    Distress goes to the account manager or the incident's lead, with an answer due within the hour. What asks for
    an answer is due by the company's call-back time unless `due_at` says otherwise. A form sent twice is one entry.
    """
    words = entry.verbatim.replace("\x00", "").strip()
    if not words:
        raise BadFeedback(_("Write what the customer said: the entry is empty."))
    if len(words) > MAX_LENGTH:
        raise BadFeedback(
            _("The text has %(length)d characters; %(limit)d fit.") % {"length": len(words), "limit": MAX_LENGTH}
        )
    with transaction.atomic():
        sent_before = _from_the_same_form(entry.form_key)
        if sent_before is not None:
            return sent_before
        row = Feedback.objects.create(
            incident=incident,
            customer=entry.customer,
            kind=entry.kind,
            source=entry.source,
            verbatim=words,
            theme=entry.theme,
            mood=entry.mood,
            language=entry.language,
            contact_person=entry.contact_person,
            attitude=entry.attitude or "",
            escalated_to=entry.escalated_to or "",
            form_key=entry.form_key,
            transcript=entry.transcript,
            owner=entry.owner or _default_owner(incident, entry),
            due_at=entry.due_at or _default_due(entry, now=now),
            received_at=now,
            logged_by=by,
        )
        text = _("%(kind)s logged (#%(id)s)") % {"kind": FeedbackKind(entry.kind).label, "id": row.pk}
        audit.tell(incident, kind=TimelineKind.FEEDBACK, text=text, by=by, now=now)
    return row


def _from_the_same_form(form_key: str | None) -> Feedback | None:
    """Return what this very form logged already; two clicks at once take turns."""
    if not form_key:
        return None
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [form_key])
    return Feedback.objects.filter(form_key=form_key).first()


def assign(entry: Feedback, *, owner: User, due_at: datetime | None, by: User, now: datetime) -> Feedback:
    """Give an entry to a person, with the time by which it is answered."""
    entry.owner = owner
    entry.due_at = due_at
    entry.save(update_fields=["owner", "due_at"])
    text = _("Feedback #%(id)s given to %(owner)s") % {"id": entry.pk, "owner": owner}
    audit.tell(entry.incident, kind=TimelineKind.FEEDBACK, text=text, by=by, now=now)
    return entry


def escalate(entry: Feedback, *, to: EscalatedTo, by: User, now: datetime) -> Feedback:
    """Note that the customer turned to management, an authority, a court or the media; the review counts it."""
    with transaction.atomic():
        Feedback.objects.filter(pk=entry.pk).update(escalated_to=to)
        entry.refresh_from_db(fields=["escalated_to"])
        text = _("Feedback #%(id)s: the customer turned to: %(whom)s") % {"id": entry.pk, "whom": to.label}
        audit.tell(entry.incident, kind=TimelineKind.FEEDBACK, text=text, by=by, now=now)
    return entry


def answer(entry: Feedback, *, text: str, by: User, now: datetime) -> Feedback:
    """Answer an entry; the customer reads it on their own page."""
    if not text.strip():
        raise BadFeedback(_("The answer is empty."))
    with transaction.atomic():
        locked = (
            Feedback.objects.select_for_update(no_key=True, of=("self",)).select_related("incident").get(pk=entry.pk)
        )
        if locked.state != FeedbackState.OPEN:
            raise BadFeedback(_("Feedback #%s was answered a moment ago: read that answer first.") % locked.pk)
        locked.answer = text.strip()
        locked.answered_by = by
        locked.answered_at = now
        locked.state = FeedbackState.ANSWERED
        locked.save(update_fields=["answer", "answered_by", "answered_at", "state"])
        note = _("Feedback #%s answered") % locked.pk
        audit.tell(locked.incident, kind=TimelineKind.FEEDBACK, text=note, by=by, now=now)
    entry.refresh_from_db()
    return entry


def answer_theme(incident: Incident, *, theme: str, text: str, by: User, now: datetime) -> int:
    """Answer every open question and complaint of one theme with the same words; return how many.

    People in distress and urgent needs are left out: a person answers each of them.
    """
    if not text.strip():
        raise BadFeedback(_("The answer is empty."))
    with transaction.atomic():
        rows = Feedback.objects.unanswered().filter(incident=incident, theme__iexact=theme.strip())
        alike = rows.exclude(kind=FeedbackKind.URGENT_NEED).exclude(mood=Mood.DISTRESS).exclude(theme="")
        answered = alike.update(answer=text.strip(), answered_by=by, answered_at=now, state=FeedbackState.ANSWERED)
        if not answered:
            raise BadFeedback(_("No open question has the theme “%s”.") % theme)
        note = _("%(count)d entries on “%(theme)s” answered alike") % {"count": answered, "theme": theme.strip()}
        audit.tell(incident, kind=TimelineKind.FEEDBACK, text=note, by=by, now=now)
    return answered


def close(entry: Feedback, *, by: User, now: datetime) -> Feedback:
    """Close an answered entry."""
    changed = Feedback.objects.filter(pk=entry.pk, state=FeedbackState.ANSWERED).update(state=FeedbackState.CLOSED)
    if not changed:
        raise BadFeedback(_("Only an answered entry can be closed: answer it first."))
    note = _("Feedback #%s closed") % entry.pk
    audit.tell(entry.incident, kind=TimelineKind.FEEDBACK, text=note, by=by, now=now)
    entry.refresh_from_db()
    return entry


def offer(incident: Incident, *, options: list[dict[str, Any]]) -> int:
    """Add the playbook's remedy options that the incident lacks; none reaches a customer before it is approved."""
    existing = set(incident.remedy_options.values_list("key", flat=True))
    rows = [
        RemedyOption(
            incident=incident, key=item["id"], name=item["name"], approver_role=item["approver_role"], position=position
        )
        for position, item in enumerate(options)
        if item["id"] not in existing
    ]
    return len(RemedyOption.objects.bulk_create(rows))


def approve_remedy(option: RemedyOption, *, by: User, now: datetime) -> RemedyOption:
    """Approve a remedy; only the holder of its approver's role, or that role's deputy, may."""
    role = TeamAssignment.objects.filter(incident=option.incident, role=option.approver_role).first()
    if role is None or by.pk not in {role.user_id, role.deputy_id}:
        raise NotOffered(
            _("“%(option)s” is approved by the %(role)s of this incident.")
            % {"option": option, "role": option.approver_role}
        )
    option.approved_by = by
    option.approved_at = now
    option.save(update_fields=["approved_by", "approved_at"])
    text = _("Remedy approved: %s") % sentences.one_of(option.name or {"en": option.key})
    audit.tell(option.incident, kind=TimelineKind.DECISION, text=text, by=by, now=now)
    audit.record(option.incident, action="remedy.approved", actor=by, now=now, data={"key": option.key})
    return option


def choose_remedy(option: RemedyOption, *, customer: Customer, now: datetime, by: User | None = None) -> RemedyChoice:
    """Record which remedy a customer chose; a later choice replaces an earlier one until it is delivered."""
    if option.approved_at is None:
        raise NotOffered(_("This option is not on offer."))
    if option.claim_deadline is not None and option.claim_deadline < now:
        raise NotOffered(_("The time for choosing this option is over; please contact us."))
    if not option.incident.impacts.filter(customer=customer).exists():
        raise NotOffered(_("This option is offered to affected customers only."))
    if not is_meant_for(option, customer):
        raise NotOffered(_("This option is not meant for you; please contact us."))
    with transaction.atomic():
        choice, _created = RemedyChoice.objects.select_for_update(no_key=True).get_or_create(
            incident=option.incident, customer=customer, defaults={"option": option, "chosen_at": now}
        )
        if choice.delivered_at is not None:
            raise NotOffered(_("Your earlier choice was delivered already; please contact us."))
        choice.option = option
        choice.chosen_at = now
        choice.save(update_fields=["option", "chosen_at"])
        text = _("A customer chose the remedy %s") % sentences.one_of(option.name or {"en": option.key})
        audit.tell(option.incident, kind=TimelineKind.FEEDBACK, text=text, by=by, now=now)
    return choice


def limit_for(option: RemedyOption, customer: Customer) -> RemedyLimit | None:
    """Return the limit that covers this customer: of their own tier before every tier's, a segment's before all's."""
    impact = option.incident.impacts.filter(customer=customer).first()
    mine = [
        limit
        for limit in option.limits.order_by("pk")
        if limit.tier in (None, impact.tier if impact else None)
        and (not limit.segment or customers.matching(limit.segment).filter(pk=customer.pk).exists())
    ]
    return min(mine, key=lambda limit: (limit.tier is None, not limit.segment), default=None)


def is_meant_for(option: RemedyOption, customer: Customer) -> bool:
    """Whether a remedy is meant for a customer; one without limits is meant for everybody affected."""
    return not option.limits.exists() or limit_for(option, customer) is not None


def deliver_remedy(choice: RemedyChoice, *, by: User, now: datetime) -> RemedyChoice:
    """Record that a chosen remedy reached the customer."""
    if not RemedyChoice.objects.filter(pk=choice.pk, delivered_at=None).update(delivered_at=now):
        raise NotOffered(_("This remedy was delivered already."))
    choice.refresh_from_db()
    audit.record(choice.incident, action="remedy.delivered", actor=by, now=now, data={"choice": choice.pk})
    return choice


def answer_survey(
    incident: Incident, *, customer: Customer, answers: dict[str, Any], language: str, now: datetime
) -> SurveyResponse:
    """Store one customer's answers, once."""
    if not any(str(value).strip() for value in answers.values()):
        raise BadFeedback(_("Please answer at least one question."))
    try:
        with transaction.atomic():
            return SurveyResponse.objects.create(
                incident=incident, customer=customer, answers=answers, language=language, answered_at=now
            )
    except IntegrityError:
        raise BadFeedback(_("Your answers are with us already. Thank you.")) from None


def _default_due(entry: Entry, *, now: datetime) -> datetime | None:
    company = Company.objects.first()
    within: timedelta = company.brief_callback_within if company else CALL_BACK_WITHIN
    if entry.mood == Mood.DISTRESS:
        return now + min(within, DISTRESS_WITHIN)
    return now + within if entry.kind in ASKING else None


def _default_owner(incident: Incident, entry: Entry) -> User | None:
    manager = entry.customer.account_manager if entry.customer is not None else None
    if manager is not None and manager.is_active:
        return manager
    if entry.mood == Mood.DISTRESS and incident.lead is not None:
        return incident.lead
    role = TeamAssignment.objects.select_related("user").filter(incident=incident, role="communications_lead").first()
    return role.user if role else incident.lead
