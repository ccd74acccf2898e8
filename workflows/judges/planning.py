"""Judges of the plan: complete, covering everybody, one confirmed line, promises that can be kept, prepared calls."""

from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from incidents.enums import CommitmentKind, Tier
from incidents.models import Commitment, Impact, Incident
from incidents.phases import Gate
from notifications.enums import ChannelName
from workflows import call_sheets, plan_check, qa_bank
from workflows.enums import BriefState, OutreachOrigin, OutreachState, PlanState
from workflows.gates import Missing, enumerate_names, judge, unjudged
from workflows.handled import PUBLIC
from workflows.judges.knowing import AFFECTED, sheet_problem
from workflows.models import CommunicationPlan, OutreachTask, PlanAudience, QAEntry
from workflows.outreach import OPEN

# Which address a channel needs; the others reach everybody or need none.
_ADDRESSES: dict[str, tuple[str, ...]] = {
    ChannelName.PHONE: ("phone",),
    ChannelName.SMS: ("phone",),
    ChannelName.VIDEO: ("email", "phone"),
    ChannelName.EMAIL_PERSONAL: ("email",),
    ChannelName.EMAIL_BULK: ("email",),
    ChannelName.MESSENGER: ("messenger",),
}
_NEEDS_NONE = PUBLIC | {ChannelName.IN_PERSON, ChannelName.LETTER}


@judge("plan_complete")
def plan_complete(incident: Incident, gate: Gate, now: datetime) -> Missing | None:
    """The plan states what it must, and another person than its writer approved it."""
    hint = _("Complete the plan on the tab Plan and let another person approve it.")
    plan = current_plan(incident)
    if plan is None:
        return Missing(_("there is no plan."), _("Declare the incident with its type: the plan is drafted from it."))
    filled = plan_check.filled_fields(plan)
    absent = [name for name in gate.params["fields"] if not filled.get(name, False)]
    if absent:
        return Missing(_("the plan lacks: %s.") % enumerate_names([plan_check.label(name) for name in absent]), hint)
    if plan.state != PlanState.APPROVED:
        return Missing(_("plan v%s waits for its approval.") % plan.version, hint)
    return None


@judge("coverage")
def coverage(incident: Incident, gate: Gate, now: datetime) -> Missing | None:
    """Every affected customer has a tier, and at least one channel of the tier can reach them."""
    if gate.params["of"] != AFFECTED:
        return unjudged(gate.params["of"])
    everybody = Impact.objects.filter(incident=incident).count()
    if not everybody:
        return Missing(_("no affected customer is named."), _("Add customers under Audience."))
    without_tier = Impact.objects.filter(incident=incident, tier=None).count()
    without_channel = _without_channel(incident)
    uncovered = without_tier + without_channel
    if (everybody - uncovered) / everybody >= gate.params["min_ratio"]:
        return None
    numbers = {"all": everybody, "tier": without_tier, "channel": without_channel}
    text = _("of %(all)d customers, %(tier)d have no tier and %(channel)d no channel that reaches them.") % numbers
    hint = _("Compute the tiers under Audience; add the missing addresses, or give the tier a channel that needs none.")
    return Missing(text, hint)


@judge("approved_version")
def approved_version(incident: Incident, gate: Gate, now: datetime) -> Missing | None:
    """The newest fact sheet is confirmed, or every answer of the Q&A bank is approved."""
    artifact = gate.params["artifact"]
    if artifact == "fact_sheet":
        return sheet_problem(incident)
    if artifact != "qa_bank":
        return unjudged(artifact)
    entries = QAEntry.objects.filter(incident=incident).exclude(state=BriefState.SUPERSEDED)
    hint = _("Read the answers in the Q&A bank and let another person than their writer approve them.")
    everything = entries.count()
    if not everything:
        return Missing(_("the Q&A bank is empty."), hint)
    waiting = entries.exclude(state=BriefState.APPROVED).count()
    if waiting:
        return Missing(_("%(open)d of %(all)d answers wait for approval.") % {"open": waiting, "all": everything}, hint)
    outdated = {"open": len(qa_bank.stale(incident)), "all": everything}
    if not outdated["open"]:
        return None
    return Missing(_("%(open)d of %(all)d answers speak of facts that changed.") % outdated, hint)


