"""What is late, who is woken for it, and again until somebody takes it: one function for each kind of alert."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Count, F, Q, QuerySet
from django.utils.translation import gettext as _

from incidents import audit
from incidents.enums import CommitmentKind, Role, TimelineKind
from incidents.errors import Refusal
from incidents.models import Commitment, Company, Feedback, Impact, Incident, TeamAssignment, User
from incidents.phases import LIVE, Phase
from notifications.enums import RELEASED, DeliveryStatus, MessageKind, MessageState, NoticeMedium
from notifications.models import ApprovalRequirement, Delivery, Message, StaffNotice, WebhookEndpoint
from workflows.enums import AlertKind, PlanState, SlotState
from workflows.models import Alert, PlanAudience, UpdateSlot

FIRST_WORDS = (MessageKind.HOLDING_STATEMENT, MessageKind.FIRST_NOTICE)


class AlreadyTaken(Refusal):
    """Somebody is on it, or it is over."""


@dataclass(frozen=True)
class Late:
    """Something that is late now: its unique key, what to say, and whom to wake."""

    key: str
    kind: AlertKind
    incident: Incident
    text: str
    people: set[int] = field(default_factory=set)


Finder = Callable[[datetime], Iterator[Late]]


def approvals(now: datetime) -> Iterator[Late]:
    """A text waits for an approval: its approver, the deputy from the agreed time, then the lead when it is overdue."""
    waiting = ApprovalRequirement.objects.filter(
        revision__message__state=MessageState.IN_REVIEW,
        revision=F("revision__message__current"),
        revision__message__incident__phase__in=LIVE,
    ).select_related("revision__message__incident")
    for requirement in waiting.order_by("pk"):
        message = requirement.revision.message
        if requirement.revision.approvals.filter(role__in=requirement.any_of).exists():
            continue
        is_deputy_awake = requirement.deputy_from is not None and requirement.deputy_from <= now
        is_overdue = requirement.due_at is not None and requirement.due_at <= now
        is_promised = UpdateSlot.objects.filter(message=message, state=SlotState.OPEN).exists()
        if not (is_promised or is_deputy_awake or is_overdue):
            continue
        people = _holders(message.incident, requirement.any_of, with_deputies=is_deputy_awake)
        yield Late(
            key=f"{AlertKind.APPROVAL_LATE}:{requirement.pk}",
            kind=AlertKind.APPROVAL_LATE,
            incident=message.incident,
            text=_("%(message)s waits for approval by: %(roles)s.")
            % {"message": message, "roles": ", ".join(str(Role(role).label) for role in requirement.any_of)},
            people=people | (_leads(message.incident) if is_overdue else set()),
        )


def updates_at_risk(now: datetime) -> Iterator[Late]:
    """A promised update is not out although half of its preparation time is gone, or sending is stopped."""
    slots = UpdateSlot.objects.filter(
        state__in=[SlotState.PROMISED, SlotState.OPEN],
        opens_at__lte=now,
        promised_at__gt=now,
        incident__phase__in=LIVE,
    )
    for slot in slots.select_related("incident").order_by("pk"):
        is_half_gone = now - slot.opens_at >= slot.promised_at - now
        if is_half_gone or slot.incident.is_on_hold:
            reason = _(" Sending is stopped for this incident.") if slot.incident.is_on_hold else ""
            yield _about_slot(slot, AlertKind.UPDATE_AT_RISK, _("is not out yet and may miss its time.") + reason)


def updates_missed(now: datetime) -> Iterator[Late]:
    """A promised time has passed and the update has not gone out."""
    slots = UpdateSlot.objects.filter(
        state__in=[SlotState.PROMISED, SlotState.OPEN], promised_at__lte=now, incident__phase__in=LIVE
    )
    for slot in slots.select_related("incident").order_by("pk"):
        yield _about_slot(slot, AlertKind.UPDATE_MISSED, _("has missed its promised time."))


def first_contacts(now: datetime) -> Iterator[Late]:
    """A tier has not heard a first word within the plan's time from the declaration."""
    late = PlanAudience.objects.filter(
        plan__incident__phase__in=LIVE - {Phase.FOLLOW_UP, Phase.EVALUATE},
        plan__incident__declared_at__lte=now - F("first_contact_interval"),
    ).exclude(plan__state=PlanState.SUPERSEDED)
    for audience in late.select_related("plan__incident").order_by("pk"):
        incident = audience.plan.incident
        if not Impact.objects.filter(incident=incident, tier=audience.tier).exists():
            continue
        if not _has_heard(incident, audience.tier):
            yield Late(
                key=f"{AlertKind.FIRST_NOTICE_LATE}:{incident.pk}:{audience.tier}",
                kind=AlertKind.FIRST_NOTICE_LATE,
                incident=incident,
                text=_("%(tier)s should have heard from us by now.") % {"tier": audience.get_tier_display()},
                people=_leads(incident) | _holders(incident, [Role.COMMUNICATIONS_LEAD], with_deputies=False),
            )


