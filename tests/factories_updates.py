"""Plain builders of incidents that speak: affected customers, an approved plan, a first notice and its promises."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.test import override_settings

from incidents import commitments, feedback
from incidents.enums import ContactKind, Role
from incidents.models import ContactPoint, Customer, Impact, Incident, PhaseTransition, User
from incidents.phases import Phase
from notifications import compose
from notifications.enums import DeliveryStatus, MessageKind
from notifications.models import Delivery, Message
from tests import factories
from tests.factories_incidents import NOW, customer, person
from workflows import approvals, plans, releases
from workflows.models import StandingApproval, UpdateSlot

WRITER = "wen"
ROUTE = [Phase.IDENTIFY, Phase.ANALYZE, Phase.PLAN, Phase.EXECUTE, Phase.FOLLOW_UP, Phase.EVALUATE, Phase.CLOSED]


def affected(incident: Incident, *, tier: int = 1, name: str = "", **fields: Any) -> Customer:
    """Return a customer of this tier, with a mailbox."""
    crm_id = name or f"T{tier}-{Customer.objects.count() + 1}"
    found = customer(crm_id, **fields)
    address = f"{crm_id.lower()}@customer.example"
    ContactPoint.objects.create(customer=found, kind=ContactKind.EMAIL, value=address, normalised=address)
    Impact.objects.create(incident=incident, customer=found, computed_tier=tier, affected_items="order 17")
    return found


def enter(incident: Incident, phase: Phase, *, now: datetime = NOW) -> Incident:
    """Put an incident into a phase without asking the gates; the database still wants its row beside each step."""
    lead = person("incident_lead")
    while incident.phase != phase:
        following = ROUTE[ROUTE.index(Phase(incident.phase)) + 1]
        with transaction.atomic():
            PhaseTransition.objects.create(incident=incident, source=incident.phase, target=following, by=lead, at=now)
            Incident.objects.filter(pk=incident.pk).update(phase=following)
        incident.refresh_from_db()
    return incident


def cancelled(incident: Incident, *, now: datetime = NOW) -> Incident:
    """Cancel an incident without asking the gates."""
    with transaction.atomic():
        PhaseTransition.objects.create(
            incident=incident, source=incident.phase, target=Phase.CANCELLED, by=person("incident_lead"), at=now
        )
        Incident.objects.filter(pk=incident.pk).update(phase=Phase.CANCELLED)
    incident.refresh_from_db()
    return incident


@contextmanager
def once(build: Callable[[], Incident]) -> Iterator[Incident]:
    """Build what all tests of a module begin with, and take it back when they are done; mail stays on this machine."""
    with override_settings(EMAIL_HOST="127.0.0.1"), transaction.atomic():
        yield build()
        transaction.set_rollback(True)


def speaking(
    *, tiers: tuple[int, ...] = (1,), languages: tuple[str, ...] = ("en",), now: datetime = NOW, **plan: Any
) -> Incident:
    """Return an incident in execution: one customer in each tier, confirmed facts, an approved plan."""
    incident = factories.declared(now=now)
    factories.company(is_demonstration=True, languages=list(languages))
    for tier in tiers:
        affected(incident, tier=tier)
    factories.tell_facts(incident, now=now)
    factories.fact_sheet(incident, now=now)
    words = {"en": "replace every part", "zh": "更换全部零件", "ru": "заменить все детали"}
    due_at = now + timedelta(days=30)
    promise = commitments.Promise(text=words, owner=person("incident_lead"), due_at=due_at)
    commitments.promise(incident, promise=promise, now=now)
    for option in incident.remedy_options.order_by("pk"):
        feedback.approve_remedy(option, by=_holder(incident, option.approver_role), now=now)
    factories.approved_plan(incident, now=now, **plan)
    return enter(incident, Phase.EXECUTE, now=now)


def drafted(incident: Incident, kind: MessageKind = MessageKind.FIRST_NOTICE, *, now: datetime = NOW) -> Message:
    """Return a message drafted by the writer from the plan's template."""
    return releases.draft_message(incident, kind=kind, by=person(WRITER), now=now)


def approve(message: Message, *, now: datetime = NOW) -> Message:
    """Submit a message and give it every approval it lacks, each by the holder of the role."""
    approvals.submit(message, by=person(WRITER), now=now)
    message.refresh_from_db()
    assert message.current is not None
    for requirement in message.current.requirements.order_by("pk"):
        holder = _holder(message.incident, requirement.any_of[0])
        approvals.approve(message, by=holder, now=now, sha256=message.current.sha256)
    message.refresh_from_db()
    return message


def ready(incident: Incident, kind: MessageKind = MessageKind.FIRST_NOTICE, *, now: datetime = NOW) -> Message:
    """Return an approved message."""
    return approve(drafted(incident, kind, now=now), now=now)


def released(incident: Incident, kind: MessageKind = MessageKind.FIRST_NOTICE, *, now: datetime = NOW) -> Message:
    """Return a released message, nothing of it delivered yet."""
    return releases.release(ready(incident, kind, now=now), by=person(WRITER), now=now)


def told(*, now: datetime = NOW, **given: Any) -> Incident:
    """Return an incident whose first notice is out and has arrived, with a promise to every tier."""
    incident = speaking(now=now, **given)
    arrive(released(incident, now=now), at=now)
    return incident


def arrive(message: Message, *, at: datetime) -> int:
    """Let the receiving side accept everything that is still leaving."""
    leaving = Delivery.objects.filter(message=message).live()
    return leaving.update(status=DeliveryStatus.ACCEPTED, accepted_at=at, settled_at=at)


def correction(message: Message, *, now: datetime = NOW) -> Message:
    """Return an approved correction of a message, for those who got it."""
    assert message.current is not None
    content = message.current.content
    spec = compose.DraftSpec(
        kind=MessageKind.CORRECTION,
        audience={"recipients_of": message.pk},
        channels=message.channels,
        texts=content["texts"],
        values=content["values"],
        times=content["times"],
        promises=message.promises,
        fact_sheet=message.current.fact_sheet,
        corrects=message,
    )
    return approve(compose.draft(message.incident, spec=spec, by=person(WRITER), now=now), now=now)


def grant(incident: Incident, *, now: datetime = NOW) -> None:
    """Let updates of the approved template go out by themselves."""
    plan = plans.required(incident)
    kind = MessageKind.PROGRESS_UPDATE
    StandingApproval.objects.create(
        plan=plan,
        message_kind=kind,
        template_sha256=plans.template_digest(plan, kind),
        granted_by=person("communications_lead"),
        granted_at=now,
    )


def forbid_plain_word(incident: Incident, *, now: datetime = NOW) -> None:
    """Take back what the plan's approval says about the “no change” text."""
    plan = plans.required(incident)
    plan.standing_approvals.filter(message_kind=plans.NO_CHANGE).update(revoked_at=now)


def slot(incident: Incident, *, tier: int = 1) -> UpdateSlot:
    """Return the newest promise to a tier."""
    return UpdateSlot.objects.filter(incident=incident, tier=tier).latest("number")


def interval(incident: Incident, *, tier: int = 1) -> timedelta:
    """Return a tier's rhythm."""
    return plans.audience(plans.required(incident), tier).update_interval


def _holder(incident: Incident, role: str) -> User:
    return incident.team.get(role=Role(role)).user