@judge("commitments_feasible")
def commitments_feasible(incident: Incident, gate: Gate, now: datetime) -> Missing | None:
    """Every promise has an owner, a due time and a reason why it can be kept; update times are kept by the cadence."""
    promised = Commitment.objects.unsettled().filter(
        incident=incident, kind__in=[CommitmentKind.PROMISE, CommitmentKind.REMEDY]
    )
    loose = [str(row) for row in promised.order_by("pk") if not all(getattr(row, f) for f in gate.params["fields"])]
    if not loose:
        return None
    text = _("%(count)d promises lack owner, time or evidence: %(names)s.") % {
        "count": len(loose),
        "names": enumerate_names(loose),
    }
    return Missing(text, _("Complete them under Commitments, or take the promise out of the text."))


@judge("prep_sheet_ready")
def prep_sheet_ready(incident: Incident, gate: Gate, now: datetime) -> Missing | None:
    """Every customer of the tier has a filled preparation sheet, where the plan asks for one."""
    tier = Tier(int(gate.params["tier"].removeprefix("tier_")))
    asked = PlanAudience.objects.filter(plan=current_plan(incident), tier=tier, needs_prep_sheet=True).exists()
    customers = Impact.objects.filter(incident=incident, tier=tier)
    if not asked or not customers.exists():
        return None
    planned = OutreachTask.objects.filter(incident=incident, origin=OutreachOrigin.PLAN)
    ready = planned.filter(is_prepared=True) | planned.filter(state__in=[OutreachState.DONE, OutreachState.UNREACHABLE])
    everybody = customers.count()
    prepared = customers.filter(customer_id__in=ready.values("customer_id")).count()
    poor = _without_choice(customers, tier=tier)
    if prepared == everybody and not poor:
        return None
    text = _("%(ready)d of %(all)d preparation sheets are filled.") % {"ready": prepared, "all": everybody}
    if poor:
        text += " " + _("%d of them offer fewer than two options.") % poor
    return Missing(
        text, _("Draft the first notice, prepare its contacts, and look at the prefilled sheets at the call desk.")
    )


def _without_choice(customers: QuerySet[Impact], *, tier: Tier) -> int:
    """Count the open contacts of tier 1 whose sheet, perhaps filled for a lower tier, offers no choice."""
    if tier != Tier.ONE:
        return 0
    sheets = OutreachTask.objects.filter(
        incident__in=customers.values("incident"),
        customer__in=customers.values("customer"),
        origin=OutreachOrigin.PLAN,
        is_prepared=True,
        state__in=OPEN,
    )
    return sum(not call_sheets.has_choice(sheet) for sheet in sheets.values_list("preparation", flat=True))


def current_plan(incident: Incident) -> CommunicationPlan | None:
    """Return the plan that is not superseded."""
    return CommunicationPlan.objects.filter(incident=incident).exclude(state=PlanState.SUPERSEDED).first()


def _without_channel(incident: Incident) -> int:
    """Count the tiered customers whom no channel of their tier reaches and who are not recorded as unreachable."""
    served: dict[int, set[str]] = {}
    reached_anyway: list[int] = []
    for row in PlanAudience.objects.filter(plan=current_plan(incident)).order_by("tier"):
        names = [*row.first_channels, *row.fallback_channels]
        served[row.tier] = {kind for name in names for kind in _ADDRESSES.get(name, ())}
        if set(row.first_channels) & _NEEDS_NONE:
            reached_anyway.append(row.tier)
    pairs = [(tier, kind) for tier, kinds in served.items() for kind in sorted(kinds)]
    values: dict[str, Any] = {
        "incident": incident.pk,
        "anyway": reached_anyway,
        "tiers": [tier for tier, _kind in pairs],
        "kinds": [kind for _tier, kind in pairs],
    }
    with connection.cursor() as cursor:
        cursor.execute(_UNCOVERED, values)
        return int(cursor.fetchone()[0])


_UNCOVERED = """
SELECT count(*) FROM incidents_impact i
WHERE i.incident_id = %(incident)s AND i.tier IS NOT NULL AND NOT i.tier = ANY(%(anyway)s)
  AND NOT EXISTS (
    SELECT 1 FROM unnest(%(tiers)s::int[], %(kinds)s::text[]) AS way(tier, kind)
    JOIN incidents_contactpoint p ON p.kind = way.kind AND p.customer_id = i.customer_id
    WHERE way.tier = i.tier)
  AND NOT EXISTS (
    SELECT 1 FROM workflows_outreachtask t
    WHERE t.incident_id = i.incident_id AND t.customer_id = i.customer_id AND t.state = 'unreachable')
"""