def _has_heard(incident: Incident, tier: int) -> bool:
    first = Message.objects.filter(incident=incident, kind__in=FIRST_WORDS, state__in=RELEASED)
    return any(str(tier) in message.channels for message in first)


def commitments(now: datetime) -> Iterator[Late]:
    """A promise other than the next update is overdue; those have alerts of their own."""
    overdue = Commitment.objects.overdue(now).exclude(kind=CommitmentKind.NEXT_UPDATE)
    for promise in overdue.filter(incident__phase__in=LIVE).select_related("incident").order_by("pk"):
        owner = {promise.owner_id} if promise.owner_id else _leads(promise.incident)
        yield Late(
            key=f"{AlertKind.COMMITMENT_LATE}:{promise.pk}",
            kind=AlertKind.COMMITMENT_LATE,
            incident=promise.incident,
            # Words captured in a call may name a person: they stay in the log.
            text=_("%(kind)s no. %(number)s is overdue.") % {"kind": promise.get_kind_display(), "number": promise.pk},
            people=owner,
        )


def questions(now: datetime) -> Iterator[Late]:
    """A customer's question or complaint was not answered by its time; the customer's words stay in the log."""
    waiting = Feedback.objects.unanswered().filter(due_at__lte=now, incident__phase__in=LIVE)
    for entry in waiting.select_related("incident").order_by("pk"):
        yield Late(
            key=f"{AlertKind.QUESTION_LATE}:{entry.pk}",
            kind=AlertKind.QUESTION_LATE,
            incident=entry.incident,
            text=_("%(kind)s no. %(number)s waits for an answer.")
            % {"kind": entry.get_kind_display(), "number": entry.pk},
            people={entry.owner_id} if entry.owner_id else _leads(entry.incident),
        )


def deliveries(now: datetime) -> Iterator[Late]:
    """Deliveries whose outcome nobody knows wait for a person's decision."""
    stuck = (
        Delivery.objects.filter(status=DeliveryStatus.UNCERTAIN, incident__phase__in=LIVE)
        .values("message")
        .annotate(rows=Count("pk"))
        .order_by("message")
    )
    for row in stuck:
        message = Message.objects.select_related("incident").get(pk=row["message"])
        yield Late(
            key=f"{AlertKind.DELIVERY_STUCK}:{message.pk}",
            kind=AlertKind.DELIVERY_STUCK,
            incident=message.incident,
            text=_("%(message)s: deliveries with an unknown outcome need a decision.") % {"message": message},
            people=_holders(message.incident, [Role.COMMUNICATIONS_LEAD], with_deputies=False),
        )


FINDERS: dict[AlertKind, Finder] = {
    AlertKind.APPROVAL_LATE: approvals,
    AlertKind.UPDATE_AT_RISK: updates_at_risk,
    AlertKind.UPDATE_MISSED: updates_missed,
    AlertKind.FIRST_NOTICE_LATE: first_contacts,
    AlertKind.COMMITMENT_LATE: commitments,
    AlertKind.QUESTION_LATE: questions,
    AlertKind.DELIVERY_STUCK: deliveries,
}


def kinds(*, now: datetime) -> list[str]:
    """Return the kinds of alert the clock looks after."""
    return list(FINDERS)


def refresh(kind: str, *, now: datetime) -> None:
    """Raise what became late, tell newcomers, and end what is late no more."""
    late = list(FINDERS[AlertKind(kind)](now))
    for thing in late:
        _raise(thing, now=now)
    untold = Alert.objects.filter(kind=kind, over_at=None).exclude(key__in=[thing.key for thing in late])
    untold.update(over_at=now)


def _raise(late: Late, *, now: datetime) -> None:
    with transaction.atomic():
        alert, is_new = Alert.objects.get_or_create(
            key=late.key,
            defaults={
                "incident": late.incident,
                "kind": late.kind,
                "text": late.text,
                "raised_at": now,
                "next_round_at": now,
            },
        )
        if is_new:
            audit.tell(late.incident, kind=TimelineKind.ESCALATION, text=late.text, by=None, now=now)
        if alert.over_at is not None:
            Alert.objects.filter(pk=alert.pk).update(over_at=None, taken_at=None, taken_by=None, next_round_at=now)
        newcomers = late.people - set(alert.watchers.values_list("pk", flat=True))
        if newcomers:
            alert.watchers.add(*newcomers)
            Alert.objects.filter(pk=alert.pk, taken_at=None).update(next_round_at=now)


def unheard(*, now: datetime) -> list[int]:
    """Return the alerts nobody has taken whose next round is due."""
    due = Alert.objects.filter(taken_at=None, over_at=None, next_round_at__lte=now)
    return list(due.order_by("next_round_at", "pk").values_list("pk", flat=True))


