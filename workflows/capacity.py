"""How many one-to-one contacts the team can hold inside the first-contact window, and what to do about too many."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Exists, OuterRef, Q
from django.utils.translation import gettext as _

from incidents import decisions, impacts
from incidents.enums import DecisionKind, Role, Tier
from incidents.errors import Refusal
from incidents.models import Company, Customer, Exclusion, Impact, Incident, User
from notifications.enums import MessageKind
from notifications.models import Message
from workflows import figures, outreach, roster
from workflows.enums import OutreachOrigin, OutreachState, PlanState
from workflows.models import OutreachTask, PlanAudience

WAIVER, CALLERS = "capacity.waiver", "capacity.callers"
DAY = timedelta(days=1)
FINISHED = (OutreachState.DONE, OutreachState.UNREACHABLE)


@dataclass(frozen=True)
class Capacity:
    """Contacts promised in the tightest window against those the people can hold; `tier` is where it is tightest."""

    needed: int = 0
    available: int = 0
    people: int = 0
    tier: int | None = None
    window: timedelta = timedelta()
    length: timedelta = timedelta()
    waiver: str = ""

    @property
    def is_enough(self) -> bool:
        """Whether every promised contact can be held in time."""
        return self.needed <= self.available

    @property
    def is_open(self) -> bool:
        """Whether the promise may be made: it can be kept, or the lead answers for it."""
        return self.is_enough or bool(self.waiver)

    @property
    def surplus(self) -> int:
        """How many contacts are too many."""
        return max(0, self.needed - self.available)

    def __str__(self) -> str:
        told = _("%(needed)d one-to-one contacts within %(window)s; %(people)d people can hold %(available)d.") % {
            "needed": self.needed,
            "window": figures.length(self.window.total_seconds()),
            "people": self.people,
            "available": self.available,
        }
        return told if self.is_enough else f"{told} {self.ways_out}"

    @property
    def ways_out(self) -> str:
        """Return what can be done, in one sentence."""
        return _(
            "Let the %(surplus)d with the lowest score be written to first (tier 1b), add people, widen the window in "
            "the plan, or let the lead waive it with a reason."
        ) % {"surplus": self.surplus}


class TooManyCalls(Refusal):
    """More contacts would be promised than the team can hold; `capacity` has the numbers."""

    def __init__(self, capacity: Capacity) -> None:
        super().__init__(str(capacity))
        self.capacity = capacity


class CannotChangeCapacity(Refusal):
    """A reason, a number or the right role is missing, or nothing would change."""


def of(incident: Incident, *, now: datetime, tiers: Collection[int] = tuple(Tier.values)) -> Capacity:
    """Return how the contacts that the plan begins with stand against the people, in a handful of queries.

    Tiers share the people: what a shorter window takes is gone for a longer one. The tightest window is returned.
    """
    rows = [row for row in _personal_rows(incident) if row.tier in tiers]
    counts = _contacts(incident, tiers=[row.tier for row in rows])
    company = Company.objects.first() or Company()
    people = _people(incident, rows=rows) + extra_callers(incident)
    found, needed = Capacity(people=people, length=company.contact_length), 0
    for row in sorted(rows, key=lambda one: (one.first_contact_interval, one.tier)):
        needed += counts.get(row.tier, 0)
        held = _held(row.first_contact_interval, people=people, company=company)
        candidate = Capacity(needed, held, people, row.tier, row.first_contact_interval, company.contact_length)
        if found.tier is None or candidate.needed - candidate.available > found.needed - found.available:
            found = candidate
    return _with_waiver(incident, found)


def a_day(incident: Incident) -> int:
    """Return how many contacts, of whatever kind, the people of this incident can hold within one day."""
    people = _people(incident, rows=_personal_rows(incident)) + extra_callers(incident)
    company = Company.objects.first()
    return _held(DAY, people=people, company=company) if company else 0


def refuse(message: Message, *, now: datetime) -> None:
    """Raise TooManyCalls when this first notice would promise more contacts than can be held.

    A holding statement waits for nobody: everybody it calls is written to as well.
    """
    if message.kind != MessageKind.FIRST_NOTICE:
        return
    personal = {int(tier) for tier, names in message.channels.items() if names[:1] and _is_personal(names)}
    meant = personal & set(message.audience.get("tiers", Tier.values))
    capacity = of(message.incident, now=now, tiers=meant) if meant else Capacity()
    if not capacity.is_open:
        raise TooManyCalls(capacity)


def waive(incident: Incident, *, reason: str, by: User, now: datetime) -> None:
    """Let the lead answer for more contacts than the people can hold; a larger number asks again."""
    if by.pk != incident.lead_id and Role.INCIDENT_LEAD not in roster.roles_of(incident, by):
        raise CannotChangeCapacity(_("Only the incident lead can answer for promises the team may not keep."))
    capacity = of(incident, now=now)
    data = {"needed": capacity.needed, "available": capacity.available}
    decisions.decide(
        incident,
        key=WAIVER,
        outcome=_("waived: %(needed)d of %(available)d") % data,
        reason=reason,
        by=by,
        now=now,
        data=data,
    )


def add_people(incident: Incident, *, count: int, who: str, by: User, now: datetime) -> None:
    """Write down how many further people call for this incident, and who they are; the newest number counts."""
    if count < 0:
        raise CannotChangeCapacity(_("Give the number of further people who call."))
    outcome = _("%d further people call") % count
    decisions.decide(incident, key=CALLERS, outcome=outcome, reason=who, by=by, now=now, data={"count": count})


def extra_callers(incident: Incident) -> int:
    """Return how many people beyond the roster call for this incident."""
    newest = decisions.latest(incident, kind=DecisionKind.DECISION, key=CALLERS)
    return int(newest.data.get("count", 0)) if newest else 0


def lower(incident: Incident, *, by: User, now: datetime) -> int:
    """Make the contacts beyond what can be held tier 1b: written to first, the lowest scores; return how many.

    Danger to people and a legal right to notice stay in tier 1, and so does whom a person put there.
    """
    capacity = of(incident, now=now)
    free = Impact.objects.filter(incident=incident, tier=Tier.ONE, override_tier=None)
    lowest = free.exclude(harm__in=impacts.PROTECTED).order_by("score", "-customer_id")
    crm_ids = list(lowest.values_list("customer__crm_id", flat=True)[: capacity.surplus])
    if not crm_ids or Tier.TWO in [row.tier for row in _personal_rows(incident)]:
        raise CannotChangeCapacity(_("Nobody can be moved: add people, widen the window, or let the lead waive it."))
    reason = _("tier 1b: %(people)d people can hold %(available)d contacts within %(window)s") % {
        "people": capacity.people,
        "available": capacity.available,
        "window": figures.length(capacity.window.total_seconds()),
    }
    return impacts.override(incident, crm_ids=crm_ids, tier=Tier.TWO, reason=reason, by=by, now=now)


def _is_personal(names: list[str]) -> bool:
    return names[0] in outreach.PERSONAL_CHANNELS


def _personal_rows(incident: Incident) -> list[PlanAudience]:
    rows = PlanAudience.objects.filter(plan__incident=incident).exclude(plan__state=PlanState.SUPERSEDED)
    return [row for row in rows.order_by("tier") if row.first_channels and _is_personal(row.first_channels)]


def _contacts(incident: Incident, *, tiers: list[int]) -> dict[int, int]:
    """Count by tier who is still to be contacted: neither left out nor contacted already."""
    left_out = Exclusion.objects.filter(incident=incident, lifted_at=None, customer=OuterRef("customer"))
    told = OutreachTask.objects.filter(
        incident=incident, customer=OuterRef("customer"), origin=OutreachOrigin.PLAN, state__in=FINISHED
    )
    waiting = Impact.objects.filter(~Exists(left_out), ~Exists(told), incident=incident, tier__in=tiers)
    return dict(waiting.order_by().values_list("tier").annotate(Count("pk")))


def _people(incident: Incident, *, rows: list[PlanAudience]) -> int:
    """Count who calls: account managers of these customers, holders and deputies of the roles that own the calls."""
    roles = {row.owner_role for row in rows} | {Role.ACCOUNT_MANAGER.value}
    affected = Customer.objects.filter(impacts__incident=incident, impacts__tier__in=[row.tier for row in rows])
    callers = User.objects.filter(
        Q(pk__in=affected.values("account_manager"))
        | Q(pk__in=incident.team.filter(role__in=roles).values("user"))
        | Q(pk__in=incident.team.filter(role__in=roles).values("deputy")),
        is_active=True,
    )
    return callers.count() if rows else 0


def _held(window: timedelta, *, people: int, company: Company) -> int:
    """Return how many contacts so many people hold: nobody calls around the clock."""
    a_day = timedelta(hours=company.contact_hours_a_day)
    days, rest = divmod(window, DAY)
    return people * int((days * a_day + min(rest, a_day)) / company.contact_length)


def _with_waiver(incident: Incident, found: Capacity) -> Capacity:
    if found.is_enough:
        return found
    newest = decisions.latest(incident, kind=DecisionKind.DECISION, key=WAIVER)
    holds = newest is not None and newest.data.get("needed", 0) >= found.needed
    reason = newest.reason if newest and holds else ""
    return Capacity(found.needed, found.available, found.people, found.tier, found.window, found.length, waiver=reason)
