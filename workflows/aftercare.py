"""Care after the crisis: each customer is asked how they are, at the times the plan names after the resolution."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from incidents.enums import Role
from incidents.models import Customer, Incident
from incidents.phases import Phase
from workflows import drills, durations
from workflows.enums import OutreachOrigin, PlanState
from workflows.models import OutreachTask, PlanAudience
from workflows.outreach import PERSONAL_CHANNELS

# Contacts appear on the call desk a little before their day, and are not made up for long afterwards.
BEFORE, AFTER = timedelta(days=3), timedelta(days=7)
PHASES = (Phase.FOLLOW_UP, Phase.EVALUATE, Phase.CLOSED)


@dataclass(frozen=True)
class Round:
    """The contacts of one tier for one day."""

    audience: PlanAudience
    due_at: datetime


def due(*, now: datetime) -> list[Round]:
    """Return the rounds whose day is near and that have no contacts yet; closing the incident does not end them."""
    rows = PlanAudience.objects.exclude(plan__state=PlanState.SUPERSEDED).exclude(aftercare=[])
    rows = rows.filter(plan__incident__phase__in=PHASES, plan__incident__resolved_at__gt=now - timedelta(days=400))
    rounds = [
        Round(row, row.plan.incident.resolved_at + durations.parse(length))
        for row in rows.select_related("plan__incident").order_by("pk")
        for length in row.aftercare
        if row.plan.incident.resolved_at is not None
    ]
    near = [one for one in rounds if one.due_at - BEFORE <= now < one.due_at + AFTER]
    made = set(
        OutreachTask.objects.filter(
            origin=OutreachOrigin.AFTERCARE, incident__in=[one.audience.plan.incident_id for one in near]
        ).values_list("incident", "due_at")
    )
    return [one for one in near if (one.audience.plan.incident_id, one.due_at) not in made]


def make(round: Round, *, now: datetime) -> int:
    """Make one contact for each customer of the tier; doubled by another process they are one."""
    incident = round.audience.plan.incident
    customers = Customer.objects.filter(impacts__incident=incident, impacts__tier=round.audience.tier, is_active=True)
    keeper = _keeper(incident, round.audience.owner_role)
    tasks = [
        OutreachTask(
            incident=incident,
            customer=customer,
            origin=OutreachOrigin.AFTERCARE,
            channel=_channel(customer, round.audience),
            owner_id=customer.account_manager_id or keeper,
            due_at=round.due_at,
            created_at=now,
        )
        for customer in drills.meant(customers, incident=incident).order_by("pk")
    ]
    return len(OutreachTask.objects.bulk_create(tasks, batch_size=1000, ignore_conflicts=True))


def _keeper(incident: Incident, role: str) -> int | None:
    holders = dict(incident.team.values_list("role", "user"))
    return holders.get(role) or holders.get(Role.ACCOUNT_MANAGER) or incident.lead_id


def _channel(customer: Customer, audience: PlanAudience) -> str:
    if customer.preferred_channel in PERSONAL_CHANNELS:
        return str(customer.preferred_channel)
    planned = [name for name in audience.first_channels if name in PERSONAL_CHANNELS]
    return str(planned[0] if planned else PERSONAL_CHANNELS[0])