def wake(pk: int, *, now: datetime) -> int:
    """Wake everybody who watches an alert once more; return how many wake-ups were written."""
    with transaction.atomic():
        alert = (
            Alert.objects.select_for_update(no_key=True, skip_locked=True, of=("self",))
            .select_related("incident")
            .filter(pk=pk, taken_at=None, over_at=None, next_round_at__lte=now)
            .first()
        )
        if alert is None:
            return 0
        alert.rounds += 1
        alert.next_round_at = now + repeat_interval()
        alert.save(update_fields=["rounds", "next_round_at"])
        notices = [*_mails(alert, now), *_calls(alert, now)]
        return len(StaffNotice.objects.bulk_create(notices, ignore_conflicts=True))


def repeat_interval() -> timedelta:
    """Return how long people have before they are woken again."""
    interval: timedelta = settings.CRISISCOMM_ALERT_REPEAT
    return interval


def take(alert: Alert, *, by: User, now: datetime) -> Alert:
    """Somebody takes care of it: the others are left in peace."""
    with transaction.atomic():
        locked = Alert.objects.select_for_update(no_key=True).get(pk=alert.pk)
        if locked.over_at is not None:
            raise AlreadyTaken(_("This is over; nothing is left to take."))
        if locked.taken_by is not None:
            raise AlreadyTaken(_("%s has taken this already.") % locked.taken_by)
        locked.taken_by = by
        locked.taken_at = now
        locked.save(update_fields=["taken_by", "taken_at"])
        text = _("%(person)s takes care: %(what)s") % {"person": by, "what": locked.text}
        audit.tell(locked.incident, kind=TimelineKind.ESCALATION, text=text, by=by, now=now)
        audit.record(locked.incident, action="alert.taken", actor=by, now=now, data={"alert": locked.pk})
    return locked


def _about_slot(slot: UpdateSlot, kind: AlertKind, words: str) -> Late:
    subject = _("Update %(number)s for %(tier)s, promised for %(time)s UTC") % {
        "number": slot.number,
        "tier": slot.get_tier_display(),
        "time": f"{slot.promised_at:%Y-%m-%d %H:%M}",
    }
    return Late(
        key=f"{kind}:{slot.pk}",
        kind=kind,
        incident=slot.incident,
        text=f"{subject}, {words}",
        people=_leads(slot.incident) | _holders(slot.incident, [Role.COMMUNICATIONS_LEAD], with_deputies=True),
    )


def _team(incident: Incident, roles: list[str]) -> QuerySet[TeamAssignment]:
    return TeamAssignment.objects.filter(Q(role__in=roles), incident=incident).order_by("pk")


def _holders(incident: Incident, roles: list[str], *, with_deputies: bool) -> set[int]:
    team = list(_team(incident, roles))
    people = {member.user_id for member in team}
    if with_deputies:
        people |= {member.deputy_id for member in team if member.deputy_id}
    return people


def _leads(incident: Incident) -> set[int]:
    return _holders(incident, [Role.INCIDENT_LEAD], with_deputies=False) | (
        {incident.lead_id} if incident.lead_id else set()
    )


def _mails(alert: Alert, now: datetime) -> list[StaffNotice]:
    """A demonstration's inbox holds its customers' mail alone: its staff are woken by webhook."""
    if Company.objects.filter(is_demonstration=True).exists():
        return []
    people = alert.watchers.filter(is_active=True).exclude(email="").order_by("pk")
    return [_notice(alert, now, medium=NoticeMedium.MAIL, receiver=person) for person in people]


def _calls(alert: Alert, now: datetime) -> list[StaffNotice]:
    endpoints = WebhookEndpoint.objects.filter(is_active=True).order_by("pk")
    return [_notice(alert, now, medium=NoticeMedium.WEBHOOK, receiver=endpoint) for endpoint in endpoints]


def _notice(alert: Alert, now: datetime, *, medium: NoticeMedium, receiver: User | WebhookEndpoint) -> StaffNotice:
    link = f"{settings.PUBLIC_BASE_URL}/admin/incidents/incident/{alert.incident_id}/change/"
    return StaffNotice(
        key=f"alert:{alert.pk}:{alert.rounds}:{medium}:{receiver.pk}",
        medium=medium,
        user=receiver if isinstance(receiver, User) else None,
        endpoint=receiver if isinstance(receiver, WebhookEndpoint) else None,
        subject=f"[{alert.incident.reference}] {alert.get_kind_display()}",
        body=f"{alert.text}\n\n{link}",
        data={
            "alert": alert.pk,
            "kind": alert.kind,
            "incident": alert.incident.reference,
            "text": alert.text,
            "link": link,
        },
        next_attempt_at=now,
        created_at=now,
    )
